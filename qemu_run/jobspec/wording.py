"""Words that several messages share."""

from qemu_run.source import Span


def a(name: str) -> str:
    """A name with its article: `a task`, `an artifact`."""
    return f"an {name}" if name[:1] in "aeio" else f"a {name}"


def first_is(first: Span | None, here: Span | None) -> str:
    """Where the first of two is, said beside the second: `the first is on line 7`."""
    if first is None:
        return "it is given once only"
    if here is not None and first.source == here.source:
        return f"the first is on line {first.first.line}"
    return f"the first is at {first}"
