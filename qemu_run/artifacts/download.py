"""Fetch one address into a part of the cache: hashed on the way, resumed where it broke off, tried again."""

import os
import threading
from collections.abc import Callable, Mapping
from errno import EIO
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from qemu_run.artifacts.failures import MAKE_ROOM, FetchError, StoppedError, StorageError, storing_error
from qemu_run.artifacts.folders import boot_id, read_record, write_record
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.stream import Stream
from qemu_run.artifacts.terms import MOST_BYTES, Patience, Progress
from qemu_run.artifacts.web import Answer, TransientError, WebRequest
from qemu_run.artifacts.words import size_in_words
from qemu_run.records import record

if TYPE_CHECKING:
    from hashlib import _Hash

_HASH_BYTES = 1 << 18
"""What is hashed at one time: it fits a processor's cache."""
_WORTH_MORE_TRIES_BYTES = 1 << 20


@record(kw_only=True)
class Download:
    """What to fetch, and within which limits."""

    request: WebRequest
    hasher: "Callable[[], _Hash]"
    stop: Stop
    progress: Progress
    patience: Patience
    most_bytes: int = MOST_BYTES


@record(kw_only=True)
class Received:
    """What came."""

    digest: str
    size_bytes: int
    answer: Answer


def fetch_into(download: Download, part: Path, descriptor: int) -> Received | None:
    """Bring the address into the part that is open as `descriptor`; None when it has not changed.

    What an earlier try left is resumed, if the server still has the same.

    Raises:
        FetchError: it did not come whole.
        StorageError: it cannot be kept.
        StoppedError: all is to end; what came so far stays, for the next time.
    """
    tries, wait, had = 0, download.patience.first_wait_seconds, _size(descriptor)
    while True:
        try:
            return _attempt(download, part, descriptor)
        except TransientError as error:
            if (size := _size(descriptor)) - had >= _WORTH_MORE_TRIES_BYTES:
                tries, wait = 0, download.patience.first_wait_seconds
            had, tries = size, tries + error.cost
            pause = max(wait, error.after_seconds or 0)
            if tries >= download.patience.tries or pause > download.patience.longest_wait_seconds:
                raise _last(error, pause, size) from error
            download.stop.wait(pause)
            wait *= 2
        except OSError as error:
            _empty(descriptor)  # a full disk is not to stay full of it
            raise storing_error("store the artifact", error) from error


def _size(descriptor: int) -> int:
    return os.fstat(descriptor).st_size


def _empty(descriptor: int) -> None:
    """Make a part empty, if it is not.

    Of a file that was cut to nothing, even if it was empty before, ext4 lets no close return before all that
    came later is on its way to the disk: that takes half as long as the download.
    """
    if _size(descriptor):
        os.ftruncate(descriptor, 0)


def _last(error: TransientError, pause: float, kept_bytes: int) -> FetchError:
    """What is said when nothing more is tried."""
    failure = error.failure
    hints = failure.hints
    if error.after_seconds is not None and error.after_seconds >= pause:
        hints = (*hints, f"the server asks to come back in {error.after_seconds:.0f}s")
    if kept_bytes:
        hints = (
            *hints,
            f"{size_in_words(kept_bytes)} are kept: the next run goes on from there if it can",
        )
    return FetchError(failure.summary, detail=failure.detail, hints=hints)


def _note(part: Path) -> Path:
    """What is known of a part: how to ask for the rest of it."""
    return part.with_name(part.name + ".note")


def forget(part: Path) -> None:
    """Remove what is known of a part."""
    _note(part).unlink(missing_ok=True)


def may_go_on(part: Path) -> bool:
    """Whether a part that broke off can be resumed: its server named what to ask for."""
    return bool(read_record(_note(part)).get("validator"))


def _attempt(download: Download, part: Path, descriptor: int) -> Received | None:
    """One request, and its body into the part."""
    start, conditions = _resumption(download, part, descriptor)
    request = _with_conditions(download.request, conditions)
    with Stream(request, download.patience, download.stop) as stream:
        answer = stream.answer()
        if answer.status == 304:
            return None
        if answer.status == 416 or (start and answer.status == 206 and not _continues(answer, start)):
            _empty(descriptor)
            raise TransientError(FetchError("the server has no rest of what came before"))
        if answer.status == 200:
            start = 0
            _empty(descriptor)
        total = None if answer.length is None else start + answer.length
        _check_room(download, answer, total, start, part)
        _write_note(part, download.request.url, answer)
        with _Hashing(download, descriptor) as hashing:
            hashing.follow(start)
            size = _copy(download, stream, descriptor, hashing, (start, total))
    if total is not None and size != total:
        text = f"the download broke off: {size} of {total} bytes came"
        raise TransientError(FetchError(text, detail=f"from {answer.printable}"))
    return Received(digest=hashing.digest(), size_bytes=size, answer=answer)


