"""QEMU's own formats: qcow2, qcow and QED.

Source: QEMU's `docs/interop/qcow2.txt` and `docs/interop/qed_spec.txt`; `block/qcow.c`.
"""

import struct
import sys
from array import array

from qemu_run.images.file import ImageFile
from qemu_run.images.image import Image
from qemu_run.images.problems import ImageError
from qemu_run.records import record

MAGIC = b"QFI\xfb"
QED_MAGIC = b"QED\0"
BACKING_FORMAT_EXTENSION = 0xE2792ACA
_EXTERNAL_DATA, _EXTENDED_ENTRIES = 1 << 2, 1 << 4
_KNOWN_FEATURES = 0b11111
_COMPRESSED, _READS_AS_ZERO = 1 << 62, 1
OFFSET_MASK = 0x00FF_FFFF_FFFF_FE00
LONGEST_NAME = 1023
LARGEST_DISK = (1 << 63) - 1
_LARGEST_L1 = 32 << 20
_MOST_EXTENSIONS = 256
_QCOW2_BYTES, _QCOW3_BYTES, _QCOW_BYTES, _QED_BYTES = 72, 104, 48, 64


@record(kw_only=True)
class Qcow2Header:
    """The fields of a qcow2 header that matter outside QEMU; offsets and sizes in bytes."""

    version: int
    cluster_bits: int
    virtual_bytes: int
    l1_entries: int
    l1_offset: int
    refcount_offset: int
    refcount_clusters: int
    refcount_bits: int
    features: int
    crypt_method: int
    compression: int
    backing_file: bytes
    extensions: tuple[tuple[int, bytes], ...]


def damaged(file: ImageFile, what: str) -> ImageError:
    """The refusal of an image whose header makes no sense."""
    cure = "it is damaged or made to do harm: fetch it again, or look at it with qemu-img check"
    return ImageError(f"the image is damaged: {what}", detail=str(file.path), cure=cure)


def cut_short(file: ImageFile, needed_bytes: int) -> ImageError:
    """The refusal of an image that ends before its own content does."""
    detail = f"{file.path} has {file.size_bytes} bytes and refers to its byte {needed_bytes}"
    return ImageError("the image is cut short", detail=detail, cure="fetch or copy it again, whole")


def read_qcow(file: ImageFile) -> Image:
    """The image in a file that begins with MAGIC: qcow2, or the older qcow.

    Of a damaged qcow2 there is the name that it refers to and no size, so that who refuses it can say the
    worse first; `check_whole` tells what is wrong with it.

    Raises:
        ImageError: the header of a qcow makes no sense.
    """
    (version,) = struct.unpack(">I", file.read(4, 4).ljust(4, b"\0"))
    if version == 1:
        return _read_qcow1(file)
    try:
        header = read_qcow2_header(file)
    except ImageError:
        name_at, name_bytes = struct.unpack(">QI", file.read(8, 12).ljust(12, b"\0"))
        return Image(
            "qcow2", None, _text(file.read(name_at, min(name_bytes, LONGEST_NAME)) if name_at else b"")
        )
    formats = [data for kind, data in header.extensions if kind == BACKING_FORMAT_EXTENSION]
    return Image(
        "qcow2",
        header.virtual_bytes,
        _text(header.backing_file),
        bool(header.features & _EXTERNAL_DATA),
        _text(formats[-1]) if formats else None,
        header.crypt_method != 0,
    )


def _text(name: bytes) -> str | None:
    return name.decode("utf-8", "surrogateescape") or None


def read_qcow2_header(file: ImageFile) -> Qcow2Header:
    """The header of a qcow2 of version 2 or 3.

    Raises:
        ImageError: it makes no sense.
    """
    head = file.read(0, _QCOW3_BYTES + 8).ljust(_QCOW3_BYTES + 8, b"\0")
    if file.size_bytes < _QCOW2_BYTES:
        raise cut_short(file, _QCOW2_BYTES)
    version, name_at, name_bytes, cluster_bits, size, crypt, l1_entries, l1_at, counts_at, count_clusters = (
        struct.unpack_from(">IQIIQIIQQI", head, 4)
    )
    if version not in {2, 3}:
        raise damaged(file, f"qcow2 has no version {version}")
    features, _, _, order, header_bytes = struct.unpack_from(">QQQII", head, _QCOW2_BYTES)
    if version == 2:
        features, order, header_bytes = 0, 4, _QCOW2_BYTES
    if not 9 <= cluster_bits <= 21 or order > 6 or size > LARGEST_DISK:
        raise damaged(file, "its clusters or its size are out of range")
    if features & ~_KNOWN_FEATURES:
        raise damaged(file, f"it needs features that no QEMU up to 11 has ({features:#x})")
    cluster = 1 << cluster_bits
    if not _QCOW2_BYTES <= header_bytes <= cluster or l1_entries * 8 > _LARGEST_L1:
        raise damaged(file, "its header or its table is out of range")
    name = _backing_name(file, name_at, name_bytes, cluster)
    return Qcow2Header(
        version=version,
        cluster_bits=cluster_bits,
        virtual_bytes=size,
        l1_entries=l1_entries,
        l1_offset=l1_at,
        refcount_offset=counts_at,
        refcount_clusters=count_clusters,
        refcount_bits=1 << order,
        features=features,
        crypt_method=crypt,
        compression=head[_QCOW3_BYTES] if header_bytes > _QCOW3_BYTES else 0,
        backing_file=name,
        extensions=_extensions(file, header_bytes, name_at or cluster),
    )


