"""A web server's answer, read by a thread of its own: whoever waits for it can give up at any moment.

No address is believed further than it was given: redirects are followed one by one, never to a file, to
plain http only where a checksum says what must come, and what is secret goes to no other host.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from qemu_run.artifacts.failures import FetchError, StoppedError
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.terms import Patience
from qemu_run.artifacts.web import Answer, TransientError, WebRequest, open_answer
from qemu_run.artifacts.web_failures import explained
from qemu_run.records import mutable

if TYPE_CHECKING:
    import requests

_CHUNK_BYTES = 1 << 20
_CHUNKS_AHEAD = 2
"""Few large pieces: fresh memory for each of many costs more than to receive and to write what is in them."""


def _places(count: int) -> "SimpleQueue[None]":
    """Room for so many: one is taken by `get`, and given back by `put`. Much quicker than a semaphore."""
    room: SimpleQueue[None] = SimpleQueue()
    for _ in range(count):
        room.put(None)
    return room


@mutable
class _Failure:
    error: BaseException


@mutable
class _End:
    pass


_Item = Answer | bytes | _Failure | _End


@mutable
class Stream:
    """One request and its answer."""

    request: WebRequest
    patience: Patience
    stop: Stop
    _items: "SimpleQueue[_Item]" = field(default_factory=SimpleQueue)
    _room: "SimpleQueue[None]" = field(default_factory=lambda: _places(_CHUNKS_AHEAD))
    _given_up: threading.Event = field(default_factory=threading.Event)
    _response: "requests.Response | None" = None

    def __enter__(self) -> "Stream":
        threading.Thread(target=self._read, name="artifact reader", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._given_up.set()
        self._room.put(None)
        self._items.put(_End())
        if self._response is not None:
            with suppress(OSError, ValueError, RuntimeError, AttributeError):
                self._response.raw.shutdown()  # wakes the reader, which closes the rest

    def answer(self) -> Answer:
        """The head of the answer.

        Raises:
            TransientError: it did not come in time, or failed in a way that may pass.
            FetchError: it did not come, and will not.
            StoppedError: all is to end.
        """
        with self._waking():
            item = self._next(self.patience.answer_seconds, "the server does not answer")
        if not isinstance(item, Answer):
            raise TransientError(
                FetchError("the server does not answer", detail=f"from {self.request.printable}")
            )
        return item

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes, in pieces.

        Raises:
            TransientError: it broke off, or is too slow to ever end.
            StoppedError: all is to end.
        """
        floor = _Floor(self.patience, self.request.printable)
        with self._waking():
            while isinstance(item := self._next(self.patience.stall_seconds, "the download stalls"), bytes):
                self._room.put(None)
                floor.passed(len(item))
                yield item

    def _waking(self) -> AbstractContextManager[None]:
        """Whoever waits here is woken when all is to end."""
        return self.stop.waking(lambda: self._items.put(_End()))

    def _next(self, seconds: float, late: str) -> _Item:
        """The next thing that came; waits at most some seconds for it."""
        try:
            item = self._items.get(timeout=seconds)
        except Empty:
            summary = f"{late}: nothing came for {seconds:g}s"
            failure = FetchError(summary, detail=f"from {self.request.printable}")
            raise TransientError(failure, cost=2) from None
        self.stop.check()
        if isinstance(item, _Failure):
            raise item.error
        return item

    def _read(self) -> None:
        """The reader's thread."""
        try:
            with open_answer(self.request, self.patience.connect_seconds, self.patience.stall_seconds) as (
                answer,
                response,
            ):
                self._response = response
                self._items.put(answer)
                while not self._given_up.is_set():
                    chunk = response.raw.read1(_CHUNK_BYTES, decode_content=False)
                    if not chunk:
                        break
                    self._room.get()
                    self._items.put(chunk)
            self._items.put(_End())
        except (FetchError, TransientError, StoppedError) as error:
            self._items.put(_Failure(error))
        except Exception as error:  # noqa: BLE001  # whatever a server can make a library throw
            self._items.put(_Failure(explained(error, self.request)))


class _Floor:
    """Notices a body that comes so slowly that it never ends."""

    def __init__(self, patience: Patience, where: str) -> None:
        from time import monotonic

        self._now = monotonic
        self._patience = patience
        self._where = where
        self._since = monotonic()
        self._bytes = 0

    def passed(self, count: int) -> None:
        """Count bytes; raise TransientError when too few came in the time that is over."""
        self._bytes += count
        seconds = self._now() - self._since
        if seconds < self._patience.floor_seconds:
            return
        if self._bytes < self._patience.floor_bytes:
            summary = f"the download is too slow: {self._bytes} bytes in {seconds:.0f}s"
            raise TransientError(FetchError(summary, detail=f"from {self._where}"), cost=self._patience.tries)
        self._since, self._bytes = self._now(), 0


def read_small(request: WebRequest, limit_bytes: int, patience: Patience, stop: Stop) -> tuple[bytes, str]:
    """A small body and the address it came from in the end.

    Raises:
        FetchError: it did not come, or is larger than `limit_bytes`.
    """
    try:
        with Stream(request, patience, stop) as stream:
            answer = stream.answer()
            body = bytearray()
            for chunk in stream.chunks():
                body += chunk
                if len(body) > limit_bytes:
                    raise FetchError(
                        f"it is larger than {limit_bytes >> 20} MiB", detail=f"from {answer.printable}"
                    )
    except TransientError as error:
        raise error.failure from error
    if answer.length is not None and len(body) < answer.length:
        raise FetchError(f"it broke off: {len(body)} of {answer.length} bytes came")
    return bytes(body), answer.url
