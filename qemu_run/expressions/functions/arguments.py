"""What functions ask of their arguments beyond a type."""

from qemu_run.expressions.numbers import number_text
from qemu_run.expressions.scope import Parameter
from qemu_run.expressions.types import BOOL, DYNAMIC, NUMBER, STRING, ListType
from qemu_run.expressions.values import ExpressionError, Number, Value, describe

LARGEST_INT = 2**63 - 1


def string(name: str = "str") -> Parameter:
    """A parameter that takes a string."""
    return Parameter(name, STRING)


def number(name: str) -> Parameter:
    """A parameter that takes a number."""
    return Parameter(name, NUMBER)


def anything(name: str) -> Parameter:
    """A parameter that takes a value of any type, but not null."""
    return Parameter(name, DYNAMIC)


def strings(name: str) -> Parameter:
    """A parameter that takes a list of strings."""
    return Parameter(name, ListType(STRING))


def flag(name: str) -> Parameter:
    """A parameter that takes true or false."""
    return Parameter(name, BOOL)


def whole(value: Number, argument: int | None = None) -> int:
    """A number as an integer of 64 bits.

    Raises:
        ExpressionError: when it has a fraction or is too large.
    """
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        msg = "infinity is not a whole number"
        raise ExpressionError(msg, argument)
    if value != int(value):
        raise ExpressionError(f"a whole number is wanted, not {number_text(value)[:40]}", argument)
    if not -LARGEST_INT - 1 <= value <= LARGEST_INT:
        msg = "the number is too large"
        raise ExpressionError(msg, argument)
    return int(value)


def wrong(wanted: str, value: Value, argument: int | None = None) -> ExpressionError:
    """The failure of an argument that is of the wrong kind."""
    return ExpressionError(f"{wanted} is wanted, not {describe(value)}", argument)
