"""Functions of numbers. `log` and `pow` compute with 53 bits, as Go's math package does."""

import math
import string as alphabets
from collections.abc import Callable
from fractions import Fraction

from qemu_run.expressions.functions.arguments import anything, number, whole, wrong
from qemu_run.expressions.numbers import negate
from qemu_run.expressions.scope import Function
from qemu_run.expressions.values import ExpressionError, Number, Value

DIGITS = alphabets.digits + alphabets.ascii_lowercase + alphabets.ascii_uppercase
LONGEST_NUMBER = 4_000


def absolute(value: Number) -> Number:
    """The number without its sign."""
    return negate(value) if value < 0 else (0 if value == 0 else value)


def _infinite(value: Number) -> bool:
    return isinstance(value, float) and math.isinf(value)


def ceil(value: Number) -> Number:
    """The next whole number above."""
    return value if _infinite(value) else math.ceil(value)


def floor(value: Number) -> Number:
    """The next whole number below."""
    return value if _infinite(value) else math.floor(value)


def _float(value: Number) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def _real(compute: Callable[[], float]) -> Number:
    """What Go's math package makes of a computation that Python may refuse."""
    try:
        result = compute()
    except OverflowError:
        return math.inf
    if math.isnan(result):
        msg = "the result is not a number"
        raise ExpressionError(msg)
    return int(result) if result.is_integer() and abs(result) < 2**53 else result


def _log(value: float) -> float:
    if value <= 0:
        return -math.inf if value == 0 else math.nan
    return math.log(value)


def logarithm(value: Number, base: Number) -> Number:
    """The logarithm to a base."""

    def compute() -> float:
        top, bottom = _log(_float(value)), _log(_float(base))
        if bottom == 0:
            return math.nan if top == 0 else math.copysign(math.inf, top)
        return top / bottom

    return _real(compute)


def power(value: Number, exponent: Number) -> Number:
    """The number raised to a power."""

    def compute() -> float:
        left, right = _float(value), _float(exponent)
        try:
            return math.pow(left, right)
        except ValueError:
            odd = right.is_integer() and right % 2 == 1
            return (math.copysign(math.inf, left) if odd else math.inf) if left == 0 else math.nan
        except OverflowError:
            return -math.inf if left < 0 and right % 2 == 1 else math.inf

    return _real(compute)


def signum(value: Number) -> Number:
    """-1, 0 or 1."""
    integer = whole(value)
    return (integer > 0) - (integer < 0)


def largest(*values: Number) -> Number:
    """The greatest of the numbers."""
    if not values:
        msg = "at least one number is wanted"
        raise ExpressionError(msg)
    return max(values)


def smallest(*values: Number) -> Number:
    """The least of the numbers."""
    if not values:
        msg = "at least one number is wanted"
        raise ExpressionError(msg)
    return min(values)


def parse_int(text: Value, base: Number) -> Number:
    """The whole number that a text stands for in a base of 2 to 62."""
    if not isinstance(text, str):
        raise wrong("a string", text, 0)
    radix = base if isinstance(base, int) else whole(base, 1) if not isinstance(base, Fraction) else 0
    if not 2 <= radix <= 62:
        msg = "the base must be a whole number from 2 to 62"
        raise ExpressionError(msg, 1)
    digits = text[1:] if text[:1] in {"+", "-"} else text
    digits = digits if radix > 36 else digits.lower()
    valid = DIGITS[:radix]
    if not digits or any(digit not in valid for digit in digits):
        raise ExpressionError(f'"{text[:40]}" is not a whole number in base {radix}', 0)
    if len(digits) > LONGEST_NUMBER:
        msg = "the number is too large"
        raise ExpressionError(msg, 0)
    total = 0
    for digit in digits:
        total = total * radix + valid.index(digit)
    return -total if text[0] == "-" else total


FUNCTIONS = {
    "abs": Function(absolute, (number("num"),)),
    "ceil": Function(ceil, (number("num"),)),
    "floor": Function(floor, (number("num"),)),
    "log": Function(logarithm, (number("num"), number("base"))),
    "max": Function(largest, rest=number("numbers")),
    "min": Function(smallest, rest=number("numbers")),
    "parseint": Function(parse_int, (anything("number"), number("base"))),
    "pow": Function(power, (number("num"), number("power"))),
    "signum": Function(signum, (number("num"),)),
}
