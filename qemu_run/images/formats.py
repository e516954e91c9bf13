"""The format of a disk image by its signature, and the files it refers to.

QEMU's own probing is never used: a guest that writes a qcow2 header into a raw disk could name any
file of the host as its backing file, and read it on the next boot.
Source: QEMU's `docs/interop/qcow2.txt` and the headers of its block drivers.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_COMPRESSED = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2"}
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"QED\0", "qed"),
    (0, b"KDMV", "vmdk"),
    (0, b"COWD", "vmdk"),
    (0, b"# Disk DescriptorFile", "vmdk"),
    (0, b"vhdxfile", "vhdx"),
    (0, b"conectix", "vpc"),
    (64, b"\x7f\x10\xda\xbe", "vdi"),
    (0, b"LUKS", "luks"),
    (0, b"WithoutFreeSpace", "parallels"),
    (0, b"WithouFreSpacExt", "parallels"),
    *((0, magic, name) for magic, name in _COMPRESSED.items()),
)
_SECTOR_BYTES = 512
_ISO_DESCRIPTOR = 32768
_QCOW_MAGIC = b"QFI\xfb"
_QCOW_EXTERNAL_DATA = 1 << 2
"""Bit of a version 3 header's incompatible features: the guest's data is in another file."""


@dataclass(frozen=True, slots=True)
class Image:
    """What a file says of itself."""

    format: str
    """QEMU's name (raw, qcow2, vmdk, ...), or iso, or what it is packed with (gzip, xz, zstd, bzip2)."""
    virtual_bytes: int | None = None
    """The size of the disk that a guest sees; None where only QEMU could tell."""
    backing_file: str | None = None
    has_external_data: bool = False

    @property
    def qemu_format(self) -> str:
        """What stands behind `format=` for QEMU."""
        return "raw" if self.format == "iso" else self.format

    @property
    def is_packed(self) -> bool:
        """Whether the file must be unpacked before it is a disk."""
        return self.format in _COMPRESSED.values()


def inspect(path: Path) -> Image:
    """The image at `path`, told from three short reads.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(2048)
        if head.startswith(_QCOW_MAGIC):
            return _inspect_qcow(head, file)
        for offset, magic, name in _SIGNATURES:
            if head[offset : offset + len(magic)] == magic:
                return Image(name)
        size = file.seek(0, 2)
        if size >= _SECTOR_BYTES and _read_at(file, size - _SECTOR_BYTES, 8) == b"conectix":
            return Image("vpc")
        if _read_at(file, _ISO_DESCRIPTOR, 6)[1:] == b"CD001":
            return Image("iso", size)
        return Image("raw", size)


def _read_at(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _inspect_qcow(head: bytes, file: BinaryIO) -> Image:
    head = head.ljust(104, b"\0")
    version, backing_offset, backing_length = struct.unpack_from(">IQI", head, 4)
    (virtual_bytes,) = struct.unpack_from(">Q", head, 24)
    backing_file = None
    if backing_offset:
        backing_file = _read_at(file, backing_offset, min(backing_length, 1023)).decode(
            "utf-8", "surrogateescape"
        )
    (incompatible,) = struct.unpack_from(">Q", head, 72)
    return Image(
        "qcow2" if version >= 2 else "qcow",
        virtual_bytes,
        backing_file,
        version >= 3 and bool(incompatible & _QCOW_EXTERNAL_DATA),
    )
