"""Standard error as a place for lines: styled and wrapped on a terminal, elsewhere plain and whole."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from qemu_run.control_codes import clean
from qemu_run.terminal import runner
from qemu_run.terminal.cursor import Cursor, is_ready
from qemu_run.terminal.styles import STYLES, styled
from qemu_run.terminal.wrapping import Piece, Whole, changed, plain, width_of, wrapped

if TYPE_CHECKING:
    from rich.console import Console

_PATIENCE_SECONDS = 0.5
"""How long a message of a run waits for a reader that does not read; then it is left out."""


def _clean(text: str) -> str:
    return runner.harmless(clean(text)) if runner.is_listening() else clean(text)


class Screen:
    """A stream that lines are written to. A line that cannot be written changes nothing."""

    def __init__(self, stream: TextIO | None = None, cursor: Cursor | None = None) -> None:
        self._stream = stream or sys.stderr
        self._cursor = cursor
        """Of the terminal that it shares with guests, if it does."""

    @cached_property
    def is_terminal(self) -> bool:
        """Whether a person looks at it."""
        return self._stream.isatty() and os.environ.get("TERM") != "dumb"

    @cached_property
    def is_coloured(self) -> bool:
        """Colour only on a terminal, and not where NO_COLOR asks for none."""
        return self.is_terminal and not os.environ.get("NO_COLOR")

    @cached_property
    def console(self) -> "Console":
        """The rich console for this stream, where bars move."""
        from rich.console import Console

        return Console(file=self._stream, highlight=False, soft_wrap=True, emoji=False, markup=False)

    @property
    def width(self) -> int:
        """Columns; 80 where nobody can say."""
        return self.console.width if self.is_terminal else 80

    @property
    def columns(self) -> int:
        """Columns at this moment; 0 where lines are left whole."""
        return width_of(self._stream) if self.is_terminal else 0

    def line(self, *pieces: Piece) -> None:
        """Write one line, its words cleaned of control characters."""
        self._put([changed(each, _clean) for each in pieces])

    def command(self, text: str) -> None:
        """Write one line that is meant for the runner of a CI job."""
        self._put([Whole(clean(text))])

    def _put(self, cleaned: Sequence[Piece]) -> None:
        with self._alone(), suppress(OSError, ValueError):
            if self._cursor is None or is_ready(self._stream.fileno(), _PATIENCE_SECONDS):
                self._write(cleaned)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes meanwhile, and the line begins at the left."""
        if self._cursor is None:
            yield
            return
        with self._cursor.lock:
            if self._cursor.line_is_open:
                with suppress(OSError, ValueError):
                    self._stream.write("\r\n" if self.is_terminal else "\n")
            yield
            self._cursor.at_line_start = True

    def _write(self, pieces: Sequence[Piece]) -> None:
        lines = (self._drawn(line) + "\n" for line in wrapped(pieces, self.columns))
        self._stream.write("".join(lines))
        self._stream.flush()

    def _drawn(self, pieces: Sequence[Piece]) -> str:
        if not self.is_coloured:
            return plain(pieces)
        return "".join(each if isinstance(each, str) else styled(each[0], STYLES[each[1]]) for each in pieces)
