"""Functions of sprig for moments and durations.

Source: sprig's documentation, and Go's package `time`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qemu_run.golang.durations import parse_duration
from qemu_run.golang.times import DAYS, MONTHS, Moment, format_time, moment, parse_time
from qemu_run.templates.declare import Functions, GoFunction, pure, working
from qemu_run.templates.functions.sprig.common import integer
from qemu_run.templates.values import Duration, Int64, Object, Value
from qemu_run.templates.work import FunctionError

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation

_SECOND = 1_000_000_000
_ROUNDED = ((31_557_600, "y"), (2_629_800, "mo"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


class Time(Object):
    """Go's time.Time."""

    go_type = "time.Time"

    def __init__(self, moment: Moment) -> None:
        self.moment = moment

    def __str__(self) -> str:
        return str(self.moment)

    @property
    def in_json(self) -> str:
        """In the form of RFC 3339."""
        return format_time(self.moment, "2006-01-02T15:04:05.999999999Z07:00")

    def methods(self) -> Mapping[str, GoFunction]:
        """What a template can call on it."""
        time = self.moment.time
        return {
            "Day": pure("", lambda: time.day),
            "Format": pure("string", lambda layout: format_time(self.moment, layout)),
            "Hour": pure("", lambda: time.hour),
            "Minute": pure("", lambda: time.minute),
            "Month": pure("", lambda: MONTHS[time.month - 1]),
            "Nanosecond": pure("", lambda: self.moment.nanosecond),
            "Second": pure("", lambda: time.second),
            "String": pure("", lambda: str(self.moment)),
            "Unix": pure("", lambda: Int64(self.moment.unix)),
            "Weekday": pure("", lambda: DAYS[time.weekday()]),
            "Year": pure("", lambda: time.year),
            "YearDay": pure("", lambda: time.timetuple().tm_yday),
        }


def _to_date(layout: str, text: str) -> Time:
    """A moment; of a text that is none, Go's first."""
    try:
        return _must_to_date(layout, text)
    except FunctionError:
        return Time(moment(datetime(1, 1, 1, tzinfo=UTC)))


def _must_to_date(layout: str, text: str) -> Time:
    try:
        return Time(parse_time(layout, text))
    except ValueError as error:
        raise FunctionError(str(error)) from None


def _modified(added: str, time: Value) -> Time:
    if not isinstance(time, Time):
        raise FunctionError("a moment is wanted")
    try:
        return Time(time.moment.plus(parse_duration(added)))
    except ValueError as error:
        raise FunctionError(str(error)) from None


def _duration(value: Value) -> str:
    seconds = integer(value) if isinstance(value, (str, Int64)) else 0
    return str(Duration(seconds * _SECOND))


def _nanoseconds(evaluation: "Evaluation", value: Value) -> int:
    match value:
        case str():
            try:
                return parse_duration(value)
            except ValueError:
                return 0
        case Time():
            return _since(evaluation, value)
        case Int64() | Duration():
            return int(value)
        case _:
            return 0


def _since(evaluation: "Evaluation", value: Time) -> int:
    now = moment(evaluation.inputs.now)
    return (now.unix - value.moment.unix) * _SECOND + now.nanosecond - value.moment.nanosecond


def _duration_round(evaluation: "Evaluation", value: Value) -> str:
    seconds = abs(_nanoseconds(evaluation, value)) / _SECOND
    for size, unit in _ROUNDED:
        if seconds > size:
            return f"{int(seconds // size)}{unit}"
    return "0s"


def _ago(evaluation: "Evaluation", value: Value) -> str:
    match value:
        case Time():
            since = _since(evaluation, value)
        case int() if not isinstance(value, bool):
            since = (moment(evaluation.inputs.now).unix - int(value)) * _SECOND
        case _:
            since = 0
    return str(Duration((since + _SECOND // 2) // _SECOND * _SECOND))


def _epoch(time: Value) -> str:
    if not isinstance(time, Time):
        raise FunctionError("a moment is wanted")
    return str(time.moment.unix)


FUNCTIONS: Functions = {
    "ago": working("any", _ago),
    "duration": pure("any", _duration),
    "durationRound": working("any", _duration_round),
    "mustDateModify": pure("string, time.Time", _modified),
    "mustToDate": pure("string, string", _must_to_date),
    "must_date_modify": pure("string, time.Time", _modified),
    "toDate": pure("string, string", _to_date),
    "unixEpoch": pure("time.Time", _epoch),
}
