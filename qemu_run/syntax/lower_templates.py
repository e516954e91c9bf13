"""The grammar's rules of strings to nodes; each method's docstring is the rule it lowers."""

from typing import Any

from qemu_run.errors import Diagnostics
from qemu_run.source import Source, Span
from qemu_run.syntax.nodes import Expression, Template, TemplateText
from qemu_run.syntax.templates import Piece, build
from qemu_run.syntax.tokens import Token


class TemplateLowering:
    """Makes the templates of one source."""

    def __init__(self, source: Source, line_starts: set[int], diagnostics: Diagnostics) -> None:
        self.source = source
        self.line_starts = line_starts
        self.diagnostics = diagnostics

    def first(self, children: list[Any]) -> Any:  # noqa: ANN401 - whatever the rule's only child is
        """Rules of one child that add nothing to it."""
        return children[0]

    def span(self, first: Any, last: Any) -> Span:  # noqa: ANN401 - tokens and nodes
        """From the start of one to the end of another."""
        start = first.start if type(first) is Token else first.span.start
        end = last.end if type(last) is Token else last.span.end
        return Span(self.source, start, end)

    def string(self, children: list[Any]) -> Template:
        """`DBLQUOTE string_part* DBLQUOTE`."""
        first, last = children[0], children[-1]
        is_quoted = not first.text  # of a heredoc it is the `<<` or `<<-`
        span = Span(self.source, first.start, last.end)
        if len(children) == 2:
            return Template(parts=(), span=span)
        if len(children) == 3 and type(children[1]) is Token and is_quoted:
            text = children[1]
            part = TemplateText(text=text.text, span=Span(self.source, text.start, text.end))
            return Template(parts=(part,), span=span)
        pieces = [
            Piece("text", child.start, child.end, child.text) if type(child) is Token else child
            for child in children[1:-1]
        ]
        parts = build(pieces, self.source, self.diagnostics, flush=first.text == "<<-")
        return Template(parts=parts, span=span)

    def interpolation(self, children: list[Any]) -> Piece:
        """`INTERP_START expression RBRACE`."""
        return self._sequence("interpolation", children, expression=children[1])

    def template_if_start(self, children: list[Any]) -> Piece:
        """`DIRECTIVE_START IF expression RBRACE`."""
        return self._sequence("if", children, expression=children[2])

    def template_for_start(self, children: list[Any]) -> Piece:
        """`DIRECTIVE_START FOR identifier ("," identifier)? IN expression RBRACE`."""
        names = tuple(child.text for child in children if type(child) is Token and child.kind == "NAME")
        return self._sequence("for", children, expression=children[-2], names=names)

    def template_end(self, children: list[Any]) -> Piece:
        """`DIRECTIVE_START (ELSE | ENDIF | ENDFOR) RBRACE`."""
        return self._sequence(children[1].kind.lower(), children)

    def _sequence(
        self,
        kind: str,
        children: list[Any],
        expression: Expression | None = None,
        names: tuple[str, ...] = (),
    ) -> Piece:
        first, last = children[0], children[-1]
        trims = (first.text.endswith("~"), last.text.startswith("~"))
        return Piece(kind, first.start, last.end, "", expression, names, trims)
