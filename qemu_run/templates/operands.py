"""What operands come to: number literals, the items of a range, arguments counted.

Source: Go's package text/template (`exec.go`).
"""

from collections.abc import Iterator

from qemu_run.templates.declare import GoFunction, fitted
from qemu_run.templates.nodes import Number
from qemu_run.templates.values import (
    NO_VALUE,
    Byte,
    Channel,
    Int64,
    Map,
    NoValue,
    Slice,
    Uint32,
    Value,
    described,
    in_order,
)
from qemu_run.templates.work import FunctionError

_INTEGERS: dict[str, type[int]] = {"int": int, "int64": Int64}
_UNSIGNED: dict[str, type[int]] = {"uint32": Uint32, "uint8": Byte}


def check_count(function: GoFunction, name: str, count: int) -> None:
    """See that a function gets as many arguments as it takes.

    Raises:
        FunctionError: it does not.
    """
    least = function.least
    if function.is_variadic:
        if count < least:
            raise FunctionError(f'"{name}" wants {least} arguments or more, not {count}')
    elif count != least:
        plural = "argument" if least == 1 else "arguments"
        raise FunctionError(f'"{name}" wants {least} {plural}, not {count}')


def items_of_range(value: Value, variables: int) -> Iterator[tuple[Value, Value]]:
    """What a range goes through: index and item."""
    match value:
        case bool():
            pass
        case int():
            if variables > 1:
                raise FunctionError("a range over a number has one variable")
            kind = type(value)
            yield from ((NO_VALUE, kind(number)) for number in range(int(value)))
            return
        case Slice() | Channel():
            yield from enumerate(value)
            return
        case Map():
            yield from ((name, value[name]) for name in in_order(value) if name in value)
            return
        case NoValue() | None:
            return
        case _:
            pass
    raise FunctionError(f"a {described(value)} cannot be ranged over")


def plain_number(number: Number) -> Value:
    """The type that a number literal has by itself."""
    if number.complex_ is not None:
        return number.complex_
    raw = number.raw
    is_hexadecimal = raw[:2].lower() == "0x" and not any(mark in raw for mark in "pP")
    if (
        number.floating is not None
        and not is_hexadecimal
        and raw[0] != "'"
        and any(m in raw for m in ".eEpP")
    ):
        return number.floating
    if number.integer is None:
        raise FunctionError(f"{raw} is too large")
    return number.integer


def number_as(number: Number, type_: str) -> Value:
    """A number literal in the type a parameter wants."""
    if type_ in _INTEGERS and number.integer is not None:
        return _INTEGERS[type_](number.integer)
    if type_ in _UNSIGNED and number.unsigned is not None:
        return _UNSIGNED[type_](number.unsigned)
    if type_ == "float64" and number.floating is not None:
        return number.floating
    return fitted(plain_number(number), type_)
