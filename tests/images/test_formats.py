import bz2
import gzip
import json
import lzma
import os
import struct
import subprocess

import pytest

from qemu_run.images.file import open_image
from qemu_run.images.formats import Image, check_whole, inspect, read_image
from qemu_run.images.overlay import write_overlay
from qemu_run.images.problems import ImageError

DISK_BYTES = 64 << 20
MADE = {
    "qcow2": ["-f", "qcow2"],
    "qcow2 of version 2": ["-f", "qcow2", "-o", "compat=0.10"],
    "qcow2 with extended entries": ["-f", "qcow2", "-o", "extended_l2=on"],
    "qcow2 with small clusters": ["-f", "qcow2", "-o", "cluster_size=512"],
    "qcow2 with thin counts": ["-f", "qcow2", "-o", "refcount_bits=1"],
    "qcow": ["-f", "qcow"],
    "qed": ["-f", "qed"],
    "vmdk": ["-f", "vmdk"],
    "vmdk as a stream": ["-f", "vmdk", "-o", "subformat=streamOptimized"],
    "vdi": ["-f", "vdi"],
    "vdi with all its blocks": ["-f", "vdi", "-o", "static=on"],
    "vhdx": ["-f", "vhdx"],
    "vhdx with all its blocks": ["-f", "vhdx", "-o", "subformat=fixed"],
    "vpc": ["-f", "vpc"],
    "vpc of its exact size": ["-f", "vpc", "-o", "force_size=on"],
    "vpc with all its blocks": ["-f", "vpc", "-o", "subformat=fixed"],
    "parallels": ["-f", "parallels"],
    "raw": ["-f", "raw"],
}


def create(path, *options, size=DISK_BYTES):
    subprocess.run(["qemu-img", "create", "-q", *options, path, str(size)], check=True)
    return path


def read_whole(path):
    """The image, known not to be cut short."""
    with open_image(path) as file:
        image = read_image(file)
        check_whole(file, image)
        return image


def told(path, image_format):
    asked = ["qemu-img", "info", "-f", image_format, "--output=json", path]
    return json.loads(subprocess.check_output(asked))


@pytest.mark.parametrize("size", [DISK_BYTES, 1 << 20, 5_000_192, 3 << 30])
@pytest.mark.parametrize("made", MADE)
def test_every_format_and_its_size_as_qemu_has_them(tmp_path, made, size):
    if "all its blocks" in made and size > DISK_BYTES:
        size = 96 << 20
    path = create(tmp_path / "disk", *MADE[made], size=size)
    image = read_whole(path)
    assert image.format == MADE[made][1]
    assert image.virtual_bytes == told(path, image.format)["virtual-size"]
    assert image.is_disk
    assert not image.other_files


@pytest.mark.parametrize("converted", ["qcow2", "qcow", "vmdk", "vdi", "vhdx", "vpc", "parallels", "qed"])
def test_an_image_with_content_is_whole(tmp_path, converted):
    (tmp_path / "raw").write_bytes(os.urandom(3 << 20) + bytes(5 << 20))
    subprocess.run(
        ["qemu-img", "convert", "-f", "raw", "-O", converted, "raw", "disk"], cwd=tmp_path, check=True
    )
    assert read_whole(tmp_path / "disk").format == converted


@pytest.mark.parametrize("packed", [[], ["-c"]])
@pytest.mark.parametrize("missing", [1, 1 << 20, (2 << 20) - 70000])
def test_a_qcow2_that_was_cut_short_is_noticed(tmp_path, packed, missing):
    (tmp_path / "raw").write_bytes(os.urandom(2 << 20))
    arguments = ["qemu-img", "convert", *packed, "-f", "raw", "-O", "qcow2", "raw", "disk"]
    subprocess.run(arguments, cwd=tmp_path, check=True)
    path = tmp_path / "disk"
    read_whole(path)
    # qcow2 lies in clusters: less than one may be missing of the last.
    os.truncate(path, path.stat().st_size - (65536 if missing == 1 and not packed else missing))
    if packed and missing == 1:
        read_whole(path)
    else:
        with pytest.raises(ImageError, match="cut short"):
            read_whole(path)


