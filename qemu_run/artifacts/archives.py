"""Kinds of archives: by the name of a file, by the job's word, by the first bytes.

Source: go-getter's table of decompressors.
"""

from collections.abc import Mapping
from pathlib import Path

PACKED = ("gz", "bz2", "xz", "zst")
"""One file, made smaller."""
FOLDERS = ("tar", "tar.gz", "tgz", "tar.bz2", "tbz2", "tar.xz", "txz", "tar.zst", "tzst", "zip")
"""Many files in one."""
KINDS = (*FOLDERS, *PACKED)
NEVER = frozenset({"false", "0", "f", "F", "FALSE", "False"})
"""The values of `archive` that say: leave it packed (Go's false)."""

_MAGIC: Mapping[bytes, str] = {
    b"\x1f\x8b": "gz",
    b"BZh": "bz2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zst",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}
_SKIPPED_BY_ZSTD = b"\x2a\x4d\x18"
"""What follows the first byte of a frame that is skipped: pzstd begins with one."""
_TAR_MAGIC_OFFSET = 257
_SHORT = {"tgz": "gz", "tbz2": "bz2", "txz": "xz", "tzst": "zst"}


def suffix_of(name: str) -> str | None:
    """The longest suffix of a name that says it is an archive."""
    fitting = [kind for kind in KINDS if name.lower().endswith("." + kind)]
    return max(fitting, key=len, default=None)


def packing_of(kind: str) -> str:
    """What the bytes of an archive are packed with: `gz` for `tar.gz`, nothing for `tar` and `zip`."""
    if kind in PACKED:
        return kind
    return _SHORT.get(kind, kind.partition(".")[2])


def by_content(path: Path) -> str:
    """What the first bytes of a file say: one of `gz bz2 xz zst zip tar`, or nothing.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(512)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[1:4] == _SKIPPED_BY_ZSTD and head[0] >> 4 == 5:
        return "zst"
    return "tar" if head[_TAR_MAGIC_OFFSET:].startswith(b"ustar") else ""


def looks_like_a_page(path: Path) -> bool:
    """Whether a file is a web page: what servers send in place of a file they do not have.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return begins_like_a_page(file.read(512))


def begins_like_a_page(head: bytes) -> bool:
    """The same of the first bytes."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml"))
