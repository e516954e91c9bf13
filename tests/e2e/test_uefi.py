"""A disk that starts by UEFI alone, and what its firmware remembers."""

import re
import shutil

import pytest

from tests.guests.efi import counting_program, efi_disk

UEFI = 'meta { qemu_run_firmware = "uefi" }'


@pytest.fixture
def counting_disk(tmp_path):
    """A disk whose guest counts its starts in the variables of the firmware."""
    return efi_disk(tmp_path / "disk.img", {"EFI/BOOT/BOOTX64.EFI": counting_program(tmp_path)})


def test_the_firmware_remembers_as_long_as_its_disk(qemu_run, counting_disk, job):
    """In place it does, under an overlay it does not: neither what went before, nor what comes after."""
    name = job(task=UEFI)
    boots = []
    for option in ((), ("--snapshot",), ("--overlay", "mine.qcow2"), ("--overlay", "mine.qcow2"), ()):
        result = qemu_run.run("run", "--timeout", "50s", *option, name)
        assert result.code == 0, result.err
        assert "the guest powered off" in result.err
        boots.append(int(re.search(r"boots=(\d) by UEFI", result.out)[1]))
    assert boots == [1, 1, 1, 2, 2]


def test_it_forgets_a_disk_that_is_made_anew_and_knows_one_that_was_moved(qemu_run, counting_disk, job):
    name = job(task=UEFI)

    def boots(name):
        result = qemu_run.run("run", "--timeout", "50s", name)
        assert result.code == 0, result.err
        return int(re.search(r"boots=(\d) by UEFI", result.out)[1])

    assert boots(name) == 1
    counting_disk.rename(qemu_run.folder / "moved.img")
    shutil.copy(qemu_run.folder / "moved.img", counting_disk)
    assert boots(name) == 1
    assert boots(job(image="moved.img", task=UEFI)) == 2


def test_the_cure_that_is_said_starts_the_disk(qemu_run, counting_disk, job):
    said = qemu_run.run("plan", job()).err
    (cure,) = re.findall(r'qemu_run_firmware = "\w+"', said)
    result = qemu_run.run("run", "--timeout", "50s", "--snapshot", job(task=f"meta {{ {cure} }}"))
    assert result.code == 0, result.err
    assert "by UEFI" in result.out
