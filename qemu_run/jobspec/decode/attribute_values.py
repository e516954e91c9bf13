"""Values of expressions as plain data for the API form.

Source: the conversions of Nomad's `jobspec2` package (`decodeDuration`, `parse_map.go`) and of `gocty`.
"""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from qemu_run.expressions.convert import convert
from qemu_run.expressions.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Type,
    friendly,
)
from qemu_run.expressions.unify import convertible
from qemu_run.expressions.values import (
    ExpressionError,
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    Value,
    describe,
    is_number,
)
from qemu_run.expressions.values import elements as elements_of
from qemu_run.golang.durations import LONGEST, parse_duration
from qemu_run.jobspec.model import Json
from qemu_run.jobspec.schema.words import Attribute, Kind

TEXT = Attribute("", "", Kind.STRING)
"""The value of a name in a map of strings."""
LISTS = Attribute("", "", Kind.STRINGS, nullable=True)
"""The value of a name in a map of lists."""
MAP = Attribute("", "", Kind.STRING_MAP, nullable=True)
"""What `meta = ...` and `env = ...` are given."""


class UnsuitableError(Exception):
    """A value that cannot be what it must be."""

    def __init__(self, label: str, hint: str = "", wanted: str = "") -> None:
        super().__init__(label)
        self.label = label
        """What it is, in a few words."""
        self.hint = hint
        """What to write instead; may be empty."""
        self.wanted = wanted
        """What it must be, where that is more than its kind; may be empty."""


def read(value: Value, attribute: Attribute, unset: Json) -> Json:
    """A value as the plain data that `attribute` holds; `unset` for an unknown one.

    Raises:
        UnsuitableError: when it cannot be converted, or is null where null is not allowed.
    """
    if isinstance(value, Unknown):
        return unset
    if isinstance(value, Null):
        wanted = TYPES.get(attribute.kind, DYNAMIC)
        if not convertible(value.type, wanted, unsafe=True):
            raise UnsuitableError(f"this is null, but {friendly(value.type)}")
        if attribute.null_as_unset:
            return unset
        if attribute.nullable and attribute.kind is not Kind.DURATION:
            return None
        raise UnsuitableError("this is null", "leave it out instead")
    return READERS[attribute.kind](value, attribute)


def _string(value: Value, _attribute: Attribute) -> Json:
    return value if isinstance(value, str) else json(_converted(value, STRING))


def _bool(value: Value, _attribute: Attribute) -> Json:
    return (
        value
        if isinstance(value, bool)
        else json(_converted(value, BOOL, "write true or false, without quotes"))
    )


def _integer(value: Value, attribute: Attribute) -> Json:
    number = value if is_number(value) else _converted(value, NUMBER, _unit_hint(value, attribute))
    return _whole(number, attribute)


def _whole(number: Value, attribute: Attribute) -> int:
    if not isinstance(number, int | Fraction | float) or (
        isinstance(number, float) and not math.isfinite(number)
    ):
        raise UnsuitableError(f"this is {describe(number)}")
    if number != int(number):
        raise UnsuitableError(f"this is {float(number):g}")
    if not attribute.minimum <= number <= attribute.maximum:
        bounds = f"a whole number from {attribute.minimum} to {attribute.maximum}"
        raise UnsuitableError(f"this is {describe(number)}", wanted=bounds)
    return int(number)


def _unit_hint(value: Value, attribute: Attribute) -> str:
    if attribute.unit and isinstance(value, str) and value[:1].isdecimal():
        return f"{attribute.name} is counted in {attribute.unit}; write the number alone"
    return ""


def _duration(value: Value, attribute: Attribute) -> Json:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError as error:
            raise UnsuitableError(str(error), 'durations are written as "30s", "5m" or "1h30m"') from error
    if not is_number(value):
        raise UnsuitableError(f"this is {describe(value)}", 'durations are written as "30s", "5m" or "1h30m"')
    return _whole(value, Attribute(attribute.name, "", Kind.INTEGER, minimum=-LONGEST - 1, maximum=LONGEST))


