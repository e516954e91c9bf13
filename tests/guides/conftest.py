import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.guests.efi import counting_program, efi_disk

EXAMPLES = ROOT / "examples"
LINE = re.compile(r"^    ((?:\w+=\S+ )*qemu-run .*?)(?:   *\S.*)?$", re.MULTILINE)
"""A command of a page, and behind blanks what it is for."""

MAKE_KEY = """set -e
ssh-keygen -q -t ed25519 -N '' -f key
echo "ssh_key = \\"$(cat key.pub)\\"" >key.hcl"""
"""Shell: a key for ssh, and the file of variables that names it."""


def commands(page: Path) -> list[str]:
    """The commands of a page, each once."""
    return list(dict.fromkeys(LINE.findall(page.read_text())))


@pytest.fixture
def examples(qemu_run):
    """The examples as a reader has them, in a folder of the test's own."""
    return Path(shutil.copytree(EXAMPLES, qemu_run.folder / "examples"))


@pytest.fixture
def guide(qemu_run, examples):
    """The program in the folder of a guide: `guide("templates").run("plan", "app.nomad.hcl")`."""
    return lambda name: replace(qemu_run, folder=examples / name)


@pytest.fixture
def linux(linux_guest):
    """Puts the disk of a small Linux to a path, with what lacks above it."""

    def put(path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        shutil.copy(linux_guest, path)

    return put


@pytest.fixture
def uefi(tmp_path):
    """Puts a disk that only UEFI starts to a path."""
    return lambda path: efi_disk(path, {"EFI/BOOT/BOOTX64.EFI": counting_program(tmp_path)})


def put_blank(path: Path) -> None:
    """An image for a command that looks and starts nothing."""
    path.parent.mkdir(exist_ok=True)
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "64M"], check=True)


@pytest.fixture
def in_shell(qemu_run):
    """Gives a line to a shell that finds qemu-run: the finished process, its output as text."""
    binaries = qemu_run.folder / "bin"
    binaries.mkdir()
    program = binaries / "qemu-run"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m qemu_run "$@"\n')
    program.chmod(0o755)
    path = f"{binaries}:{qemu_run.environment['PATH']}"

    def run(line: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env={**qemu_run.environment, "HOME": str(qemu_run.folder), "PATH": path, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=240,
            check=False,
        )

    return run
