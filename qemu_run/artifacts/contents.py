"""Files and folders as the cache has them: how they look, what is in them, and how they get on the disk."""

import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from qemu_run.artifacts.checksum import HEX_DIGITS, Checksum
from qemu_run.artifacts.folders import identity
from qemu_run.artifacts.stop import Stop

_HASH_BYTES = 1 << 18


def looks(path: Path) -> object:
    """How a file looks, or every file of a folder: what is compared to notice a change."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return list(identity(found))
    everything = sorted(path.rglob("*"))
    return {str(each.relative_to(path)): _look(each) for each in everything}


def _look(path: Path) -> list[int]:
    found = path.lstat()
    return [found.st_mode] if stat.S_ISDIR(found.st_mode) else list(identity(found))


def size_of(folder: Path) -> int:
    """The bytes in all files of a folder.

    Raises:
        OSError: it cannot be looked at.
    """
    found = (path.lstat() for path in folder.rglob("*"))
    return sum(each.st_size for each in found if stat.S_ISREG(each.st_mode))


def digest_of(descriptor: int, checksum: Checksum, stop: Stop) -> str:
    """The digest of an open file from its beginning.

    Raises:
        StoppedError: in the middle of it.
        OSError: it cannot be read.
    """
    hasher, buffer, offset = checksum.hasher(), memoryview(bytearray(_HASH_BYTES)), 0
    while count := os.preadv(descriptor, [buffer], offset):
        hasher.update(buffer[:count])
        offset += count
        stop.check()
    return hasher.hexdigest()


def has_digest_of(key: str, descriptor: int, stop: Stop) -> bool:
    """Whether an open file has the digest that its key names.

    Raises:
        StoppedError: in the middle of it.
        OSError: it cannot be read.
    """
    algorithm, _, digest = key.partition("-")
    if algorithm not in HEX_DIGITS or len(digest) != HEX_DIGITS[algorithm]:
        return False
    return digest_of(descriptor, Checksum(algorithm, digest), stop) == digest


def digest_of_tree(folder: Path, stop: Stop) -> str:
    """One digest of all names in a folder, every byte of its files, and where its links lead.

    Raises:
        StoppedError: in the middle of it.
        OSError: something in it cannot be read.
    """
    tree, plain = hashlib.sha256(), Checksum("sha256", "")
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            has = str(path.readlink())
        elif stat.S_ISREG(mode):
            has = _digest_at(path, plain, stop)
        else:
            has = ""
        for word in (f"{stat.S_IFMT(mode):o}", str(path.relative_to(folder)), has):
            tree.update(os.fsencode(word) + b"\0")
    return tree.hexdigest()


def _digest_at(path: Path, checksum: Checksum, stop: Stop) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return digest_of(descriptor, checksum, stop)
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """See that a file, or a folder with all that is in it, is on the disk.

    Raises:
        OSError: it cannot be.
    """
    for each in (path, *path.rglob("*")) if path.is_dir() else (path, path.parent):
        if not each.is_symlink():
            _sync_one(each)


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Remove a file or folder, if it is there and can be."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
