"""Go's moments and durations as text.

Source: `Time.Format`, `time.Parse` and `Duration.String` of Go's standard library. A layout spells the moment
"Mon Jan 2 15:04:05 MST 2006" the way others are to be spelt.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from qemu_run.records import record

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY_SECONDS = 86_400


@record
class Moment:
    """A moment with its offset from UTC; finer than a microsecond apart."""

    time: datetime
    """With a time zone, its microseconds 0."""
    nanosecond: int = 0

    def __str__(self) -> str:
        return format_time(self, "2006-01-02 15:04:05.999999999 -0700 MST")

    @property
    def unix(self) -> int:
        """Whole seconds since 1970."""
        since = self.time - datetime(1970, 1, 1, tzinfo=UTC)
        return since.days * _DAY_SECONDS + since.seconds

    def plus(self, nanoseconds: int) -> "Moment":
        """So much later.

        Raises:
            ValueError: that is beyond the years 1 to 9999.
        """
        seconds, rest = divmod(self.nanosecond + nanoseconds, 1_000_000_000)
        try:
            return Moment(self.time + timedelta(seconds=seconds), rest)
        except OverflowError:
            raise ValueError("the moment is beyond the years 1 to 9999") from None


def moment(time: datetime) -> Moment:
    """A datetime of Python as a moment."""
    return Moment(time.replace(microsecond=0), time.microsecond * 1000)


def duration_text(nanoseconds: int) -> str:
    """A duration as Go prints it: `1h30m0s`, `1.5s`, `250ms`, `0s`."""
    sign, rest = ("-" if nanoseconds < 0 else ""), abs(nanoseconds)
    if rest < 1_000_000_000:
        for unit, size in (("ms", 1_000_000), ("\u00b5s", 1_000), ("ns", 1)):
            if rest >= size:
                return f"{sign}{_decimal(rest, size)}{unit}"
        return "0s"
    minutes, rest = divmod(rest, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(rest, 1_000_000_000)}s"
    if hours:
        return f"{sign}{hours}h{minutes}m{text}"
    return f"{sign}{minutes}m{text}" if minutes else f"{sign}{text}"


def _decimal(value: int, size: int) -> str:
    whole, rest = divmod(value, size)
    digits = str(rest).rjust(len(str(size)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def _offset(time: datetime) -> int:
    return int((time.utcoffset() or timedelta()).total_seconds())


def _zone_digits(time: datetime, separator: str = "", *, seconds: bool = False) -> str:
    offset = _offset(time)
    minutes, rest = divmod(abs(offset), 60)
    text = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}{separator}{minutes % 60:02d}"
    return f"{text}{separator}{rest:02d}" if seconds else text


def _zone_name(time: datetime) -> str:
    if time.tzinfo is UTC or (_offset(time) == 0 and time.tzname() in {None, "UTC", "UTC+00:00"}):
        return "UTC"
    name = time.tzname() or ""
    if not name.startswith("UTC"):
        return name
    return _zone_digits(time)


def _iso_zone(separator: str, *, seconds: bool = False) -> Callable[[datetime], str]:
    return lambda time: "Z" if _offset(time) == 0 else _zone_digits(time, separator, seconds=seconds)


_FORMS: dict[str, Callable[[datetime], str]] = {
    "January": lambda t: MONTHS[t.month - 1],
    "Jan": lambda t: MONTHS[t.month - 1][:3],
    "Monday": lambda t: DAYS[t.weekday()],
    "Mon": lambda t: DAYS[t.weekday()][:3],
    "MST": _zone_name,
    "2006": lambda t: f"{t.year:04d}",
    "002": lambda t: f"{t.timetuple().tm_yday:03d}",
    "__2": lambda t: f"{t.timetuple().tm_yday:3d}",
    "01": lambda t: f"{t.month:02d}",
    "02": lambda t: f"{t.day:02d}",
    "03": lambda t: f"{t.hour % 12 or 12:02d}",
    "04": lambda t: f"{t.minute:02d}",
    "05": lambda t: f"{t.second:02d}",
    "06": lambda t: f"{t.year % 100:02d}",
    "15": lambda t: f"{t.hour:02d}",
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
    "-070000": lambda t: _zone_digits(t, seconds=True),
    "-07:00:00": lambda t: _zone_digits(t, ":", seconds=True),
    "-0700": _zone_digits,
    "-07:00": lambda t: _zone_digits(t, ":"),
    "-07": lambda t: _zone_digits(t)[:3],
    "Z070000": _iso_zone("", seconds=True),
    "Z07:00:00": _iso_zone(":", seconds=True),
    "Z0700": _iso_zone(""),
    "Z07:00": _iso_zone(":"),
    "Z07": lambda t: "Z" if _offset(t) == 0 else _zone_digits(t)[:3],
    "_2": lambda t: f"{t.day:2d}",
    "1": lambda t: str(t.month),
    "2": lambda t: str(t.day),
    "3": lambda t: str(t.hour % 12 or 12),
    "4": lambda t: str(t.minute),
    "5": lambda t: str(t.second),
}
_TOKEN = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|_2006|__2|002|0[1-6]|15|PM|pm"
    r"|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07"
    r"|(?P<fraction>[.,](?:0+|9+)(?![0-9]))|_2|[1-5]"
)


def format_time(moment: Moment, layout: str) -> str:
    """A moment spelt as the layout spells Go's own."""

    def one(found: re.Match[str]) -> str:
        if found["fraction"]:
            return _fraction(moment.nanosecond, found["fraction"])
        if found[0] == "_2006":
            return f"_{_FORMS['2006'](moment.time)}"
        return _FORMS[found[0]](moment.time)

    return _TOKEN.sub(one, layout)


