"""Go's durations: text to nanoseconds and back.

Source: `time.ParseDuration` and `Duration.String` of Go's standard library: a sign, then decimal numbers each
with a unit (`ns`, `us`, `µs`, `ms`, `s`, `m`, `h`), or a lone `0`. Counted in whole nanoseconds, which the
standard library's timedelta cannot hold.
"""

UNITS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
SECOND = UNITS["s"]
LONGEST = 2**63 - 1
"""The longest duration that Go can hold, in nanoseconds: some 292 years."""

DIGITS = "0123456789"
LONGEST_NUMBER = 1000
"""Digits beyond which a number is not worth the time of working with it."""


def parse_duration(text: str) -> int:
    """The nanoseconds that `text` means in Go.

    Raises:
        ValueError: saying what is wrong with the text, in lower case.
    """
    negative = text.startswith("-")
    rest = text[1:] if text[:1] in {"+", "-"} else text
    if rest == "0":
        return 0
    if not rest:
        raise ValueError("it is empty")
    total = 0
    while rest:
        nanoseconds, rest = _part(rest)
        total += nanoseconds
        if total > LONGEST + (1 if negative else 0):
            raise ValueError("it is longer than 292 years")
    return -total if negative else total


def _part(text: str) -> tuple[int, str]:
    """The first number with its unit, in nanoseconds, and what follows it."""
    number = _leading(text, f"{DIGITS}.")
    if len(number) > LONGEST_NUMBER:
        raise ValueError("it has too many digits")
    if number.count(".") > 1 or not number.strip("."):
        raise ValueError(f'a number was expected at "{text[:12]}"')
    after = text[len(number) :]
    unit = _leading_unit(after)
    if not unit:
        raise ValueError(f'"{number}" has no unit')
    if unit not in UNITS:
        raise ValueError(f'"{unit}" is not a unit of time')
    whole, _, fraction = number.partition(".")
    count = int(f"{whole}{fraction}" or "0")
    return count * UNITS[unit] // 10 ** len(fraction), after[len(unit) :]


def _leading(text: str, characters: str) -> str:
    return text[: len(text) - len(text.lstrip(characters))]


def _leading_unit(text: str) -> str:
    end = next((i for i, character in enumerate(text) if character in f"{DIGITS}."), len(text))
    return text[:end]


def format_duration(nanoseconds: int) -> str:
    """The shortest usual writing of a duration: `1h30m`, `5s`, `250ms`, `0s`."""
    if nanoseconds < 0:
        return f"-{format_duration(-nanoseconds)}"
    if 0 < nanoseconds < UNITS["s"]:
        unit = next(unit for unit in ("ms", "us", "ns") if nanoseconds >= UNITS[unit])
        return f"{_decimal(nanoseconds, UNITS[unit])}{unit}"
    hours, rest = divmod(nanoseconds, UNITS["h"])
    minutes, rest = divmod(rest, UNITS["m"])
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    if rest or not (hours or minutes):
        parts.append(f"{_decimal(rest, UNITS['s'])}s")
    return "".join(parts)


def _decimal(count: int, per_unit: int) -> str:
    return f"{count / per_unit:.9f}".rstrip("0") if count % per_unit else f"{count // per_unit}"