def test_a_qcow2_of_a_killed_qemu_is_not_cut_short(tmp_path):
    """Counts of clusters that were never written lie behind the end; no table points there."""
    path = create(tmp_path / "disk", "-f", "qcow2")
    with path.open("r+b") as file:
        file.seek(2 * 65536)
        counts = bytearray(file.read(65536))
        counts[200:202] = b"\0\1"
        file.seek(2 * 65536)
        file.write(counts)
    assert read_whole(path).format == "qcow2"


@pytest.mark.parametrize(
    "cut", ["qcow", "qed", "vmdk", "vhdx", "vpc", "vdi with all its blocks", "parallels"]
)
@pytest.mark.parametrize("left", [4, 70, 500, 520])
def test_other_formats_that_were_cut_short_are_refused(tmp_path, cut, left):
    path = create(tmp_path / "disk", *MADE[cut])
    os.truncate(path, left)
    try:
        image = read_whole(path)
    except ImageError:
        return
    # Too little is left to tell by, or the size no longer fits the header, which QEMU finds.
    assert image.format in {"raw", "text", "qed", "vhdx", MADE[cut][1]}


def test_a_qcow2_says_its_size_and_what_lies_below(tmp_path):
    base, path = tmp_path / "base.raw", tmp_path / "disk.qcow2"
    base.write_bytes(bytes(DISK_BYTES))
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-b", "base.raw", "-F", "raw", path], check=True
    )
    assert inspect(path) == Image("qcow2", DISK_BYTES, "base.raw", backing_format="raw")


def test_a_qcow2_with_its_data_elsewhere_is_noticed(tmp_path):
    data = f"data_file={tmp_path}/data.raw"
    assert inspect(create(tmp_path / "d.qcow2", "-f", "qcow2", "-o", data)).has_external_data


@pytest.mark.parametrize("method", [1, 2])
def test_an_encrypted_image_is_noticed(tmp_path, method):
    write_overlay(tmp_path / "d", tmp_path / "base", "raw", DISK_BYTES)
    _change(tmp_path / "d", 32, struct.pack(">I", method))
    assert inspect(tmp_path / "d").is_encrypted


def test_a_luks_image_is_encrypted(tmp_path):
    (tmp_path / "d").write_bytes(b"LUKS\xba\xbe\0\1" + bytes(4096))
    assert inspect(tmp_path / "d") == Image("luks", 4608, is_encrypted=True)


def test_an_iso_is_raw_to_qemu(tmp_path):
    path = tmp_path / "cd.iso"
    path.write_bytes(bytes(32769) + b"CD001" + bytes(4096))
    assert inspect(path).format == "iso"
    assert inspect(path).qemu_format == "raw"


@pytest.mark.parametrize("subformat", ["monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat"])
def test_a_vmdk_of_several_files_names_them(tmp_path, subformat):
    path = create(tmp_path / "d.vmdk", "-f", "vmdk", "-o", f"subformat={subformat}")
    (extent,) = inspect(path).other_files
    assert extent.startswith("d-")
    assert inspect(path).virtual_bytes == DISK_BYTES


def test_a_vmdk_under_a_new_name_stands_alone_all_the_same(tmp_path):
    create(tmp_path / "old.vmdk", "-f", "vmdk").rename(tmp_path / "new.vmdk")
    assert inspect(tmp_path / "new.vmdk").other_files == ()


def test_a_vmdk_over_another_names_it(tmp_path):
    create(tmp_path / "base.vmdk", "-f", "vmdk")
    path = tmp_path / "d.vmdk"
    over = ["qemu-img", "create", "-q", "-f", "vmdk", "-b", "base.vmdk", "-F", "vmdk", path]
    subprocess.run(over, check=True, cwd=tmp_path)
    assert inspect(path).other_files == ("base.vmdk",)


