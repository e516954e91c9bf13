import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qemu_run.golang.durations import LONGEST, UNITS, format_duration, parse_duration

SECOND = 1_000_000_000

GOOD = {
    "0": 0,
    "+0": 0,
    "-0": 0,
    "5s": 5 * SECOND,
    "+2s": 2 * SECOND,
    "-1.5s": -3 * SECOND // 2,
    ".5h": 1800 * SECOND,
    "1.s": SECOND,
    "750\u00b5s": 750_000,
    "750\u03bcs": 750_000,
    "100us": 100_000,
    "1h2m3s4ms5us6ns": 3_723_004_005_006,
    "5m0.5s": 300 * SECOND + SECOND // 2,
    "1h0m0s": 3600 * SECOND,
    "0.0000000001s": 0,
    "2562047h47m16.854775807s": LONGEST,
}
BAD = {
    "": "it is empty",
    "-": "it is empty",
    "5": '"5" has no unit',
    "5 minutes": '" minutes" is not a unit of time',
    "1d": '"d" is not a unit of time',
    "1h30": '"30" has no unit',
    ".s": 'a number was expected at ".s"',
    "1..5s": 'a number was expected at "1..5s"',
    "s": 'a number was expected at "s"',
    "1e3s": '"e" is not a unit of time',
    "2562048h": "it is longer than 292 years",
    "1" * 2000 + "s": "it has too many digits",
}
SHOWN = {
    0: "0s",
    1: "1ns",
    1_500: "1.5us",
    250_000_000: "250ms",
    5 * SECOND: "5s",
    90 * SECOND: "1m30s",
    5400 * SECOND: "1h30m",
    3601 * SECOND: "1h1s",
    -5 * SECOND: "-5s",
    300 * SECOND + SECOND // 2: "5m0.5s",
}


@pytest.mark.parametrize(("text", "nanoseconds"), GOOD.items())
def test_durations_are_read_as_go_reads_them(text, nanoseconds):
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(("text", "problem"), BAD.items(), ids=lambda text: text[:20])
def test_what_is_no_duration_is_told(text, problem):
    with pytest.raises(ValueError, match=re.escape(problem)):
        parse_duration(text)


@pytest.mark.parametrize(("nanoseconds", "text"), SHOWN.items())
def test_durations_are_shown_short(nanoseconds, text):
    assert format_duration(nanoseconds) == text


@given(st.integers(-LONGEST, LONGEST))
def test_what_is_shown_is_read_back(nanoseconds):
    assert parse_duration(format_duration(nanoseconds)) == nanoseconds


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(sorted(UNITS))), min_size=1, max_size=6))
def test_parts_add_up(parts):
    assert parse_duration("".join(f"{number}{unit}" for number, unit in parts)) == sum(
        number * UNITS[unit] for number, unit in parts
    )


@given(st.text(max_size=30))
def test_no_text_does_anything_else(text):
    with contextlib.suppress(ValueError):
        assert isinstance(parse_duration(text), int)
