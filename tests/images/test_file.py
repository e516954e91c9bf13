import os
import socket
import subprocess
from pathlib import Path

import pytest

from qemu_run.images.birth import birth_time_ns
from qemu_run.images.chain import open_chain
from qemu_run.images.file import open_image
from qemu_run.images.formats import inspect
from qemu_run.images.problems import ImageError


def test_a_fifo_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "disk")
    with pytest.raises(ImageError, match="a named pipe"):
        open_image(tmp_path / "disk")


def test_a_fifo_is_refused_for_writing_too(tmp_path):
    os.mkfifo(tmp_path / "disk")
    with pytest.raises(ImageError, match="a named pipe"):
        open_image(tmp_path / "disk", writable=True)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/random", "/dev/tty"])
def test_a_character_device_is_not_an_image(device):
    with pytest.raises(ImageError, match="character device"):
        inspect(Path(device))


def test_a_folder_is_not_an_image(tmp_path):
    with pytest.raises(ImageError, match="a folder"):
        open_image(tmp_path)
    with pytest.raises(ImageError, match="a folder"):
        open_image(tmp_path, writable=True)


def test_a_socket_is_not_an_image(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        with pytest.raises(ImageError, match="a socket"):
            open_image(tmp_path / "s")


def test_a_link_to_a_device_is_not_an_image(tmp_path):
    (tmp_path / "disk").symlink_to("/dev/zero")
    with pytest.raises(ImageError, match="character device"):
        open_image(tmp_path / "disk")


def test_a_name_with_a_nul_is_refused_in_words(tmp_path):
    with pytest.raises(ImageError, match="NUL"):
        open_image(tmp_path / "a\0b")


@pytest.mark.parametrize("name", ["gone", "a" * 300, "file/below"])
def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"No such file|too long|Not a directory"):
        open_image(tmp_path / name)


def test_a_loop_of_links_is_an_error_of_the_system(tmp_path):
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(OSError, match="Too many levels"):
        open_image(tmp_path / "a")


def test_what_is_read_is_what_was_opened(tmp_path):
    path = tmp_path / "disk"
    path.write_bytes(b"first")
    with open_image(path) as file:
        path.unlink()
        path.write_bytes(b"other")
        assert file.read(0, 99) == b"first"


@pytest.mark.parametrize("start", [-1, 1 << 62, (1 << 63) - 1, 1 << 63, 1 << 64])
def test_nothing_lies_where_no_file_can_have_anything(tmp_path, start):
    (tmp_path / "disk").write_bytes(b"content")
    with open_image(tmp_path / "disk") as file:
        assert file.read(start, 100) == b""


def test_a_descriptor_is_not_inherited(tmp_path):
    (tmp_path / "disk").touch()
    with open_image(tmp_path / "disk") as file:
        assert not os.get_inheritable(file.descriptor)
        descriptor = file.descriptor
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_the_birth_of_a_file_is_as_stat_says_it(tmp_path):
    path = tmp_path / "disk"
    path.touch()
    told = subprocess.check_output(["stat", "-c", "%W %.9W", path], text=True).split()
    with open_image(path) as file:
        born = birth_time_ns(file.descriptor)
    if told[0] == "0":
        assert born is None
    else:
        seconds, _, nanoseconds = told[1].partition(".")
        assert born == int(seconds) * 10**9 + int(nanoseconds)


def test_a_file_made_anew_has_another_identity(tmp_path):
    path = tmp_path / "disk"
    path.write_bytes(b"1")
    with open_image(path) as file:
        first = file.identity
    path.write_bytes(b"2")
    with open_image(path) as file:
        assert file.identity == first
    beside = tmp_path / "new"
    beside.write_bytes(b"1")
    beside.replace(path)
    with open_image(path) as file:
        assert file.identity != first


@pytest.mark.parametrize("readonly", ["on", "off"])
def test_a_running_qemu_is_noticed_by_its_locks(tmp_path, paused_qemu, readonly):
    path = tmp_path / "disk"
    path.write_bytes(bytes(1 << 20))
    drive = f"file={path},format=raw,if=virtio,readonly={readonly}"
    with open_image(path) as file:
        assert not file.is_in_use(for_writing=True)
        with paused_qemu("-drive", drive):
            in_use = file.is_in_use(for_writing=True), file.is_in_use(for_writing=False)
        assert not file.is_in_use(for_writing=True)
    assert in_use == (True, readonly == "off")


def test_block_devices_can_be_left_out(tmp_path):
    node = tmp_path / "device"
    try:
        os.mknod(node, 0o060600, os.makedev(7, 250))
    except PermissionError:
        pytest.skip("only root makes devices")
    with pytest.raises(ImageError, match="a block device"):
        open_image(node, block_devices=False)


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize(
    ("name", "words"),
    [("gone", "not found"), ("file/below", "not found"), ("loop", "in a circle"), ("a" * 300, "as long")],
)
def test_what_is_wrong_with_a_name_is_said_whoever_wants_the_file(tmp_path, name, words, writable):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ImageError, match=words) as caught:
        open_chain(tmp_path / name, writable=writable)
    assert "--snapshot" not in caught.value.cure