def _change(path, start, data):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


def test_a_vmdk_whose_inner_descriptor_takes_over_is_refused(tmp_path):
    """QEMU takes the descriptor of a sparse vmdk that has no size for the disk, with all that it names."""
    path = create(tmp_path / "d.vmdk", "-f", "vmdk")
    _change(path, 12, bytes(8))
    _change(path, 512, b'# Disk DescriptorFile\nRW 2048 FLAT "/etc/shadow" 0\n\0')
    assert "/etc/shadow" in inspect(path).other_files


@pytest.mark.parametrize("place", [512, 600, 9000])
def test_a_parent_is_found_wherever_qemu_looks_for_it(tmp_path, place):
    path = create(tmp_path / "d.vmdk", "-f", "vmdk")
    _change(path, place, b'\nparentFileNameHint="/etc/shadow"\n')
    assert "/etc/shadow" in inspect(path).other_files


@pytest.mark.parametrize(
    ("made", "start", "data"),
    [
        ("vdi", 76, b"\x04"),
        ("vdi", 424, b"\x01"),
        ("vpc", 60, struct.pack(">I", 4)),
        ("vpc with all its blocks", -512 + 60, struct.pack(">I", 4)),
    ],
)
def test_an_image_that_changes_a_parent_names_it(tmp_path, made, start, data):
    path = create(tmp_path / "d", *MADE[made])
    _change(path, start if start >= 0 else path.stat().st_size + start, data)
    assert "parent" in inspect(path).other_files[0]


def test_a_vhdx_that_changes_a_parent_names_it(tmp_path):
    path = create(tmp_path / "d", "-f", "vhdx")
    content = path.read_bytes()
    item = bytes.fromhex("3767a1ca36fa434db3b633f0aa44e76b")
    entry = content.index(item)
    start = content.rindex(b"metadata", 0, entry)
    _change(path, start + struct.unpack_from("<I", content, entry + 16)[0] + 4, b"\x02")
    assert "parent" in inspect(path).other_files[0]


HOSTILE_HEADERS = [
    (8, 1 << 63, 8, "backing name far out"),
    (8, (1 << 64) - 1, 8, "backing name at the very end"),
    (8, 1 << 62, 8, "backing name past everything"),
    (16, 0xFFFFFFFF, 4, "a name of four gigabytes"),
    (20, 63, 4, "clusters of eight exabytes"),
    (20, 0, 4, "clusters of a byte"),
    (24, 1 << 63, 8, "a disk too large to count"),
    (36, 0xFFFFFFFF, 4, "a table without end"),
    (40, 1 << 63, 8, "a table far out"),
    (40, (1 << 64) - 512, 8, "a table at the very end"),
    (48, 1 << 63, 8, "counts far out"),
    (56, 0xFFFFFFFF, 4, "counts without end"),
    (72, 1 << 40, 8, "features of tomorrow"),
    (96, 99, 4, "counts of a strange width"),
    (100, 0xFFFFFFFF, 4, "a header without end"),
    (100, 3, 4, "a header of three bytes"),
    (4, 4, 4, "version 4"),
    (4, 0, 4, "version 0"),
    (116, 0xFFFFFFFF, 4, "an extension of four gigabytes"),
]


@pytest.mark.parametrize(
    ("start", "value", "width"), [entry[:3] for entry in HOSTILE_HEADERS], ids=[e[3] for e in HOSTILE_HEADERS]
)
def test_a_qcow2_header_made_to_do_harm_is_refused_in_words(tmp_path, start, value, width):
    path = tmp_path / "d"
    write_overlay(path, tmp_path / "base", "raw", DISK_BYTES)
    _change(path, start, value.to_bytes(width, "big"))
    with pytest.raises(ImageError) as caught:
        read_whole(path)
    assert caught.value.summary
    assert caught.value.cure


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("byte", [0xFF, 0x80])
def test_whatever_stands_in_a_header_there_is_an_answer_or_words(tmp_path, made, byte):
    path = create(tmp_path / "d", *MADE[made], size=1 << 20)
    whole = path.read_bytes()
    starts = [*range(0, 600, 8), *range(64 << 10, (64 << 10) + 40, 4), *range(192 << 10, (192 << 10) + 64, 4)]
    for start in [*starts, *range(len(whole) - 512, len(whole), 32)]:
        for width in (1, 4, 8):
            path.write_bytes(whole[:start] + bytes([byte]) * width + whole[start + width :])
            try:
                read_whole(path)
            except ImageError as error:
                assert error.summary  # noqa: PT017 - any answer will do, a traceback will not