def _with_conditions(request: WebRequest, conditions: Mapping[str, str]) -> WebRequest:
    from dataclasses import replace

    return replace(request, conditions=conditions) if conditions else request


def _resumption(download: Download, part: Path, descriptor: int) -> tuple[int, Mapping[str, str]]:
    """Where to go on, and the headers that ask for it; a part that cannot be trusted is emptied."""
    size, note = _size(descriptor), read_record(_note(part))
    validator = note.get("validator")
    same = note.get("url") == _hashed(download.request.url) and note.get("boot") == boot_id() != ""
    if size and same and (isinstance(validator, str) and validator):
        return size, {"Range": f"bytes={size}-", "If-Range": validator}
    _empty(descriptor)
    return 0, download.request.conditions


def _hashed(url: str) -> str:
    import hashlib

    return hashlib.sha256(url.encode("utf-8", "surrogateescape")).hexdigest()


def _write_note(part: Path, url: str, answer: Answer) -> None:
    tag = answer.headers.get("etag", "")
    validator = answer.headers.get("last-modified", "") if not tag or tag.startswith("W/") else tag
    write_record(_note(part), {"url": _hashed(url), "validator": validator, "boot": boot_id()})


def _continues(answer: Answer, start: int) -> bool:
    """Whether a partial answer begins where we stopped."""
    return answer.headers.get("content-range", "").replace(" ", "").startswith(f"bytes{start}-")


def _check_room(download: Download, answer: Answer, total: int | None, start: int, part: Path) -> None:
    """Refuse what is too large before a byte of it comes.

    Raises:
        FetchError: larger than it may be.
        StorageError: larger than the room on the disk.
    """
    import shutil

    if total is None:
        return
    if total > download.most_bytes:
        raise _too_large(download, answer.printable, total)
    free = shutil.disk_usage(part.parent).free
    if total - start > free:
        raise StorageError(
            _no_room(total - start, free),
            detail=f"from {answer.printable}\nto   {part.parent.parent}",
            hints=MAKE_ROOM,
        )


def _no_room(needed: int, free: int) -> str:
    """What is said of an artifact that the disk has no room for, sizes told as elsewhere."""
    wanted, there = size_in_words(needed), size_in_words(free)
    less = "a little less is" if there == wanted else f"{there} are"
    return f"the artifact needs {wanted}, and {less} free in the cache's folder"


def _too_large(download: Download, where: str, size: int) -> FetchError:
    limit, seen = size_in_words(download.most_bytes), size_in_words(size, download.most_bytes)
    return FetchError(
        f"the artifact is larger than {limit}" + (f": {seen}" if seen != limit else ""),
        detail=f"from {where}",
        hints=("--max-download SIZE sets another limit",),
    )


def _copy(
    download: Download, stream: Stream, descriptor: int, hashing: "_Hashing", extent: tuple[int, int | None]
) -> int:
    """The body into the file; gives the size that the file then has."""
    size, total = extent
    for chunk in stream.chunks():
        view = memoryview(chunk)
        while view:
            written = os.pwrite(descriptor, view, size)
            size += written
            view = view[written:]
        hashing.follow(size)
        download.progress(size, total)
        if size > download.most_bytes:
            _empty(descriptor)
            raise _too_large(download, stream.request.printable, size)
    return size


class _Hashing:
    """Hashes in a thread of its own what is in a file, while another writes it.

    It is read back, mostly from memory: so its digest is that of the file, and no piece has to wait for it.
    """

    def __init__(self, download: Download, descriptor: int) -> None:
        self._hasher = download.hasher()
        self._stop = download.stop
        self._descriptor = descriptor
        self._offset = 0
        self._buffer = memoryview(bytearray(_HASH_BYTES))
        self._ends: SimpleQueue[int | None] = SimpleQueue()
        self._is_in_vain = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._hash, name="artifact hash", daemon=True)

    def __enter__(self) -> "_Hashing":
        self._thread.start()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._is_in_vain = error is not None
        self._ends.put(None)
        self._thread.join()

    def follow(self, end: int) -> None:
        """Hash the file up to here, where it is written for good."""
        self._ends.put(end)

    def digest(self) -> str:
        """The digest of the file, once all of it was followed.

        Raises:
            StoppedError: all is to end.
            OSError: the file cannot be read back.
        """
        if self._failure is not None:
            raise self._failure
        return self._hasher.hexdigest()

    def _hash(self) -> None:
        try:
            while (end := self._ends.get()) is not None:
                self._hash_to(end)
        except (OSError, StoppedError) as error:
            self._failure = error

    def _hash_to(self, end: int) -> None:
        while self._offset < end and not self._is_in_vain:
            self._stop.check()
            piece = self._buffer[: end - self._offset]
            count = os.preadv(self._descriptor, [piece], self._offset)
            if not count:
                raise OSError(EIO, "it was cut by somebody else")
            self._hasher.update(piece[:count])
            self._offset += count
