"""Watching a console for patterns: line by line, in bounded memory and linear time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from qemu_run.control_codes import ControlFilter
from qemu_run.golang.regexps import compile_regexp
from qemu_run.records import record

if TYPE_CHECKING:
    import re2

_LONGEST_LINE = 1 << 14
_OVERLAP = 1 << 10
"""Of a line that is longer, what is looked at once more with what follows."""


@record
class Seen:
    """A line that a pattern was looking for."""

    pattern: str
    line: str


class ConsoleWatch:
    """Looks for patterns in what one guest says."""

    def __init__(self, patterns: Sequence[str], of_whole_lines: Sequence[str] = ()) -> None:
        """Begin to watch; patterns `of_whole_lines` are never looked for in a line that has not ended.

        Raises:
            ValueError: a pattern is not a regular expression of RE2.
        """
        self._patterns = {pattern: compile_regexp(pattern) for pattern in patterns}
        self._of_whole_lines = {pattern: compile_regexp(pattern) for pattern in of_whole_lines}
        self._clean = ControlFilter("nothing")
        self._line = ""
        self._told: set[str] = set()
        """The patterns that this line has shown already."""

    def feed(self, data: bytes) -> Iterator[Seen]:
        """What the lines that end in `data` show of the patterns."""
        text = self._clean(data).decode("utf-8", "replace").replace("\r", "\n")
        *whole, rest = text.split("\n")
        for part in whole:
            yield from self._look(self._line + part, self._patterns)
            yield from self._look(self._line + part, self._of_whole_lines)
            self._line, self._told = "", set()
        self._line += rest
        if len(self._line) > _LONGEST_LINE:
            yield from self.feed_rest()
            self._line = self._line[-_OVERLAP:]

    @property
    def has_rest(self) -> bool:
        """Whether a line has begun and not ended."""
        return bool(self._line)

    def feed_rest(self) -> Iterator[Seen]:
        """What a line that has not ended shows: a prompt, that no more will follow until somebody answers."""
        yield from self._look(self._line, self._patterns)

    def _look(self, line: str, patterns: "Mapping[str, re2._Regexp[str]]") -> Iterator[Seen]:
        if not line:
            return
        for pattern, expression in patterns.items():
            if pattern not in self._told and expression.search(line):
                self._told.add(pattern)
                yield Seen(pattern, line.strip()[:_OVERLAP])
