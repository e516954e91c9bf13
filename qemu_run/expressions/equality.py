"""When two values are the same, and the order in which sets are walked through.

Source: cty's values and sets.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from qemu_run.expressions.decimals import ten_digits
from qemu_run.expressions.types import Type
from qemu_run.expressions.values import (
    Compound,
    ListValue,
    MapValue,
    Null,
    Number,
    ObjectValue,
    SetValue,
    TupleValue,
    Value,
    is_number,
    type_of,
)


def set_of(element: Type, items: Iterable[Value]) -> SetValue:
    """A set of elements of one type."""
    different: dict[SetKey, Value] = {}
    for item in items:
        different.setdefault(set_key(item), item)
    return SetValue(element, tuple(different[key] for key in sorted(different)))


def equal(left: Value, right: Value) -> bool:
    """Whether two values are of one type, with the same in them; all nulls are the same."""
    if isinstance(left, Null) or isinstance(right, Null):
        return isinstance(left, Null) and isinstance(right, Null)
    if isinstance(left, Compound) or isinstance(right, Compound):
        return type_of(left) == type_of(right) and set_key(left) == set_key(right)
    return type_of(left) == type_of(right) and left == right


SetKey: TypeAlias = tuple[int, bool | Number | str, str]


def set_key(value: Value) -> SetKey:
    """What the elements of a set are told apart and sorted by: nulls last, compound values by their text.

    In the text that decides the order a number has ten digits, so all of them follow as the last resort.
    """
    match value:
        case Null():
            return (1, "", "")
        case str() | bool() | int() | Fraction() | float():
            return (0, value, "")
        case _:
            parts: list[str] = []
            numbers: list[str] = []
            _write_key(value, parts, numbers)
            return (0, "".join(parts), " ".join(numbers))


def _write_key(value: Value, parts: list[str], numbers: list[str]) -> None:
    """A text that differs for different values of one type; its order is the one cty walks sets in."""
    match value:
        case ListValue(_, items) | SetValue(_, items):
            _write_parts("[", items, "]", parts, numbers)
        case TupleValue(items):
            _write_parts("<", items, ">", parts, numbers)
        case ObjectValue(attributes):
            _write_parts("<", tuple(attributes.values()), ">", parts, numbers)
        case MapValue(_, elements):
            parts.append("{")
            for name, item in elements.items():
                parts.append(_quoted(name) + ":")
                _write_key(item, parts, numbers)
                parts.append(";")
            parts.append("}")
        case _:
            parts.append(_leaf_key(value, numbers))


def _leaf_key(value: Value, numbers: list[str]) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "T" if value else "F"
    if not is_number(value):
        return "~"
    numbers.append(str(value))
    return ten_digits(value)


def _write_parts(
    opening: str, items: "tuple[Value, ...]", closing: str, parts: list[str], numbers: list[str]
) -> None:
    parts.append(opening)
    for item in items:
        _write_key(item, parts, numbers)
        parts.append(";")
    parts.append(closing)


def _quoted(characters: str) -> str:
    """A string as Go's `%q` writes it: what is not printable as an escape."""
    return f'"{UNPRINTABLE.sub(_escaped, characters)}"'


UNPRINTABLE = re.compile(r'[\\"]|[^ -~]')
SHORT = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character in '\\"':
        return "\\" + character
    if character in SHORT:
        return SHORT[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
