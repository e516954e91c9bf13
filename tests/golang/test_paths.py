"""Paths by their text, with the answers of Go's package `path`."""

import pytest

from qemu_run.golang.paths import base, clean, directory

CLEAN = {
    "": ".",
    "a//b/./c/..": "a/b",
    "/../a": "/a",
    "//a": "/a",
    "../../a": "../../a",
    "a/..": ".",
    "/": "/",
}
BASE = {"": ".", "/": "/", "//": "/", "a": "a", "a/b": "b", "a/b//": "b", "..": ".."}
DIRECTORY = {"": ".", "a": ".", "a/b": "a", "/a": "/", "a/b/": "a/b", "/": "/", "a//b": "a"}


@pytest.mark.parametrize(("path", "wanted"), CLEAN.items())
def test_clean(path, wanted):
    assert clean(path) == wanted


@pytest.mark.parametrize(("path", "wanted"), BASE.items())
def test_base(path, wanted):
    assert base(path) == wanted


@pytest.mark.parametrize(("path", "wanted"), DIRECTORY.items())
def test_directory(path, wanted):
    assert directory(path) == wanted
