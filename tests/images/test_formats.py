import gzip
import subprocess

import pytest

from qemu_run.images.formats import Image, inspect
from qemu_run.images.overlay import write_overlay

DISK_BYTES = 64 << 20


@pytest.mark.parametrize("made", ["qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels"])
def test_formats_as_qemu_img_makes_them(tmp_path, made):
    path = tmp_path / "disk"
    subprocess.run(["qemu-img", "create", "-q", "-f", made, path, str(DISK_BYTES)], check=True)
    assert inspect(path).format == made


def test_a_qcow2_says_its_size_and_what_lies_below(tmp_path):
    base, path = tmp_path / "base.raw", tmp_path / "disk.qcow2"
    base.write_bytes(bytes(DISK_BYTES))
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-b", "base.raw", "-F", "raw", path], check=True
    )
    assert inspect(path) == Image("qcow2", DISK_BYTES, "base.raw")


def test_a_qcow2_with_its_data_elsewhere_is_noticed(tmp_path):
    data = f"data_file={tmp_path}/data.raw"
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-o", data, tmp_path / "d.qcow2", "1M"], check=True
    )
    assert inspect(tmp_path / "d.qcow2").has_external_data


def test_an_iso_is_raw_to_qemu(tmp_path):
    path = tmp_path / "cd.iso"
    path.write_bytes(bytes(32769) + b"CD001" + bytes(4096))
    assert inspect(path).format == "iso"
    assert inspect(path).qemu_format == "raw"


def test_a_packed_image_is_no_disk(tmp_path):
    path = tmp_path / "disk.gz"
    path.write_bytes(gzip.compress(bytes(1024)))
    assert inspect(path).is_packed


@pytest.mark.parametrize("content", [b"", b"QFI", b"\x55\xaa" * 300])
def test_anything_else_is_raw(tmp_path, content):
    path = tmp_path / "disk"
    path.write_bytes(content)
    assert inspect(path) == Image("raw", len(content))


@pytest.mark.parametrize("virtual_bytes", [1 << 20, 10 << 30, 20 << 40])
def test_qemu_finds_no_fault_in_an_overlay(tmp_path, virtual_bytes):
    base, overlay = tmp_path / "base,with:odd name.raw", tmp_path / "overlay.qcow2"
    with base.open("wb") as file:
        file.truncate(min(virtual_bytes, 1 << 40))
    write_overlay(overlay, base, "raw", virtual_bytes)
    subprocess.run(["qemu-img", "check", "-q", overlay], check=True)
    assert inspect(overlay) == Image("qcow2", virtual_bytes, str(base))


def test_an_overlay_replaces_nothing(tmp_path):
    overlay = tmp_path / "overlay.qcow2"
    overlay.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        write_overlay(overlay, tmp_path / "base", "raw", 1 << 20)
    assert overlay.read_bytes() == b"precious"
