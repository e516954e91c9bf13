"""Formats of other makers that QEMU reads: VDI, VHDX, VHD (QEMU's vpc), Parallels, DMG, cloop, Bochs.

Source: QEMU's block drivers of these names; Microsoft's specifications of VHD and VHDX.
"""

import struct

from qemu_run.images.file import ImageFile
from qemu_run.images.image import SECTOR_BYTES, Image
from qemu_run.images.problems import ImageError
from qemu_run.images.qcow import LARGEST_DISK, cut_short, damaged

VDI_MAGIC_AT, VDI_MAGIC = 64, b"\x7f\x10\xda\xbe"
VHDX_MAGIC = b"vhdxfile"
VPC_MAGIC = b"conectix"
PARALLELS_MAGICS = (b"WithoutFreeSpace", b"WithouFreSpacExt")
DMG_MAGIC = b"koly"
BOCHS_MAGIC = b"Bochs Virtual HD Image"
CLOOP_MAGIC = b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop"
_VDI_HEADER_BYTES = 512
_VDI_WHOLE_DISKS = {1, 2}
_VPC_FIXED, _VPC_DYNAMIC = 2, 3
_VPC_SIZE_COUNTS = {b"win ", b"qem2", b"d2v ", b"tap\0", b"CTXS", b"wa\0\0"}
"""Makers of VHDs whose size is that of the footer; of others it is that of the geometry."""
_VPC_LARGEST_GEOMETRY = 65535 * 16 * 255
_VHDX_REGIONS_AT = (192 << 10, 256 << 10)
_VHDX_METADATA = bytes.fromhex("06a27c8b90479a4bb8fe575f050f886e")  # 8b7ca206-4790-4b9a-b8fe-575f050f886e
_VHDX_PARAMETERS = bytes.fromhex("3767a1ca36fa434db3b633f0aa44e76b")  # caa16737-fa36-4d43-b3b6-33f0aa44e76b
_VHDX_SIZE = bytes.fromhex("2442a52f1bcd7648b2115dbed83bf4b8")  # 2fa54224-cd1b-4876-b211-5dbed83bf4b8
_VHDX_PARENT = bytes.fromhex("2d5fd3a80bb34d45abf7d3d84834ab0c")  # a8d35f2d-b30b-454d-abf7-d3d84834ab0c
_VHDX_HAS_PARENT = 2
_VHDX_MOST_ENTRIES = 2047
_DMG_TRAILER_BYTES = 512
_DMG_SECTORS_AT = 0x1EC


def _fields(file: ImageFile, layout: str, start: int) -> tuple[int, ...]:
    """Numbers at a place of the file, which must have them all."""
    size = struct.calcsize(layout)
    data = file.read(start, size)
    if len(data) < size:
        raise cut_short(file, start + size)
    return struct.unpack(layout, data)


def _disk(file: ImageFile, name: str, virtual_bytes: int, *other_files: str) -> Image:
    if virtual_bytes > LARGEST_DISK:
        raise damaged(file, "its size is out of range")
    return Image(name, virtual_bytes, other_files=other_files)


def read_vdi(file: ImageFile) -> Image:
    """A VirtualBox disk. One that changes a parent has it in `other_files`.

    Raises:
        ImageError: its header makes no sense, or the file is cut short.
    """
    (kind,) = _fields(file, "<I", 76)
    map_at, data_at = _fields(file, "<II", 340)
    size, block_bytes, _, blocks, allocated = _fields(file, "<QIIII", 368)
    uuids = file.read(424, 32)
    if kind not in _VDI_WHOLE_DISKS or any(uuids):
        return _disk(file, "vdi", size, "the parent of a VDI snapshot")
    if allocated > blocks or map_at < _VDI_HEADER_BYTES:
        raise damaged(file, "its header contradicts itself")
    if data_at + allocated * block_bytes > file.size_bytes:
        raise cut_short(file, data_at + allocated * block_bytes)
    return _disk(file, "vdi", size)


