import os
import struct
from pathlib import Path

import pytest

from qemu_run.images.chain import MOST_LAYERS, open_chain
from qemu_run.images.overlay import write_overlay
from qemu_run.images.problems import ImageError

MIB = 1 << 20


def raw(path, size=4 * MIB):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
    return path


def over(path, name, image_format="raw", size=4 * MIB):
    """A qcow2 over whatever name, which qemu-img would not make."""
    write_overlay(path, name, image_format, size)
    return path


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def refused(path, words, **options):
    """That the chain is refused in these words, with a cure, and with all its files closed again."""
    before = open_descriptors()
    with pytest.raises(ImageError, match=words) as caught:
        open_chain(path, **options)
    assert caught.value.detail
    assert caught.value.cure
    assert open_descriptors() == before
    return caught.value


@pytest.mark.parametrize("below", ["raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels"])
def test_every_layer_has_its_file_and_its_format(image, tmp_path, below):
    base = image("base", below)
    middle = image("middle", base="base", base_format=below)
    top = image("top", base="middle", base_format="qcow2")
    with open_chain(top) as chain:
        assert [layer.path for layer in chain.layers] == [top, middle, base]
        assert [layer.format for layer in chain.layers] == ["qcow2", "qcow2", below]


def test_what_is_open_is_closed_at_the_end(image):
    image("base", "raw")
    top = image("top", base="base", base_format="raw")
    before = open_descriptors()
    with open_chain(top):
        assert open_descriptors() == before + 2
    assert open_descriptors() == before


def test_a_format_that_is_not_stated_is_told_from_the_content(tmp_path):
    image_path = tmp_path / "old"
    raw(tmp_path / "base")
    over(image_path, "base", "raw")
    content = bytearray(image_path.read_bytes())
    content[112:120] = struct.pack(">II", 0, 0)
    image_path.write_bytes(content)
    with open_chain(image_path) as chain:
        assert chain.layers[1].format == "raw"


def test_a_stated_format_is_what_counts(image, tmp_path):
    """A raw base whose guest wrote a qcow2 header stays raw, as the image above it says."""
    over(tmp_path / "base", "/etc/shadow")
    top = over(tmp_path / "top", "base", "raw")
    with open_chain(top) as chain:
        assert chain.layers[1].format == "raw"
        assert len(chain.layers) == 2


def test_a_stated_format_that_the_file_is_not_is_refused(tmp_path):
    raw(tmp_path / "base")
    refused(over(tmp_path / "top", "base", "vmdk"), "not vmdk, it looks like raw")


@pytest.mark.parametrize(
    "stated", ["nbd", "http", "host_device", "file", "ssh", "", "raw\0x", "blkdebug", "luks2"]
)
def test_a_stated_format_that_is_a_protocol_is_refused(tmp_path, stated):
    raw(tmp_path / "base")
    top = over(tmp_path / "top", "base", stated)
    if stated == "":
        with open_chain(top) as chain:
            assert chain.layers[1].format == "raw"
    else:
        refused(top, "format that is not one of an image")


def test_a_base_in_another_folder_is_refused(tmp_path):
    outside = raw(tmp_path / "secret")
    for number, name in enumerate([outside, "../secret", "./../secret", "file:../secret"]):
        top = raw(tmp_path / f"vms{number}/x").parent / "top"
        refused(over(top, name), "another file of this host")


def test_a_base_in_an_allowed_folder_is_taken(tmp_path):
    outside = raw(tmp_path / "bases/base")
    (tmp_path / "vms").mkdir()
    top = over(tmp_path / "vms/top", outside)
    with open_chain(top, allowed_folders=[tmp_path / "bases"]) as chain:
        assert chain.layers[1].path == outside
    refused(top, "another file", allowed_folders=[])
    refused(top, "another file", allowed_folders=[tmp_path / "base"])


def test_a_link_does_not_lead_out(tmp_path):
    raw(tmp_path / "secret")
    (tmp_path / "vms").mkdir()
    (tmp_path / "vms/base").symlink_to("../secret")
    refused(over(tmp_path / "vms/top", "base"), "another file of this host")


def test_a_linked_folder_does_not_lead_out(tmp_path):
    raw(tmp_path / "secrets/s")
    (tmp_path / "vms").mkdir()
    (tmp_path / "vms/in").symlink_to(tmp_path / "secrets")
    refused(over(tmp_path / "vms/top", "in/s"), "another file of this host")


def test_an_image_behind_a_link_finds_its_base_beside_either(tmp_path):
    raw(tmp_path / "big/base")
    over(tmp_path / "big/top", "base")
    (tmp_path / "vms").mkdir()
    (tmp_path / "vms/top").symlink_to("../big/top")
    with open_chain(tmp_path / "vms/top") as chain:
        assert chain.layers[1].path == tmp_path / "big/base"


