"""Ports that a run of this user has chosen and its QEMU does not hold yet: no other run of ours takes them.

One file stands for all ports, a byte for each; its locks end with the process that has them.
"""

import fcntl
import os
import struct
from pathlib import Path

from qemu_run.folders import make_private

_FLOCK = struct.Struct("hhqqi4x")


class PortLocks:
    """The ports that this process has chosen."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def take(self, port: int) -> bool:
        """Keep a port from other runs as long as this process lives; False if one has it.

        Where the file cannot be had, nobody is kept from anything.
        """
        try:
            if self._descriptor is None:
                make_private(self._file.parent)
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._descriptor = os.open(self._file, flags, 0o600)
        except OSError:
            return True
        try:
            wanted = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, port, 1, 0)
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, wanted)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
