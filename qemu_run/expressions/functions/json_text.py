"""Values as JSON and back.

Source: cty's JSON form, Go's encoding/json for how strings are escaped.
"""

import json
import re
from typing import Any

from qemu_run.expressions.numbers import NumberTooLargeError, number_text, parse_decimal
from qemu_run.expressions.values import (
    NULL,
    ExpressionError,
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    Value,
    text,
)
from qemu_run.golang.json_text import json_string


def to_json(value: Value) -> str:
    """A value as JSON without blanks, keys sorted."""
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _write(value: Value, parts: list[str]) -> None:
    match value:
        case Null():
            parts.append("null")
        case str():
            parts.append(json_string(value))
        case bool():
            parts.append("true" if value else "false")
        case TupleValue(items) | ListValue(_, items) | SetValue(_, items):
            _write_all(items, parts)
        case ObjectValue(named) | MapValue(_, named):
            separator = "{"
            for name, item in named.items():
                parts.append(f"{separator}{json_string(name)}:")
                _write(item, parts)
                separator = ","
            parts.append("}" if named else "{}")
        case Unknown():
            msg = "the value is not known"
            raise ExpressionError(msg)
        case _:
            digits = number_text(value)
            if "Inf" in digits:
                msg = "JSON has no infinity"
                raise ExpressionError(msg)
            parts.append(digits)


def _write_all(items: tuple[Value, ...], parts: list[str]) -> None:
    separator = "["
    for item in items:
        parts.append(separator)
        _write(item, parts)
        separator = ","
    parts.append("]" if items else "[]")


def from_json(characters: str) -> Value:
    """The value a JSON text stands for."""
    try:
        decoded = json.loads(characters, parse_int=_number, parse_float=_number, parse_constant=_constant)
        return _value(decoded)
    except json.JSONDecodeError as error:
        raise ExpressionError(
            f"not JSON: {error.msg.lower()}, line {error.lineno} column {error.colno}"
        ) from None
    except RecursionError:
        msg = "the JSON is nested too deeply"
        raise ExpressionError(msg) from None


def _constant(name: str) -> Value:
    raise ExpressionError(f"not JSON: {name}")


def _number(digits: str) -> Value:
    try:
        number = parse_decimal(digits)
    except NumberTooLargeError:
        msg = "a number is too large"
        raise ExpressionError(msg) from None
    return 0 if number is None else number


def _value(decoded: Any) -> Value:  # noqa: ANN401 - whatever JSON holds
    if decoded is None:
        return NULL
    if isinstance(decoded, str):
        return text(re.sub("[\ud800-\udfff]", "\ufffd", decoded))
    if isinstance(decoded, list):
        return TupleValue(tuple(map(_value, decoded)))
    if isinstance(decoded, dict):
        return ObjectValue({text(name): _value(item) for name, item in decoded.items()})
    return decoded  # type: ignore[no-any-return]