def _strings(value: Value, _attribute: Attribute) -> Json:
    hint = f'put it in brackets: ["{value}"]' if isinstance(value, str) else ""
    return _without_nulls(_converted(value, ListType(STRING), hint))


def _integers(value: Value, attribute: Attribute) -> Json:
    converted = _converted(value, ListType(NUMBER))
    return [_whole(item, attribute) for item in converted.items] if isinstance(converted, ListValue) else None


def _string_map(value: Value, _attribute: Attribute) -> Json:
    return _without_nulls(_converted(value, MapType(STRING)))


TYPES: Mapping[Kind, Type] = {
    Kind.STRING: STRING,
    Kind.BOOL: BOOL,
    Kind.INTEGER: NUMBER,
    Kind.STRINGS: ListType(STRING),
    Kind.INTEGERS: ListType(NUMBER),
    Kind.STRING_MAP: MapType(STRING),
}
"""The type that even a null has to fit; durations are read in their own way."""

READERS: Mapping[Kind, Callable[[Value, Attribute], Json]] = {
    Kind.STRING: _string,
    Kind.BOOL: _bool,
    Kind.INTEGER: _integer,
    Kind.DURATION: _duration,
    Kind.STRINGS: _strings,
    Kind.INTEGERS: _integers,
    Kind.STRING_MAP: _string_map,
}


def _converted(value: Value, wanted: Type, hint: str = "") -> Value:
    try:
        return convert(value, wanted)
    except ExpressionError as error:
        label = f"this is {describe(value)}"
        detail = (
            str(error)
            if isinstance(value, TupleValue | ListValue | SetValue | ObjectValue | MapValue)
            else ""
        )
        raise UnsuitableError(detail or label, hint) from error


def _without_nulls(value: Value) -> Json:
    items = value.items if isinstance(value, ListValue | MapValue) else ()
    parts = items.items() if isinstance(items, Mapping) else enumerate(items)
    for key, item in parts:
        if isinstance(item, Null):
            raise UnsuitableError(f'"{key}" is null' if isinstance(key, str) else f"element {key} is null")
    return json(value)


def json(value: Value) -> Json:
    """A value as it stands in JSON: whole numbers that fit in 64 bits as such, all others as floats.

    A map of maps or objects becomes the list of them: to a driver that is a block written several times.

    Raises:
        UnsuitableError: for an infinite number, which JSON cannot say.
    """
    match value:
        case Null() | Unknown():
            return None
        case str() | bool():
            return value
        case int() | Fraction() | float():
            return _number(value)
        case TupleValue(items) | ListValue(_, items) | SetValue(_, items):
            return [json(item) for item in items]
        case MapValue(MapType() | ObjectType(), named):
            return [json(item) for item in named.values()]
        case ObjectValue(named) | MapValue(_, named):
            return {name: json(item) for name, item in named.items()}


def _number(value: int | Fraction | float) -> int | float:
    if not (isinstance(value, float) and not math.isfinite(value)) and value == int(value):
        whole = int(value)
        if -(2**63) <= whole < 2**63:
            return whole
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        msg = "this number is too large"
        raise UnsuitableError(msg)
    return number


def elements(value: Value) -> list[tuple[Value, Value]]:
    """The keys and values of a collection; none for an unknown one.

    Raises:
        UnsuitableError: for what is not a collection, and for null.
    """
    if isinstance(value, Unknown):
        return []
    found = elements_of(value)
    if found is None:
        raise UnsuitableError(f"this is {describe(value)}")
    return found


def element(key: Value, value: Value) -> Value:
    """What a dynamic block's iterator is: an object of a key and a value."""
    return ObjectValue({"key": key, "value": value})


def texts(value: Value) -> list[str]:
    """The strings of a list; none for an unknown one.

    Raises:
        UnsuitableError: when it is not a list of strings, or has a null in it.
    """
    if isinstance(value, Null):
        msg = "this is null"
        raise UnsuitableError(msg)
    found = read(value, LISTS, [])
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []
