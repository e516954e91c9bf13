"""JSON text to values with their places; what is wrong with the text is said at its place.

Source: RFC 8259.
"""

import re
from typing import TypeAlias

from qemu_run.errors import Diagnostics
from qemu_run.records import record
from qemu_run.source import Source, Span
from qemu_run.syntax.limits import DEEPEST, MOST_VALUES

BLANKS = re.compile(r"[ \t\r\n]*")
STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"')
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
WORD = re.compile(r"[A-Za-z_][\w.-]*")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


@record
class JsonString:
    """A string, its escapes replaced."""

    text: str
    span: Span
    """With its quotes."""
    escaped: bool
    """Whether the text differs from what is between the quotes."""


@record
class JsonNumber:
    """A number as written."""

    text: str
    span: Span


@record
class JsonWord:
    """true, false or null."""

    value: bool | None
    span: Span


@record
class JsonArray:
    """`[a, b]`."""

    items: "tuple[JsonValue, ...]"
    span: Span


@record
class JsonMember:
    """`"name": value`."""

    name: JsonString
    value: "JsonValue"


@record
class JsonObject:
    """`{"name": value}`, members in the order of writing, of equal names too."""

    members: tuple[JsonMember, ...]
    span: Span


JsonValue: TypeAlias = JsonString | JsonNumber | JsonWord | JsonArray | JsonObject


class _MistakeError(Exception):
    """The text is wrong here."""

    def __init__(self, summary: str, start: int, end: int, label: str) -> None:
        super().__init__(summary)
        self.start = start
        self.end = end
        self.label = label


def read_json(source: Source, diagnostics: Diagnostics) -> JsonValue | None:
    """The value of a JSON text, or None with its first mistake reported."""
    reader = _Reader(source)
    try:
        return reader.document()
    except _MistakeError as mistake:
        end = max(mistake.end, mistake.start + 1)
        diagnostics.error(str(mistake), source.span(mistake.start, end), mistake.label)
        return None


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._pos = 1 if source.text.startswith("\ufeff") else 0
        self._values_left = MOST_VALUES

    def document(self) -> JsonValue:
        value = self._value(0)
        self._skip()
        if self._pos < len(self._text):
            raise _MistakeError(
                "more text after the JSON value", self._pos, self._pos + 1, "nothing can follow it"
            )
        return value

    def _skip(self) -> str:
        """Go over blanks; the character after them, or nothing at the end."""
        match = BLANKS.match(self._text, self._pos)
        self._pos = match.end() if match else self._pos
        return self._text[self._pos : self._pos + 1]

    def _value(self, depth: int) -> JsonValue:
        character = self._skip()
        if depth > DEEPEST:
            raise _MistakeError(
                "this is nested too deeply", self._pos, self._pos + 1, f"more than {DEEPEST} levels"
            )
        self._values_left -= 1
        if self._values_left < 0:
            label = f"{MOST_VALUES} values end here"
            raise _MistakeError("the file is too large to be a job", self._pos, self._pos + 1, label)
        if character == '"':
            return self._string()
        if character == "{":
            return self._object(depth)
        if character == "[":
            return self._array(depth)
        start = self._pos
        if number := NUMBER.match(self._text, start):
            self._pos = number.end()
            return JsonNumber(number[0], self._source.span(start, self._pos))
        if word := WORD.match(self._text, start):
            if word[0] in WORDS:
                self._pos = word.end()
                return JsonWord(WORDS[word[0]], self._source.span(start, self._pos))
            raise _MistakeError(
                f'"{word[0]}" is not a JSON value', start, word.end(), "text stands in double quotes"
            )
        raise self._unexpected("a value")

    def _unexpected(self, wanted: str) -> _MistakeError:
        start = self._pos
        if start >= len(self._text):
            end = len(self._text.rstrip())
            return _MistakeError(
                "the JSON text ends too early", max(end - 1, 0), end, f"{wanted} must follow"
            )
        if self._text[start] == "'":
            return _MistakeError("single quotes do not make a string", start, start + 1, 'strings stand in "')
        if self._text[start] == "#" or self._text.startswith(("//", "/*"), start):
            return _MistakeError("JSON has no comments", start, start + 2, 'a member named "//" can hold one')
        return _MistakeError(
            f'"{self._text[start]}" does not fit here', start, start + 1, f"{wanted} is wanted"
        )

    def _string(self) -> JsonString:
        start = self._pos
        match = STRING.match(self._text, start)
        if match is None:
            raise self._bad_string(start)
        self._pos = match.end()
        raw = match[1]
        escaped = "\\" in raw
        text = _unescaped(raw) if escaped else raw
        return JsonString(text, self._source.span(start, self._pos), escaped)

    def _bad_string(self, start: int) -> _MistakeError:
        """What is wrong with a string that does not end well."""
        sound = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*').match(self._text, start)
        end = sound.end() if sound else start + 1
        if self._text[end : end + 1] == "\\":
            known = 'known are \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX'
            return _MistakeError(
                f'"{self._text[end : end + 2]}" is not an escape sequence', end, end + 2, known
            )
        if self._text[end : end + 1] in {"", "\n", "\r"}:
            return _MistakeError("a string is never closed", start, end, "its closing quote is missing")
        return _MistakeError("a control character in a string", end, end + 1, "write it as an escape")

    def _array(self, depth: int) -> JsonArray:
        start = self._pos
        self._pos += 1
        items: list[JsonValue] = []
        if self._skip() != "]":
            items.append(self._value(depth + 1))
            while self._another("]", start):
                items.append(self._value(depth + 1))
        self._pos += 1
        return JsonArray(tuple(items), self._source.span(start, self._pos))

    def _object(self, depth: int) -> JsonObject:
        start = self._pos
        self._pos += 1
        members: list[JsonMember] = []
        if self._skip() != "}":
            members.append(self._member(depth))
            while self._another("}", start):
                members.append(self._member(depth))
        self._pos += 1
        return JsonObject(tuple(members), self._source.span(start, self._pos))

    def _another(self, closer: str, start: int) -> bool:
        """Whether a comma and one more element follow, rather than the end."""
        end = self._pos
        character = self._skip()
        if character == closer:
            return False
        if character == ",":
            comma = self._pos
            self._pos += 1
            if self._skip() == closer:
                raise _MistakeError(
                    "a comma after the last element", comma, comma + 1, "JSON wants none here"
                )
            return True
        if not character:
            opener = self._text[start]
            raise _MistakeError(
                f'this "{opener}" is never closed', start, start + 1, f'its "{closer}" is missing'
            )
        if character in '"{[' or character.isalnum():
            raise _MistakeError("a comma is missing", end - 1, end, "a comma must follow")
        raise self._unexpected(f'"," or "{closer}"')

    def _member(self, depth: int) -> JsonMember:
        if self._skip() != '"':
            word = WORD.match(self._text, self._pos)
            if word:
                raise _MistakeError("a name without quotes", self._pos, word.end(), f'write "{word[0]}"')
            raise self._unexpected("a name in quotes")
        name = self._string()
        if self._skip() != ":":
            raise self._unexpected('":"')
        self._pos += 1
        return JsonMember(name, self._value(depth + 1))


def _unescaped(raw: str) -> str:
    """A string's characters; a surrogate pair is one of them, half a pair a replacement character."""
    text = ESCAPE.sub(
        lambda match: chr(int(match[1], 16)) if match[1] else ESCAPES.get(match[2], match[2]), raw
    )
    if re.search("[\ud800-\udfff]", text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
