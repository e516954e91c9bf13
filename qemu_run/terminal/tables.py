"""Rows in columns on standard output: aligned, without boxes."""

import os
import sys
from collections.abc import Iterable, Sequence

from qemu_run.terminal.output import say_line

_GAP = 2


def columns(rows: Iterable[Sequence[str]], widest: int | None = None) -> list[str]:
    """The rows as lines, every column but the last as wide as its widest cell.

    A cell of more than `widest` characters is cut.
    """
    cells = [tuple(_cut(cell, widest) for cell in row) for row in rows]
    if not cells:
        return []
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]) - 1)]
    return [
        "".join(f"{cell:<{width + _GAP}}" for cell, width in zip(row, widths, strict=False)) + row[-1]
        for row in cells
    ]


def show_rows(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; on a terminal no line is longer than it is wide."""
    widest = (os.get_terminal_size(sys.stdout.fileno()).columns or None) if sys.stdout.isatty() else None
    for line in columns(rows):
        say_line(_cut(line.rstrip(), widest))


def _cut(cell: str, widest: int | None) -> str:
    return cell if widest is None or len(cell) <= widest else cell[: widest - 3] + "..."
