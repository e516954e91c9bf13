"""Standard error as a place for styled lines: rich on a terminal, the same words plain anywhere else."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TextIO, TypeAlias

if TYPE_CHECKING:
    from rich.console import Console

Piece: TypeAlias = str | tuple[str, str]
"""Text, or text with a rich style."""


def plain(pieces: Sequence[Piece]) -> str:
    """The words of a line without their styles."""
    return "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces)


class Screen:
    """A stream that lines are written to."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self.before_line: Callable[[], None] = lambda: None
        """Called before each line: whoever shares the terminal can end its own line first."""

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
        """The rich console for this stream."""
        from rich.console import Console

        return Console(file=self._stream, highlight=False, soft_wrap=True, emoji=False, markup=False)

    @property
    def width(self) -> int:
        """Columns; 80 where nobody can say."""
        return self.console.width if self.is_terminal else 80

    def line(self, *pieces: Piece) -> None:
        """Write one line."""
        self.before_line()
        if self.is_coloured:
            from rich.text import Text

            self.console.print(Text.assemble(*pieces))
        else:
            self._stream.write(plain(pieces) + "\n")
            self._stream.flush()
