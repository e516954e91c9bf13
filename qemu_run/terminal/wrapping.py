"""Long lines of ours on a narrow terminal: broken between words, each further line below the first word.

web.vm  stopped by Ctrl-C: the guest ignored its power button
        and was killed after 12s

Commands, source lines and carets stay whole, whatever the width.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TextIO, TypeAlias

from qemu_run.terminal.styles import Style

Piece: TypeAlias = str | tuple[str, Style]
"""Text, or text with a style."""


class Whole(str):
    """Text that is never broken: a command to paste, a source line with its caret."""

    __slots__ = ()


class Gutter(str):
    """What stands at the left of a line's further lines, too."""

    __slots__ = ()


def width_of(stream: TextIO) -> int:
    """The columns of a terminal at this moment; 0 where it is none, or does not say."""
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns
    return 0


def words(piece: Piece) -> str:
    """A piece without its style."""
    return piece if isinstance(piece, str) else piece[0]


def changed(piece: Piece, change: Callable[[str], str]) -> Piece:
    """A piece with other words, of the same kind and style."""
    if isinstance(piece, str):
        return type(piece)(change(piece))
    return type(piece[0])(change(piece[0])), piece[1]


def plain(pieces: Sequence[Piece]) -> str:
    """The words of a line without their styles."""
    return "".join(map(words, pieces))


def columns(text: str) -> int:
    """How many columns a terminal gives the text."""
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    combining = sum(unicodedata.combining(c) != 0 for c in text)
    return len(text) + wide - combining


def wrapped(pieces: Sequence[Piece], width: int) -> Iterator[Sequence[Piece]]:
    """A line as lines of at most `width` columns, as far as its words allow; 0: as it is."""
    text = plain(pieces)
    if not width or columns(text) <= width:
        yield pieces
        return
    left = _left(pieces, width)
    whole = [(0, _label(pieces)), *_whole(pieces)]
    starts = list(_starts(text, whole, width, columns(plain(left))))
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        end = start + len(text[start:end].rstrip())
        yield [*(left if number else ()), *_cut(pieces, start, end)]


def _label(pieces: Sequence[Piece]) -> int:
    """The length of what stands at the left of a line's first word: a label, a gutter, blanks."""
    first = words(pieces[0])
    if isinstance(first, Gutter):
        return len(first) + _indent(plain(pieces[1:]))
    return len(first) if first.endswith(" ") else _indent(plain(pieces))


def _left(pieces: Sequence[Piece], width: int) -> Sequence[Piece]:
    """What further lines begin with, to stand below the first word; further left where that is far."""
    first, label = words(pieces[0]), columns(plain(pieces)[: _label(pieces)])
    is_far = label > width // 2
    if isinstance(first, Gutter):
        return (pieces[0], " " * (1 if is_far else label - columns(first)))
    return (" " * (2 if is_far else label),)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _whole(pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Where no break may come, as places in the line's text."""
    start = 0
    for piece in map(words, pieces):
        end = start + len(piece)
        if isinstance(piece, Whole):
            yield start, end
        start = end


def _starts(text: str, whole: Sequence[tuple[int, int]], width: int, left: int) -> Iterator[int]:
    """The places in the text at which its lines begin."""
    begun, room = 0, width
    yield begun
    for word in re.finditer(r"\S+", text):
        start = word.start()
        end = next((last for first, last in whole if first <= start < last), word.end())
        if columns(text[begun:end]) <= room or not text[begun:start].strip():
            continue
        if any(first < start <= last for first, last in whole):
            continue
        begun, room = start, width - left
        yield begun


def _cut(pieces: Sequence[Piece], start: int, end: int) -> Iterator[Piece]:
    """The pieces between two places of the line's text."""
    offset = 0
    for piece in pieces:
        part = words(piece)[max(0, start - offset) : max(0, end - offset)]
        offset += len(words(piece))
        if part:
            yield part if isinstance(piece, str) else (part, piece[1])
