"""VMware's format. Of its many kinds only one file that stands alone is an image to start from.

QEMU opens whatever files a descriptor names, read and write, so the text is read before QEMU gets it.
Source: QEMU's `block/vmdk.c`; VMware's Virtual Disk Format 1.1.
"""

import re
import struct

from qemu_run.images.file import ImageFile
from qemu_run.images.image import SECTOR_BYTES, Image
from qemu_run.images.qcow import LARGEST_DISK, cut_short, damaged

SPARSE_MAGIC = b"KDMV"
ESX_MAGIC = b"COWD"
DESCRIPTOR_MAGIC = b"# Disk DescriptorFile"
_HEADER = struct.Struct("<4sIIQQQQIQQQ")
_DESCRIPTOR_BYTES = 10240
"""As much as QEMU reads of an embedded descriptor when it looks for a parent."""
_QEMU_LOOKS_AT = 512
"""Where QEMU looks for it, whatever the header says."""
_LONGEST_DESCRIPTOR = 1 << 20
_EXTENT = rb'(?m)^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+(\w+)(?:\s+"([^"\n]*)")?'
_PARENT = rb'parentFileNameHint\s*=?\s*"?([^"\n\0]*)'
_CAPACITY = rb"(?m)^\s*(?:RW|RDONLY|NOACCESS)\s+(\d+)"
_AT_THE_END = (1 << 64) - 1
"""The place of the directory in a streamOptimized file: a footer tells it."""


def read_descriptor(file: ImageFile) -> Image:
    """A descriptor that is a file of its own: the disk is in others, which are listed in `other_files`."""
    text = file.read(0, _LONGEST_DESCRIPTOR)
    sectors = sum(int(count[:20]) for count in re.findall(_CAPACITY, text))
    others = tuple(_text(name) for _, name in re.findall(_EXTENT, text) if name)
    return Image(
        "vmdk",
        min(sectors * SECTOR_BYTES, LARGEST_DISK),
        other_files=(*others, *_parents(text)) or ("an extent",),
    )


def read_esx(file: ImageFile) -> Image:
    """A sparse extent of an ESX server: a part of a disk, whose descriptor is another file."""
    (sectors,) = struct.unpack("<I", file.read(12, 4).ljust(4, b"\0"))
    return Image("vmdk", sectors * SECTOR_BYTES, other_files=("the descriptor of an ESX disk",))


def read_sparse(file: ImageFile) -> Image:
    """One file with its descriptor inside: monolithicSparse or streamOptimized.

    An embedded descriptor names its own file, by the name that it once had; QEMU does not look at that.

    Raises:
        ImageError: the header makes no sense, or the file is cut short.
    """
    head = file.read(0, _HEADER.size)
    if len(head) < _HEADER.size:
        raise cut_short(file, _HEADER.size)
    _, _, _, capacity, _, descriptor_at, descriptor_sectors, _, _, directory_at, _ = _HEADER.unpack(head)
    start = descriptor_at * SECTOR_BYTES
    length = max(descriptor_sectors * SECTOR_BYTES, _DESCRIPTOR_BYTES)
    texts = (
        file.read(start, min(length, _LONGEST_DESCRIPTOR)),
        file.read(0, _QEMU_LOOKS_AT + _DESCRIPTOR_BYTES),
    )
    parents = [parent for text in texts for parent in _parents(text)]
    if capacity == 0:  # then QEMU takes the descriptor for the disk
        parents += [_text(name) or "an extent" for _, name in re.findall(_EXTENT, texts[0])] or ["an extent"]
    if descriptor_at:
        parents += _extents_elsewhere(texts[0].split(b"\0", 1)[0])
    if capacity * SECTOR_BYTES > LARGEST_DISK:
        raise damaged(file, "its size is out of range")
    if directory_at != _AT_THE_END and directory_at * SECTOR_BYTES >= file.size_bytes:
        raise cut_short(file, directory_at * SECTOR_BYTES)
    return Image("vmdk", capacity * SECTOR_BYTES, other_files=tuple(dict.fromkeys(parents)))


def _extents_elsewhere(text: bytes) -> list[str]:
    """What an embedded descriptor names besides the file that it is in."""
    extents = re.findall(_EXTENT, text)
    others = [_text(name) for kind, name in extents if kind != b"SPARSE" or b"/" in name or b"\\" in name]
    return others or [_text(name) for _, name in extents[1:]]


def _parents(text: bytes) -> list[str]:
    return [_text(name) or "a parent" for name in re.findall(_PARENT, text)]


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace").strip()
