"""Arithmetic and text of numbers.

A number of a job file is an `int` or a `Fraction`, rounded to 512 bits after every operation. A `float` is a
number with the 53 bits of IEEE arithmetic: functions such as `pow` compute so, and what they yield is printed
so. A float is also how negative zero and the infinities are held.

Source: Go's math/big.Float as cty uses it.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from qemu_run.expressions.values import ExpressionError, Number
from qemu_run.syntax.numbers import PRECISION, NumberTooLargeError, parse_decimal, rounded

__all__ = ["NumberTooLargeError", "negate", "number_text", "operate", "parse_decimal"]


def _exact(number: Number) -> int | Fraction:
    if isinstance(number, float):
        return int(number) if number.is_integer() else Fraction(number)
    return number


def _is_negative(number: Number) -> bool:
    return number < 0 or (isinstance(number, float) and math.copysign(1.0, number) < 0)


def operate(operator: str, left: Number, right: Number) -> Number:
    """The result of `+ - * / %`.

    Raises:
        ExpressionError: when there is none, or it is too large.
    """
    if isinstance(left, float) and isinstance(right, float):
        exact = False
    else:
        exact = all(not isinstance(n, float) or math.isfinite(n) for n in (left, right))
    try:
        return (_ARITHMETIC if exact else _IEEE)[operator](left, right)
    except NumberTooLargeError:
        msg = "the result is too large, or too close to zero"
        raise ExpressionError(msg) from None


def negate(number: Number) -> Number:
    """The number with its sign changed; zero becomes negative zero, as in Go."""
    return -0.0 if number == 0 and not _is_negative(number) else (0 if number == 0 else -number)


def _add(left: Number, right: Number) -> Number:
    return rounded(_exact(left) + _exact(right))


def _subtract(left: Number, right: Number) -> Number:
    return rounded(_exact(left) - _exact(right))


def _multiply(left: Number, right: Number) -> Number:
    product = rounded(_exact(left) * _exact(right))
    return -0.0 if product == 0 and _is_negative(left) != _is_negative(right) else product


def _divide(left: Number, right: Number) -> Number:
    if right == 0:
        return _divide_by_zero(left, right)
    quotient = rounded(Fraction(_exact(left)) / Fraction(_exact(right)))
    return -0.0 if quotient == 0 and _is_negative(left) != _is_negative(right) else quotient


def _divide_by_zero(left: Number, right: Number) -> float:
    if left == 0:
        msg = "zero cannot be divided by zero"
        raise ExpressionError(msg)
    return -math.inf if _is_negative(left) != _is_negative(right) else math.inf


def _modulo(left: Number, right: Number) -> Number:
    """What is left when the quotient, cut to a whole number, is multiplied back; by zero: the left side."""
    if right == 0:
        return left
    quotient = math.trunc(_divide(left, right))
    return rounded(_exact(left) - rounded(_exact(right) * quotient))


_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _modulo,
}


def _float_divide(left: Number, right: Number) -> Number:
    if math.isinf(left) and math.isinf(right):
        msg = "infinity cannot be divided by infinity"
        raise ExpressionError(msg)
    return _divide_by_zero(left, right) if right == 0 else left / right


def _float_modulo(left: Number, right: Number) -> Number:
    if right == 0 or math.isinf(left) or math.isinf(right):
        return left
    return left - right * math.trunc(left / right)


def _checked(operation: Callable[[float, float], float]) -> Callable[[Number, Number], Number]:
    def compute(left: Number, right: Number) -> Number:
        try:
            result = operation(float(left), float(right))
        except OverflowError:
            raise NumberTooLargeError from None
        if math.isnan(result):
            msg = "infinities cannot be combined so"
            raise ExpressionError(msg)
        return result

    return compute


_IEEE: dict[str, Callable[[Number, Number], Number]] = {
    "+": _checked(lambda left, right: left + right),
    "-": _checked(lambda left, right: left - right),
    "*": _checked(lambda left, right: left * right),
    "/": _float_divide,
    "%": _float_modulo,
}


def number_text(number: Number) -> str:
    """The shortest decimal, without exponent, that reads back as the number."""
    if isinstance(number, float):
        if math.isinf(number):
            return "+Inf" if number > 0 else "-Inf"
        return format(Decimal(repr(number)), "f").removesuffix(".0")
    if isinstance(number, int) and number.bit_length() <= PRECISION:
        return str(number)
    return _shortest(Fraction(number))


def _shortest(number: Fraction) -> str:
    """As `number_text`, for what has more digits than matter.

    Half a unit in the last of 512 places to either side, the same number is meant: as few digits are kept as
    fall between the two.
    """
    value = abs(number)
    exponent = value.numerator.bit_length() - value.denominator.bit_length() - PRECISION
    if value / Fraction(2) ** exponent >= 1 << PRECISION:
        exponent += 1
    half = Fraction(2) ** (exponent - 1)
    mantissa = value / (2 * half)
    inclusive = mantissa.denominator == 1 and mantissa.numerator % 2 == 0
    places = max(0, 2 - exponent)  # every digit after the point that the value or a border has
    scale = 10**places
    lower, exact, upper = (int(border * scale) for border in (value - half, value, value + half))
    width = len(str(upper))
    digits = _fewest(*(str(n).zfill(width) for n in (lower, exact, upper)), inclusive=inclusive).ljust(
        width, "0"
    )
    width = max(width, len(digits))
    digits = digits.zfill(places + 1)
    whole, fraction = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    text = (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return f"-{text}" if number < 0 else text


def _fewest(lower: str, digits: str, upper: str, *, inclusive: bool) -> str:
    """The first digits of a number, as many as tell it from its borders, rounded."""
    last_lower, last_upper = len(lower.rstrip("0")), len(upper.rstrip("0"))
    for place, digit in enumerate(digits):
        down = lower[place] != digit or (inclusive and place + 1 == last_lower)
        up = digit != upper[place] and (
            inclusive or chr(ord(digit) + 1) < upper[place] or place + 1 < last_upper
        )
        kept = digits[: place + 1]
        if down and up:
            rest = digits[place + 1 :].rstrip("0")
            half_even = rest == "5" and int(kept[-1]) % 2 == 0
            return kept if rest < "5" or half_even else str(int(kept) + 1).zfill(len(kept))
        if down:
            return kept
        if up:
            return str(int(kept) + 1).zfill(len(kept))
    return digits
