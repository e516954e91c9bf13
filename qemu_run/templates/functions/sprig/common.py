"""What sprig's functions have in common: how they make text, numbers and lists of what they get."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qemu_run.templates.numbers import parse_float, parse_integer
from qemu_run.templates.printing import show_one
from qemu_run.templates.values import Map, NoValue, Slice, Value, described, truth, type_name, wrapped
from qemu_run.templates.work import FunctionError, Work

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation


def is_nothing(value: Value) -> bool:
    """Whether there is no value."""
    return value is None or isinstance(value, NoValue)


def given(values: Iterable[Value]) -> list[Value]:
    """Those that are values."""
    return [value for value in values if not is_nothing(value)]


def text_of(evaluation: "Evaluation", value: Value) -> str:
    """Any value as text."""
    return show_one(value, evaluation.work)


def texts_of(evaluation: "Evaluation", value: Value) -> list[str]:
    """The items of a list as texts, nil left out; of anything else its own text."""
    if is_nothing(value):
        return []
    items = given(value) if isinstance(value, Slice) else [value]
    return [text_of(evaluation, item) for item in items]


def items_of(value: Value, what: str) -> list[Value]:
    """The items of a list.

    Raises:
        FunctionError: it is not a list.
    """
    if isinstance(value, Slice):
        return list(value)
    raise FunctionError(f"{what} wants a list, not a {described(value)}")


def integer(value: Value) -> int:
    """A whole number of whatever it is; 0 where it is none."""
    match value:
        case bool() | int():
            return int(value)
        case float():
            return wrapped(int(value)) if abs(value) < 2**63 else 0
        case str():
            whole, point, zeros = value.partition(".")
            text = whole if point and not zeros.strip("0") and whole else value
            number = parse_integer(text)
            return number if number is not None and -(2**63) <= number < 2**63 else 0
        case _:
            return 0


def floating(value: Value) -> float:
    """A float of whatever it is; 0 where it is none."""
    match value:
        case bool() | int() | float():
            return float(value)
        case str():
            return parse_float(value) or 0.0
        case _:
            return 0.0


def deep_equal(first: Value, second: Value, work: Work) -> bool:
    """Whether two values are of one type and alike in all they hold."""
    work.step()
    if is_nothing(first) or is_nothing(second):
        return is_nothing(first) and is_nothing(second)
    if type_name(first) != type_name(second):
        return False
    if isinstance(first, Slice) and isinstance(second, Slice):
        with work.deeper():
            return len(first) == len(second) and all(
                deep_equal(a, b, work) for a, b in zip(first, second, strict=True)
            )
    if isinstance(first, Map) and isinstance(second, Map):
        with work.deeper():
            return first.keys() == second.keys() and all(
                deep_equal(first[name], second[name], work) for name in first
            )
    return first == second


def has(items: Iterable[Value], value: Value, work: Work) -> bool:
    """Whether one of the items is like the value."""
    return any(deep_equal(item, value, work) for item in items)


def is_empty(value: Value) -> bool:
    """Whether sprig takes a value for none."""
    return not truth(value)
