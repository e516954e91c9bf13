"""The locks by which a running QEMU keeps others from an image. Source: QEMU's `block/file-posix.c`."""

import fcntl
import os
import struct

_QEMU_WRITES, _QEMU_SHARES_NO_WRITING = 101, 201
"""Bytes that QEMU locks in an image: whoever writes it, and whoever lets nobody else write it."""
_FLOCK = struct.Struct("hhqqi4x")


def is_in_use(descriptor: int, *, for_writing: bool) -> bool:
    """Whether a running QEMU keeps another from using the image that is open at a descriptor.

    To write it, nobody may write it or lie over it; to read it, nobody may write it. Where the file
    system has no locks, nobody is known to.
    """
    bytes_locked = (_QEMU_WRITES, _QEMU_SHARES_NO_WRITING) if for_writing else (_QEMU_WRITES,)
    return any(_is_locked(descriptor, byte) for byte in bytes_locked)


def _is_locked(descriptor: int, byte: int) -> bool:
    wanted = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
    try:
        found = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, wanted)
    except OSError:
        return False
    return bool(_FLOCK.unpack(found)[0] != fcntl.F_UNLCK)
