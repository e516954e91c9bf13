"""Values as text: `print`, and each verb of `printf` for one value.

Source: Go's package `fmt`.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from qemu_run.golang.floats import SHORTEST, format_float
from qemu_run.golang.quoting import REPLACEMENT, can_backquote, quote, quote_character
from qemu_run.templates.values import (
    Channel,
    Duration,
    Map,
    NoValue,
    Object,
    Slice,
    Value,
    from_bytes,
    in_order,
    joined,
    to_bytes,
    type_name,
)
from qemu_run.templates.verbs import PLAIN, Verb
from qemu_run.templates.work import Work

_BASES: Final[Mapping[str, tuple[str, str]]] = {
    "b": ("b", "0b"),
    "o": ("o", "0"),
    "O": ("o", ""),
    "d": ("d", ""),
    "x": ("x", "0x"),
    "X": ("X", "0X"),
}


def show(values: Iterable[Value], work: Work) -> str:
    """Values one after the other as `print` writes them: a blank between two that are not strings."""
    parts: list[str] = []
    was_text = True
    for value in values:
        is_text = isinstance(value, str)
        if parts and not is_text and not was_text:
            parts.append(" ")
        parts.append(show_one(value, work))
        was_text = is_text
    return joined(parts)


def show_lines(values: Iterable[Value], work: Work) -> str:
    """Values with a blank between any two, and a line end, as `println` writes them."""
    return joined([" ".join(show_one(value, work) for value in values), "\n"])


def show_one(value: Value, work: Work) -> str:
    """A value as `%v` writes it."""
    return value if isinstance(value, str) else formatted(PLAIN, value, work)


def formatted(verb: Verb, value: Value, work: Work) -> str:
    """A value as a verb of `printf` writes it."""
    work.step()
    if verb.letter == "T":
        return _text(type_name(value), Verb(letter="s", width=verb.width, minus=verb.minus), work)
    if verb.letter == "v" and verb.sharp:
        from qemu_run.templates.go_syntax import go_syntax

        return verb.padded(go_syntax(value, work))
    if value is None or isinstance(value, NoValue):
        return verb.padded("<nil>") if verb.letter == "v" else _bad(verb, value, work)
    if isinstance(value, (Object, Duration)) and verb.letter in "vsqxX":
        return _text(str(value), verb, work)
    return _FORMS[_form(value)](value, verb, work)


def _form(value: Value) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case str():
            return "text"
        case float():
            return "float"
        case complex():
            return "complex"
        case Slice():
            return "slice"
        case Map():
            return "map"
        case _:
            return "other"


def _bad(verb: Verb, value: Value, work: Work) -> str:
    """What Go writes for a verb that a value does not know."""
    if value is None or isinstance(value, NoValue):
        return f"%!{verb.letter}(<nil>)"
    plain = formatted(replace(verb, letter="v", sharp=False), value, work)
    return f"%!{verb.letter}({type_name(value)}={plain})"


def _truth(value: Value, verb: Verb, work: Work) -> str:
    return verb.padded("true" if value else "false") if verb.letter in "tv" else _bad(verb, value, work)


def _number(value: Value, verb: Verb, work: Work) -> str:
    assert isinstance(value, int)  # noqa: S101 - chosen by _form
    number = int(value)
    match verb.letter:
        case "v" | "d" | "b" | "o" | "O" | "x" | "X":
            return _integer(number, verb)
        case "c":
            return verb.padded(_character(number))
        case "q":
            return verb.padded(quote_character(number, ascii_only=verb.plus))
        case "U":
            shown = f"U+{number:0{verb.precision or 4}X}"
            if verb.sharp and 0 <= number <= 0x10FFFF and _character(number).isprintable():
                shown += f" '{_character(number)}'"
            return verb.padded(shown)
        case _:
            return _bad(verb, value, work)


def _character(number: int) -> str:
    return chr(number) if 0 <= number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else REPLACEMENT


def _integer(number: int, verb: Verb) -> str:
    base, prefix = _BASES["d" if verb.letter == "v" else verb.letter]
    digits = format(abs(number), base)
    if verb.precision is not None:
        digits = "" if verb.precision == 0 and number == 0 else digits.rjust(verb.precision, "0")
        if not digits:
            return " " * (verb.width or 0)
    elif verb.zero and not verb.minus and verb.width is not None:
        sign = number < 0 or verb.plus or verb.space
        digits = digits.rjust(verb.width - sign, "0")
    if verb.sharp and not (base == "o" and digits.startswith("0")):
        digits = prefix + digits
    if verb.letter == "O":
        digits = f"0o{digits}"
    sign_text = "-" if number < 0 else "+" if verb.plus else " " if verb.space else ""
    return verb.padded_number(sign_text + digits, zeros=False)


def _float(value: Value, verb: Verb, work: Work) -> str:
    assert isinstance(value, float)  # noqa: S101 - chosen by _form
    letter = "g" if verb.letter == "v" else "f" if verb.letter == "F" else verb.letter
    if letter in "xXb":
        return verb.padded_number(_binary(value, verb), zeros=verb.zero)
    if letter not in "eEfgG":
        return _bad(verb, value, work)
    default = SHORTEST if letter in "gG" else 6
    text = format_float(value, letter, default if verb.precision is None else verb.precision)
    if not text.startswith(("+", "-")):
        text = f"+{text}"
    infinite = text.endswith(("Inf", "NaN"))
    if verb.sharp and not infinite:
        text = _with_point(text, letter, verb.precision)
    if verb.plus or not text.startswith("+"):
        pass
    elif verb.space:
        text = f" {text[1:]}"
    elif not (infinite and text == "+Inf"):
        text = text[1:]
    return verb.padded_number(text, zeros=verb.zero and not infinite)


def _binary(value: float, verb: Verb) -> str:
    """The exact digits of a float: `0x1.8p+00`, or `6755399441055744p-52`."""
    sign = "-" if math.copysign(1, value) < 0 else "+" if verb.plus else " " if verb.space else ""
    if not math.isfinite(value):
        return format_float(value, "g")
    if verb.letter == "b":
        mantissa, exponent = math.frexp(abs(value))
        return f"{sign}{int(mantissa * 2**53)}p{exponent - 53:+d}"
    digits, _, exponent_text = abs(value).hex().partition("p")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    text = f"{sign}{digits if value else '0x0'}p{int(exponent_text):+03d}"
    return text.upper() if verb.letter == "X" else text


def _with_point(text: str, letter: str, precision: int | None) -> str:
    """The sharp flag: a point always, and the digits that `g` would leave out."""
    body, mark, exponent = text.partition("e") if "e" in text else text.partition("E")
    if "." not in body:
        body += "."
    if letter in "gG":
        wanted = 6 if precision is None else precision or 1
        shown = len(body.strip("+-").replace(".", "").lstrip("0")) or 1
        body += "0" * (wanted - shown)
    return body + mark + exponent


def _complex(value: Value, verb: Verb, work: Work) -> str:
    assert isinstance(value, complex)  # noqa: S101 - chosen by _form
    if verb.letter not in "veEfFgGxXb":
        return _bad(verb, value, work)
    real = _float(value.real, verb, work)
    signed = Verb(letter=verb.letter, plus=True, precision=verb.precision, width=verb.width, zero=verb.zero)
    return f"({real}{_float(value.imag, signed, work)}i)"


def _text(value: Value, verb: Verb, work: Work) -> str:
    assert isinstance(value, str)  # noqa: S101 - chosen by _form
    work.text(len(value))
    match verb.letter:
        case "v" | "s":
            return verb.padded(_cut(value, verb))
        case "q":
            value = _cut(value, verb)
            if verb.sharp and can_backquote(value):
                return verb.padded(f"`{value}`")
            return verb.padded(quote(value, ascii_only=verb.plus))
        case "x" | "X":
            return verb.padded(_hexadecimal(to_bytes(value), verb))
        case _:
            return _bad(verb, value, work)


def _cut(value: str, verb: Verb) -> str:
    return value if verb.precision is None else value[: verb.precision]


def _hexadecimal(data: bytes, verb: Verb) -> str:
    data = data if verb.precision is None else data[: verb.precision]
    mark = f"0{verb.letter}" if verb.sharp else ""
    pairs = [format(byte, "02x") for byte in data]
    if verb.letter == "X":
        pairs = [pair.upper() for pair in pairs]
    if not pairs:
        return ""
    return " ".join(mark + pair for pair in pairs) if verb.space else mark + "".join(pairs)


def _slice(value: Value, verb: Verb, work: Work) -> str:
    assert isinstance(value, Slice)  # noqa: S101 - chosen by _form
    if value.elem == "uint8" and verb.letter in "sqxX":
        return _text(from_bytes(bytes(int(item) for item in value if isinstance(item, int))), verb, work)
    with work.deeper():
        return _bracketed("[", (_inner(verb, item, work) for item in value), work) + "]"


def _map(value: Value, verb: Verb, work: Work) -> str:
    assert isinstance(value, Map)  # noqa: S101 - chosen by _form
    with work.deeper():
        pairs = (f"{_inner(verb, name, work)}:{_inner(verb, value[name], work)}" for name in in_order(value))
        return _bracketed("map[", pairs, work) + "]"


def _inner(verb: Verb, value: Value, work: Work) -> str:
    """An item of a collection: nil is shown for what it is, whatever the verb."""
    if value is None:
        work.step()
        return "<nil>"
    return formatted(verb, value, work)


def _bracketed(start: str, items: Iterable[str], work: Work) -> str:
    parts: list[str] = []
    length = 0
    for item in items:
        length += len(item) + 1
        work.text(length)
        parts.append(item)
    return start + " ".join(parts)


def _other(value: Value, verb: Verb, work: Work) -> str:
    """A pointer's address means nothing here, and would be another each time."""
    if isinstance(value, Channel):
        return verb.padded("0xc000000000")
    return _bad(verb, str(value), work)


_FORMS: Mapping[str, Callable[[Value, Verb, Work], str]] = {
    "bool": _truth,
    "int": _number,
    "text": _text,
    "float": _float,
    "complex": _complex,
    "slice": _slice,
    "map": _map,
    "other": _other,
}
