from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qemu_run.expressions.numbers import number_text, operate
from qemu_run.syntax.numbers import PRECISION, NumberTooLargeError, parse_decimal, rounded

THIRD = "0." + "3" * 154 + "5"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("007", 7),
        ("-0", 0),
        ("1.50", Fraction(3, 2)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("+2e3", 2000),
        ("1E-2", rounded(Fraction(1, 100))),
        ("", None),
        (".", None),
        ("1e", None),
        (" 1", None),
        ("1_000", None),
        ("0x1F", None),
        ("\u0661", None),
    ],
)
def test_decimal_text(text, number):
    assert parse_decimal(text) == number


@pytest.mark.parametrize("text", ["1e999999999999999999", "-1e5000", "1e-5000", "1" * 5000])
def test_what_is_beyond_reason(text):
    with pytest.raises(NumberTooLargeError):
        parse_decimal(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (operate("/", 1, 3), THIRD),
        (operate("*", operate("/", 2, 3), 3), "2"),
        (operate("+", parse_decimal("0.1"), parse_decimal("0.2")), "0.3"),
        (parse_decimal("12345.678901234567890123"), "12345.678901234567890123"),
        (10**20, "100000000000000000000"),
        (2.0**100, "1267650600228229400000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "-0"),
        (float("inf"), "+Inf"),
    ],
)
def test_shortest_text(number, text):
    assert number_text(number) == text


WHOLE = st.integers(-(2**600), 2**600)
FRACTIONS = st.builds(Fraction, WHOLE, st.integers(1, 2**600))


@given(FRACTIONS)
def test_rounding_keeps_512_bits_and_is_as_near_as_can_be(exact):
    made = Fraction(rounded(exact))
    assert abs(made.numerator).bit_length() <= PRECISION or made.denominator == 1
    assert made.denominator & (made.denominator - 1) == 0
    assert rounded(made) == made
    if exact:
        assert abs(made - exact) / abs(exact) <= Fraction(1, 2**PRECISION)


@given(FRACTIONS)
def test_text_reads_back_as_the_same_number(exact):
    number = rounded(exact)
    assert parse_decimal(number_text(number)) == number


@given(WHOLE)
def test_large_whole_numbers_read_back_too(whole):
    number = rounded(whole)
    assert parse_decimal(number_text(number)) == number
