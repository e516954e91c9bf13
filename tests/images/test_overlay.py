import os
import stat
import subprocess

import pytest

from qemu_run.images.chain import open_chain
from qemu_run.images.formats import Image, inspect
from qemu_run.images.overlay import make_overlay, reuse_overlay, write_overlay
from qemu_run.images.problems import ImageError

MIB = 1 << 20
FORMATS = ["raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels"]


@pytest.mark.parametrize("virtual_bytes", [1 << 20, 10 << 30, 20 << 40])
def test_qemu_finds_no_fault_in_an_overlay(tmp_path, virtual_bytes):
    base, overlay = tmp_path / "base,with:odd name.raw", tmp_path / "overlay.qcow2"
    with base.open("wb") as file:
        file.truncate(min(virtual_bytes, 1 << 40))
    write_overlay(overlay, base, "raw", virtual_bytes, "raw:1:2")
    subprocess.run(["qemu-img", "check", "-q", overlay], check=True)
    assert inspect(overlay) == Image("qcow2", virtual_bytes, str(base), backing_format="raw")


def test_an_overlay_replaces_nothing(tmp_path, image):
    overlay = tmp_path / "overlay.qcow2"
    overlay.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        write_overlay(overlay, tmp_path / "base", "raw", 1 << 20)
    with open_chain(image("base")) as base, pytest.raises(ImageError, match="there is a file"):
        make_overlay(overlay, base)
    assert overlay.read_bytes() == b"precious"


@pytest.mark.parametrize("below", FORMATS)
def test_any_format_gets_an_overlay(tmp_path, image, below):
    base = image("base", below)
    before = base.read_bytes()
    with make_overlay(tmp_path / "o", open_chain(base)) as chain:
        assert [layer.format for layer in chain.layers] == ["qcow2", below]
        assert chain.virtual_bytes == inspect(base).virtual_bytes
    write = ["qemu-io", "-f", "qcow2", "-c", "write -P 7 0 64k", "-c", "read -P 0 64k 64k", tmp_path / "o"]
    subprocess.run(write, check=True, stdout=subprocess.DEVNULL)
    assert base.read_bytes() == before


def test_an_overlay_may_be_larger_and_never_smaller(tmp_path, image):
    base = image("base", "vmdk", size="4M")
    with open_chain(base) as chain:
        with pytest.raises(ImageError, match="smaller"):
            make_overlay(tmp_path / "small", chain, size_bytes=4 * MIB - 1)
        assert not (tmp_path / "small").exists()
        assert make_overlay(tmp_path / "same", chain, size_bytes=4 * MIB).virtual_bytes == 4 * MIB
        assert make_overlay(tmp_path / "large", chain, size_bytes=20 << 30).virtual_bytes == 20 << 30
        with pytest.raises(ImageError, match="cannot be made"):
            make_overlay(tmp_path / "huge", chain, size_bytes=1 << 62)


def test_an_overlay_is_for_its_owner_alone(tmp_path, image):
    previous = os.umask(0)
    try:
        make_overlay(tmp_path / "o", open_chain(image("base"))).close()
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "o").stat().st_mode) == 0o600


def keep(tmp_path, base, **options):
    make_overlay(tmp_path / "kept", open_chain(base), **options).close()
    write = ["qemu-io", "-f", "qcow2", "-c", "write -P 7 0 64k", tmp_path / "kept"]
    subprocess.run(write, check=True, stdout=subprocess.DEVNULL)


def test_a_kept_overlay_is_used_again(tmp_path, image):
    base = image("base", "raw")
    keep(tmp_path, base)
    with reuse_overlay(tmp_path / "kept", open_chain(base)) as chain:
        assert [layer.path for layer in chain.layers] == [tmp_path / "kept", base]


def test_a_kept_overlay_moves_with_its_base(tmp_path, image):
    base = image("base", "raw")
    keep(tmp_path, base)
    (tmp_path / "elsewhere").mkdir()
    moved = base.rename(tmp_path / "elsewhere/base")
    with reuse_overlay(tmp_path / "kept", open_chain(moved)) as chain:
        assert chain.layers[1].path == moved


@pytest.mark.parametrize("change", ["written", "grown", "replaced", "below"])
def test_a_kept_overlay_is_refused_when_its_base_has_changed(tmp_path, image, change):
    lowest = image("lowest", "raw")
    base = image("base", "qcow2", base="lowest", base_format="raw")
    keep(tmp_path, base)
    if change == "written":
        subprocess.run(
            ["qemu-io", "-f", "qcow2", "-c", "write 0 4k", base], check=True, stdout=subprocess.DEVNULL
        )
    elif change == "grown":
        with base.open("ab") as file:
            file.write(bytes(4096))
    elif change == "replaced":
        image("base", "qcow2", base="lowest", base_format="raw")
        os.utime(base, ns=(1, 1))
    else:
        lowest.write_bytes(b"x" + lowest.read_bytes()[1:])
    with open_chain(base) as chain, pytest.raises(ImageError, match="has changed"):
        reuse_overlay(tmp_path / "kept", chain)


def test_a_checksum_may_tell_a_base(tmp_path, image):
    base = image("base", "raw")
    keep(tmp_path, base, identity="sha256:00ff")
    os.utime(base, ns=(1, 1))
    with open_chain(base) as chain:
        reuse_overlay(tmp_path / "kept", chain, identity="sha256:00ff").top.file.close()
        with pytest.raises(ImageError, match="has changed"):
            reuse_overlay(tmp_path / "kept", chain, identity="sha256:0000")


def test_a_kept_overlay_has_the_size_that_it_has(tmp_path, image):
    base = image("base", "raw")
    keep(tmp_path, base, size_bytes=8 * MIB)
    with open_chain(base) as chain:
        reuse_overlay(tmp_path / "kept", chain).top.file.close()
        reuse_overlay(tmp_path / "kept", chain, size_bytes=8 * MIB).top.file.close()
        with pytest.raises(ImageError, match="another size") as caught:
            reuse_overlay(tmp_path / "kept", chain, size_bytes=16 * MIB)
        assert "qemu-img resize" in caught.value.cure
        with pytest.raises(ImageError, match="another size") as caught:
            reuse_overlay(tmp_path / "kept", chain, size_bytes=4 * MIB)
        assert "never made smaller" in caught.value.cure


@pytest.mark.parametrize("found", ["raw", "foreign", "missing", "fifo"])
def test_what_is_not_an_overlay_of_ours_is_not_used(tmp_path, image, found):
    base, path = image("base", "raw"), tmp_path / "kept"
    if found == "raw":
        path.write_bytes(bytes(MIB))
    elif found == "foreign":
        image("kept", base="base", base_format="raw")
    elif found == "fifo":
        os.mkfifo(path)
    with open_chain(base) as chain, pytest.raises(ImageError, match="not an overlay of qemu-run"):
        reuse_overlay(path, chain)
