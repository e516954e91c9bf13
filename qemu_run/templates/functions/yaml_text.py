"""YAML read and written as Go's yaml.v2 does it: YAML 1.1 words for true and false, numbers as Go reads them.

Source: the YAML specification 1.1, and what yaml.v2 makes of it.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from qemu_run.golang.floats import format_float
from qemu_run.templates.functions.base64_text import decoded
from qemu_run.templates.numbers import parse_integer
from qemu_run.templates.values import (
    ANY,
    Map,
    NoValue,
    Object,
    Slice,
    Uint64,
    Value,
    described,
    from_bytes,
)
from qemu_run.templates.work import FunctionError, Work

_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE = frozenset({"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INFINITE = {
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DATE = re.compile(
    r"\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?)?)?"
)
_SIXTY = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_TAG = "tag:yaml.org,2002:"
_INT64, _UINT64 = range(-(2**63), 2**63), range(2**64)


def read(text: str, work: Work) -> Value:
    """The value of the first document of a YAML text.

    Raises:
        FunctionError: it is not YAML.
    """
    work.step(len(text))
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_node() if loader.check_node() else None
        return None if node is None else _Reader(work).value(node)
    except yaml.MarkedYAMLError as error:
        where = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise FunctionError(f"this is not YAML: {error.problem or error.context}{where}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise FunctionError(f"this is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise FunctionError("the YAML is nested too deeply") from None


class _Reader:
    """Makes values of nodes; what anchors repeat is counted each time, so that a small text stays small."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def value(self, node: Any) -> Value:  # noqa: ANN401 - yaml's nodes
        """The value of a node."""
        self._work.step()
        match node:
            case yaml.ScalarNode():
                return _scalar(node)
            case yaml.SequenceNode():
                with self._work.deeper():
                    return Slice([self.value(item) for item in node.value])
            case yaml.MappingNode():
                with self._work.deeper():
                    return self._map(node)
            case _:
                pass
        raise FunctionError("this is not YAML")

    def _map(self, node: Any) -> Map:  # noqa: ANN401 - yaml's nodes
        result = Map((), ANY, ANY)
        merged: list[Map] = []
        for name_node, value_node in node.value:
            if name_node.tag == f"{_TAG}merge" or (name_node.value == "<<" and not name_node.style):
                merged += self._merged(value_node)
                continue
            name = self.value(name_node)
            if isinstance(name, (Slice, Map)):
                raise FunctionError("a list or map cannot be a key")
            result[name] = self.value(value_node)
        for other in merged:
            for name, value in other.items():
                result.setdefault(name, value)
        return result

    def _merged(self, node: Any) -> list[Map]:  # noqa: ANN401 - yaml's nodes
        value = self.value(node)
        maps = list(value) if isinstance(value, Slice) else [value]
        if not all(isinstance(each, Map) for each in maps):
            raise FunctionError('"<<" merges maps')
        return [each for each in maps if isinstance(each, Map)]


def _scalar(node: Any) -> Value:  # noqa: ANN401 - yaml's nodes
    tag = node.tag.removeprefix(_TAG)
    explicit = not node.style and tag in {
        "int",
        "float",
        "bool",
        "null",
        "timestamp",
        "value",
        "merge",
        "str",
    }
    if tag == "binary":
        return decoded("".join(node.value.split()))
    if node.style and tag == "str":
        return str(node.value)
    if tag == "str" and node.start_mark.buffer and _is_tagged(node):
        return str(node.value)
    value = resolved(node.value)
    if tag == "float" and isinstance(value, int) and not isinstance(value, bool) and _is_tagged(node):
        return float(value)
    return value if explicit or node.style in {None, ""} or tag != "str" else str(node.value)


def _is_tagged(node: Any) -> bool:  # noqa: ANN401 - yaml's nodes
    """Whether the text has a tag of its own."""
    mark = node.start_mark
    return bool(mark.buffer and mark.buffer[mark.pointer : mark.pointer + 1] == "!")


def resolved(text: str) -> Value:
    """The value that a plain scalar stands for."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text in _INFINITE:
        return _INFINITE[text]
    if text[0] not in "+-.0123456789" or _DATE.fullmatch(text):
        return text
    plain = text.replace("_", "")
    number = parse_integer(plain)
    if number is not None and number in _INT64:
        return number
    if number is not None and number in _UINT64:
        return Uint64(number)
    if _FLOAT.fullmatch(plain) and len(plain) < 400:
        return float(plain)
    return text


def write(value: Value, work: Work) -> str:
    """A value in YAML.

    Raises:
        FunctionError: YAML has no such value.
    """
    events = [
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
        *_events(value, work),
        yaml.DocumentEndEvent(explicit=False),
        yaml.StreamEndEvent(),
    ]
    text = yaml.emit(events, Dumper=yaml.Dumper, allow_unicode=True, width=80)
    return str(text).removeprefix("--- ").removesuffix("...\n")


def _events(value: Value, work: Work) -> Iterator[Any]:
    work.step()
    match value:
        case Slice():
            yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=not value)
            with work.deeper():
                for item in value:
                    yield from _events(item, work)
            yield yaml.SequenceEndEvent()
        case Map():
            yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=not value)
            with work.deeper():
                for name in sorted(value, key=_natural):
                    yield from _events(name, work)
                    yield from _events(value[name], work)
            yield yaml.MappingEndEvent()
        case str():
            work.text(len(value))
            yield _string(value)
        case _:
            yield _plain(_scalar_text(value))


def _scalar_text(value: Value) -> str:
    match value:
        case None | NoValue():
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case Object() if value.in_json is not None:
            return value.in_json
        case _:
            raise FunctionError(f"YAML has no {described(value)}")


def _plain(text: str) -> Any:  # noqa: ANN401 - yaml's events
    return yaml.ScalarEvent(None, None, (True, True), text, style="")


def _float(value: float) -> str:
    text = format_float(value, "g")
    return {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(text, text)


def _string(text: str) -> Any:  # noqa: ANN401 - yaml's events
    """A string: in quotes where it would be read as something else, a block where it has lines."""
    if "\n" in text and not any("\ud800" <= character <= "\udfff" for character in text):
        style = "|"
    elif any(character > "\uffff" or "\ud800" <= character <= "\udfff" for character in text):
        text, style = from_bytes(text.encode("utf-8", "replace")), '"'
    else:
        is_text = isinstance(resolved(text), str) and not _DATE.fullmatch(text) and not _SIXTY.fullmatch(text)
        style = "" if is_text else '"'
    return yaml.ScalarEvent(None, None, (True, True), text, style=style)


def _natural(name: Value) -> tuple[Any, ...]:
    """The order of keys: numbers before text, in text numbers by their value and signs before letters."""
    if isinstance(name, (bool, int, float)):
        return (0, float(name), not isinstance(name, bool))
    if not isinstance(name, str):
        return (0, 0.0, True)
    parts: list[tuple[int, int, str]] = []
    for found in re.finditer(r"[0-9]+|.", name, re.DOTALL):
        piece = found[0]
        if piece.isascii() and piece.isdigit():
            parts.append((1, min(int(piece[:18]), 10**18), piece))
        else:
            parts.append((2, ord(piece), piece) if piece.isalpha() else (0, ord(piece), piece))
    return (1, 0.0, True, parts)
