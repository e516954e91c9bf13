"""Which cron expressions are ones."""

import pytest

from qemu_run.jobspec.validate.schedules import cron_problem

GOOD = [
    "* * * * *",
    "*/15 * * * *",
    "0 3 * * *",
    "0 0 1,15 * mon-fri",
    "0 0 L * *",
    "0 0 15W * *",
    "0 0 * * 5L",
    "0 0 * * 5#3",
    "0 0 * JAN-mar Sunday",
    "0 0 ? * 7",
    "0 0 1 1 * 2030",
    "30 0 3 * * * 2030",
    "5-55/10 * * * *",
    "@daily",
    "@Hourly",
]

BAD = {
    "": "it has 0 fields",
    "* * * *": "it has 4 fields",
    "* * * * * * * *": "it has 8 fields",
    "60 * * * *": '"60" does not fit minutes',
    "* 24 * * *": '"24" does not fit hours',
    "* * 0 * *": '"0" does not fit days of the month',
    "* * * 13 *": '"13" does not fit months',
    "* * * * 8": '"8" does not fit days of the week',
    "* * * * funday": '"funday" does not fit days of the week',
    "* * * * sundae": '"sundae" does not fit days of the week',
    "*/0 * * * *": '"*/0" does not fit minutes',
    "1,,2 * * * *": '"" does not fit minutes',
    "1-2-3 * * * *": '"1-2-3" does not fit minutes',
    "a * * * *": '"a" does not fit minutes',
    "0 0 1 1 * 1969": '"1969" does not fit years',
    "60 0 3 * * * 2030": '"60" does not fit seconds',
    "@reboot": "known names are @annually",
}


@pytest.mark.parametrize("text", GOOD)
def test_an_expression_is_taken(text):
    assert not cron_problem(text)


@pytest.mark.parametrize(("text", "problem"), BAD.items())
def test_what_is_wrong_is_said(text, problem):
    assert cron_problem(text).startswith(problem)
