"""Whether a disk can start only under UEFI: told from its partition table, or a CD's boot catalog.

Source: UEFI specification, "GUID Partition Table"; "El Torito" bootable CD-ROM format.
"""

import struct

from qemu_run.images.chain import Chain
from qemu_run.images.guest_data import read_guest
from qemu_run.images.image import SECTOR_BYTES

_EFI_SYSTEM = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")  # c12a7328-f81f-11d2-ba4b-00a0c93ec93b
_BIOS_BOOT = bytes.fromhex("4861682149646f6e744e656564454649")  # 21686148-6449-6e6f-744e-656564454649
_BOOT_CODE_BYTES = 440
_PARTITIONS_AT, _MBR_PARTITIONS = 446, 4
_MBR_EFI_SYSTEM, _MBR_PROTECTIVE, _MBR_ACTIVE = 0xEF, 0xEE, 0x80
_MOST_ENTRIES, _LARGEST_ENTRY = 128, 512
_CD_SECTOR = 2048
_EL_TORITO = b"\0CD001\x01EL TORITO SPECIFICATION"
_CD_BIOS, _CD_EFI = 0, 0xEF


def needs_uefi(chain: Chain) -> bool:
    """Whether there is something for UEFI to start and nothing for a BIOS.

    False too where it is not known: an unusual format, an empty disk.
    """
    mbr = read_guest(chain, 0, SECTOR_BYTES)
    if mbr is None:
        return False
    if chain.top.image.format == "iso":
        return _cd_needs_uefi(chain)
    if mbr[510:512] != b"\x55\xaa" or any(mbr[:_BOOT_CODE_BYTES]):
        return False
    kinds = [mbr[at + 4] for at in range(_PARTITIONS_AT, _PARTITIONS_AT + 16 * _MBR_PARTITIONS, 16)]
    if _MBR_PROTECTIVE not in kinds:
        return _MBR_EFI_SYSTEM in kinds
    types = _gpt_types(chain)
    return _EFI_SYSTEM in types and _BIOS_BOOT not in types


def has_no_loader(chain: Chain) -> bool:
    """Whether a BIOS starts code from it that is not there: a boot signature behind nothing but zeros."""
    mbr = read_guest(chain, 0, SECTOR_BYTES)
    return mbr is not None and mbr[510:512] == b"\x55\xaa" and not any(mbr[:_BOOT_CODE_BYTES])


def _gpt_types(chain: Chain) -> list[bytes]:
    """The types of a GPT's partitions; none if there is not a GPT."""
    header = read_guest(chain, SECTOR_BYTES, 92) or b""
    if not header.startswith(b"EFI PART"):
        return []
    entries_at, count, size = struct.unpack_from("<QII", header, 72)
    if not 16 <= size <= _LARGEST_ENTRY or entries_at > 1 << 54:
        return []
    entries = read_guest(chain, entries_at * SECTOR_BYTES, min(count, _MOST_ENTRIES) * size) or b""
    return [entries[at : at + 16] for at in range(0, len(entries), size)]


def _cd_needs_uefi(chain: Chain) -> bool:
    """A boot catalog with entries for UEFI alone."""
    descriptor = read_guest(chain, 17 * _CD_SECTOR, _CD_SECTOR) or b""
    if not descriptor.startswith(_EL_TORITO):
        return False
    (catalog_at,) = struct.unpack_from("<I", descriptor, 71)
    catalog = read_guest(chain, catalog_at * _CD_SECTOR, _CD_SECTOR) or b""
    if catalog[:1] != b"\x01" or catalog[30:32] != b"\x55\xaa":
        return False
    platforms = {catalog[1]}
    for at in range(64, len(catalog), 32):
        if catalog[at] in {0x90, 0x91}:
            platforms.add(catalog[at + 1])
    return _CD_EFI in platforms and _CD_BIOS not in platforms
