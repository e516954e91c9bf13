"""Numbers as decimals, as Go's big floats write them: `%e`, `%g`, and all digits.

Source: Go's math/big (`ftoa.go`).
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from qemu_run.expressions.values import Number


def exact(number: Number) -> Decimal:
    """A number as a decimal with all its digits."""
    fraction = Fraction(number)
    context = Context(prec=20_000, Emax=999_999, Emin=-999_999)
    return context.divide(Decimal(fraction.numerator), Decimal(fraction.denominator))


def scientific(number: Decimal, places: int) -> str:
    """`1.234560e+03`."""
    _, digits, _ = number.as_tuple()
    exponent = number.adjusted() if number else 0
    text = "".join(map(str, digits)).ljust(places + 1, "0")
    point = "." if places else ""
    return f"{text[0]}{point}{text[1 : places + 1]}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def general(number: Number, precision: int) -> str:
    """`%.3g`: so many digits, with an exponent where that is shorter."""
    return compact(Context(prec=precision, rounding=ROUND_HALF_EVEN).plus(exact(number)), precision)


def compact(number: Decimal, precision: int | None) -> str:
    """With exponent or without, as Go's big floats decide: with one below 10^-4 and from 10^precision on."""
    if not number:
        return "0"
    _, digits, _ = number.as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    exponent = number.adjusted()
    limit = 6 if precision is None else precision
    if precision is not None and precision > len(text) > exponent:
        limit = len(text)
    trimmed = Decimal(text).scaleb(exponent - len(text) + 1)
    if exponent < -4 or exponent >= limit:
        return scientific(trimmed, len(text) - 1)
    return format(trimmed, "f")


def ten_digits(number: Number) -> str:
    """A number as `big.Float.String` writes it: with ten digits at most."""
    if isinstance(number, float) and number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    text = general(-number if number < 0 else number, 10)
    return f"-{text}" if number < 0 else text
