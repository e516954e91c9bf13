"""consul-template's arithmetic: `subtract 1 5` is 4, for the first argument is what is done to the second.

Source: consul-template's documentation; whole numbers are Go's, of 64 bits and without a remainder.
"""

import math
from collections.abc import Callable

from qemu_run.templates.declare import Functions, pure
from qemu_run.templates.values import Int64, Uint64, Value, described, is_unsigned, wrapped
from qemu_run.templates.work import FunctionError

Operation = Callable[[float, float], float]


def quotient(left: int, right: int) -> int:
    """Division of whole numbers toward zero.

    Raises:
        FunctionError: by zero.
    """
    if right == 0:
        raise FunctionError("a whole number cannot be divided by zero")
    result = abs(left) // abs(right)
    return result if (left < 0) == (right < 0) else -result


def remainder(left: int, right: int) -> int:
    """What division toward zero leaves."""
    return left - right * quotient(left, right)


def float_quotient(left: float, right: float) -> float:
    """Division as IEEE 754 has it."""
    if right:
        return left / right
    if not left or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _number(value: Value) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    hint = ": parseInt or parseFloat makes a number of a string" if isinstance(value, str) else ""
    raise FunctionError(f"a number is wanted, not a {described(value)}{hint}")


def _calculated(
    whole: Callable[[int, int], int], floating: Callable[[float, float], float] | None
) -> Callable[[Value, Value], Value]:
    def calculate(second: Value, first: Value) -> Value:
        left, right = _number(first), _number(second)
        if isinstance(left, int) and isinstance(right, int):
            result = whole(int(left), int(right))
            if is_unsigned(first) and is_unsigned(second):
                return Uint64(result % 2**64)
            return Int64(wrapped(result))
        if floating is None:
            raise FunctionError("whole numbers are wanted")
        try:
            return floating(float(left), float(right))
        except OverflowError:
            return math.inf

    return calculate


FUNCTIONS: Functions = {
    "add": pure("any, any", _calculated(lambda a, b: a + b, lambda a, b: a + b)),
    "subtract": pure("any, any", _calculated(lambda a, b: a - b, lambda a, b: a - b)),
    "multiply": pure("any, any", _calculated(lambda a, b: a * b, lambda a, b: a * b)),
    "divide": pure("any, any", _calculated(quotient, float_quotient)),
    "modulo": pure("any, any", _calculated(remainder, None)),
    "minimum": pure("any, any", _calculated(min, min)),
    "maximum": pure("any, any", _calculated(max, max)),
}