@pytest.mark.parametrize("length", [5, 12, 40, 64, 100, 511, 512, 600, 4096, 33000])
@pytest.mark.parametrize(
    "head", [b"QFI\xfb\0\0\0\1", b"QFI\xfb\0\0\0\3", b"QED\0", b"KDMV", b"COWD", b"vhdxfile", b"conectix"]
)
def test_a_signature_with_noise_behind_it_is_answered_in_words(tmp_path, head, length):
    path = tmp_path / "d"
    for noise in (b"\xff", b"\0", b"\x80\1"):
        path.write_bytes((head + noise * length)[:length])
        try:
            read_whole(path)
        except ImageError as error:
            assert error.summary  # noqa: PT017


NOT_DISKS = {
    "empty": b"",
    "gzip": gzip.compress(bytes(1024)),
    "xz": lzma.compress(bytes(1024)),
    "bzip2": bz2.compress(bytes(1024)),
    "zstd": b"\x28\xb5\x2f\xfd" + bytes(64),
    "lz4": b"\x04\x22\x4d\x18" + bytes(64),
    "html": b"<!DOCTYPE html><html><head><title>404</title></head></html>\n",
    "html ": b"\xef\xbb\xbf\n  <HTML>not found</HTML>",
    "text": b"Not Found\n",
    "text ": "ein größerer Text, ".encode() * 400,
    "text  ": b"-drive file=disk.img,format=raw\n",
    "text   ": b'{"error": "no such image"}',
    "git-lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "elf": b"\x7fELF" + bytes(64),
    "kernel": bytes(510) + b"\x55\xaa" + b"\xeb\x66HdrS" + bytes(600),
    "zip": b"PK\x03\x04" + bytes(64),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(64),
    "tar": b"disk.img".ljust(257, b"\0") + b"ustar\0" + bytes(600),
    "ova": b"vm.ovf".ljust(257, b"\0") + b"ustar\0" + bytes(600),
}


@pytest.mark.parametrize("kind", NOT_DISKS)
def test_what_is_not_a_disk_is_known_by_name(tmp_path, kind):
    path = tmp_path / "disk"
    path.write_bytes(NOT_DISKS[kind])
    assert inspect(path).format == kind.strip()
    assert not inspect(path).is_disk


def test_a_packed_image_is_not_a_disk(tmp_path):
    path = tmp_path / "disk.gz"
    path.write_bytes(NOT_DISKS["gzip"])
    assert inspect(path).is_packed


@pytest.mark.parametrize("content", [b"QFI\0", b"\x55\xaa" * 300, b"\0", bytes(510) + b"\x55\xaa", b"a\0b"])
def test_anything_else_is_raw_in_whole_sectors(tmp_path, content):
    path = tmp_path / "disk"
    path.write_bytes(content)
    assert inspect(path) == Image("raw", -(-len(content) // 512) * 512)
    assert inspect(path).virtual_bytes == told(path, "raw")["virtual-size"]


def test_a_format_that_is_said_is_held_against_the_content(tmp_path):
    path = create(tmp_path / "d", "-f", "vdi")
    with open_image(path) as file:
        assert read_image(file, "raw").format == "raw"
        assert read_image(file, "vdi").format == "vdi"
        with pytest.raises(ImageError, match="not qcow2, it looks like vdi"):
            read_image(file, "qcow2")