def test_a_name_with_a_colon_is_a_files_name_or_refused(tmp_path):
    top = over(tmp_path / "top", "nbd:127.0.0.1:1")
    refused(top, "not a file")
    raw(tmp_path / "nbd:127.0.0.1:1")
    with open_chain(top) as chain:
        assert chain.layers[1].path.name == "nbd:127.0.0.1:1"


@pytest.mark.parametrize(
    "name",
    [
        "nbd:unix:/run/x",
        "json:{}",
        'json:{"driver":"file","filename":"/etc/shadow"}',
        "http:x",
        "fat:.",
        "fd:3",
        "host_device:x",
    ],
)
def test_a_name_for_qemu_alone_is_refused(tmp_path, name):
    refused(over(tmp_path / "top", name.replace("//", "/")), "not a file|missing")


def test_the_prefix_file_is_qemus_word_for_a_file(tmp_path):
    raw(tmp_path / "base")
    (tmp_path / "top").unlink(missing_ok=True)
    write_overlay(tmp_path / "top", os.fsencode("file:base").decode(), "raw", 4 * MIB)
    with open_chain(tmp_path / "top") as chain:
        assert chain.layers[1].path == tmp_path / "base"


def hostile(path, name):
    """A qcow2 whose backing name is these bytes."""
    write_overlay(path, "N" * len(name), "raw", 4 * MIB)
    content = path.read_bytes().replace(b"N" * len(name), name, 1)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", [b"base\0", b"\0", b"base\0/../../etc/shadow", b"\0base"])
def test_a_nul_in_a_name_is_refused_in_words(tmp_path, name):
    raw(tmp_path / "base")
    refused(hostile(tmp_path / "top", name), "NUL")


@pytest.mark.parametrize("name", [b"\xff\xfe", b"\x1b[2Jgone", b"a\nb", b"\x80" * 900, "ü".encode()])
def test_a_name_of_any_bytes_is_shown_safely(tmp_path, name):
    error = refused(hostile(tmp_path / "top", name), "missing|not a file|cannot be read")
    assert error.detail.isprintable()


def test_a_base_of_any_name_is_found(tmp_path):
    name = b"\xff base, with\xfe;odd.raw"
    raw(tmp_path / os.fsdecode(name))
    with open_chain(hostile(tmp_path / "top", name)) as chain:
        assert os.fsencode(chain.layers[1].path.name) == name


@pytest.mark.parametrize("length", [1023, 1024, 4096, 65000])
def test_a_name_is_no_longer_than_the_format_allows(tmp_path, length):
    top = over(tmp_path / "top", "x" * 1000)
    content = bytearray(top.read_bytes())
    content[16:20] = struct.pack(">I", length)
    top.write_bytes(content)
    refused(top, "damaged|cannot be read|missing|NUL")


@pytest.mark.parametrize("offset", [1 << 63, (1 << 64) - 1, 1 << 40, 65535])
def test_a_name_lies_in_the_header(tmp_path, offset):
    top = over(tmp_path / "top", "base")
    content = bytearray(top.read_bytes())
    content[8:16] = struct.pack(">Q", offset)
    top.write_bytes(content)
    refused(top, "damaged|cut short|NUL|missing")


def test_what_a_damaged_image_reaches_for_is_said_first(tmp_path):
    header = b"QFI\xfb" + struct.pack(">IQI", 3, 112, 11)
    (tmp_path / "d").write_bytes(header.ljust(112, b"\0") + b"/etc/passwd")
    refused(tmp_path / "d", "another file of this host")
    raw(tmp_path / "base000.img")
    (tmp_path / "d").write_bytes(header.ljust(112, b"\0") + b"base000.img")
    refused(tmp_path / "d", "damaged")


def test_an_image_over_itself_is_refused(tmp_path):
    refused(over(tmp_path / "a", "a", "qcow2"), "over itself")
    over(tmp_path / "b", "c", "qcow2")
    refused(over(tmp_path / "c", "b", "qcow2"), "over itself")
    os.link(tmp_path / "a", tmp_path / "hard")
    refused(tmp_path / "hard", "over itself")


def test_a_chain_has_an_end(tmp_path):
    raw(tmp_path / "0")
    for number in range(MOST_LAYERS + 1):
        over(tmp_path / str(number + 1), str(number), "qcow2" if number else "raw")
    with open_chain(tmp_path / str(MOST_LAYERS - 1)) as chain:
        assert len(chain.layers) == MOST_LAYERS
    refused(tmp_path / str(MOST_LAYERS), "more than")


