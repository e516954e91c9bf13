"""Rows in columns on standard output: aligned, without boxes."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from qemu_run.terminal.output import say_line

_GAP = 2
_READABLE, _NARROWEST = 32, 12
"""Widths of a cell: where there is room for any, and where there is next to none."""
_MOST_LINES = 8
"""Of a cell that is broken: what is longer than these is cut."""
_PARTS = re.compile(r"[^\s/]*[\s/]+|[^\s/]+")


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """The rows as lines, every column but the last as wide as its widest cell."""
    cells = list(map(tuple, rows))
    if not cells:
        return []
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]) - 1)]
    return [
        "".join(f"{cell:<{width + _GAP}}" for cell, width in zip(row, widths, strict=False)) + row[-1]
        for row in cells
    ]


def broken_columns(rows: Sequence[Sequence[str]], room: int) -> list[list[str]]:
    """The same, with the lines of each row: in `room` columns long cells go on below themselves.

    Where nobody knows the room (0), cells of a readable width do.
    """
    widest = _widest_cell(rows, room) if room else _READABLE
    cells = [[_broken(cell, widest) for cell in row] for row in rows]
    flat = [line for row in cells for line in zip_longest(*row, fillvalue="")]
    lines = iter(columns(flat))
    return [[next(lines).rstrip() for _ in range(max(map(len, row)))] for row in cells]


def _widest_cell(rows: Sequence[Sequence[str]], room: int) -> int:
    """How wide a cell may be, so that the rows have room; not less than what can be read."""
    longest = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for_cells = room - _GAP * (len(longest) - 1)
    for widest in range(max(longest), _NARROWEST, -1):
        if sum(min(each, widest) for each in longest) <= for_cells:
            return widest
    return _NARROWEST


def _broken(cell: str, widest: int) -> list[str]:
    """A cell as lines: broken between words, behind a slash, and anywhere only where there is neither."""
    lines = [""]
    for part in _PARTS.findall(cell):
        if lines[-1] and len((lines[-1] + part).rstrip()) > widest:
            lines.append("")
        lines[-1] += part
        while len(lines[-1].rstrip()) > widest:
            lines[-1:] = [lines[-1][:widest], lines[-1][widest:]]
    lines = [line.rstrip() for line in lines]
    return lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "..."]


def show_rows(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; on a terminal no line is longer than it is wide."""
    widest = (os.get_terminal_size(sys.stdout.fileno()).columns or None) if sys.stdout.isatty() else None
    for line in columns(rows):
        say_line(_cut(line.rstrip(), widest))


def _cut(cell: str, widest: int | None) -> str:
    return cell if widest is None or len(cell) <= widest else cell[: widest - 3] + "..."
