"""The functions that Go's package text/template itself brings.

Source: its documentation, and `funcs.go`.
"""

from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from qemu_run.templates import comparison
from qemu_run.templates.declare import Functions, pure, working
from qemu_run.templates.printf import printf
from qemu_run.templates.printing import show, show_lines
from qemu_run.templates.values import (
    Byte,
    Channel,
    Map,
    NoValue,
    Slice,
    Value,
    described,
    from_bytes,
    to_bytes,
    truth,
    zero_of,
)
from qemu_run.templates.work import FunctionError

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation

_HTML = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def length(value: Value) -> int:
    """`len`: bytes of a text, items of a collection."""
    match value:
        case str():
            return len(to_bytes(value))
        case Slice() | Map():
            return len(value)
        case Channel():
            return 0
        case NoValue() | None:
            raise FunctionError("nil has no length")
        case _:
            raise FunctionError(f"a {described(value)} has no length")


def _place(index: Value, last: int) -> int:
    if isinstance(index, bool) or not isinstance(index, int):
        raise FunctionError(f"a number is wanted as the index, not a {described(index)}")
    if not 0 <= index <= last:
        raise FunctionError(f"the index {int(index)} is out of range")
    return int(index)


def index(value: Value, *indexes: Value) -> Value:
    """`index`: an item of a collection of a collection."""
    if isinstance(value, NoValue):
        value = None
    if value is None:
        raise FunctionError("nil has no items")
    for each in indexes:
        value = _item(value, each)
    return value


def _item(value: Value, index: Value) -> Value:
    match value:
        case str():
            data = to_bytes(value)
            return Byte(data[_place(index, len(data) - 1)])
        case Slice():
            return value[_place(index, len(value) - 1)]
        case Map():
            return value.get(_key(value, index), zero_of(value.elem))
        case NoValue() | None:
            raise FunctionError("nil has no items")
        case _:
            raise FunctionError(f"a {described(value)} has no items")


def _key(value: Map, index: Value) -> Value:
    if value.key == "string" and not isinstance(index, str):
        raise FunctionError(f"a string is wanted as the index, not a {described(index)}")
    if isinstance(index, (Slice, Map)):
        raise FunctionError(f"a {described(index)} cannot be an index")
    return index


def slice_of(value: Value, *indexes: Value) -> Value:
    """`slice`: a stretch of a text or a list."""
    if len(indexes) > 3:
        raise FunctionError(f"three indexes at most, not {len(indexes)}")
    match value:
        case str() if len(indexes) < 3:
            data = to_bytes(value)
            start, end = _stretch(indexes, len(data))
            return from_bytes(data[start:end])
        case Slice():
            start, end = _stretch(indexes, len(value))
            return Slice(value[start:end], value.elem)
        case _:
            raise FunctionError(f"a {described(value)} cannot be sliced so")


def _stretch(indexes: tuple[Value, ...], count: int) -> tuple[int, int]:
    places = [_place(each, count) for each in indexes]
    start, end = (*places, *(0, count)[len(places[:2]) :])[:2]
    limit = places[2] if len(places) > 2 else count
    if not start <= end <= limit:
        raise FunctionError(f"it cannot be sliced from {start} to {end}")
    return start, end


def call(function: Value, *_: Value) -> Value:
    """`call`: no value that a template can have is a function."""
    raise FunctionError(f"a {described(function)} is not a function")


def _shown(evaluation: "Evaluation", arguments: tuple[Value, ...]) -> str:
    """Arguments as the escaping functions take them."""
    if len(arguments) == 1 and isinstance(arguments[0], str):
        return arguments[0]
    return show(
        ["<no value>" if value is None or isinstance(value, NoValue) else value for value in arguments],
        evaluation.work,
    )


def _html(evaluation: "Evaluation", *arguments: Value) -> str:
    return _shown(evaluation, arguments).translate(_HTML)


def _js(evaluation: "Evaluation", *arguments: Value) -> str:
    return "".join(map(_js_character, _shown(evaluation, arguments)))


def _js_character(character: str) -> str:
    if character in _JS:
        return _JS[character]
    if character < " ":
        return f"\\u00{ord(character):02X}"
    if "\ud800" <= character <= "\udfff":
        return "\\uFFFD"
    return character if character.isprintable() or character == "\x7f" else f"\\u{ord(character):04X}"


def _urlquery(evaluation: "Evaluation", *arguments: Value) -> str:
    return quote_plus(to_bytes(_shown(evaluation, arguments)), safe="~")


FUNCTIONS: Functions = {
    "and": pure("value, ...value", lambda *_: None),
    "or": pure("value, ...value", lambda *_: None),
    "not": pure("value", lambda value: not truth(value)),
    "call": pure("value, ...value", call),
    "html": working("...any", _html),
    "index": pure("value, ...value", index),
    "js": working("...any", _js),
    "len": pure("value", length),
    "print": working("...any", lambda evaluation, *values: show(values, evaluation.work)),
    "printf": working(
        "string, ...any", lambda evaluation, text, *values: printf(text, values, evaluation.work)
    ),
    "println": working("...any", lambda evaluation, *values: show_lines(values, evaluation.work)),
    "slice": pure("value, ...value", slice_of),
    "urlquery": working("...any", _urlquery),
    "eq": pure("value, ...value", comparison.equal),
    "ne": pure("value, value", comparison.unequal),
    "lt": pure("value, value", comparison.less),
    "le": pure("value, value", comparison.less_or_equal),
    "gt": pure("value, value", comparison.greater),
    "ge": pure("value, value", comparison.greater_or_equal),
}
