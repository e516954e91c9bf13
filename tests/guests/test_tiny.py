import shutil
import subprocess
from pathlib import Path

import pytest

from qemu_run.guests.tiny import HELLO, IMAGE_BYTES, TinyGuest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "qemu_run/guests/tiny.S"


def test_the_embedded_code_is_what_its_source_assembles_to(tmp_path):
    assembler, linker = shutil.which("as"), shutil.which("ld")
    assert assembler, "install binutils"
    assert linker
    subprocess.run([assembler, "--32", "-o", tmp_path / "tiny.o", SOURCE], check=True)
    binary = ["-m", "elf_i386", "-Ttext", "0x7c00", "--oformat", "binary"]
    subprocess.run([linker, *binary, "-o", tmp_path / "tiny.bin", tmp_path / "tiny.o"], check=True)
    assert TinyGuest().code() == (tmp_path / "tiny.bin").read_bytes().rstrip(b"\0")


def test_the_shipped_image_is_what_the_generator_makes(tmp_path):
    assert (ROOT / "examples/images/hello.img").read_bytes() == HELLO.write(
        tmp_path / "hello.img"
    ).read_bytes()


def test_the_image_is_sparse(tmp_path):
    stat = TinyGuest().write(tmp_path / "guest.img").stat()
    assert stat.st_size == IMAGE_BYTES
    assert stat.st_blocks * 512 < 64 << 10


def test_a_banner_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="banner of 200 bytes"):
        TinyGuest(banner="x" * 200).code()
