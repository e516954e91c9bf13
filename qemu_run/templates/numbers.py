"""Number literals of a template, in each type that can hold them.

Source: Go's package text/template/parse, and `strconv`.
"""

import re

from qemu_run.golang.quoting import unquote_character
from qemu_run.templates.nodes import Number
from qemu_run.templates.tokens import Kind, Token
from qemu_run.templates.work import TemplateError

_INT64 = range(-(2**63), 2**63)
_UINT64 = range(2**64)
_BASES = {"x": 16, "o": 8, "b": 2}
_MOST_DIGITS = 400
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEXADECIMAL = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+")


def parse_number(token: Token) -> Number:
    """The number a literal stands for.

    Raises:
        TemplateError: it stands for none, or for one that is too large.
    """
    place = {"start": token.start, "end": token.end}
    text = token.text
    if len(text) > _MOST_DIGITS:
        raise _wrong(token, "is too long a number")
    if token.kind is Kind.CHARACTER:
        return _character(token)
    if token.kind is Kind.COMPLEX:
        return _complex(token)
    if text.endswith("i") and (imaginary := parse_float(text[:-1])) is not None:
        return _simplified(token, complex(0, imaginary))
    integer = parse_integer(text)
    unsigned = integer if integer is not None and text[:1] not in {"+", "-"} else 0 if integer == 0 else None
    signed = integer if integer is not None and integer in _INT64 else None
    unsigned = unsigned if unsigned is not None and unsigned in _UINT64 else None
    if signed is not None or unsigned is not None:
        floating = float(signed if signed is not None else unsigned or 0)
        return Number(**place, raw=text, integer=signed, unsigned=unsigned, floating=floating)
    value = parse_float(text)
    if value is None:
        raise _wrong(token, "is not a number")
    if not any(character in text for character in ".eEpP"):
        raise _wrong(token, "is too large for an integer")
    return _float(token, value)


def _float(token: Token, value: float, complex_: complex | None = None) -> Number:
    """A float, and the integer it may be as well."""
    whole = int(value) if value.is_integer() else None
    return Number(
        start=token.start,
        end=token.end,
        raw=token.text,
        integer=whole if whole is not None and whole in _INT64 else None,
        unsigned=whole if whole is not None and whole in _UINT64 else None,
        floating=value,
        complex_=complex_,
    )


def _character(token: Token) -> Number:
    try:
        code = unquote_character(token.text)
    except ValueError as error:
        raise TemplateError(
            str(error),
            token.start,
            length=len(token.text),
            hint="a string has double quotes or backquotes",
        ) from None
    return Number(
        start=token.start, end=token.end, raw=token.text, integer=code, unsigned=code, floating=float(code)
    )


def _complex(token: Token) -> Number:
    split = max(token.text.rfind("+"), token.text.rfind("-"))
    if token.text[split - 1] in "eEpP":
        split = max(token.text.rfind("+", 0, split - 1), token.text.rfind("-", 0, split - 1))
    real, imaginary = parse_float(token.text[:split]), parse_float(token.text[split:-1])
    if real is None or imaginary is None:
        raise _wrong(token, "is not a number")
    return _simplified(token, complex(real, imaginary))


def _simplified(token: Token, value: complex) -> Number:
    """A complex number without an imaginary part can be the others too."""
    if value.imag == 0:
        return _float(token, value.real, value)
    return Number(start=token.start, end=token.end, raw=token.text, complex_=value)


def parse_integer(text: str, base: int = 0) -> int | None:
    """A Go integer; base 0: by its prefix, with underscores. None: it is not one."""
    sign, body = (text[0], text[1:]) if text[:1] in {"+", "-"} else ("", text)
    if base == 0:
        base = _BASES.get(body[1:2].lower(), 8) if body.startswith("0") and len(body) > 1 else 10
        if "_" in body:
            if not re.fullmatch(r"(?:0[xXoObB]?_?)?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*", body):
                return None
            body = body.replace("_", "")
        if body[:2].lower() in {"0x", "0o", "0b"}:
            body = body[2:]
    if not re.fullmatch(r"[0-9a-zA-Z]+", body) or len(body) > _MOST_DIGITS:
        return None
    try:
        value = int(body, base)
    except ValueError:
        return None
    return -value if sign == "-" else value


def parse_float(text: str) -> float | None:
    """A Go float literal; None: it is not one, or too large."""
    if "_" in text:
        if not re.fullmatch(r"[+-]?(?:0[xX]_?)?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*(?:[.pP].*)?", text):
            return None
        text = text.replace("_", "")
    if _DECIMAL.fullmatch(text):
        value = float(text)
    elif _HEXADECIMAL.fullmatch(text):
        try:
            value = float.fromhex(text)
        except (OverflowError, ValueError):
            return None
    else:
        return None
    return None if value in {float("inf"), float("-inf")} else value


def _wrong(token: Token, what: str) -> TemplateError:
    return TemplateError(f'"{token.text[:40]}" {what}', token.start, length=len(token.text))
