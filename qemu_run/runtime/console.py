"""What guests say: read as fast as they say it, written to where a person or a program reads."""

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable

from qemu_run.runtime.control_codes import ControlFilter

_CHUNK_BYTES = 1 << 16
_DRAIN_SECONDS = 2.0
_KEPT_LINES = 50


class ConsoleOutput:
    """Standard output, shared by the guests of a run.

    A single guest's text goes out as it comes. Of several guests only whole lines go out, each with
    its task's name before it. Control sequences stay behind; colours pass to a terminal.
    """

    def __init__(self, descriptor: int, *, prefixed: bool) -> None:
        self._descriptor = descriptor
        self._prefixed = prefixed
        self._is_terminal = os.isatty(descriptor)
        self._lock = threading.Lock()
        self.at_line_start = True

    def writer(self, name: str) -> Callable[[bytes], None]:
        """What one guest's reader calls with bytes; with `b""` at its end."""
        clean = ControlFilter(keep_colours=self._is_terminal)
        pending = bytearray()

        def write_text(data: bytes) -> None:
            self._write(clean(data))

        def write_lines(data: bytes) -> None:
            pending.extend(clean(data))
            whole, newline, rest = bytes(pending).rpartition(b"\n")
            if not data and rest:
                whole, newline, rest = bytes(pending), b"\n", b""
            if newline:
                del pending[: len(pending) - len(rest)]
                prefix = name.encode() + b"  "
                self._write(b"".join(prefix + line + b"\n" for line in whole.split(b"\n")))

        return write_lines if self._prefixed else write_text

    def interrupted(self) -> None:
        """Ctrl-C: a terminal has written `^C` wherever its cursor was."""
        self.at_line_start = False

    def end_line(self) -> None:
        """Begin a new line, if a guest has left one unfinished."""
        if not self.at_line_start:
            self._write(b"\r\n")

    def _write(self, data: bytes) -> None:
        with self._lock, contextlib.suppress(BrokenPipeError):
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            if data:
                self.at_line_start = data.endswith(b"\n")


class Reader:
    """A thread that reads a descriptor to its end and hands on what came.

    A thread, so that a reader of ours that stalls (a paused pager, a slow terminal) holds up the
    guest's output but never our hearing of signals.
    """

    def __init__(self, descriptor: int, write: Callable[[bytes], None]) -> None:
        self._descriptor = os.dup(descriptor)
        self._write = write
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._descriptor, _CHUNK_BYTES):
                self._write(data)
        self._write(b"")

    def finish(self) -> None:
        """Wait until all has been handed on, but not for ever: whoever reads us may have stopped reading."""
        self._thread.join(_DRAIN_SECONDS)
        if not self._thread.is_alive():
            os.close(self._descriptor)


class MachineWords:
    """QEMU's own words on its standard error: kept, and passed on line by line once the guest runs."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._partial = b""
        self._lock = threading.Lock()
        self._held: list[str] | None = []
        self._kept: deque[str] = deque(maxlen=_KEPT_LINES)

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines so far."""
        with self._lock:
            return tuple(self._kept)

    def write(self, data: bytes) -> None:
        """Take bytes; `b""` is the end."""
        *whole, self._partial = (self._partial + data).split(b"\n")
        if not data and self._partial:
            whole, self._partial = [self._partial], b""
        for line in whole:
            self._line(line.decode("utf-8", "replace").rstrip())

    def _line(self, line: str) -> None:
        with self._lock:
            self._kept.append(line)
            if self._held is not None:
                self._held.append(line)
                return
        self._say(line)

    def release(self) -> None:
        """The machine stands: what was held back is said, and the rest as it comes."""
        with self._lock:
            held, self._held = self._held or [], None
        for line in held:
            self._say(line)
