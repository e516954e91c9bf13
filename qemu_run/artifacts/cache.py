"""Verified contents, kept by their digest and found again at no cost.

    {cache}/             0700
      content/{key}      a file, or the folder that an archive was unpacked to
      index/{key}        what is known of it, in JSON: how it looked when verified, where it came from
      urls/{hash}        which content an address had, and how to ask whether it has another
      parts/{key}        what is being fetched or unpacked, locked by whoever does it; renamed when whole

A key is `ALGORITHM-DIGEST`, with `.KIND` for what was unpacked from it. Nobody waits for a disk: content
counts as verified until the host is booted anew, and for good once it is known to be on the disk.
"""

import hashlib
import os
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from qemu_run.artifacts.contents import digest_of_tree, has_digest_of, looks, remove_tree, sync
from qemu_run.artifacts.failures import storage_error, storing_error
from qemu_run.artifacts.folders import boot_id, private_folder, read_record, write_record
from qemu_run.artifacts.locks import AGAIN_SECONDS, let_share, made_alone, share
from qemu_run.artifacts.stop import Stop
from qemu_run.records import mutable

_ROOMS = ("content", "index", "urls", "parts")
_TREE = "tree"
"""The digest of all that is in a folder, in the record about it."""


@mutable(kw_only=True)
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
            for folder in (self.folder, *(self.folder / name for name in _ROOMS)):
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
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise storage_error(f'read "{path}"', error) from error
        try:
            share(descriptor, stop)
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
        if not is_same or anew:
            tree = self._proof(key, record, descriptor, stop, is_same=is_same)
            if tree is None:
                self.remove(key)
                return None
            is_old_boot = record.get("boot") != boot_id()
            synced = bool(record) and (is_old_boot or (is_same and record.get("synced") is True))
            record = {**record, **tree, "looks": now, "boot": boot_id(), "synced": synced}
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

    def _proof(
        self, key: str, record: Mapping[str, object], descriptor: int, stop: Stop, *, is_same: bool
    ) -> Mapping[str, object] | None:
        """What to note of a content that is right by its bytes; None when it is not.

        A file has the digest that it is named by; a folder the one that was noted when it looked as it does
        now, or, if none was, gets it now.
        """
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return {} if has_digest_of(key, descriptor, stop) else None
        noted = record.get(_TREE)
        if noted is None and not is_same:
            return None
        with suppress(OSError):  # what cannot be read is as good as gone
            tree = digest_of_tree(self.content(key), stop)
            return {_TREE: tree} if noted in {None, tree} else None
        return None

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
        let_share(descriptor)
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
        """See that a content is on the disk, and note it; then, what all of a folder hashes to."""
        path, looked = self.content(key), record["looks"]
        with suppress(OSError):
            sync(path)
            self._note(key, looked, {"synced": True})
            if path.is_dir():
                self._note(key, looked, {_TREE: digest_of_tree(path, Stop())})

    def _note(self, key: str, looked: object, more: Mapping[str, object]) -> None:
        """Note more of a content, if it still looks as it did."""
        record = read_record(self.index(key))
        if looks(self.content(key)) == looked == record.get("looks"):
            write_record(self.index(key), {**record, **more})

    def remove(self, key: str) -> None:
        """Take a content away."""
        with suppress(OSError):
            self.index(key).unlink(missing_ok=True)
        remove_tree(self.content(key))

    def point(self, pointer: Path, record: Mapping[str, object]) -> None:
        """Note what an address, a checksum file or a file of this host had, unless that is known.

        Raises:
            StorageError: it cannot be written.
        """
        if read_record(pointer) == record:  # a cache that is filled may be one to read only
            return
        try:
            write_record(pointer, record)
        except OSError as error:
            raise storing_error("note where the artifact came from", error) from error

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
                descriptor = made_alone(path, folder=folder)
                if descriptor < 0:
                    stop.wait(AGAIN_SECONDS)
        except OSError as error:
            raise storage_error(f'write "{path}"', error) from error
        try:
            yield path, descriptor
        finally:
            os.close(descriptor)


def _is_known(record: Mapping[str, object]) -> bool:
    """Whether what was verified once is still on the disk as it was, if it looks so."""
    return record.get("synced") is True or record.get("boot") == boot_id() != ""