def read_vpc(file: ImageFile, footer_at: int) -> Image:
    """A VHD; `footer_at` is where its footer, or the copy of it, was found.

    Raises:
        ImageError: its footer makes no sense.
    """
    size, cylinders, heads, sectors, kind = _fields(file, ">QHBBI", footer_at + 48)
    maker = file.read(footer_at + 28, 4)
    geometry = cylinders * heads * sectors
    if maker in _VPC_SIZE_COUNTS or geometry == _VPC_LARGEST_GEOMETRY:
        virtual_bytes = size // SECTOR_BYTES * SECTOR_BYTES
    else:
        virtual_bytes = geometry * SECTOR_BYTES
    if kind not in {_VPC_FIXED, _VPC_DYNAMIC}:
        return _disk(file, "vpc", virtual_bytes, "the parent of a differencing VHD")
    if kind == _VPC_DYNAMIC:
        (header_at,) = _fields(file, ">Q", footer_at + 16)
        if file.read(header_at, 8) != b"cxsparse":
            raise damaged(file, "its second header is missing")
    elif virtual_bytes > file.size_bytes:
        raise cut_short(file, virtual_bytes)
    return _disk(file, "vpc", virtual_bytes)


def read_vhdx(file: ImageFile) -> Image:
    """A Hyper-V disk. One that changes a parent has it in `other_files`.

    Raises:
        ImageError: its tables make no sense, or the file is cut short.
    """
    items = _vhdx_items(file)
    size = int.from_bytes(items.get(_VHDX_SIZE, b"")[:8], "little")
    parameters = int.from_bytes(items.get(_VHDX_PARAMETERS, b"")[4:8], "little")
    if _VHDX_SIZE not in items:
        raise damaged(file, "its size is missing")
    if _VHDX_PARENT in items or parameters & _VHDX_HAS_PARENT:
        return _disk(file, "vhdx", size, "the parent of a differencing VHDX")
    return _disk(file, "vhdx", size)


def _vhdx_items(file: ImageFile) -> dict[bytes, bytes]:
    """The metadata by their identifiers, of each the first bytes."""
    start = _vhdx_metadata_at(file)
    if file.read(start, 8) != b"metadata":
        raise (
            cut_short(file, start) if start >= file.size_bytes else damaged(file, "its metadata are missing")
        )
    (count,) = _fields(file, "<H", start + 10)
    items: dict[bytes, bytes] = {}
    for index in range(min(count, _VHDX_MOST_ENTRIES)):
        entry = file.read(start + 32 * (index + 1), 32)
        if len(entry) == 32:
            offset, length = struct.unpack_from("<II", entry, 16)
            items[entry[:16]] = file.read(start + offset, min(length, 16))
    return items


def _vhdx_metadata_at(file: ImageFile) -> int:
    for region_at in _VHDX_REGIONS_AT:
        if file.read(region_at, 4) != b"regi":
            continue
        (count,) = _fields(file, "<I", region_at + 8)
        for index in range(min(count, _VHDX_MOST_ENTRIES)):
            entry = file.read(region_at + 16 + 32 * index, 32)
            if entry[:16] == _VHDX_METADATA:
                return int.from_bytes(entry[16:24], "little")
    if file.size_bytes <= _VHDX_REGIONS_AT[0]:
        raise cut_short(file, _VHDX_REGIONS_AT[0])
    raise damaged(file, "its table of regions is missing")


def read_parallels(file: ImageFile) -> Image:
    """A Parallels disk.

    Raises:
        ImageError: its header makes no sense, or the file is cut short.
    """
    entries, sectors = _fields(file, "<IQ", 32)
    if file.read(0, 16) == PARALLELS_MAGICS[0]:
        sectors &= 0xFFFFFFFF
    if 64 + entries * 4 > file.size_bytes:
        raise cut_short(file, 64 + entries * 4)
    return _disk(file, "parallels", sectors * SECTOR_BYTES)


def read_dmg(file: ImageFile) -> Image:
    """An Apple disk image, whose trailer is at the end of the file."""
    (sectors,) = _fields(file, ">Q", file.size_bytes - _DMG_TRAILER_BYTES + _DMG_SECTORS_AT)
    return _disk(file, "dmg", sectors * SECTOR_BYTES)


def read_cloop(file: ImageFile) -> Image:
    """A compressed loop image."""
    block_bytes, blocks = _fields(file, ">II", 128)
    return _disk(file, "cloop", block_bytes * blocks)


def read_bochs(file: ImageFile) -> Image:
    """A growing disk of Bochs; other kinds are parts of something."""
    kind, subtype = file.read(32, 16).rstrip(b"\0"), file.read(48, 16).rstrip(b"\0")
    version, *_ = _fields(file, "<I", 64)
    if kind != b"Redolog" or subtype != b"Growing":
        raise ImageError(
            "a Bochs image of this kind is a part of another",
            detail=str(file.path),
            cure="only growing Bochs disks stand alone",
        )
    (size,) = _fields(file, "<Q", 84 if version == 0x00010000 else 88)
    return _disk(file, "bochs", size)
