"""JSON read and written as Go does it.

Source: Go's package encoding/json.
"""

import json
import math
import re

from qemu_run.golang.floats import format_float
from qemu_run.golang.quoting import REPLACEMENT
from qemu_run.templates.values import Map, NoValue, Object, Slice, Value, described, in_order
from qemu_run.templates.work import FunctionError, Work

_LONE = re.compile("[\ud800-\udfff]")
_ALWAYS = re.compile('[\\\\"\x00-\x1f\u2028\u2029\ud800-\udfff]')
_FOR_HTML = re.compile('[\\\\"\x00-\x1f<>&\u2028\u2029\ud800-\udfff]')
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def read(text: str, work: Work) -> Value:
    """The value of a JSON text; every number is a float.

    Raises:
        FunctionError: it is not JSON.
    """
    try:
        value = json.loads(
            text, parse_int=_number, parse_float=_number, parse_constant=_constant, object_pairs_hook=Map
        )
    except RecursionError:
        raise FunctionError("the JSON is nested too deeply") from None
    except ValueError as error:
        raise FunctionError(f"this is not JSON: {error}") from None
    return _value(value, work)


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is too large a number")
    return value


def _constant(text: str) -> float:
    raise ValueError(f"{text} is not a value")


def _value(value: object, work: Work) -> Value:
    work.step()
    match value:
        case list():
            with work.deeper():
                return Slice([_value(item, work) for item in value])
        case Map():
            with work.deeper():
                return Map({_text(str(name)): _value(item, work) for name, item in value.items()})
        case str():
            return _text(value)
        case _:
            pass
    return value  # type: ignore[return-value]


def _text(text: str) -> str:
    return text if text.isascii() else _LONE.sub(REPLACEMENT, text)


def write(value: Value, work: Work, *, escape: bool = True, pretty: bool = False, indent: str = "") -> str:
    """A value in JSON.

    Args:
        value: Of a type that JSON has.
        work: Where to count it.
        escape: Whether `<`, `>` and `&` are escaped, as for HTML.
        pretty: Whether it is on many lines, two blanks further in each.
        indent: Where the value's first line begins, when it is.

    Raises:
        FunctionError: it has another type.
    """
    work.step()
    match value:
        case None | NoValue():
            text = "null"
        case bool():
            text = "true" if value else "false"
        case str():
            work.text(len(value))
            text = quoted(value, escape=escape)
        case int():
            text = str(int(value))
        case float():
            text = _float(value)
        case Slice() | Map() if value.is_nil:
            text = "null"
        case Slice():
            inner = indent + "  "
            with work.deeper():
                items = [write(item, work, escape=escape, pretty=pretty, indent=inner) for item in value]
            text = _block("[", items, "]", inner if pretty else "", work)
        case Map() if value.key == "string":
            text = _map(value, work, escape=escape, pretty=pretty, indent=indent)
        case Object() if value.in_json is not None:
            text = quoted(value.in_json, escape=escape)
        case _:
            raise FunctionError(f"JSON has no {described(value)}")
    return text


def _map(value: Map, work: Work, *, escape: bool, pretty: bool, indent: str) -> str:
    inner = indent + "  "
    colon = ": " if pretty else ":"
    with work.deeper():
        pairs = [
            quoted(str(name), escape=escape)
            + colon
            + write(value[name], work, escape=escape, pretty=pretty, indent=inner)
            for name in in_order(value)
        ]
    return _block("{", pairs, "}", inner if pretty else "", work)


def _block(left: str, items: list[str], right: str, indent: str, work: Work) -> str:
    work.text(sum(map(len, items)) + len(items) * len(indent))
    if not items or not indent:
        return left + ",".join(items) + right
    lines = ",\n".join(indent + item for item in items)
    return f"{left}\n{lines}\n{indent[2:]}{right}"


def quoted(text: str, *, escape: bool) -> str:
    """A string of JSON."""

    def one(found: re.Match[str]) -> str:
        character = found[0]
        if character in _SHORT:
            return _SHORT[character]
        code = 0xFFFD if "\ud800" <= character <= "\udfff" else ord(character)
        return f"\\u{code:04x}"

    return f'"{(_FOR_HTML if escape else _ALWAYS).sub(one, text)}"'


def _float(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        raise FunctionError("JSON has no infinite numbers")
    if value != 0 and (abs(value) < 1e-6 or abs(value) >= 1e21):
        return re.sub(r"e-0(\d)$", r"e-\1", format_float(value, "e"))
    return format_float(value, "f")
