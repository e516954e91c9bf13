"""Watching a console for patterns: line by line, in bounded memory and linear time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from qemu_run.control_codes import ControlFilter
from qemu_run.golang.regexps import compile_regexp
from qemu_run.records import record

_LONGEST_LINE = 1 << 14
_OVERLAP = 1 << 10
"""Of a line that is longer, what is looked at once more with what follows."""


_WIDEST = 512
"""Columns of a terminal. In a longer line nothing is written over: each move would have it looked at anew."""
_NO_MOVE = re.compile(r"\x1b\[[0-9;:]*[@-GI-eg-~]|[\x07\x08\x0b\x0c]")
"""What changes nothing of where words stand: colours, bells."""
_MOVE = re.compile(r"\x1b\[(?:[0-9]{0,4}(?:;(?P<column>[0-9]{0,4}))?[Hf]|[0-9;:]*[Hf])")
"""What brings the cursor to a column, the first where it says none."""
_CLEARED, _HOME = "\x1b[2J", "\x1b[H"


class _Expression(Protocol):
    """A regular expression, whoever compiled it."""

    def search(self, text: str, /) -> object: ...


@record
class Seen:
    """A line that a pattern was looking for."""

    pattern: str
    line: str


class ConsoleWatch:
    """Looks for patterns in what one guest says."""

    def __init__(self, patterns: Sequence[str], of_whole_lines: Sequence[str] = ()) -> None:
        """Begin to watch.

        Args:
            patterns: What somebody asked for, looked for also in a line that has not ended.
            of_whole_lines: Patterns of our own, which Python's `re` finds in linear time as well: the library
                for those of others is a tenth of what a run needs in memory.

        Raises:
            ValueError: one of `patterns` is not a regular expression of RE2.
        """
        self._patterns = {pattern: compile_regexp(pattern) for pattern in patterns}
        self._of_whole_lines = {pattern: re.compile(pattern) for pattern in of_whole_lines}
        self._clean = ControlFilter("moves")
        self._line = ""
        self._told: set[str] = set()
        """The patterns that this line has shown already."""

    def feed(self, data: bytes) -> Iterator[Seen]:
        """What the lines that end in `data` show of the patterns."""
        text = self._clean(data).decode("utf-8", "replace").replace("\r", "\n")
        text = _NO_MOVE.sub("", text.replace(_CLEARED, _HOME))
        moves = "\x1b" in text
        *whole, rest = text.split("\n")
        for part in whole:
            if moves:
                yield from self._go_on(part)
            else:
                self._line += part
            yield from self._end_line()
        if moves:
            yield from self._go_on(rest)
        else:
            self._line += rest
        if len(self._line) > _LONGEST_LINE:
            yield from self.feed_rest()
            self._line = self._line[-_OVERLAP:]

    def _go_on(self, text: str) -> Iterator[Seen]:
        """Let the line go on as a terminal shows it: what the cursor goes back to is written over.

        Firmware does so on a busy host: SeaBIOS sends a letter of a line twice, and the cursor back; that of
        UEFI leaves a line where it is, and clears the screen.
        """
        begun = 0
        for found in _MOVE.finditer(text):
            self._line += text[begun : found.start()]
            begun = found.end()
            column = int(found["column"] or 1)
            if column <= 1 or len(self._line) > _WIDEST:
                yield from self._end_line()
            elif column <= len(self._line):
                yield from self._look(self._line, self._patterns)
                self._line = self._line[: column - 1]
        self._line += text[begun:]

    def _end_line(self) -> Iterator[Seen]:
        yield from self._look(self._line, self._patterns)
        yield from self._look(self._line, self._of_whole_lines)
        self._line, self._told = "", set()

    @property
    def has_rest(self) -> bool:
        """Whether a line has begun and not ended."""
        return bool(self._line)

    def feed_rest(self) -> Iterator[Seen]:
        """What a line that has not ended shows: a prompt, that no more will follow until somebody answers."""
        yield from self._look(self._line, self._patterns)

    def _look(self, line: str, patterns: Mapping[str, _Expression]) -> Iterator[Seen]:
        if not line:
            return
        for pattern, expression in patterns.items():
            if pattern not in self._told and expression.search(line):
                self._told.add(pattern)
                yield Seen(pattern, line.strip()[:_OVERLAP])
