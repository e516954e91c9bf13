"""Diagnostics drawn as a compiler does: the fact, the place, the source line, a caret, the way out.

error: unknown key "image_pat" in the qemu driver's config
  --> web.nomad.hcl:9:9
   |
 9 |         image_pat = "disk.img"
   |         ^^^^^^^^^ did you mean "image_path"?
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from qemu_run.artifacts.words import masked
from qemu_run.errors import Diagnostic
from qemu_run.jobspec.secrets import shown_line
from qemu_run.source import Position, Span
from qemu_run.terminal.screen import Screen
from qemu_run.terminal.styles import Style
from qemu_run.terminal.wrapping import Gutter, Piece, Whole, columns

_TAB = "    "
_WIDEST_SOURCE = 120
_BEFORE_CARET = 60
_MOST = 100


def show(diagnostics: Iterable[Diagnostic], screen: Screen) -> None:
    """Draw as many as anybody would read, with an empty line between two, and say how many more there are."""
    everything = list(diagnostics)
    for number, diagnostic in enumerate(everything[:_MOST]):
        if number:
            screen.line()
        for pieces in lines(diagnostic, screen.columns):
            screen.line(*pieces)
    if len(everything) > _MOST:
        screen.line()
        screen.line(f"... and {len(everything) - _MOST} more")


def show_before_run(diagnostics: Iterable[Diagnostic], screen: Screen) -> None:
    """Draw what is found before a run: warnings in a line each, which leaves room, and errors as ever."""
    everything = list(diagnostics)
    warnings = [each for each in everything if each.severity == "warning"]
    errors = [each for each in everything if each.severity == "error"]
    for warning in warnings[:_MOST]:
        screen.line(*in_one_line(warning))
    if len(warnings) > _MOST:
        screen.line(f"... and {len(warnings) - _MOST} more")
    if warnings and errors:
        screen.line()
    show(errors, screen)


def in_one_line(diagnostic: Diagnostic) -> Sequence[Piece]:
    """The fact, why or what instead, and the line of the file."""
    reasons = "; ".join(filter(None, (diagnostic.label, *diagnostic.detail.splitlines(), *diagnostic.hints)))
    words = masked(f"{diagnostic.summary}: {reasons}" if reasons else diagnostic.summary)
    style: Style = diagnostic.severity
    start: tuple[Piece, Piece] = ((f"{diagnostic.severity}: ", style), words)
    if diagnostic.span is None:
        return start
    place = Whole(f"({diagnostic.span.source.name}:{diagnostic.span.first.line})")
    return *start, " ", (place, "faint")


def lines(diagnostic: Diagnostic, width: int = 0) -> Iterator[Sequence[Piece]]:
    """The lines of one diagnostic; its carets end with the line on a terminal of some width."""
    style: Style = diagnostic.severity
    yield (f"{diagnostic.severity}: ", style), (masked(diagnostic.summary), "strong")
    gutter = 0
    if diagnostic.span is not None:
        gutter = max(4, len(str(diagnostic.span.first.line)) + 1)
        yield from _source_lines(diagnostic.span, masked(diagnostic.label), style, gutter, width)
    elif diagnostic.label:
        yield (f"  {masked(diagnostic.label)}",)
    for text in masked(diagnostic.detail).splitlines():
        yield ((" " * (gutter + 3) if gutter else "  ") + text,)
    for hint in diagnostic.hints:
        yield ("  help: ", "strong"), masked(hint)


def _source_lines(span: Span, label: str, style: Style, gutter: int, width: int) -> Iterator[Sequence[Piece]]:
    first = span.first
    yield (" " * (gutter - 2) + "--> ", "faint"), Whole(f"{span.source.name}:{first.line}:{first.column}")
    source = shown_line(span.source, first.line)
    if not source and not label:
        return
    shown, before, carets = _window(source, first, span)
    if width:
        carets = max(1, min(carets, width - before - gutter - len(" | ")))
    bar: Piece = (Gutter(" " * gutter + " |"), "faint")
    yield (bar,)
    yield (f"{first.line:>{gutter}} |", "faint"), Whole(f" {shown}" if shown else "")
    yield bar, Whole(" " * (1 + before)), (Whole("^" * carets), style), (f" {label}" if label else "", style)


def _window(source: str, first: Position, span: Span) -> tuple[str, int, int]:
    """The part of a source line worth showing, the columns before its caret and the caret's width."""
    start = first.column - 1
    end = min(start + max(span.end - span.start, 1), max(len(source), start + 1))
    left = max(0, start - _BEFORE_CARET) if len(source) > _WIDEST_SOURCE else 0
    right = min(len(source), left + _WIDEST_SOURCE)
    shown = ("..." if left else "") + _visible(source[left:right]) + ("..." if right < len(source) else "")
    before = (3 if left else 0) + columns(_visible(source[left:start]))
    carets = max(1, columns(_visible(source[start : min(end, right)])))
    return shown, before, carets


def _visible(text: str) -> str:
    """Tabs as blanks, and what would move the cursor or change the terminal as a question mark."""
    text = text.replace("\t", _TAB)
    return "".join(
        c if unicodedata.category(c) not in {"Cc", "Cs", "Cf"} else "\N{REPLACEMENT CHARACTER}" for c in text
    )
