"""`formatdate` and `timeadd`, for timestamps in the form of RFC 3339.

Source: cty's standard library; Go's time package for what it reads and how it adds.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import TypeVar

from qemu_run.expressions.functions.arguments import string
from qemu_run.expressions.scope import Function
from qemu_run.expressions.values import ExpressionError
from qemu_run.golang.durations import parse_duration
from qemu_run.records import record

TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


YEARS = 400
"""After so many years the calendar repeats itself, days of the week included."""


@record
class Timestamp:
    """A moment with its offset, in a calendar that reaches beyond the years Python knows."""

    moment: datetime
    """The moment, moved by whole cycles of the calendar into the years 2000 to 2399."""
    moved: int
    """Years to be added."""
    fraction: Fraction
    """The part of a second after the moment."""

    @property
    def year(self) -> int:
        """The year as people count it; the one before 1 is 0."""
        return self.moment.year + self.moved


def parse_timestamp(text: str, argument: int) -> Timestamp:
    """The moment a text stands for.

    Raises:
        ExpressionError: it does not stand for one.
    """
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        raise ExpressionError(f'"{text[:40]}" is not a timestamp such as 2031-02-03T04:05:06Z', argument)
    numbers = [int(match[group]) for group in range(1, 7)]
    hours, minutes = int(match[9] or 0), int(match[10] or 0)
    if hours > 24 or minutes > 59:
        raise ExpressionError(f'"{text}" has no such offset from UTC', argument)
    offset = timedelta(hours=hours, minutes=minutes)
    numbers[0] = 2000 + int(match[1]) % YEARS
    try:
        moment = datetime(*numbers, tzinfo=timezone(-offset if match[8] == "-" else offset))  # type: ignore[misc, arg-type]
    except ValueError as error:
        raise ExpressionError(f'"{text}" is not a moment: {error}', argument) from None
    digits = match[7] or "0"
    fraction = Fraction(int(digits[:30]), 10 ** len(digits[:30]))
    return Timestamp(moment, int(match[1]) - numbers[0], fraction)


def _offset(moment: datetime, separator: str) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    sign, minutes = ("-" if seconds < 0 else "+"), abs(seconds) // 60
    return f"{sign}{minutes // 60:02d}{separator}{minutes % 60:02d}"


def _utc_or(text: str, utc: str) -> str:
    return utc if text in {"+00:00", "+0000"} else text


Show = Callable[[datetime], str]
VERBS: dict[str, dict[int, Show]] = {
    "M": {
        1: lambda t: str(t.month),
        2: lambda t: f"{t.month:02d}",
        3: lambda t: MONTHS[t.month - 1][:3],
        4: lambda t: MONTHS[t.month - 1],
    },
    "D": {1: lambda t: str(t.day), 2: lambda t: f"{t.day:02d}"},
    "E": {3: lambda t: DAYS[t.weekday()][:3], 4: lambda t: DAYS[t.weekday()]},
    "h": {1: lambda t: str(t.hour), 2: lambda t: f"{t.hour:02d}"},
    "H": {1: lambda t: str(t.hour % 12 or 12), 2: lambda t: f"{t.hour % 12 or 12:02d}"},
    "A": {2: lambda t: "PM" if t.hour >= 12 else "AM"},
    "a": {2: lambda t: "pm" if t.hour >= 12 else "am"},
    "m": {1: lambda t: str(t.minute), 2: lambda t: f"{t.minute:02d}"},
    "s": {1: lambda t: str(t.second), 2: lambda t: f"{t.second:02d}"},
    "Z": {
        1: lambda t: _utc_or(_offset(t, ":"), "Z"),
        3: lambda t: _utc_or(_offset(t, ""), "UTC"),
        4: lambda t: _offset(t, ""),
        5: lambda t: _offset(t, ":"),
    },
}
"""By letter, and by how often it is repeated."""

TOKEN = re.compile(
    r"''|'(?P<literal>(?:[^']|'')*)'|(?P<verb>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<open>')|[^'A-Za-z]+"
)


def format_date(template: str, timestamp: str) -> str:
    """The moment as the template spells it."""
    parsed = parse_timestamp(timestamp, 1)
    years = {2: f"{parsed.year % 100:02d}", 4: f"{parsed.year:04d}"}
    parts: list[str] = []
    for token in TOKEN.finditer(template):
        if token["open"]:
            msg = "a quote in the format is never closed"
            raise ExpressionError(msg, 0)
        if token["verb"]:
            verb = token["verb"]
            parts.append(_form(verb, {"Y": years}) if verb[0] == "Y" else _form(verb, VERBS)(parsed.moment))
        elif token["literal"] is not None:
            parts.append(token["literal"].replace("''", "'"))
        else:
            parts.append("'" if token[0] == "''" else token[0])
    return "".join(parts)


Form = TypeVar("Form")


def _form(verb: str, forms: Mapping[str, Mapping[int, Form]]) -> Form:
    """What a letter means that is repeated so often."""
    known = forms.get(verb[0])
    if known is None:
        raise ExpressionError(
            f'"{verb}" is not a part of a date; letters meant as such stand in single quotes', 0
        )
    if len(verb) not in known:
        shorter = ", ".join(verb[0] * count for count in known)
        raise ExpressionError(f'"{verb}" is not a part of a date, but {shorter}', 0)
    return known[len(verb)]


def duration(text: str, argument: int) -> Fraction:
    """Seconds that a text such as `1h30m` stands for.

    Raises:
        ExpressionError: it does not stand for one.
    """
    try:
        return Fraction(parse_duration(text), 10**9)
    except ValueError as error:
        raise ExpressionError(f'"{text[:40]}" is not a duration: {error}', argument) from None


def time_add(timestamp: str, added: str) -> str:
    """The moment so much later."""
    start = parse_timestamp(timestamp, 0)
    seconds = start.fraction + duration(added, 1)
    moment = start.moment + timedelta(seconds=seconds.numerator // seconds.denominator)
    year = moment.year + start.moved
    written = f"{abs(year):04d}-{moment.month:02d}-{moment.day:02d}T{moment:%H:%M:%S}"
    return ("-" if year < 0 else "") + written + _utc_or(_offset(moment, ":"), "Z")


FUNCTIONS = {
    "formatdate": Function(format_date, (string("format"), string("time"))),
    "timeadd": Function(time_add, (string("timestamp"), string("duration"))),
}
