"""`yamldecode` and `yamlencode`.

Source: go-cty-yaml: YAML 1.2 with the old words for true and false; writing is libyaml's block style with
every string in double quotes, or as a literal block when it has lines.
"""

import base64
import binascii
import math
import re
from typing import TYPE_CHECKING, Any

from qemu_run.expressions.functions.dates import TIMESTAMP
from qemu_run.expressions.functions.yaml_writer import YamlWriter
from qemu_run.expressions.numbers import NumberTooLargeError, number_text, parse_decimal
from qemu_run.expressions.values import (
    NULL,
    ExpressionError,
    Null,
    ObjectValue,
    TupleValue,
    Value,
    is_number,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TRUE = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
FALSE = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
WORDS: dict[str, Value] = {
    **dict.fromkeys(TRUE, True),
    **dict.fromkeys(FALSE, False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), NULL),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
NAN = (".nan", ".NaN", ".NAN")
DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
PREFIXED = re.compile(r"0o([0-7]+)|0x([0-9a-fA-F]+)")
DATE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:([Tt ])(\d\d?):(\d\d?):(\d\d?)(?:\.\d*)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
TAG = "tag:yaml.org,2002:"
SCALAR_TAGS = frozenset({"str", "bool", "int", "float", "null", "timestamp", "binary"})


def from_yaml(characters: str) -> Value:
    """The value a YAML text stands for."""
    import yaml

    try:
        events = yaml.parse(characters, Loader=yaml.SafeLoader)
        return _Reader().read(events)
    except yaml.MarkedYAMLError as error:
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ExpressionError(f"not YAML: {error.problem or error.context}{where}", 0) from None
    except yaml.YAMLError as error:
        raise ExpressionError(f"not YAML: {str(error).splitlines()[0]}", 0) from None


class _Reader:
    """Builds a value of a parser's events, without recursion."""

    def __init__(self) -> None:
        self._anchors: dict[str, Value | None] = {}
        """By name; None while the value is not complete."""
        self._open: list[tuple[str | None, str, list[Value]]] = []
        """Collections not complete yet: anchor, `map` or `seq`, and what is in them so far."""
        self._results: list[Value] = []

    def read(self, events: "Iterator[Any]") -> Value:
        """The value of the only document."""
        import yaml

        documents = 0
        for event in events:
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        msg = "a second document follows"
                        raise ExpressionError(msg, 0)
                case yaml.ScalarEvent():
                    self._add(event.anchor, _scalar(event))
                case yaml.AliasEvent():
                    self._add(None, self._alias(event.anchor))
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._start(event, "map" if isinstance(event, yaml.MappingStartEvent) else "seq")
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end()
                case _:
                    pass
        if not self._results:
            msg = "there is nothing in the YAML but comments"
            raise ExpressionError(msg, 0)
        return self._results[0]

    def _start(self, event: Any, kind: str) -> None:  # noqa: ANN401 - PyYAML's events have no types
        if event.tag not in (None, "!", TAG + kind):
            raise ExpressionError(f"not YAML we know: {event.tag}", 0)
        if self._open and self._open[-1][1] == "map" and len(self._open[-1][2]) % 2 == 0:
            msg = "only strings can be keys"
            raise ExpressionError(msg, 0)
        if len(self._open) > 100:
            msg = "the YAML is nested too deeply"
            raise ExpressionError(msg, 0)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append((event.anchor, kind, []))

    def _end(self) -> None:
        anchor, kind, items = self._open.pop()
        if kind == "seq":
            self._add(anchor, TupleValue(tuple(items)))
        else:
            names = [_key(item) for item in items[::2]]
            self._add(anchor, ObjectValue(dict(zip(names, items[1::2], strict=True))))

    def _add(self, anchor: str | None, value: Value) -> None:
        if anchor:
            self._anchors[anchor] = value
        (self._open[-1][2] if self._open else self._results).append(value)

    def _alias(self, anchor: str | None) -> Value:
        anchor = anchor or ""
        if anchor not in self._anchors:
            raise ExpressionError(f'nothing is named "&{anchor}"', 0)
        value = self._anchors[anchor]
        if value is None:
            raise ExpressionError(f'"*{anchor}" stands inside of what it names', 0)
        return value


def _key(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Null) or not is_number(value):
        msg = "only strings can be keys"
        raise ExpressionError(msg, 0)
    return number_text(value)


def _scalar(event: Any) -> Value:  # noqa: ANN401 - PyYAML's events have no types
    tag = "" if event.tag in (None, "!") else event.tag
    plain = event.style is None and event.tag is None
    if tag and tag.removeprefix(TAG) not in SCALAR_TAGS:
        raise ExpressionError(f"not YAML we know: {event.tag}", 0)
    kind = tag.removeprefix(TAG)
    source: str = event.value
    if kind == "binary":
        try:
            base64.b64decode(source, validate=True)
        except (binascii.Error, ValueError):
            msg = "what is tagged !!binary is not base64"
            raise ExpressionError(msg, 0) from None
    if kind in {"str", "binary"} or (not kind and not plain):
        return text(source)
    return _resolved(source, kind)


def _resolved(source: str, kind: str) -> Value:
    """What a word without quotes stands for."""
    if source in WORDS:
        return WORDS[source]
    if source in NAN:
        msg = "NaN is not a number here"
        raise ExpressionError(msg, 0)
    if kind in {"", "timestamp"} and (moment := _timestamp(source)):
        return moment
    if kind in {"", "int", "float"} and (value := _number(source)) is not None:
        return value
    if kind:
        raise ExpressionError(f'"{source[:40]}" is not of the type {kind}', 0)
    return text(source)


def _number(source: str) -> Value | None:
    if match := PREFIXED.fullmatch(source):
        return int(match[1][:1000], 8) if match[1] else int(match[2][:1000], 16)
    try:
        return parse_decimal(source) if DECIMAL.fullmatch(source) else None
    except NumberTooLargeError:
        msg = "a number is too large"
        raise ExpressionError(msg, 0) from None


def _timestamp(source: str) -> str | None:
    """A date or moment in the form of RFC 3339, if it is one that Go's parser takes."""
    match = DATE.fullmatch(source)
    if match is None:
        return None
    year, month, day = match[1], match[2].zfill(2), match[3].zfill(2)
    separator, zone = match[4], match[8] or ""
    if separator is not None and (separator == " ") == bool(zone):
        return None
    clock = ":".join((match[group] or "0").zfill(2) for group in (5, 6, 7))
    written = f"{year}-{month}-{day}T{clock}{zone or 'Z'}"
    from qemu_run.expressions.functions.dates import parse_timestamp

    try:
        parse_timestamp(written, 0)
    except ExpressionError:
        return None
    return written.replace("+00:00", "Z").replace("-00:00", "Z") if TIMESTAMP.fullmatch(written) else None


def to_yaml(value: Value) -> str:
    """A value as YAML."""
    return YamlWriter().write(value)
