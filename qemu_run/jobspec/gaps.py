"""What mistakes left out of a job file that was read, so that what only follows from them is not told."""

from collections.abc import Iterable
from dataclasses import field

from qemu_run.errors import Diagnostic, Diagnostics
from qemu_run.records import mutable
from qemu_run.source import Span


@mutable
class Gaps:
    """Grows while a file is read; empty for one without mistakes."""

    headers: set[Span] = field(default_factory=set)
    """The blocks that lack something: where one thing is missing another may seem to be."""
    names: set[str] = field(default_factory=set)
    """The names of blocks that were left out: what refers to them is not at fault."""
    places: list[Span] = field(default_factory=list)
    """What mistakes were told of."""

    def __bool__(self) -> bool:
        """Whether anything was left out."""
        return bool(self.headers or self.names or self.places)

    def note(self, errors: Iterable[Diagnostic]) -> None:
        """Note where the mistakes of reading are."""
        self.places += [error.span for error in errors if error.span is not None]

    def without_consequences(self, found: Diagnostics) -> list[Diagnostic]:
        """Of what rules found in the rest of a job: all that does not follow from a gap."""
        if not self:
            return found.items
        return [item for item in found.items if item.span is None or not self._explains(item.span)]

    def _explains(self, span: Span) -> bool:
        if span in self.headers or span.text.strip('"') in self.names:
            return True
        return any(
            place.start < span.end and span.start < place.end and place.source == span.source
            for place in self.places
        )