def _fraction(nanosecond: int, layout: str) -> str:
    digits = f"{nanosecond:09d}".ljust(len(layout) - 1, "0")[: len(layout) - 1]
    if layout[1] == "0":
        return layout[0] + digits
    digits = digits.rstrip("0")
    return layout[0] + digits if digits else ""


_READ = {
    "January": "|".join(MONTHS),
    "Jan": "|".join(month[:3] for month in MONTHS),
    "Monday": "|".join(DAYS),
    "Mon": "|".join(day[:3] for day in DAYS),
    "MST": r"[A-Z]{3,4}|[+-]\d\d(?:\d\d)?",
    "2006": r"\d{4}",
    "002": r"\d{3}",
    "__2": r"[ \d]{2}\d",
    "_2": r" ?\d{1,2}",
    "PM": "AM|PM",
    "pm": "am|pm",
    **dict.fromkeys(("01", "02", "03", "04", "05", "06"), r"\d{2}"),
    **dict.fromkeys(("1", "2", "3", "4", "5", "15"), r"\d{1,2}"),
}


def parse_time(layout: str, text: str) -> Moment:
    """The moment that a text spells as the layout says.

    Raises:
        ValueError: it does not.
    """
    pattern: list[str] = []
    names: list[str] = []
    at = 0
    for found in _TOKEN.finditer(layout):
        pattern.append(re.escape(layout[at : found.start()]))
        at = found.end()
        spelt = "fraction" if found["fraction"] else found[0]
        pattern.append(f"((?>{_pattern(spelt)}))")  # as Go reads: nothing is given back
        names.append(spelt)
        if spelt in {"05", "5"} and not layout.startswith((".", ","), at):
            pattern.append(r"([.,]\d++)?+")
            names.append("fraction")
    pattern.append(re.escape(layout[at:]))
    match = re.fullmatch("".join(pattern), text, re.ASCII | re.IGNORECASE)
    if match is None:
        raise ValueError(f'"{text[:40]}" is not spelt as "{layout[:40]}"')
    return _assembled(dict(zip(names, match.groups(), strict=True)), text)


def _pattern(spelt: str) -> str:
    if spelt.startswith(("-07", "Z07")):
        separator = ":" if ":" in spelt else ""
        digits = len(spelt.replace(":", "")) - 1
        offset = r"[+-]\d\d" + rf"{separator}\d\d" * (digits // 2 - 1)
        return f"Z|{offset}" if spelt[0] == "Z" else offset
    return r"[.,]\d+" if spelt == "fraction" else _READ[spelt]


def _assembled(parts: dict[str, str | None], text: str) -> Moment:
    def number(*tokens: str, default: int) -> int:
        return next((int(value.strip()) for token in tokens if (value := parts.get(token))), default)

    month = number("01", "1", default=1)
    for token in ("January", "Jan"):
        if name := parts.get(token):
            month = next(i for i, each in enumerate(MONTHS, 1) if each[:3].lower() == name[:3].lower())
    short_year = number("06", default=0)
    year = number("2006", default=short_year + (1900 if short_year >= 69 else 2000) if "06" in parts else 0)
    hour = number("15", "03", "3", default=0)
    half = (parts.get("PM") or parts.get("pm") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    digits = (parts.get("fraction") or ".0")[1:10].ljust(9, "0")
    try:
        time = datetime(
            year or 1,
            month,
            number("02", "2", "_2", default=1),
            hour,
            number("04", "4", default=0),
            number("05", "5", default=0),
            tzinfo=_zone(parts),
        )
    except ValueError as error:
        raise ValueError(f'"{text[:40]}" is not a moment: {error}') from None
    return Moment(time, int(digits))


def _zone(parts: dict[str, str | None]) -> timezone:
    for spelt, value in parts.items():
        if value and spelt.startswith(("-07", "Z07")) and value.upper() != "Z":
            digits = value[1:].replace(":", "").ljust(6, "0")
            offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:6]))
            return timezone(-offset if value[0] == "-" else offset) if offset else UTC
    name = parts.get("MST")
    return timezone(timedelta(), name) if name and name != "UTC" else UTC
