"""Verified contents, kept by their digest and found again at no cost.

    {cache}/             0700
      content/{key}      a file, or the folder that an archive was unpacked to
      index/{key}        what is known of it, in JSON: how it looked when verified, where it came from
      urls/{hash}        which content an address had, and how to ask whether it has another
      parts/{key}        what is being fetched or unpacked, locked by whoever does it; renamed when whole

A key is `ALGORITHM-DIGEST`, with `.KIND` for what was unpacked from it. Nobody waits for a disk: content
counts as verified until the host is booted anew, and for good once it is known to be on the disk.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from qemu_run.artifacts.checksum import HEX_DIGITS, Checksum
from qemu_run.artifacts.failures import storage_error
from qemu_run.artifacts.folders import (
    boot_id,
    create_private,
    identity,
    private_folder,
    read_record,
    write_record,
)
from qemu_run.artifacts.stop import Stop

_HASH_BYTES = 1 << 20
_LOCK_SECONDS = 0.1
_ROOMS = ("content", "index", "urls", "parts")


@dataclass(slots=True, kw_only=True)
class Held:
    """A verified content; it stays where it is while this is not released."""

    key: str
    path: Path
    size_bytes: int
    record: Mapping[str, object]
    descriptor: int

    def release(self) -> None:
        """Let it be removed from now on, if it is not in use otherwise."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


