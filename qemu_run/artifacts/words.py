"""Texts that come from strangers, made fit to be shown; secrets in addresses made unreadable."""

import re
import unicodedata

_LONGEST = 400
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_OPTIONS = frozenset({"archive", "checksum", "filename", "ref", "depth", "region", "version"})
"""Names in a query that are go-getter's own and hold no secret."""
_USER = re.compile(r"(?<=://)[^\s/?#\"'@]+(?:@[^\s/?#\"'@]+)*(?=@)")
_PARAMETER = re.compile(r"(?<=[?&])([\w.~%\[\]-]+)=([^&\s\"'#]+)")


def clean(text: str) -> str:
    """One line of at most some 400 characters, without what would move a cursor or change a terminal."""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "..."


def size_in_words(count: int, like: int | None = None) -> str:
    """Bytes as people say them, `312.0 MB`, in the unit that fits `like` if that is given."""
    if count == 1 and like is None:
        return "1 byte"
    unit = (len(str(count if like is None else like)) - 1) // 3
    return f"{count / 1000**unit:,.1f} {_UNITS[unit]}" if unit else f"{count:,} bytes"


def secret_stretches(text: str) -> list[tuple[int, int]]:
    """Where in a text an address names a user or a password, or a query has a value."""
    found = [match.span() for match in _USER.finditer(text)]
    found += [match.span(2) for match in _PARAMETER.finditer(text) if match[1] not in _OPTIONS]
    return sorted(found)


def masked(text: str, stretches: list[tuple[int, int]] | None = None) -> str:
    """The text with asterisks over its secrets, of the same length so that columns stay."""
    characters = list(text)
    for start, end in secret_stretches(text) if stretches is None else stretches:
        characters[start:end] = "*" * (end - start)
    return "".join(characters)
