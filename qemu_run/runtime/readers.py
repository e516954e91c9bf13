"""Reading what QEMU and its guest say, as fast as they say it."""

import asyncio
import contextlib
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Iterable

from qemu_run.runtime.sinks import Sink

_CHUNK_BYTES = 1 << 16
_FEW_BYTES = 4096
_A_MOMENT_SECONDS = 0.002
"""Firmware and kernels say a byte at a time, and handing on each would cost what handing on a line does."""
_KEPT_LINES = 50
_LONGEST_LINE = 4096
_LAST_WORDS_SECONDS = 2.0
"""How long a reader of ours that does not read holds up the end, once the end was asked for."""


class Reader:
    """A thread that reads descriptors to their ends and hands on what came.

    A thread, so that a reader of ours that stalls (a paused pager, a slow terminal) holds up the
    guest's output but never our hearing of signals.
    """

    def __init__(self, descriptors: Iterable[int], sink: Sink, ended: Callable[[], None]) -> None:
        """Begin to read; `ended` is called on the reader's thread when all has been handed on."""
        self._descriptors = {os.dup(each) for each in descriptors}
        self._sink = sink
        self._ended = ended
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        ready = select.poll()
        for each in self._descriptors:
            ready.register(each, select.POLLIN)
        try:
            data = b""
            while self._descriptors:
                found = ready.poll()
                if len(data) < _FEW_BYTES and not any(event & select.POLLHUP for _, event in found):
                    select.select((), (), (), _A_MOMENT_SECONDS)
                for descriptor, _ in found:
                    if data := _what_came(descriptor):
                        self._sink.write(data)
                    else:
                        ready.unregister(descriptor)
                        self._close(descriptor)
            self._sink.close()
        finally:
            for each in list(self._descriptors):
                self._close(each)
            self._ended()

    def _close(self, descriptor: int) -> None:
        self._descriptors.remove(descriptor)
        os.close(descriptor)


def _what_came(descriptor: int) -> bytes:
    """What can be read now; nothing at the end."""
    try:
        return os.read(descriptor, _CHUNK_BYTES)
    except OSError:
        return b""


class Readers:
    """The readers of one QEMU."""

    def __init__(self) -> None:
        self._ends: list[asyncio.Event] = []

    def read(self, descriptors: Iterable[int], sink: Sink) -> None:
        """Hand on what comes from descriptors, on a thread of its own."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        self._ends.append(ended)

        def tell() -> None:
            with contextlib.suppress(RuntimeError):  # a reader that nobody waits for any more
                loop.call_soon_threadsafe(ended.set)

        Reader(descriptors, sink, tell)

    async def finish(self, asked: asyncio.Event) -> None:
        """Wait until all was handed on; once the end was `asked` for, not longer than a moment each."""
        for ended in self._ends:
            await _either(ended, asked)
            if not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _LAST_WORDS_SECONDS)


async def _either(*events: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


class QemuWords:
    """A sink for QEMU's own words: the last lines are kept, and each is said once the guest runs."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._partial = b""
        self._lock = threading.Lock()
        self._held: deque[str] | None = deque(maxlen=_KEPT_LINES)
        self._kept: deque[str] = deque(maxlen=_KEPT_LINES)

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines so far."""
        with self._lock:
            return tuple(self._kept)

    def write(self, data: bytes) -> None:
        """Take bytes; a line without an end is cut where no message is longer."""
        *whole, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > _LONGEST_LINE:
            whole, self._partial = [*whole, self._partial[:_LONGEST_LINE]], b""
        for line in whole:
            self._line(line)

    def close(self) -> None:
        """The last line may lack its end."""
        if self._partial:
            self._line(self._partial)
            self._partial = b""

    def _line(self, data: bytes) -> None:
        line = data[:_LONGEST_LINE].decode("utf-8", "replace").rstrip()
        with self._lock:
            self._kept.append(line)
            if self._held is not None:
                self._held.append(line)
                return
        self._say(line)

    def release(self) -> None:
        """The guest runs: what was held back is said, and the rest as it comes."""
        with self._lock:
            held, self._held = self._held or (), None
        for line in held:
            self._say(line)
