"""The parts of a string or heredoc: trim markers, indentation, directives with their ends.

Source: the HCL native syntax specification, templates; the order of the steps is that of HCL's parser.
"""

from dataclasses import field
from itertools import groupby, pairwise

from qemu_run.errors import Diagnostics
from qemu_run.golang.text import SPACES
from qemu_run.records import mutable
from qemu_run.source import Source
from qemu_run.syntax.limits import DEEPEST
from qemu_run.syntax.nodes import (
    Expression,
    ForDirective,
    IfDirective,
    Interpolation,
    TemplatePart,
    TemplateText,
)


@mutable
class Piece:
    """A run of characters (kind `text`) or one sequence in a template, as it was read."""

    kind: str
    """text, interpolation, if, else, endif, for or endfor."""
    start: int
    end: int
    text: str = ""
    expression: Expression | None = None
    names: tuple[str, ...] = ()
    trims: tuple[bool, bool] = field(default=(False, False))
    """Whether blanks before and after it are removed."""


def build(
    pieces: list[Piece], source: Source, diagnostics: Diagnostics, *, flush: bool
) -> tuple[TemplatePart, ...]:
    """The parts of a template; `flush` removes common indentation, as `<<-` asks."""
    _trim(pieces)
    if flush:
        _flush(pieces)
    return Tree(_melded(pieces), source, diagnostics).parts


def _trim(pieces: list[Piece]) -> None:
    """Let each `~` take the blanks of the run of characters next to it."""
    for before, after in pairwise(pieces):
        if before.kind == "text" and after.trims[0]:
            before.text = before.text.rstrip(SPACES)
        if after.kind == "text" and before.trims[1]:
            after.text = after.text.lstrip(SPACES)


def _flush(pieces: list[Piece]) -> None:
    """Remove from the lines of a heredoc the smallest indentation among them; blank lines don't count."""
    smallest: int | None = None
    lines: list[Piece] = []
    at_line_start = True
    for piece in pieces:
        if at_line_start:
            spaces: int | None = 0
            if piece.kind == "text":
                rest = piece.text.lstrip(SPACES)
                blank = not rest and piece.text.endswith("\n")
                spaces = None if blank else len(piece.text) - len(rest)
                if not blank:
                    lines.append(piece)
            if spaces is not None:
                smallest = spaces if smallest is None else min(smallest, spaces)
        at_line_start = piece.kind == "text" and piece.text.endswith("\n")
    for piece in lines:
        piece.text = piece.text[smallest or 0 :]


def _melded(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring runs of characters made one."""
    melded: list[Piece] = []
    for is_text, group in groupby(pieces, key=lambda piece: piece.kind == "text"):
        run = list(group)
        if is_text:
            melded.append(Piece("text", run[0].start, run[-1].end, "".join(piece.text for piece in run)))
        else:
            melded += run
    return melded


@mutable
class Open:
    """A directive whose end has not come yet."""

    piece: Piece
    parts: list[TemplatePart] = field(default_factory=list)
    otherwise: list[TemplatePart] | None = None

    @property
    def current(self) -> list[TemplatePart]:
        """Where parts go now: after the `else` if there was one."""
        return self.parts if self.otherwise is None else self.otherwise


class Tree:
    """Pairs directives with their ends."""

    def __init__(self, pieces: list[Piece], source: Source, diagnostics: Diagnostics) -> None:
        self._source = source
        self._diagnostics = diagnostics
        self._too_deep = False
        root = Open(Piece("root", 0, 0))
        self._stack = [root]
        for piece in pieces:
            if piece.kind in {"text", "interpolation"}:
                self._stack[-1].current.append(self._leaf(piece))
            elif piece.kind in {"if", "for"}:
                self._open(piece)
            else:
                self._close(piece)
        for unclosed in self._stack[1:] if not self._too_deep else ():
            kind = unclosed.piece.kind
            self._error(
                f"%{{ {kind} }} without %{{ end{kind} }}", unclosed.piece, f"its end{kind} is missing"
            )
        self.parts = tuple(root.parts)

    def _leaf(self, piece: Piece) -> TemplatePart:
        span = self._source.span(piece.start, piece.end)
        if piece.expression is None:
            return TemplateText(text=piece.text, span=span)
        return Interpolation(expression=piece.expression, span=span)

    def _open(self, piece: Piece) -> None:
        if len(self._stack) <= DEEPEST // 2:
            self._stack.append(Open(piece))
        elif not self._too_deep:
            self._too_deep = True
            self._error(
                "template directives are nested too deeply", piece, f"more than {DEEPEST // 2} levels"
            )

    def _close(self, piece: Piece) -> None:
        """An `else`, `endif` or `endfor`."""
        directive = self._stack[-1]
        wanted = "for" if piece.kind == "endfor" else "if"
        if directive.piece.kind != wanted:
            self._error(f"%{{ {piece.kind} }} without %{{ {wanted} }}", piece, f"no {wanted} is open here")
        elif piece.kind != "else":
            self._stack.pop()
            self._stack[-1].current.append(self._node(directive, piece))
        elif directive.otherwise is None:
            directive.otherwise = []
        else:
            self._error("a second %{ else }", piece, "one if has one else")

    def _node(self, directive: Open, end: Piece) -> TemplatePart:
        piece = directive.piece
        span = self._source.span(piece.start, end.end)
        assert piece.expression is not None  # noqa: S101 - the grammar gives both directives one
        if piece.kind == "if":
            return IfDirective(
                condition=piece.expression,
                then=tuple(directive.parts),
                otherwise=tuple(directive.otherwise or ()),
                span=span,
            )
        return ForDirective(
            key=piece.names[0] if len(piece.names) == 2 else None,
            value=piece.names[-1],
            collection=piece.expression,
            body=tuple(directive.parts),
            span=span,
        )

    def _error(self, summary: str, piece: Piece, label: str) -> None:
        self._diagnostics.error(summary, self._source.span(piece.start, piece.end), label)
