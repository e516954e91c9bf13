"""What guests say, on standard output.

On a terminal a single guest's text goes out as it comes; elsewhere, and of several guests, only whole lines
go out, those of several with their task's name before them. Control sequences stay behind.

A reader that is slow slows the guest down, as every pipe does. One that takes nothing at all for a while (a
pager that nobody turns) holds no guest up: what it does not take is kept for it, up to a limit.
"""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from math import inf

from qemu_run.control_codes import ControlFilter, Kept
from qemu_run.terminal import runner
from qemu_run.terminal.backlog import Backlog
from qemu_run.terminal.cursor import Cursor, is_ready
from qemu_run.terminal.styles import TASK_COLOURS, styled

_PIECE_BYTES = 4096
"""What a pipe that is ready to be written to takes without waiting (PIPE_BUF)."""
_LONGEST_LINE = 1 << 16
_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 2.0
"""How long a reader may take nothing before the guests go on without it."""
_GONE = frozenset({errno.EPIPE, errno.EBADF, errno.EIO})
"""Whoever read us has left, or never was."""


class Console:
    """Standard output, shared by the guests of a run."""

    def __init__(
        self,
        descriptor: int,
        cursor: Cursor,
        *,
        prefixed: bool,
        moves: bool = False,
        to_the_runner: bool = False,
    ) -> None:
        """Nothing is written yet.

        Args:
            descriptor: Of standard output.
            cursor: Of the terminal that guests and messages share.
            prefixed: Whether each line begins with its task's name.
            moves: A person types to the guest, whose shell then moves the cursor.
            to_the_runner: The runner of a CI job reads it, and is to take no commands from guests.
        """
        self._descriptor = descriptor
        self._cursor = cursor
        self._prefixed = prefixed
        self._sinks = 0
        self._turn = threading.Lock()
        self.is_terminal = os.isatty(descriptor)
        shows_colours = self.is_terminal and os.environ.get("TERM") != "dumb"
        self._kept: Kept = "colours" if shows_colours else "nothing"
        self._moves = moves and shows_colours
        self._filtered: list[ConsoleSink] = []
        self.failure: OSError | None = None
        """Why nothing more can be written, if it is not that the reader left."""
        self._is_over = False
        self._hurry = threading.Event()
        self._backlog: Backlog | None = None
        self._caught_up = threading.Event()
        self._caught_up.set()
        self._taken = 0
        self.unread = 0
        """Bytes of the guests' words that the reader did not take."""
        self._token = runner.new_token() if to_the_runner else ""
        self._runner_is_deaf = False

    def typed(self) -> None:
        """Somebody types: from now on the guest may move the cursor, as its firmware may not."""
        if self._moves:
            self._kept = "moves"
            for sink in self._filtered:
                sink.keep("moves")

    def hasten(self) -> None:
        """The run is to end: from now on a reader that does not read holds nothing up."""
        self._hurry.set()

    def sink(self, name: str) -> "ConsoleSink":
        """Where one guest's text goes."""
        self._sinks += 1
        if not self._prefixed:
            sink = ConsoleSink(self._write, self._kept, whole_lines=not self.is_terminal)
            self._filtered.append(sink)
            return sink
        prefix = f"{name}  "
        if self.is_terminal and not os.environ.get("NO_COLOR"):
            prefix = styled(prefix, TASK_COLOURS[self._sinks % len(TASK_COLOURS)])
        return ConsoleSink(self._write, self._kept, whole_lines=True, prefix=prefix.encode())

    def _write(self, data: bytes) -> None:
        """Write one guest's text whole, before another's turn."""
        with self._turn:
            if self._token and not self._runner_is_deaf:
                self._runner_is_deaf = True
                data = runner.deaf(self._token).encode() + data
            if self._backlog is not None:
                self._backlog.put(data)
                return
            with self._failing():
                rest = self._write_all(memoryview(data), _PATIENCE_SECONDS)
            if rest and self._hurry.is_set():
                self.unread += len(rest)
            elif rest:
                self._backlog = Backlog()
                self._backlog.put(bytes(rest))
                self._caught_up.clear()
                threading.Thread(target=self._catch_up, args=(self._backlog,), daemon=True).start()

    def _catch_up(self, backlog: Backlog) -> None:
        """Hand over what was kept, as the reader takes it, until there is no more."""
        rest: memoryview | None = None
        with suppress(OSError):
            while not rest:
                with self._turn:
                    if not (data := backlog.take()):
                        self._end_backlog()  # from here on the reader gets what comes at once
                        return
                with self._failing():
                    rest = self._write_all(memoryview(data))
        with self._turn:
            self._end_backlog(unread=backlog.unread + len(rest) if rest else 0)

    def _end_backlog(self, unread: int = 0) -> None:
        self._backlog = None
        self.unread += unread
        self._caught_up.set()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Remember why nothing more can be written."""
        try:
            yield
        except OSError as error:
            self._is_over = True
            if error.errno not in _GONE:
                self.failure = error
            raise

    def close(self, *, patiently: bool = False) -> None:
        """The guests will say no more, and the runner may take commands again.

        `patiently`: the reader gets what is kept for it, however long it takes; else as long as it reads.
        """
        taken = -1
        while not self._caught_up.wait(None if patiently else _PATIENCE_SECONDS) and taken != self._taken:
            taken = self._taken
        if self._runner_is_deaf or not self._caught_up.is_set():
            self.hasten()  # a reader that does not read has had its time
        self._caught_up.wait()
        if self._runner_is_deaf:
            self._runner_is_deaf = False
            with self._turn, suppress(OSError):
                self._write_all(memoryview(runner.hearing(self._token).encode()))

    def _write_all(self, view: memoryview, patience_seconds: float = inf) -> memoryview:
        """Write as the reader reads, and give back what it did not take in time.

        Our own messages never wait for that: the cursor is theirs meanwhile.
        """
        if self._is_over:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        waited = 0.0
        while view:
            if is_ready(self._descriptor, _LOOK_SECONDS):
                waited = 0.0
                with self._cursor.lock:
                    count = os.write(self._descriptor, view[:_PIECE_BYTES])
                    self._cursor.moved(bytes(view[count - 1 : count]))
                self._taken += count
                view = view[count:]
            elif self._hurry.is_set() or (waited := waited + _LOOK_SECONDS) >= patience_seconds:
                break
        return view


class ConsoleSink:
    """One guest's text on its way to standard output."""

    def __init__(
        self,
        write: Callable[[bytes], None],
        kept: Kept,
        *,
        whole_lines: bool,
        prefix: bytes = b"",
    ) -> None:
        self._out = write
        self._clean = ControlFilter(kept)
        self._whole_lines = whole_lines
        self._prefix = prefix
        self._pending = b""

    def __str__(self) -> str:
        return "standard output"

    def keep(self, kept: Kept) -> None:
        """From now on leave these control sequences in the text."""
        self._clean.kept = kept

    def write(self, data: bytes) -> None:
        """Take what the guest said.

        Raises:
            OSError: standard output takes no more.
        """
        self._pass_on(self._clean(data))

    def close(self) -> None:
        """The guest will say no more; its last line may lack its end."""
        self._pass_on(self._clean(b""))
        if self._pending:
            self._put([self._pending])
            self._pending = b""

    def _pass_on(self, text: bytes) -> None:
        if not text:
            return
        if not self._whole_lines:
            self._out(text)
            return
        text = self._pending + text
        held = b"\r" if text.endswith(b"\r") else b""  # perhaps the first half of a line's end
        *whole, rest = _lines(text[: len(text) - len(held)])
        self._pending = rest + held
        while len(self._pending) > _LONGEST_LINE:
            whole.append(self._pending[:_LONGEST_LINE])
            self._pending = self._pending[_LONGEST_LINE:]
        if whole:
            self._put(whole)

    def _put(self, lines: list[bytes]) -> None:
        """Write whole lines; behind a name, blanks that firmware wipes a line with would make it another."""
        unseen = b"\r " if self._prefix else b"\r"
        self._out(b"".join(self._prefix + line.rstrip(unseen) + b"\n" for line in lines))


def _lines(text: bytes) -> list[bytes]:
    """The lines of a console: what ends in a newline, or is overwritten after a carriage return."""
    return text.replace(b"\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
