"""A qcow2 overlay written without qemu-img: three small writes instead of a process.

The overlay takes the guest's writes; the image below it is opened read-only and stays as it is.
Source: QEMU's `docs/interop/qcow2.txt`, version 3.
"""

import os
import struct
from pathlib import Path

_CLUSTER_BITS = 16
_CLUSTER = 1 << _CLUSTER_BITS
_ENTRIES_PER_L2 = _CLUSTER // 8
_HEADER_BYTES = 112
_BACKING_FORMAT_EXTENSION = 0xE2792ACA
_REFCOUNT_ORDER_16_BITS = 4
_MAX_BACKING_NAME = 1023


def write_overlay(path: Path, backing_file: Path, backing_format: str, virtual_bytes: int) -> None:
    """Create a sparse qcow2 at `path` over `backing_file`, whose format is stated and never probed.

    Layout in clusters: header, refcount table, one refcount block, the (empty) L1 table.

    Raises:
        FileExistsError: `path` exists.
        ValueError: the name of the backing file is longer than the format allows, or the disk is too large
            for one refcount block (some 16 EiB).
        OSError: the file cannot be written.
    """
    name = os.fsencode(backing_file)
    if len(name) > _MAX_BACKING_NAME:
        raise ValueError(f"the path of the image has {len(name)} bytes; qcow2 holds {_MAX_BACKING_NAME}")
    l1_entries = max(1, -(-virtual_bytes // (_CLUSTER * _ENTRIES_PER_L2)))
    clusters = 3 + -(-l1_entries * 8 // _CLUSTER)
    if clusters > _CLUSTER // 2:
        raise ValueError(f"a disk of {virtual_bytes} bytes is too large for an overlay")
    extension = _format_extension(backing_format)
    header = struct.pack(
        ">4sIQIIQIIQQIIQQQQII8x",
        b"QFI\xfb",
        3,
        _HEADER_BYTES + len(extension),
        len(name),
        _CLUSTER_BITS,
        virtual_bytes,
        0,  # not encrypted
        l1_entries,
        3 * _CLUSTER,
        _CLUSTER,
        1,  # one cluster of refcount table
        0,  # no snapshots
        0,
        0,  # no incompatible, compatible or automatic features
        0,
        0,
        _REFCOUNT_ORDER_16_BITS,
        _HEADER_BYTES,
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(descriptor, header + extension + name, 0)
        os.pwrite(descriptor, struct.pack(">Q", 2 * _CLUSTER), _CLUSTER)
        os.pwrite(descriptor, struct.pack(">H", 1) * clusters, 2 * _CLUSTER)
        os.ftruncate(descriptor, clusters * _CLUSTER)
    finally:
        os.close(descriptor)


def _format_extension(backing_format: str) -> bytes:
    """The header extension that names the backing file's format, and the end of extensions."""
    name = backing_format.encode("ascii")
    padding = -len(name) % 8
    return (
        struct.pack(">II", _BACKING_FORMAT_EXTENSION, len(name))
        + name
        + bytes(padding)
        + struct.pack(">II", 0, 0)
    )
