"""Functions of sprig for numbers. They take anything for a number; what is none is 0.

Source: sprig's documentation.
"""

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import reduce
from typing import TYPE_CHECKING

from qemu_run.templates.declare import Functions, pure, working
from qemu_run.templates.functions.arithmetic import quotient, remainder
from qemu_run.templates.functions.sprig.common import floating, integer, text_of
from qemu_run.templates.functions.sprig.lists import numbers
from qemu_run.templates.numbers import parse_integer
from qemu_run.templates.values import Int64, Value, wrapped
from qemu_run.templates.work import FunctionError

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation

_EXACT = Context(prec=800)
"""Room for any two floats, digit by digit."""
_QUOTIENT_DIGITS = Decimal(1).scaleb(-16)


def _whole(operation: Callable[[int, int], int], start: int | None = None) -> Callable[..., Int64]:
    def calculate(*values: Value) -> Int64:
        given = [integer(value) for value in values]
        given = given if start is None else [start, *given]
        return Int64(wrapped(reduce(lambda a, b: wrapped(operation(a, b)), given)))

    return calculate


def _decimal(
    operation: Callable[[Decimal, Decimal], Decimal], start: int | None = None
) -> Callable[..., float]:
    def calculate(*values: Value) -> float:
        given = [floating(value) for value in values]
        if not all(map(math.isfinite, given)):
            raise FunctionError("finite numbers are wanted")
        decimals = [Decimal(repr(value)) for value in given]
        decimals = decimals if start is None else [Decimal(start), *decimals]
        with localcontext(_EXACT):
            return float(reduce(operation, decimals)) + 0.0  # never a negative zero

    return calculate


def _divided(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise FunctionError("a number cannot be divided by zero")
    return (left / right).quantize(_QUOTIENT_DIGITS, rounding=ROUND_HALF_UP)


def _extreme(choose: Callable[[float, float], float]) -> Callable[..., float]:
    return lambda *values: reduce(choose, map(floating, values))


def _rounded(value: Value, places: int, *on: float) -> float:
    """As sprig rounds: what is negative always goes down."""
    number, limit = floating(value), on[0] if on else 0.5
    if not math.isfinite(number):
        return number
    if not -300 <= places <= 300:
        raise FunctionError(f"{places} places are too many")
    power = 10.0**places
    digit = number * power
    if not math.isfinite(digit):
        return number
    return (math.ceil(digit) if math.modf(digit)[0] >= limit else math.floor(digit)) / power


def _towards(function: Callable[[float], int]) -> Callable[[Value], float]:
    def rounded(value: Value) -> float:
        number = floating(value)
        return float(function(number)) if math.isfinite(number) else number

    return rounded


def _sequence(evaluation: "Evaluation", *bounds: int) -> str:
    match bounds:
        case ():
            return ""
        case (end,):
            start, step = 1, -1 if end < 1 else 1
        case (start, end):
            step = -1 if end < start else 1
        case (start, step, end):
            pass
        case _:
            return ""
    items = numbers(evaluation, start, end + (1 if step > 0 else -1), step)
    text = " ".join(map(str, items))
    evaluation.work.text(len(text))
    return text


def _octal(evaluation: "Evaluation", value: Value) -> Int64:
    number = parse_integer(text_of(evaluation, value), 8)
    return Int64(number if number is not None and -(2**63) <= number < 2**63 else 0)


def _atoi(text: str) -> int:
    number = parse_integer(text, 10)
    return number if number is not None and -(2**63) <= number < 2**63 else 0


FUNCTIONS: Functions = {
    "add": pure("...any", _whole(lambda a, b: a + b, 0)),
    "add1": pure("any", _whole(lambda a, b: a + b, 1)),
    "add1f": pure("any", _decimal(lambda a, b: a + b, 1)),
    "addf": pure("...any", _decimal(lambda a, b: a + b, 0)),
    "atoi": pure("string", _atoi),
    "biggest": pure("any, ...any", _whole(max)),
    "ceil": pure("any", _towards(math.ceil)),
    "div": pure("any, any", _whole(quotient)),
    "divf": pure("any, ...any", _decimal(_divided)),
    "float64": pure("any", floating),
    "floor": pure("any", _towards(math.floor)),
    "int": pure("any", integer),
    "int64": pure("any", lambda value: Int64(integer(value))),
    "max": pure("any, ...any", _whole(max)),
    "maxf": pure("any, ...any", _extreme(max)),
    "min": pure("any, ...any", _whole(min)),
    "minf": pure("any, ...any", _extreme(min)),
    "mod": pure("any, any", _whole(remainder)),
    "mul": pure("any, ...any", _whole(lambda a, b: a * b)),
    "mulf": pure("any, ...any", _decimal(lambda a, b: a * b)),
    "round": pure("any, int, ...float64", _rounded),
    "seq": working("...int", _sequence),
    "sub": pure("any, any", _whole(lambda a, b: a - b)),
    "subf": pure("any, ...any", _decimal(lambda a, b: a - b)),
    "toDecimal": working("any", _octal),
}
