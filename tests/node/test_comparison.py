"""What a real Nomad's checker answers, row by row, and the corners of Go's number syntax."""

import json
import math
from pathlib import Path

import pytest

from qemu_run.node.comparison import check, parse_float64
from qemu_run.node.constraints import judge

DATA = Path(__file__).parent / "data"
ROWS = [
    (row["l"], row["op"], row["r"], row["expected"])
    for name in ("constraint_rows.json", "constraint_answers.json")
    for row in json.loads((DATA / name).read_text())
]


def test_no_row_was_lost():
    assert len(ROWS) == 191 + 182


@pytest.mark.parametrize(("left", "operand", "right", "expected"), ROWS)
def test_answers_as_nomad_does(left, operand, right, expected):
    assert check(operand, left, right) is expected


@pytest.mark.parametrize(("left", "operand", "right", "expected"), ROWS)
def test_verdicts_on_literal_texts_are_nomad_s(make_node, make_constraint, left, operand, right, expected):
    targets = ["${attr.no.such.attribute}" if text is None else text for text in (left, right)]
    verdict = judge(make_constraint(targets[0], operand, targets[1]), make_node())
    assert (verdict.met, verdict.warning, verdict.note) == (expected, None, None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1e-2", -0.01),
        ("1_000.5", 1000.5),
        ("1e1_0", 1e10),
        ("0x1p4", 16.0),
        ("0X_1.8P1", 3.0),
        ("-0x.8p1", -1.0),
        ("Infinity", math.inf),
        ("-inf", -math.inf),
        ("1e-999", 0.0),
        ("1e400", None),
        ("0x1p5000", None),
        ("0x10", None),
        ("1__0", None),
        ("_1", None),
        ("1_", None),
        ("1_.5", None),
        ("0x_.8p1", None),
        ("+nan", None),
        ("infi", None),
        (" 1", None),
        ("1\n", None),
        (".", None),
        ("1e", None),
        ("\u0661", None),
        ("", None),
    ],
)
def test_floats_are_go_s(text, number):
    assert parse_float64(text) == number


def test_not_a_number_compares_with_nothing():
    assert math.isnan(parse_float64("NaN"))
    assert not any(check(sign, "NaN", "NaN") for sign in ("<", "<=", ">", ">="))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("a\x1f,b", "a", False), ("\u3000a\xa0,b", "a", True), ("a\x85", "a", True)],
)
def test_sets_trim_what_go_calls_space(left, right, expected):
    assert check("set_contains", left, right) is expected


def test_text_is_compared_as_utf8_bytes():
    assert check("<", "\uffee", "\U0001f600")
