"""The image of a CD that a PC starts, as ISO 9660 and El Torito have it: one folder of a few files."""

import struct
from pathlib import Path

_BLOCK = 2048
_PRIMARY, _BOOT_RECORD, _END, _CATALOG, _FOLDER, _FIRST_FILE = 16, 17, 18, 19, 20, 21


def bootable_iso(image: Path, loader: bytes, files: dict[str, bytes]) -> Path:
    """A CD with `loader`, which is ISOLINUX's, and further files under their names in capitals."""
    at = _FIRST_FILE
    content = {"ISOLINUX.BIN": _with_own_place(loader, at), **files}
    records = _record(b"\0", _FOLDER, _BLOCK, is_folder=True) + _record(
        b"\1", _FOLDER, _BLOCK, is_folder=True
    )
    blocks: list[bytes] = []
    for name, data in content.items():
        records += _record(f"{name};1".encode(), at, len(data))
        blocks.append(data.ljust(_blocks(data) * _BLOCK, b"\0"))
        at += _blocks(data)
    system = bytes(_PRIMARY * _BLOCK)
    parts = (_primary(at), _boot_record(), b"\xffCD001\1", _catalog(), records)
    image.write_bytes(system + b"".join(part.ljust(_BLOCK, b"\0") for part in parts) + b"".join(blocks))
    return image


def _blocks(data: bytes) -> int:
    return -(-len(data) // _BLOCK)


def _both(number: int) -> bytes:
    """A number as the standard has it: in both orders."""
    return struct.pack("<I", number) + struct.pack(">I", number)


def _record(name: bytes, block: int, size: int, *, is_folder: bool = False) -> bytes:
    padding = b"" if len(name) % 2 else b"\0"
    rest = bytes((99, 1, 1, 0, 0, 0, 0)) + bytes((2 if is_folder else 0, 0, 0, 1, 0, 0, 1, len(name)))
    body = b"\0" + _both(block) + _both(size) + rest + name + padding
    return bytes((len(body) + 1,)) + body


def _primary(blocks: int) -> bytes:
    root = _record(b"\0", _FOLDER, _BLOCK, is_folder=True)
    head = b"\1CD001\1\0" + b" " * 32 + b"GUEST".ljust(32) + bytes(8) + _both(blocks) + bytes(32)
    numbers = b"\1\0\0\1" * 2 + struct.pack("<H", _BLOCK) + struct.pack(">H", _BLOCK) + _both(0) + bytes(16)
    return (head + numbers + root).ljust(881, b" ") + b"\1"


def _boot_record() -> bytes:
    return b"\0CD001\1" + b"EL TORITO SPECIFICATION".ljust(64, b"\0") + struct.pack("<I", _CATALOG)


def _catalog() -> bytes:
    check = struct.pack("<BBH24sHBB", 1, 0, 0, b"", 0, 0x55, 0xAA)
    checksum = -sum(struct.unpack("<16H", check)) & 0xFFFF
    check = struct.pack("<BBH24sHBB", 1, 0, 0, b"", checksum, 0x55, 0xAA)
    return check + struct.pack("<BBHBBHI", 0x88, 0, 0, 0, 0, 4, _FIRST_FILE)  # four sectors, no emulation


def _with_own_place(loader: bytes, block: int) -> bytes:
    """ISOLINUX wants to be told where it lies: its boot information table."""
    padded = loader.ljust(-(-len(loader) // 4) * 4, b"\0")
    checksum = sum(struct.unpack(f"<{len(padded) // 4 - 16}I", padded[64:])) & 0xFFFFFFFF
    return loader[:8] + struct.pack("<IIII", _PRIMARY, block, len(loader), checksum) + loader[24:]
