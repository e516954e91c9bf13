r"""Go's quoted strings and characters: read and written.

A Go string is bytes; those that are not UTF-8 are kept as surrogates, as by the handler `surrogateescape`.
Source: the Go language specification on string literals, and `strconv.Quote`.
"""

import re

_SHORT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_NAMES = {ord(character): f"\\{name}" for name, character in _SHORT.items()}
_ESCAPE = re.compile(
    r"\\(?:x(?P<x>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<short>.))",
    re.DOTALL,
)
_LONE = re.compile(r"\\")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def unquote(text: str) -> str:
    r"""The string that a Go literal stands for: `"a\n"`, or in backquotes.

    Raises:
        ValueError: it is not a literal; says why.
    """
    quote, body = text[0], text[1:-1]
    if quote == "`":
        return body.replace("\r", "")
    return _unescaped(body, quote)


def unquote_character(text: str) -> int:
    r"""The number of the character that a Go literal such as `'a'` or `'\n'` stands for.

    Raises:
        ValueError: it is not one character.
    """
    body = _unescaped(text[1:-1], "'", bytes_join=False)
    if len(body) != 1:
        raise ValueError("one character is wanted between single quotes")
    return ord(body) & 0xFF if "\udc80" <= body <= "\udcff" else ord(body)


def _unescaped(body: str, quote: str, *, bytes_join: bool = True) -> str:
    bytes_seen = False

    def one(found: re.Match[str]) -> str:
        nonlocal bytes_seen
        if (short := found["short"]) is not None:
            if short in _SHORT:
                return _SHORT[short]
            if short == quote:
                return quote
            raise ValueError(f'"\\{short}" is not an escape of Go')
        if digits := found["u"] or found["U"]:
            code = int(digits, 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise ValueError(f'"{found[0]}" is not a character')
            return chr(code)
        code = int(found["x"], 16) if found["x"] else int(found["octal"], 8)
        if code > 0xFF:
            raise ValueError(f'"{found[0]}" is more than a byte')
        bytes_seen = bytes_seen or code >= 0x80
        return chr(code) if code < 0x80 else chr(0xDC00 + code)

    if "\n" in body:
        raise ValueError("a line end in quotes")
    result = _ESCAPE.sub(one, body)
    if bytes_seen and bytes_join:
        return result.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    return result


def quote(text: str, *, ascii_only: bool = False) -> str:
    """A string as `%q` writes it."""
    return f'"{_escaped(text, chr(34), ascii_only=ascii_only)}"'


def quote_character(code: int, *, ascii_only: bool = False) -> str:
    """A character as `%q` writes it."""
    valid = 0 <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000
    return f"'{_escaped(chr(code) if valid else REPLACEMENT, chr(39), ascii_only=ascii_only)}'"


def can_backquote(text: str) -> bool:
    """Whether a string can stand in backquotes as it is: one line, no control characters but tabs."""
    return not any(
        character in "`\x7f\ufeff"
        or (character < " " and character != "\t")
        or "\ud800" <= character <= "\udfff"
        for character in text
    )


def _escaped(text: str, quote_mark: str, *, ascii_only: bool) -> str:
    return "".join(_escape(character, quote_mark, ascii_only=ascii_only) for character in text)


def _escape(character: str, quote_mark: str, *, ascii_only: bool) -> str:
    code = ord(character)
    if character in {quote_mark, "\\"}:
        return f"\\{character}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable() and (code < 0x80 or not ascii_only):
        return character
    if code in _NAMES:
        return _NAMES[code]
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
