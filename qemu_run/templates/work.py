"""How much a template may do: counted, not timed, so that the same template always ends the same way."""

from collections.abc import Iterator
from contextlib import contextmanager

from qemu_run.records import record


@record(kw_only=True)
class Limits:
    """What one rendering may use."""

    steps: int = 1_000_000
    """Nodes evaluated, items gone through, and 64 bytes of text for one."""
    text_bytes: int = 4 << 20
    """The rendered text, and each text on the way to it."""
    depth: int = 100
    """Templates in templates, blocks in blocks, lists in lists."""


class TemplateError(Exception):
    """What is wrong with a template, and where in it."""

    def __init__(self, message: str, offset: int = 0, *, length: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        """In characters from the template's beginning."""
        self.length = length
        self.hint = hint
        """What to do now; may be empty."""


class FunctionError(Exception):
    """What a function cannot do with its arguments, in a few words."""


class LimitError(Exception):
    """A template that does too much."""


class Work:
    """Counts what a rendering uses, and stops it at its limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._steps = 0
        self._depth = 0

    def step(self, count: int = 1) -> None:
        """Count some work.

        Raises:
            LimitError: it is too much.
        """
        self._steps += count
        if self._steps > self.limits.steps:
            raise LimitError(f"the template does more than {self.limits.steps:,} steps of work")

    def text(self, length: int) -> None:
        """Count the making of a text of so many characters.

        Raises:
            LimitError: it is too long, or it was too much work.
        """
        if length > self.limits.text_bytes:
            raise LimitError(f"the template makes a text of more than {self.limits.text_bytes >> 20} MiB")
        self.step(length >> 6)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Be one level further in.

        Raises:
            LimitError: that is too deep.
        """
        self._depth += 1
        if self._depth > self.limits.depth:
            raise LimitError(f"the template goes more than {self.limits.depth} levels deep")
        try:
            yield
        finally:
            self._depth -= 1
