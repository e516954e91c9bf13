"""What a guest would read from its disk, for the few formats where that is quickly told.

Source: QEMU's `docs/interop/qcow2.txt`.
"""

import zlib

from qemu_run.images.chain import Chain, Layer
from qemu_run.images.image import SECTOR_BYTES
from qemu_run.images.qcow import OFFSET_MASK, Qcow2Header, big_endian, read_qcow2_header

_COMPRESSED, _READS_AS_ZERO = 1 << 62, 1
_EXTENDED_ENTRIES = 1 << 4
_MOST_BYTES = 1 << 20


def read_guest(chain: Chain, start: int, length: int) -> bytes | None:
    """Bytes of the guest's disk; zeros behind its end, None where the format is not one that we read."""
    return _read(chain.layers, start, min(length, _MOST_BYTES))


def _read(layers: tuple[Layer, ...], start: int, length: int) -> bytes | None:
    if not layers:
        return bytes(length)
    file = layers[0].file
    if layers[0].format == "raw":
        return file.read(start, length).ljust(length, b"\0")
    if layers[0].format != "qcow2":
        return None
    header = read_qcow2_header(file)
    if header.features & _EXTENDED_ENTRIES or header.compression:
        return None
    cluster_bytes = 1 << header.cluster_bits
    found = b""
    while len(found) < length:
        cluster, within = divmod(start + len(found), cluster_bytes)
        wanted = min(length - len(found), cluster_bytes - within)
        data = _read_cluster(layers, header, cluster)
        if data is None:
            data = _read(layers[1:], cluster * cluster_bytes + within, wanted)
            if data is None:
                return None
            found += data
        else:
            found += data[within : within + wanted].ljust(wanted, b"\0")
    return found


def _read_cluster(layers: tuple[Layer, ...], header: Qcow2Header, cluster: int) -> bytes | None:
    """A cluster's bytes; None where it shows what lies below."""
    file = layers[0].file
    l1_index, l2_index = divmod(cluster, (1 << header.cluster_bits) // 8)
    table_at = _entry(file.read(header.l1_offset + l1_index * 8, 8)) if l1_index < header.l1_entries else 0
    if not table_at & OFFSET_MASK:
        return None
    entry = _entry(file.read((table_at & OFFSET_MASK) + l2_index * 8, 8))
    if entry & _COMPRESSED:
        return _inflate(layers[0], header, entry)
    if entry & _READS_AS_ZERO:
        return b"\0"
    if not entry & OFFSET_MASK:
        return None
    return file.read(entry & OFFSET_MASK, 1 << header.cluster_bits)


def _inflate(layer: Layer, header: Qcow2Header, entry: int) -> bytes:
    offset_bits = 62 - (header.cluster_bits - 8)
    offset = entry & ((1 << offset_bits) - 1)
    sectors = (entry & ((1 << 62) - 1)) >> offset_bits
    packed = layer.file.read(offset, (sectors + 1) * SECTOR_BYTES - offset % SECTOR_BYTES)
    try:
        return zlib.decompressobj(-15).decompress(packed, 1 << header.cluster_bits)
    except zlib.error:
        return b"\0"


def _entry(data: bytes) -> int:
    return big_endian(data)[0] if len(data) == 8 else 0
