"""Numbers as HCL counts: binary floating point with a mantissa of 512 bits, held exactly.

A number is an `int` when it is whole and a `Fraction` otherwise, and always one that such a float can hold.

Source: Go's math/big.Float with precision 512 and rounding to nearest even, as cty uses it.
"""

import re
from fractions import Fraction
from typing import TypeAlias

PRECISION = 512
LARGEST_EXPONENT = 14_000
"""In bits: some 4,200 decimal digits. Beyond lies nothing but exhausted memory."""

DECIMAL = re.compile(r"([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?")

Rational: TypeAlias = int | Fraction


class NumberTooLargeError(ArithmeticError):
    """A number is too large, or too close to zero, to be worked with."""


def rounded(number: Rational) -> Rational:
    """The nearest number that 512 bits can hold, the even one of two.

    Raises:
        NumberTooLargeError: when it is beyond what we work with.
    """
    if isinstance(number, int):
        excess = number.bit_length() - PRECISION
        return number if excess <= 0 else _round_bits(number, 1, excess)
    numerator, denominator = number.numerator, number.denominator
    if denominator == 1:
        return rounded(numerator)
    power_of_two = denominator & (denominator - 1) == 0
    if power_of_two and numerator.bit_length() <= PRECISION and denominator.bit_length() <= LARGEST_EXPONENT:
        return number
    # The quotient's exponent is this or one more; a mantissa too long by a bit shows which.
    excess = abs(numerator).bit_length() - denominator.bit_length() - PRECISION
    if _scaled(abs(numerator), denominator, excess) >= 1 << PRECISION:
        excess += 1
    return _round_bits(numerator, denominator, excess)


def _scaled(numerator: int, denominator: int, excess: int) -> int:
    """The whole part of the quotient divided by two to the `excess`."""
    if excess < 0:
        return (numerator << -excess) // denominator
    return numerator // (denominator << excess)


def _round_bits(numerator: int, denominator: int, excess: int) -> Rational:
    """The quotient with its lowest `excess` bits rounded away, or with that many bits of fraction."""
    if abs(excess) > LARGEST_EXPONENT:
        raise NumberTooLargeError
    negative, numerator = numerator < 0, abs(numerator)
    if excess < 0:
        numerator <<= -excess
    else:
        denominator <<= excess
    mantissa, rest = divmod(numerator, denominator)
    if rest * 2 > denominator or (rest * 2 == denominator and mantissa & 1):
        mantissa += 1
    mantissa = -mantissa if negative else mantissa
    if excess >= 0:
        return mantissa << excess
    result = Fraction(mantissa, 1 << -excess)
    return result.numerator if result.denominator == 1 else result


def parse_decimal(text: str) -> Rational | float | None:
    """The number a decimal text stands for, or None if there is not one: `12`, `-1.5`, `.5`, `5.`, `1e3`.

    Negative zero, which Go's floats tell from zero, is a float.

    Raises:
        NumberTooLargeError: when it is beyond what we work with.
    """
    if text.isascii() and text.isdigit() and len(text) <= 150:
        return int(text)
    match = DECIMAL.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return None
    digits = (match[2] + match[3]).lstrip("0")
    exponent = int(match[4][:12]) if match[4] else 0
    if not digits:
        return -0.0 if match[1] == "-" else 0
    magnitude = len(digits) + exponent - len(match[3])
    if abs(magnitude) > LARGEST_EXPONENT * 3 // 10 or len(digits) > LARGEST_EXPONENT * 3 // 10:
        raise NumberTooLargeError
    mantissa = int(digits) if match[1] != "-" else -int(digits)
    exponent -= len(match[3])
    return rounded(mantissa * 10**exponent if exponent >= 0 else Fraction(mantissa, 10**-exponent))
