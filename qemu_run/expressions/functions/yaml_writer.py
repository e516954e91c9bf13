"""Values as YAML in libyaml's block style.

Source: libyaml's emitter with its defaults: indentation 2, lines folded after column 80.
"""

from qemu_run.expressions.numbers import number_text
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
)

WIDTH = 80
LONGEST_KEY = 128
SHORT = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
    "\x85": "\\N",
    "\u2028": "\\L",
    "\u2029": "\\P",
}
BREAKS = frozenset("\r\n\x85\u2028\u2029")


def _printable(character: str) -> bool:
    code = ord(character)
    return (
        0x20 <= code <= 0x7E
        or code == 0x0A
        or 0xA0 <= code <= 0xD7FF
        or (0xE000 <= code <= 0x10FFFF and code not in {0xFEFF, 0xFFFE, 0xFFFF})
    )


def _literal_allowed(text: str) -> bool:
    """Whether a text can be a literal block: what quoting alone can show must not be in it."""
    if text.endswith(" ") or " \n" in text:
        return False
    return all(_printable(character) and character not in "\x85\u2028\u2029" for character in text)


class YamlWriter:
    """Collects the text, and knows the column it is at."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._column = 0

    def write(self, value: Value) -> str:
        """One document."""
        self._node(value, -2)
        if self._column:
            self._put("\n")
        return "".join(self._parts)

    def _put(self, text: str) -> None:
        self._parts.append(text)
        after = text.rfind("\n")
        self._column = self._column + len(text) if after < 0 else len(text) - after - 1

    def _line(self, indent: int) -> None:
        """Begin a line at an indentation, unless there already."""
        if self._column:
            self._put("\n")
        self._put(" " * indent)

    def _node(self, value: Value, indent: int, *, in_mapping: bool = False) -> None:
        """A value inside a collection of an indentation; the document's is two less than none."""
        match value:
            case ObjectValue(named) | MapValue(_, named) if named:
                self._mapping(dict(named), indent + 2, in_mapping=in_mapping)
            case TupleValue(items) | ListValue(_, items) | SetValue(_, items) if items:
                self._sequence(items, indent if in_mapping else indent + 2, in_mapping=in_mapping)
            case ObjectValue() | MapValue():
                self._scalar("{}", in_mapping=in_mapping)
            case TupleValue() | ListValue() | SetValue():
                self._scalar("[]", in_mapping=in_mapping)
            case str():
                if in_mapping:
                    self._put(" ")
                self._string(value, max(indent, -2) + 2 if indent >= 0 else 2)
            case Unknown():
                msg = "the value is not known"
                raise ExpressionError(msg)
            case Null():
                self._scalar("null", in_mapping=in_mapping)
            case bool():
                self._scalar("true" if value else "false", in_mapping=in_mapping)
            case _:
                digits = number_text(value)
                self._scalar(digits.replace("Inf", ".Inf"), in_mapping=in_mapping)

    def _scalar(self, text: str, *, in_mapping: bool) -> None:
        self._put(f" {text}" if in_mapping else text)

    def _sequence(self, items: tuple[Value, ...], indent: int, *, in_mapping: bool) -> None:
        for number, item in enumerate(items):
            if number or in_mapping:
                self._line(indent)
            self._put("- ")
            self._node(item, indent)

    def _mapping(self, named: dict[str, Value], indent: int, *, in_mapping: bool) -> None:
        for number, (name, item) in enumerate(named.items()):
            if number or in_mapping:
                self._line(indent)
            if len(name.encode()) <= LONGEST_KEY and not BREAKS & set(name):
                self._quoted(name, indent, fold=False)
            else:
                self._put("? ")
                self._string(name, indent + 2)
                self._line(indent)
            self._put(":")
            self._node(item, indent, in_mapping=True)

    def _string(self, text: str, indent: int) -> None:
        if "\n" in text and _literal_allowed(text):
            self._literal(text, indent)
        else:
            self._quoted(text, indent, fold=True)

    def _literal(self, text: str, indent: int) -> None:
        hint = "2" if text[0] in " \n" else ""
        if not text.endswith("\n"):
            hint += "-"
        elif text.endswith("\n\n") or text == "\n":
            hint += "+"
        self._put(f"|{hint}\n")
        for line in text.removesuffix("\n").split("\n"):
            self._put((" " * indent + line if line else "") + "\n")
        if not text.endswith("\n"):
            self._parts[-1] = self._parts[-1].removesuffix("\n")
            self._column = 1

    def _quoted(self, text: str, indent: int, *, fold: bool) -> None:
        """In double quotes; a blank after the last column becomes a line end."""
        self._put('"')
        after_blank = False
        for place, character in enumerate(text):
            if character == " ":
                inside = 0 < place < len(text) - 1
                if fold and not after_blank and self._column > WIDTH and inside:
                    self._put("\n" + " " * indent)
                    if text[place + 1] == " ":
                        self._put("\\")
                else:
                    self._put(" ")
                after_blank = True
                continue
            self._put(_escaped(character))
            after_blank = False
        self._put('"')


def _escaped(character: str) -> str:
    if character in SHORT:
        return SHORT[character]
    if _printable(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
