import os
import stat

import pytest

from qemu_run.images.file import open_image
from qemu_run.images.memory import FormatMemory, decide_format
from qemu_run.images.problems import ImageError

MIB = 1 << 20


@pytest.fixture
def memory(tmp_path):
    return FormatMemory(tmp_path / "state/formats")


def start(path, memory, said=None):
    """What a start of qemu-run does: decide, and remember."""
    with open_image(path) as file:
        decided = decide_format(file, memory, said)
        memory.keep(file, decided)
        return decided


def disk(path, content=b""):
    path.write_bytes(content.ljust(MIB, b"\0"))
    return path


def write_inside(path, content):
    """What a guest does to a raw disk."""
    with path.open("r+b") as file:
        file.write(content)


FORGED = {
    "qcow2": b"QFI\xfb\0\0\0\3",
    "vmdk": b'# Disk DescriptorFile\nversion=1\nRW 2048 FLAT "/etc/shadow" 0\n',
    "qed": b"QED\0" + bytes(12) + bytes(48),
    "vdi": bytes(64) + b"\x7f\x10\xda\xbe",
    "vhdx": b"vhdxfile",
    "vpc": b"conectix",
    "parallels": b"WithoutFreeSpace",
    "luks": b"LUKS\xba\xbe\0\1",
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_raw_disk_stays_raw_whatever_its_guest_writes(tmp_path, memory, forged):
    path = disk(tmp_path / "d.img")
    assert start(path, memory) == "raw"
    write_inside(path, FORGED[forged])
    with pytest.raises(ImageError, match="was raw when it was last started") as caught:
        start(path, memory)
    assert str(path) in caught.value.detail
    assert "--image-format raw" in caught.value.cure
    assert "qemu_run_image_format" in caught.value.cure
    assert start(path, memory, said="raw") == "raw"


def test_a_new_name_or_a_hard_link_changes_nothing(tmp_path, memory):
    path = disk(tmp_path / "d.img")
    start(path, memory)
    write_inside(path, FORGED["vdi"])
    os.link(path, tmp_path / "other.img")
    path.rename(tmp_path / "moved.img")
    for name in ("other.img", "moved.img"):
        with pytest.raises(ImageError, match="was raw"):
            start(tmp_path / name, memory)


def test_an_image_made_anew_is_another_one(tmp_path, memory, image):
    path = disk(tmp_path / "d.img")
    start(path, memory)
    image("new.qcow2").replace(path)
    assert start(path, memory) == "qcow2"


def test_an_image_of_another_format_may_become_anything(tmp_path, memory, image):
    path = image("d.img", "qcow2")
    start(path, memory)
    path.write_bytes(image("v", "vdi").read_bytes())
    assert start(path, memory) == "vdi"


def test_what_is_said_is_remembered(tmp_path, memory, image):
    path = disk(tmp_path / "d.img")
    start(path, memory)
    path.write_bytes(image("q").read_bytes())
    with pytest.raises(ImageError, match="looks like a qcow2 image now"):
        start(path, memory)
    assert start(path, memory, said="qcow2") == "qcow2"
    assert start(path, memory) == "qcow2"


def test_a_first_run_may_be_said_too(tmp_path, memory):
    path = disk(tmp_path / "d.img", FORGED["qcow2"])
    assert start(path, memory, said="raw") == "raw"
    with pytest.raises(ImageError, match="was raw"):
        start(path, memory)


def test_an_iso_is_raw(tmp_path, memory):
    path = tmp_path / "cd.iso"
    path.write_bytes(bytes(32769) + b"CD001" + bytes(4096))
    assert start(path, memory) == "raw"
    assert start(path, memory) == "raw"


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b'{"format": "raw"}', b'{"format": 7, "path": 1}', b"\xff", b"[" * 100_000],
)
def test_a_damaged_entry_is_as_if_there_were_none_and_heals(tmp_path, memory, damage):
    path = disk(tmp_path / "d.img")
    start(path, memory)
    (entry,) = memory.folder.iterdir()
    entry.write_bytes(damage)
    with open_image(path) as file:
        assert memory.last(file) is None
        assert start(path, memory) == "raw"
        assert memory.last(file) == "raw"


def test_entries_are_for_their_owner_alone(tmp_path, memory):
    previous = os.umask(0)
    try:
        start(disk(tmp_path / "d.img"), memory)
    finally:
        os.umask(previous)
    (entry,) = memory.folder.iterdir()
    assert stat.S_IMODE(memory.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(OSError, match=r"exists|Not a directory"):
        start(disk(tmp_path / "d.img"), FormatMemory(tmp_path / "state"))


def test_without_a_time_of_birth_the_path_decides(tmp_path, memory, monkeypatch):
    monkeypatch.setattr("qemu_run.images.birth.birth_time_ns", lambda _: None)
    path = disk(tmp_path / "d.img")
    start(path, memory)
    write_inside(path, FORGED["vdi"])
    with pytest.raises(ImageError, match="was raw"):
        start(path, memory)
    path.rename(tmp_path / "moved.img")
    with open_image(tmp_path / "moved.img") as file:
        assert memory.last(file) is None