class Cache:
    """The folder of verified contents. Several processes and threads may use it at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._is_ready = False

    def ready(self) -> None:
        """Make the folders that are missing.

        Raises:
            StorageError: they cannot be made, or are not ours.
        """
        if not self._is_ready:
            for folder in (
                self.folder,
                *(self.folder / name for name in ("content", "index", "urls", "parts")),
            ):
                private_folder(folder)
            self._is_ready = True

    def content(self, key: str) -> Path:
        """Where a content is, if it is there."""
        return self.folder / "content" / key

    def index(self, key: str) -> Path:
        """Where the record about a content is."""
        return self.folder / "index" / key

    def part(self, key: str) -> Path:
        """Where a content is while it is not whole."""
        return self.folder / "parts" / key

    def pointer(self, *about: str) -> Path:
        """Where it is kept what an address had; the address itself, which may hold secrets, is not."""
        return (
            self.folder
            / "urls"
            / hashlib.sha256("\0".join(about).encode("utf-8", "surrogateescape")).hexdigest()
        )

    def find(self, key: str, stop: Stop, *, anew: bool = False) -> Held | None:
        """A content that is there and verified, `anew` if asked; one that has changed is removed.

        Raises:
            StorageError: it cannot be read.
            StoppedError: while it was verified.
        """
        self.ready()
        path = self.content(key)
        if path.is_symlink():  # not our doing
            self.remove(key)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise storage_error(f'read "{path}"', error) from error
        try:
            _share(descriptor, stop)
            held = self._verified(key, descriptor, stop, anew=anew)
        except OSError as error:
            os.close(descriptor)
            raise storage_error(f'read "{path}"', error) from error
        except BaseException:
            os.close(descriptor)
            raise
        if held is None:
            os.close(descriptor)
        else:
            with suppress(OSError):
                os.utime(self.index(key))  # when it was used last
        return held

    def peek(self, key: str) -> tuple[int, bool] | None:
        """The size of a content that is there, and whether it is known to be right; nothing is changed.

        Raises:
            OSError: it cannot be looked at.
        """
        path, record = self.content(key), read_record(self.index(key))
        try:
            found, is_right = path.lstat(), _is_known(record) and record.get("looks") == looks(path)
        except FileNotFoundError:
            return None
        size = record.get("size", found.st_size)
        return size if isinstance(size, int) else found.st_size, is_right

    def _verified(self, key: str, descriptor: int, stop: Stop, *, anew: bool) -> Held | None:
        path, found = self.content(key), os.fstat(descriptor)
        if not path.exists() or path.stat().st_ino != found.st_ino:
            return None  # removed or replaced while we waited
        record = read_record(self.index(key))
        now = looks(path)
        is_same = _is_known(record) and record.get("looks") == now
        if not is_same or (anew and stat.S_ISREG(found.st_mode)):
            if not stat.S_ISREG(found.st_mode) or not self._still_right(key, descriptor, stop):
                self.remove(key)
                return None
            is_old_boot = record.get("boot") != boot_id()
            synced = bool(record) and (is_old_boot or (is_same and record.get("synced") is True))
            record = {**record, "looks": now, "boot": boot_id(), "synced": synced}
            with suppress(OSError):
                write_record(self.index(key), record)
        size = record.get("size", found.st_size)
        return Held(
            key=key,
            path=path,
            size_bytes=size if isinstance(size, int) else found.st_size,
            record=record,
            descriptor=descriptor,
        )

    @staticmethod
    def _still_right(key: str, descriptor: int, stop: Stop) -> bool:
        """Whether a file still has the digest it is named by."""
        algorithm, _, digest = key.partition("-")
        if algorithm not in HEX_DIGITS or len(digest) != HEX_DIGITS[algorithm]:
            return False
        return digest_of(descriptor, Checksum(algorithm, digest), stop) == digest

    def adopt(self, part: Path, descriptor: int, key: str, about: Mapping[str, object]) -> None:
        """Make a whole and verified part the content `key`. It is on its way to the disk when this returns.

        `descriptor` is the part's, locked; from now on others may hold what was the part.

        Raises:
            OSError: it cannot be moved.
        """
        path = self.content(key)
        if path.is_dir():
            remove_tree(path)
        part.rename(path)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        record = {
            **about,
            "looks": looks(path),
            "boot": boot_id(),
            "synced": False,
            "fetched": int(time.time()),
        }
        write_record(self.index(key), record)
        threading.Thread(target=self._sync, args=(key, record), name="artifact sync", daemon=True).start()

    def _sync(self, key: str, record: Mapping[str, object]) -> None:
        """See that a content is on the disk, and note it."""
        path = self.content(key)
        with suppress(OSError):
            for each in (path, *path.rglob("*")) if path.is_dir() else (path, path.parent):
                if not each.is_symlink():
                    _fsync(each)
            if looks(path) == record["looks"] == read_record(self.index(key)).get("looks"):
                write_record(self.index(key), {**record, "synced": True})

    def remove(self, key: str) -> None:
        """Take a content away."""
        with suppress(OSError):
            self.index(key).unlink(missing_ok=True)
        remove_tree(self.content(key))

    def point(self, pointer: Path, record: Mapping[str, object]) -> None:
        """Note what an address, a checksum file or a file of this host had.

        Raises:
            StorageError: it cannot be written.
        """
        try:
            write_record(pointer, record)
        except OSError as error:
            raise storage_error("note where the artifact came from", error) from error

    @contextmanager
    def alone(self, key: str, stop: Stop, *, folder: bool = False) -> Iterator[tuple[Path, int]]:
        """The part `key`, which nobody else works on: its path and an open descriptor.

        Raises:
            StorageError: it cannot be made.
            StoppedError: while somebody else worked on it.
        """
        self.ready()
        path = self.part(key)
        descriptor = -1
        try:
            while descriptor < 0:
                descriptor = _locked(path, folder=folder)
                if descriptor < 0:
                    stop.wait(_LOCK_SECONDS)
        except OSError as error:
            raise storage_error(f'write "{path}"', error) from error
        try:
            yield path, descriptor
        finally:
            os.close(descriptor)


def _is_known(record: Mapping[str, object]) -> bool:
    """Whether what was verified once is still on the disk as it was, if it looks so."""
    return record.get("synced") is True or record.get("boot") == boot_id() != ""


def _share(descriptor: int, stop: Stop) -> None:
    """Wait until nobody removes or writes what is open, and keep it so."""
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            stop.wait(_LOCK_SECONDS)
        else:
            return


def _locked(path: Path, *, folder: bool) -> int:
    """An open descriptor of a part that we hold the lock of; -1 when somebody else does."""
    if folder:
        path.mkdir(mode=0o700, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            return -1
    else:
        descriptor = create_private(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass  # held, or made whole in the meantime
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return -1


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


def remove_tree(path: Path) -> None:
    """Remove a file or folder, if it is there and can be."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
