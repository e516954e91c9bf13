"""A file is replaced whole, and is the user's alone."""

import os
import stat

import pytest

from qemu_run.files import replace_file


def test_a_file_is_replaced_whole_and_private(tmp_path):
    path = tmp_path / "new folder" / "file"
    before = os.umask(0)
    try:
        replace_file(path, b"one")
        replace_file(path, b"two")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["file"]


def test_what_cannot_be_replaced_stays_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match="folder"):
        replace_file(path, b"one")
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]
