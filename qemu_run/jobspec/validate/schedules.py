"""Rules of `periodic`: cron expressions and time zones.

Source: the cron syntax of `hashicorp/cronexpr`: five fields, six with a year, seven with seconds before and a
year after; or a predefined `@name`.
"""

import re
from collections.abc import Mapping

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.view import Part
from qemu_run.source import Span

PREDEFINED = ("@annually", "@yearly", "@monthly", "@weekly", "@daily", "@hourly")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")

FIELDS: Mapping[str, tuple[int, int, tuple[str, ...]]] = {
    "seconds": (0, 59, ()),
    "minutes": (0, 59, ()),
    "hours": (0, 23, ()),
    "days of the month": (1, 31, ()),
    "months": (1, 12, MONTHS),
    "days of the week": (0, 7, DAYS),
    "years": (1970, 2099, ()),
}
"""By field: the smallest and largest number, and names for them, which may be cut to three letters."""

STEP = re.compile(r"(?P<range>[^/]+)(?:/(?P<step>\d+))?")
SPECIAL = re.compile(r"(?:l|w|lw|\d+w|\w+l|\w+#\d)", re.IGNORECASE)
"""Last day, nearest weekday, nth weekday: `L`, `15W`, `5L`, `5#3`."""


def check_periodic(job: Part, diagnostics: Diagnostics) -> None:
    """Check when a periodic job runs; a disabled one is not looked at."""
    periodic = job.part("Periodic")
    if periodic is None or periodic.value.get("Enabled") is False:
        return
    spec, specs = periodic.text("Spec"), periodic.texts("Specs")
    if spec and specs:
        diagnostics.error("both cron and crons are set", periodic.at("Specs"), "one of the two")
    elif not spec and not specs:
        diagnostics.error(
            "periodic does not say when",
            periodic.at(),
            "add crons",
            hints=('crons = ["0 3 * * *"] is every night at three',),
        )
    if periodic.text("SpecType") == "cron":
        for text, span in [
            *(((spec, periodic.at("Spec")),) if spec else ()),
            *((text, periodic.at("Specs")) for text in specs),
        ]:
            _check_cron(text, span, diagnostics)
    _check_zone(periodic, diagnostics)


def _check_zone(periodic: Part, diagnostics: Diagnostics) -> None:
    from zoneinfo import ZoneInfo, available_timezones

    zone = periodic.text("TimeZone")
    if zone in {"", "UTC", "Local"}:
        return
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        if available_timezones():
            diagnostics.error(
                f'no time zone is called "{zone}"', periodic.at("TimeZone"), "a name such as Europe/Lisbon"
            )


def _check_cron(text: str, span: Span | None, diagnostics: Diagnostics) -> None:
    problem = cron_problem(text)
    if problem:
        diagnostics.error(f'"{text}" is not a cron expression', span, problem)


def cron_problem(text: str) -> str:
    """What is wrong with a cron expression, in a few words; empty when nothing is."""
    if text.strip().startswith("@"):
        return "" if text.strip().lower() in PREDEFINED else f"known names are {', '.join(PREDEFINED)}"
    fields = text.split()
    if not 5 <= len(fields) <= 7:
        return f"it has {len(fields)} fields, wanted five: minute hour day month weekday"
    names = list(FIELDS)[1:7] if len(fields) < 7 else list(FIELDS)
    for name, field in zip(names, fields, strict=False):
        for item in field.split(","):
            if not _is_item(item, *FIELDS[name]):
                return f'"{item}" does not fit {name}'
    return ""


def _is_item(item: str, smallest: int, largest: int, names: tuple[str, ...]) -> bool:
    if SPECIAL.fullmatch(item):
        return True
    match = STEP.fullmatch(item)
    if match is None or match["step"] == "0":
        return False
    if match["range"] in {"*", "?"}:
        return True
    return all(_is_value(end, smallest, largest, names) for end in match["range"].split("-", 1))


def _is_value(text: str, smallest: int, largest: int, names: tuple[str, ...]) -> bool:
    if text.isdecimal():
        return smallest <= int(text) <= largest
    return any(text.lower() in {name, name[:3]} for name in names)
