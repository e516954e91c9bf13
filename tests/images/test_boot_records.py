import struct
import subprocess
from uuid import UUID

import pytest

from qemu_run.images.boot_records import needs_uefi
from qemu_run.images.chain import open_chain
from qemu_run.images.guest_data import read_guest
from qemu_run.images.overlay import make_overlay

MIB = 1 << 20
ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4"
BIOS_BOOT = "21686148-6449-6e6f-744e-656564454649"


def gpt(*types, boot_code=b"", entry_bytes=128):
    """A disk with a GPT of these partition types."""
    mbr = boot_code.ljust(446, b"\0") + bytes([0, 0, 2, 0, 0xEE, 255, 255, 255]) + struct.pack("<II", 1, 2047)
    header = b"EFI PART" + bytes(64) + struct.pack("<QII", 2, len(types), entry_bytes)
    entries = b"".join(UUID(kind).bytes_le.ljust(entry_bytes, b"\0") for kind in types)
    return (mbr.ljust(510, b"\0") + b"\x55\xaa" + header.ljust(512, b"\0") + entries).ljust(MIB, b"\0")


def mbr(*kinds, boot_code=b""):
    entries = b"".join(bytes([0x80, 0, 0, 0, kind]) + bytes(11) for kind in kinds)
    return (boot_code.ljust(446, b"\0") + entries.ljust(64, b"\0") + b"\x55\xaa").ljust(MIB, b"\0")


def cd(platform, *more):
    catalog = bytes([1, platform]).ljust(30, b"\0") + b"\x55\xaa" + bytes(32)
    for other in more:
        catalog += bytes([0x91, other]) + bytes(30)
    descriptor = b"\0CD001\x01EL TORITO SPECIFICATION".ljust(71, b"\0") + struct.pack("<I", 18)
    return (
        bytes(32768)
        + b"\1CD001".ljust(2048, b"\0")
        + descriptor.ljust(2048, b"\0")
        + catalog.ljust(4096, b"\0")
    )


DISKS = {
    "an ESP on a GPT without boot code": (gpt(ESP, LINUX), True),
    "an ESP alone": (gpt(ESP), True),
    "large entries": (gpt(LINUX, ESP, entry_bytes=256), True),
    "boot code as well": (gpt(ESP, LINUX, boot_code=b"\xeb\x63\x90"), False),
    "a BIOS boot partition as well": (gpt(ESP, BIOS_BOOT), False),
    "no ESP": (gpt(LINUX), False),
    "an ESP on an MBR": (mbr(0xEF), True),
    "an ESP on an MBR with boot code": (mbr(0xEF, 0x83, boot_code=b"\xfa\x33"), False),
    "an MBR without an ESP": (mbr(0x83), False),
    "nothing at all": (bytes(MIB), False),
    "a GPT with entries of no size": (
        gpt(ESP, entry_bytes=128).replace(struct.pack("<II", 1, 128), bytes(8)),
        False,
    ),
    "a CD for UEFI": (cd(0xEF), True),
    "a CD for both": (cd(0, 0xEF), False),
    "a CD for a BIOS": (cd(0), False),
}


@pytest.mark.parametrize("name", DISKS)
def test_a_disk_for_uefi_alone_is_recognised(tmp_path, name):
    content, expected = DISKS[name]
    (tmp_path / "d").write_bytes(content)
    with open_chain(tmp_path / "d") as chain:
        assert needs_uefi(chain) is expected


@pytest.mark.parametrize(
    "options",
    [[], ["-c"], ["-o", "cluster_size=512"], ["-o", "extended_l2=on"], ["-c", "-o", "compression_type=zstd"]],
)
def test_a_qcow2_is_looked_into(tmp_path, options):
    (tmp_path / "raw").write_bytes(gpt(ESP, LINUX))
    convert = ["qemu-img", "convert", *options, "-f", "raw", "-O", "qcow2", "raw", "q"]
    if subprocess.run(convert, cwd=tmp_path, check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("this qemu-img cannot make one")
    with open_chain(tmp_path / "q") as chain:
        assert needs_uefi(chain) is not any("extended" in each or "zstd" in each for each in options)


def test_an_overlay_shows_what_lies_below(tmp_path):
    content = gpt(ESP, LINUX)
    (tmp_path / "raw").write_bytes(content)
    with make_overlay(tmp_path / "o", open_chain(tmp_path / "raw"), size_bytes=4 * MIB) as chain:
        assert needs_uefi(chain)
        assert read_guest(chain, 0, 2000) == content[:2000]
        assert read_guest(chain, 3 * MIB, 10) == bytes(10)
        assert read_guest(chain, 1 << 40, 10) == bytes(10)


@pytest.mark.parametrize("packed", [[], ["-c"]])
def test_what_is_read_is_what_qemu_reads(tmp_path, packed):
    content = b"".join(number.to_bytes(4, "big") for number in range(MIB // 4))
    (tmp_path / "raw").write_bytes(content)
    convert = ["qemu-img", "convert", *packed, "-f", "raw", "-O", "qcow2", "raw", "q"]
    subprocess.run(convert, cwd=tmp_path, check=True)
    with open_chain(tmp_path / "q") as chain:
        for start, length in ((0, 10), (65530, 20), (131072, 65536), (MIB - 5, 5)):
            assert read_guest(chain, start, length) == content[start : start + length]


def test_other_formats_are_not_looked_into(image):
    with open_chain(image("v", "vdi")) as chain:
        assert read_guest(chain, 0, 512) is None
        assert not needs_uefi(chain)
