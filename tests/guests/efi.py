"""Disks that start by UEFI alone: a FAT file system in an EFI partition, made with mtools."""

import shutil
import struct
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("efi.S")
_AT = 0x1000
"""Where the only section of the program lies, in the file and in memory."""
_SECTOR = 512
_FIRST_SECTOR = 2048
_EFI_PARTITION = 0xEF
_X86_64, _EXECUTABLE, _PE32_PLUS, _EFI_APPLICATION = 0x8664, 0x0022, 0x20B, 10
_READ_WRITE_EXECUTE = 0xE0000020


def counting_program(folder: Path) -> Path:
    """The program of `efi.S`, assembled in `folder`: PE, as UEFI's firmware starts it."""
    assembler, linker = shutil.which("as"), shutil.which("ld")
    assert assembler, "install binutils"
    assert linker
    parts = folder / "efi.o", folder / "efi.bin"
    subprocess.run([assembler, "-o", parts[0], _SOURCE], check=True)
    subprocess.run([linker, "-Ttext", hex(_AT), "--oformat", "binary", "-o", parts[1], parts[0]], check=True)
    code = parts[1].read_bytes()
    code += bytes(-len(code) % _AT)
    program = folder / "BOOTX64.EFI"
    program.write_bytes(_headers(len(code)).ljust(_AT, b"\0") + code)
    return program


def _headers(size: int) -> bytes:
    """The heads of a PE file with one section: COFF, optional header, section table."""
    mz = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    coff = struct.pack("<HHIIIHH", _X86_64, 1, 0, 0, 0, 0xF0, _EXECUTABLE)
    optional = struct.pack("<HBBIIIII", _PE32_PLUS, 1, 0, size, 0, 0, _AT, _AT)
    optional += struct.pack("<QII", 0, _AT, _AT)  # no preferred address; alignment in memory, in the file
    optional += struct.pack("<HHHHHHI", 0, 0, 0, 0, 0, 0, 0)
    optional += struct.pack("<IIIHH", _AT + size, _AT, 0, _EFI_APPLICATION, 0)
    optional += struct.pack("<QQQQII", 0, 0, 0, 0, 0, 16) + bytes(16 * 8)
    section = struct.pack("<8sIIIIIIHHI", b".text", size, _AT, size, _AT, 0, 0, 0, 0, _READ_WRITE_EXECUTE)
    return mz + b"PE\0\0" + coff + optional + section


def efi_disk(image: Path, files: dict[str, Path], *, megabytes: int = 40) -> Path:
    """A disk with one EFI partition, and `files` by their path in it; no BIOS starts it."""
    sectors = megabytes * 2048
    with image.open("wb") as disk:
        entry = struct.pack("<B3sB3sII", 0, b"\xff" * 3, _EFI_PARTITION, b"\xff" * 3, _FIRST_SECTOR, sectors)
        disk.write(bytes(446) + entry + bytes(48) + b"\x55\xaa")
        disk.truncate((_FIRST_SECTOR + sectors) * _SECTOR)
    partition = f"{image}@@{_FIRST_SECTOR * _SECTOR}"
    subprocess.run(["mformat", "-i", partition, "-T", str(sectors), "-F", "::"], check=True)
    folders = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    for folder in sorted(folders):
        subprocess.run(["mmd", "-i", partition, f"::/{folder}"], check=True)
    for name, file in files.items():
        subprocess.run(["mcopy", "-i", partition, file, f"::/{name}"], check=True)
    return image