@pytest.mark.parametrize("kind", ["fifo", "folder", "device", "missing", "empty", "html"])
def test_a_base_is_a_regular_file_with_an_image(tmp_path, kind):
    base = tmp_path / "base"
    if kind == "fifo":
        os.mkfifo(base)
    elif kind == "folder":
        base.mkdir()
    elif kind == "device":
        base.symlink_to("/dev/zero")
    elif kind != "missing":
        base.write_bytes(b"<html>" if kind == "html" else b"")
    top = over(tmp_path / "top", "base", "qcow2" if kind in {"empty", "html"} else "raw")
    refused(top, "image")


def test_a_qed_over_another_is_refused(image, tmp_path):
    outside = raw(tmp_path / "outside")
    refused(image("d.qed", "qed", base=outside, base_format="raw"), "QED")


def test_a_middle_layer_is_looked_at_as_closely(image, tmp_path):
    raw(tmp_path / "secret")
    (tmp_path / "vms").mkdir()
    over(tmp_path / "vms/middle", "../secret")
    refused(over(tmp_path / "vms/top", "middle", "qcow2"), "another file of this host")
    descriptor = b'# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 1 FLAT "/etc/shadow" 0\n'
    (tmp_path / "vms/evil.vmdk").write_bytes(descriptor)
    refused(over(tmp_path / "vms/top2", "evil.vmdk", "vmdk"), "refers to other files")


@pytest.mark.parametrize(
    "create_type", ["monolithicFlat", "twoGbMaxExtentFlat", "vmfs", "fullDevice", "custom"]
)
def test_a_descriptor_that_names_other_files_is_not_an_image(tmp_path, create_type):
    path = tmp_path / "disk.img"
    lines = (
        f'# Disk DescriptorFile\nversion=1\ncreateType="{create_type}"\nRW 2048 FLAT "{tmp_path}/victim" 0\n'
    )
    path.write_bytes(lines.encode().ljust(MIB, b"\0"))
    error = refused(path, "refers to other files")
    assert f"{tmp_path}/victim" in error.detail


def test_data_in_another_file_is_refused(image, tmp_path):
    path = image("d", options=("-o", f"data_file={tmp_path}/data.raw"))
    refused(path, "data in another file")
    refused(over(tmp_path / "top", "d", "qcow2"), "data in another file")


def test_an_encrypted_image_is_refused(tmp_path):
    (tmp_path / "d").write_bytes(b"LUKS\xba\xbe\0\1" + bytes(4096))
    refused(tmp_path / "d", "encrypted")
    refused(over(tmp_path / "top", "d", "luks"), "encrypted")


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x1f\x8b" + bytes(99), b"just text"])
def test_what_is_not_a_disk_is_refused_by_name(tmp_path, content):
    (tmp_path / "d").write_bytes(content)
    refused(tmp_path / "d", "not a disk")


def test_what_someone_says_it_is_ends_the_question(tmp_path):
    (tmp_path / "d").write_bytes(b"just text")
    with open_chain(tmp_path / "d", said="raw") as chain:
        assert chain.top.format == "raw"
    over(tmp_path / "q", "/etc/shadow")
    with open_chain(tmp_path / "q", said="raw") as chain:
        assert len(chain.layers) == 1
    refused(tmp_path / "q", "not vdi", said="vdi")


def test_a_format_that_qemu_lacks_is_said_to_be_one(tmp_path):
    with pytest.raises(ImageError, match="QEMU has no image format"):
        open_chain(raw(tmp_path / "d"), said="qcow3")


def test_a_missing_image_is_said_to_be_missing(tmp_path):
    refused(tmp_path / "gone", "image not found")


def test_an_image_without_the_right_to_write_is_for_a_snapshot(tmp_path, monkeypatch):
    path = raw(tmp_path / "d")
    real_open = os.open

    def without_rights(name, flags, *rest, **more):
        if flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied", str(name))
        return real_open(name, flags, *rest, **more)

    monkeypatch.setattr(os, "open", without_rights)
    assert "--snapshot" in refused(path, "cannot be written", writable=True).cure


def test_a_format_that_qemu_only_reads_is_not_written(tmp_path):
    path = tmp_path / "d.dmg"
    path.write_bytes(bytes(1024) + b"koly" + bytes(0x1E8) + struct.pack(">Q", 8) + bytes(12))
    refused(path, "cannot write dmg", writable=True)
    with open_chain(path) as chain:
        assert chain.virtual_bytes == 4096


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("debain-12.qcow2", 'did you mean "debian-12.qcow2"?'),
        ("x.raw", "its folder has debian-12.qcow2"),
        ("nowhere/x.raw", "look at image_path"),
    ],
)
def test_an_image_that_is_not_there_is_looked_for_beside(tmp_path, name, cure):
    (tmp_path / "debian-12.qcow2").touch()
    (tmp_path / "x.hcl").touch()
    with pytest.raises(ImageError) as caught:
        open_chain(tmp_path / name)
    assert caught.value.cure == cure