def _backing_name(file: ImageFile, start: int, length: int, limit: int) -> bytes:
    if not start:
        return b""
    if length > LONGEST_NAME or start + length > limit:
        raise damaged(file, f"the name of its backing file is said to have {length} bytes at {start}")
    name = file.read(start, length)
    if len(name) < length:
        raise cut_short(file, start + length)
    return name


def _extensions(file: ImageFile, start: int, end: int) -> tuple[tuple[int, bytes], ...]:
    found: list[tuple[int, bytes]] = []
    area = file.read(start, end - start)
    at = 0
    while at + 8 <= len(area) and len(found) < _MOST_EXTENSIONS:
        kind, length = struct.unpack_from(">II", area, at)
        if kind == 0:
            return tuple(found)
        if length > len(area) - at - 8:
            raise damaged(file, f"a header extension is said to have {length} bytes")
        found.append((kind, area[at + 8 : at + 8 + length]))
        at += 8 + length + -length % 8
    if len(found) == _MOST_EXTENSIONS:
        raise damaged(file, "its header has no end")
    return tuple(found)


def check_whole(file: ImageFile) -> None:
    """Refuse a qcow2 that ends before its tables, or before data that they point to.

    The counts of references tell quickly where the last cluster is. QEMU writes them ahead of the data, so
    that one that was killed leaves counts behind the end; only what a table points to is proof.

    Raises:
        ImageError: it is cut short, or its header makes no sense.
    """
    header = read_qcow2_header(file)
    for start, length in (
        (header.l1_offset, header.l1_entries * 8),
        (header.refcount_offset, header.refcount_clusters << header.cluster_bits),
    ):
        if length and start + length > whole_clusters(file, header):
            raise cut_short(file, start + length)
    cluster = 1 << header.cluster_bits
    if header.features & (_EXTERNAL_DATA | _EXTENDED_ENTRIES):
        return
    if _last_counted_cluster(file, header) * cluster < file.size_bytes:
        return
    for table_at in _pointers(file, header.l1_offset, header.l1_entries):
        if table_at >= file.size_bytes:
            raise cut_short(file, table_at)
        last = max(_pointers(file, table_at, cluster // 8), default=0)
        if last >= file.size_bytes:
            raise cut_short(file, last)


def whole_clusters(file: ImageFile, header: Qcow2Header) -> int:
    """The size of the file, its last cluster counted as full."""
    cluster = 1 << header.cluster_bits
    return -(-file.size_bytes // cluster) * cluster


def _pointers(file: ImageFile, start: int, entries: int) -> list[int]:
    """Where the entries of a table point to in the file; compressed data, empty and zero entries left out."""
    return [
        entry & OFFSET_MASK
        for entry in big_endian(file.read(start, entries * 8))
        if entry & OFFSET_MASK and not entry & (_COMPRESSED | _READS_AS_ZERO)
    ]


def big_endian(data: bytes) -> "array[int]":
    """The 64-bit numbers of a table; bytes beyond the last whole one are left out."""
    numbers = array("Q", data[: len(data) // 8 * 8])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _last_counted_cluster(file: ImageFile, header: Qcow2Header) -> int:
    cluster = 1 << header.cluster_bits
    table = big_endian(file.read(header.refcount_offset, header.refcount_clusters << header.cluster_bits))
    index = next((at for at in range(len(table) - 1, -1, -1) if table[at]), None)
    if index is None:
        return 0
    counts = file.read(table[index] & OFFSET_MASK, cluster).rstrip(b"\0")
    per_block = cluster * 8 // header.refcount_bits
    last_in_block = (len(counts) * 8 - 1) // header.refcount_bits if counts else 0
    return index * per_block + last_in_block


def _read_qcow1(file: ImageFile) -> Image:
    head = file.read(0, _QCOW_BYTES)
    if len(head) < _QCOW_BYTES:
        raise cut_short(file, _QCOW_BYTES)
    name_at, name_bytes, _, size, cluster_bits, l2_bits, crypt, l1_at = struct.unpack_from(
        ">QIIQBBxxIQ", head, 8
    )
    if size > LARGEST_DISK or not 9 <= cluster_bits <= 16 or not 6 <= l2_bits <= 13:
        raise damaged(file, "its clusters or its size are out of range")
    if l1_at >= file.size_bytes:
        raise cut_short(file, l1_at)
    name = _backing_name(file, name_at, name_bytes, file.size_bytes)
    return Image("qcow", size, _text(name), is_encrypted=crypt != 0)


def read_qed(file: ImageFile) -> Image:
    """The image in a file that begins with QED_MAGIC.

    Raises:
        ImageError: its header makes no sense, or the file is cut short.
    """
    head = file.read(0, _QED_BYTES)
    if len(head) < _QED_BYTES:
        raise cut_short(file, _QED_BYTES)
    features, l1_at, size, name_at, name_bytes = struct.unpack_from("<Q16xQQII", head, 16)
    if size > LARGEST_DISK:
        raise damaged(file, "its size is out of range")
    if l1_at >= file.size_bytes:
        raise cut_short(file, l1_at)
    has_backing, below_is_raw = bool(features & 1), bool(features & 4)
    name = _backing_name(file, name_at, name_bytes, file.size_bytes) if has_backing else b""
    if has_backing and not name:
        raise damaged(file, "it has a backing file without a name")
    return Image("qed", size, _text(name), backing_format="raw" if below_is_raw else None)
