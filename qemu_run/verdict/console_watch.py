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
        """Begin to watch; patterns `of_whole_lines` wait for the end of their line, to tell it whole.

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
        """What `data` shows of the patterns; an unfinished line is looked at as far as it goes."""
        text = self._clean(data).decode("utf-8", "replace").replace("\r", "\n")
        *whole, rest = text.split("\n")
        for part in whole:
            yield from self._look(self._line + part, self._patterns)
            yield from self._look(self._line + part, self._of_whole_lines)
            self._line, self._told = "", set()
        if rest:
            self._line += rest
            yield from self._look(self._line, self._patterns)
            if len(self._line) > _LONGEST_LINE:
                self._line = self._line[-_OVERLAP:]

    def _look(self, line: str, patterns: "Mapping[str, re2._Regexp[str]]") -> Iterator[Seen]:
        if not line:
            return
        for pattern, expression in patterns.items():
            if pattern not in self._told and expression.search(line):
                self._told.add(pattern)
                yield Seen(pattern, line.strip()[:_OVERLAP])
