"""Durations that are written as numbers: nanoseconds, which is hardly ever what is meant."""

from qemu_run.errors import Diagnostics
from qemu_run.expressions.values import Value, is_number
from qemu_run.golang.durations import UNITS, format_duration
from qemu_run.jobspec.schema.words import Attribute, Kind
from qemu_run.syntax import nodes

LONG_ENOUGH = UNITS["ms"]
"""From here on a number may be meant as nanoseconds."""


def warn_of_nanoseconds(
    node: nodes.Attribute, attribute: Attribute, value: Value, diagnostics: Diagnostics
) -> None:
    """Warn where `value`, for a duration, is a number other than 0, and say how to write it with a unit."""
    if attribute.kind is not Kind.DURATION or not is_number(value) or value == 0:
        return
    nanoseconds = int(value)
    long = abs(nanoseconds) >= LONG_ENOUGH
    written = format_duration(nanoseconds) if long else f"{nanoseconds}s"
    meaning = (
        format_duration(nanoseconds) if long else f"{nanoseconds} nanosecond{'' if nanoseconds == 1 else 's'}"
    )
    diagnostics.warning(
        f'"{attribute.name}" is {meaning}',
        node.expression.span,
        "a number without a unit counts nanoseconds",
        hints=(f'write {attribute.name} = "{written}"',),
    )
