"""A text with a name, and places in it: every message that points home starts here."""

from bisect import bisect_right
from functools import cached_property

from qemu_run.records import record


@record(slots=False)
class Source:
    """A text that was read from somewhere."""

    name: str
    """What a person calls it: the path as given, `stdin`, or `<value for var.x>`."""
    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        starts.extend(i + 1 for i, character in enumerate(self.text) if character == "\n")
        return starts

    def position(self, offset: int) -> "Position":
        """Line, column and byte of a character offset; an offset past the end means the end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._line_starts, offset)
        start = self._line_starts[line - 1]
        byte = offset if self.text.isascii() else len(self.text[:offset].encode("utf-8", "surrogatepass"))
        return Position(line=line, column=offset - start + 1, byte=byte)

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1, without its line end; empty past the last."""
        if number > len(self._line_starts):
            return ""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> "Span":
        """The text from offset `start` up to, and without, offset `end`."""
        return Span(self, start, end)

    @property
    def whole(self) -> "Span":
        """The place to point at when a mistake is nowhere in particular: the first line's text."""
        return Span(self, 0, len(self.line(1)))


@record
class Position:
    """A place as people count it: from 1; `byte` from 0 in UTF-8."""

    line: int
    column: int
    byte: int


@record
class Span:
    """A stretch of a source: offsets in characters, the end exclusive."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters of the stretch."""
        return self.source.text[self.start : self.end]

    @property
    def first(self) -> Position:
        """Where it starts."""
        return self.source.position(self.start)

    @property
    def last(self) -> Position:
        """Where it ends, exclusive."""
        return self.source.position(self.end)

    def to(self, other: "Span") -> "Span":
        """From the start of this span to the end of `other`, in the same source."""
        return Span(self.source, self.start, max(self.end, other.end))

    def __str__(self) -> str:
        return f"{self.source.name}:{self.first.line}:{self.first.column}"
