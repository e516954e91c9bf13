"""`eq`, `ne`, `lt`, `le`, `gt`, `ge`: Go's basic types compared.

Source: Go's package text/template (`funcs.go`).
"""

from qemu_run.templates.values import Channel, Map, NoValue, Slice, Value, described, to_bytes
from qemu_run.templates.work import FunctionError


def _kind(value: Value) -> str:
    """Which values compare with this one."""
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case complex():
            return "complex"
        case str():
            return "string"
        case _:
            return ""


def _is_nothing(value: Value) -> bool:
    return value is None or isinstance(value, NoValue)


def equal(first: Value, *others: Value) -> bool:
    """Whether the first equals one of the others."""
    if not others:
        raise FunctionError("a second value to compare with is wanted")
    return any(_same(first, other) for other in others)


def _same(first: Value, other: Value) -> bool:
    if _is_nothing(first) or _is_nothing(other):
        return _is_nil(first) and _is_nil(other)
    kind = _kind(first)
    if kind != _kind(other):
        raise FunctionError(f"a {described(first)} and a {described(other)} cannot be compared")
    if kind:
        return bool(first == other)
    if type(first) is not type(other):
        raise FunctionError(f"a {described(first)} and a {described(other)} cannot be compared")
    if _is_nil(first) or _is_nil(other):
        return _is_nil(first) and _is_nil(other)
    if isinstance(first, (Slice, Map)):
        raise FunctionError(f"a {described(first)} cannot be compared")
    return first is other or (not isinstance(first, Channel) and first == other)


def _is_nil(value: Value) -> bool:
    return _is_nothing(value) or (isinstance(value, (Slice, Map)) and value.is_nil)


def unequal(first: Value, other: Value) -> bool:
    """Whether two values differ."""
    return not equal(first, other)


def less(first: Value, other: Value) -> bool:
    """Whether the first comes before the other."""
    for value in (first, other):
        if _kind(value) in {"", "bool", "complex"}:
            raise FunctionError(f"a {described(value)} has no order")
    match first, other:
        case str(), str():
            return to_bytes(first) < to_bytes(other)
        case (int(), int()) | (float(), float()) if _kind(first) == _kind(other):
            return first < other  # type: ignore[operator]
    raise FunctionError(f"a {described(first)} and a {described(other)} cannot be compared")


def less_or_equal(first: Value, other: Value) -> bool:
    """Whether the first does not come after the other."""
    return less(first, other) or equal(first, other)


def greater(first: Value, other: Value) -> bool:
    """Whether the first comes after the other."""
    return not less_or_equal(first, other)


def greater_or_equal(first: Value, other: Value) -> bool:
    """Whether the first does not come before the other."""
    return not less(first, other)
