"""Floating-point numbers as Go writes them.

Source: `strconv.FormatFloat` of Go's standard library.
"""

import math
from decimal import Decimal

SHORTEST = -1
"""The precision that gives the fewest digits from which the number can be read again."""
_LARGE_EXPONENT = 6
"""From here on `g` writes an exponent, at the shortest precision."""


def format_float(value: float, form: str, precision: int = SHORTEST) -> str:
    """The number in the form `e`, `E`, `f`, `g` or `G`.

    Args:
        value: Any float, infinite and not-a-number too.
        form: A letter of the above.
        precision: Digits behind the point; for `g`, digits at all.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if precision == SHORTEST:
        return _shortest(value, form)
    if form in "eE":
        return _exponent(format(value, f".{precision}e"), form)
    if form in "fF":
        return format(value, f".{precision}f")
    return _general(value, form, precision or 1)


def _exponent(text: str, form: str) -> str:
    """An exponent of at least two digits, in the case of the form."""
    return text.upper() if form in "EG" else text


def _digits(value: float) -> tuple[str, str, int]:
    """Sign, shortest digits, and where the point stands among them."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    point = len(text) + int(exponent)
    return ("-" if sign else ""), text.rstrip("0") or "0", point if text else 1


def _shortest(value: float, form: str) -> str:
    sign, digits, point = _digits(value)
    if form in "fF" or (form in "gG" and -4 <= point - 1 < _LARGE_EXPONENT):
        return sign + _plain(digits, point)
    return sign + _scientific(digits, point - 1, form)


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}" if digits != "0" else "0"
    whole, fraction = digits[:point].ljust(point, "0"), digits[point:]
    return f"{whole}.{fraction}" if fraction else whole


def _scientific(digits: str, exponent: int, form: str) -> str:
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    letter = "E" if form in "EG" else "e"
    return f"{mantissa}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general(value: float, form: str, precision: int) -> str:
    """`%.3g`: Python's, whose exponents look the same."""
    text = format(value, f".{precision}g")
    return _exponent(text, form)
