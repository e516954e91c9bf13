"""The same Linux in every form that a job may bring it in."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from qemu_run.errors import ExitCode
from tests.guests.iso import bootable_iso

_LINUX = "guest: ready"
_CONFIGURATION = (
    b"SERIAL 0\nDEFAULT linux\nLABEL linux\n LINUX /vmlinuz\n INITRD /initrd\n APPEND console=ttyS0\n"
)


@pytest.fixture
def kernel(linux_guest, tmp_path):
    """The kernel and its initrd, as files."""
    for name in ("vmlinuz", "initrd"):
        subprocess.run(["mcopy", "-i", linux_guest, f"::/{name}", tmp_path / name], check=True)
    return tmp_path / "vmlinuz", tmp_path / "initrd"


def _converted(image_format: str) -> Callable[..., str]:
    def make(folder: Path, disk: Path) -> str:
        image = folder / f"linux.{image_format}"
        command = ["qemu-img", "convert", "-f", "raw", "-O", image_format, disk, image]
        subprocess.run(command, check=True, timeout=60)
        return f'image_path = "{image.name}"'

    return make


def _raw(folder: Path, disk: Path) -> str:
    shutil.copy(disk, folder / "linux.img")
    return 'image_path = "linux.img"'


@pytest.mark.parametrize(
    "make", [_raw, _converted("qcow2"), _converted("vmdk")], ids=["raw", "qcow2", "vmdk"]
)
def test_a_disk(qemu_run, linux_guest, make):
    check(qemu_run, make(qemu_run.folder, linux_guest))


def test_a_cd(qemu_run, kernel, debian_package):
    module = debian_package("syslinux-common") / "usr/lib/syslinux/modules/bios/ldlinux.c32"
    files = {
        "LDLINUX.C32": module.read_bytes(),
        "ISOLINUX.CFG": _CONFIGURATION,
        "VMLINUZ": kernel[0].read_bytes(),
        "INITRD": kernel[1].read_bytes(),
    }
    loader = debian_package("isolinux") / "usr/lib/ISOLINUX/isolinux.bin"
    bootable_iso(qemu_run.folder / "linux.iso", loader.read_bytes(), files)
    check(qemu_run, 'image_path = "linux.iso"')


def test_a_kernel_without_a_disk(qemu_run, kernel):
    vmlinuz, initrd = kernel
    check(qemu_run, f'args = ["-kernel", "{vmlinuz}", "-initrd", "{initrd}", "-append", "console=ttyS0"]')


def check(qemu_run, config):
    lines = [
        'job "web" {\ntype = "batch"\ngroup "g" {\ntask "vm" {\ndriver = "qemu"\nconfig {',
        f'accelerator = "tcg"\n{config}\n}}\nresources {{\nmemory = 192\n}}\n}}\n}}\n}}\n',
    ]
    (qemu_run.folder / "web.hcl").write_text("\n".join(lines))
    result = qemu_run.run("run", "--timeout", "55s", "--expect", _LINUX, "web.hcl")
    assert result.code == ExitCode.OK, result.err
    assert _LINUX in result.out
