"""The grammar's rules to nodes, and what HCL asks of a body beyond its grammar."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MethodType
from typing import Any

from qemu_run.source import Span
from qemu_run.syntax.automaton import Lower
from qemu_run.syntax.lower_expressions import ExpressionLowering
from qemu_run.syntax.nodes import Attribute, Block, Body, Label, Template, TemplateText
from qemu_run.syntax.tokens import Token


class Lowering(ExpressionLowering):
    """Makes the nodes of one source."""

    def table(self) -> Mapping[str, Lower]:
        """What makes the node of each rule that has one of its own."""
        return {name: MethodType(method, self) for name, method in RULES.items()}

    def start(self, children: list[Any]) -> Body:
        """`body`: the whole file."""
        items = children[0]
        self._check_lines(items)
        return self._body(items, self.source.span(0, len(self.source.text)))

    def body(self, children: list[Any]) -> Any:  # noqa: ANN401 - items for block and start
        """`(attribute | block)*` with line ends between."""
        return tuple(child for child in children if child is not None)

    def line_end(self, _: list[Any]) -> None:
        """A line end: where it stood is known from the lexer."""

    def attribute(self, children: list[Any]) -> Attribute:
        """`identifier "=" expression`."""
        name, _, expression = children
        return Attribute(
            name=name.text, name_span=Span(self.source, name.start, name.end), expression=expression
        )

    def block(self, children: list[Any]) -> Block:
        """`identifier (identifier | string)* "{" body "}"`."""
        name, *labels, opening, items, closing = children
        self._check_block_lines(items, opening, closing)
        return Block(
            type=name.text,
            type_span=Span(self.source, name.start, name.end),
            labels=tuple(self._label(label) for label in labels),
            body=self._body(items, self.span(opening, closing)),
        )

    def _label(self, label: Token | Template) -> Label:
        if isinstance(label, Token):
            return Label(text=label.text, span=Span(self.source, label.start, label.end))
        texts = [part.text for part in label.parts if isinstance(part, TemplateText)]
        if len(texts) < len(label.parts):
            self.diagnostics.error("a block's label is fixed text", label.span, "no ${ } or %{ } in a label")
        return Label(text="".join(texts), span=label.span)

    def _body(self, items: tuple[Attribute | Block, ...], span: Span) -> Body:
        attributes = tuple(item for item in items if isinstance(item, Attribute))
        self._check_duplicates(attributes)
        blocks = tuple(item for item in items if isinstance(item, Block))
        return Body(attributes=attributes, blocks=blocks, span=span)

    def _check_duplicates(self, attributes: tuple[Attribute, ...]) -> None:
        seen: dict[str, Attribute] = {}
        for attribute in attributes:
            first = seen.setdefault(attribute.name, attribute)
            if first is not attribute:
                self.diagnostics.error(
                    f'"{attribute.name}" is set twice',
                    attribute.name_span,
                    f"already set on line {first.name_span.first.line}",
                )

    def _check_lines(self, items: tuple[Attribute | Block, ...]) -> None:
        """Every statement but the first begins a line."""
        for before, item in pairwise(items):
            name = _name_span(item)
            if name.start not in self.line_starts:
                what = f'"{before.name}"' if isinstance(before, Attribute) else f'the "{before.type}" block'
                self.diagnostics.error(
                    "two statements on one line", name, f"{what} must end with its line: start a new one here"
                )

    def _check_block_lines(
        self, items: tuple[Attribute | Block, ...], opening: Token, closing: Token
    ) -> None:
        """A block on one line holds one attribute or none; else each statement and the `}` begin a line."""
        if not items:
            return
        closes_line = closing.start not in self.line_starts
        if _name_span(items[0]).start in self.line_starts:
            self._check_lines(items)
            if closes_line:
                self._error("a closing brace after a statement", closing, "it must begin a line of its own")
            return
        if isinstance(items[0], Block):
            self.diagnostics.error(
                f'the "{items[0].type}" block cannot stand inside a block on one line',
                items[0].type_span,
                "it must begin a line of its own",
            )
        elif len(items) > 1:
            self.diagnostics.error(
                "a block on one line can hold one argument only",
                _name_span(items[1]),
                "write one argument on each line",
            )
        elif not closes_line:
            self._error(
                "a statement after an opening brace",
                opening,
                "start a new line here, or close it on this one",
            )

    def _error(self, summary: str, token: Token, label: str) -> None:
        self.diagnostics.error(
            summary, Span(self.source, token.start, max(token.end, token.start + 1)), label
        )


def _name_span(item: Attribute | Block) -> Span:
    return item.name_span if isinstance(item, Attribute) else item.type_span


RULES: Mapping[str, Callable[[Lowering, list[Any]], Any]] = {
    "start": Lowering.start,
    "body": Lowering.body,
    "new_line_or_comment": Lowering.line_end,
    "attribute": Lowering.attribute,
    "block": Lowering.block,
    "identifier": Lowering.first,
    "string_part": Lowering.first,
    "binary_operator": Lowering.first,
    "object_elem_key": Lowering.first,
    "index": Lowering.first,
    "expression": Lowering.first,
    "or_expr": Lowering.first,
    "and_expr": Lowering.first,
    "eq_expr": Lowering.first,
    "rel_expr": Lowering.first,
    "add_expr": Lowering.first,
    "mul_expr": Lowering.first,
    "unary_expr": Lowering.first,
    "literal_value": Lowering.literal_value,
    "int_lit": Lowering.number,
    "float_lit": Lowering.number,
    "string": Lowering.string,
    # The lexer cuts heredocs and directives into the parts of a string, so these never come.
    "heredoc_template": Lowering.first,
    "heredoc_template_trim": Lowering.first,
    "template_string": Lowering.first,
    "interpolation": Lowering.interpolation,
    "template_if_start": Lowering.template_if_start,
    "template_for_start": Lowering.template_for_start,
    "template_else": Lowering.template_end,
    "template_endif": Lowering.template_end,
    "template_endfor": Lowering.template_end,
    "conditional": Lowering.conditional,
    "binary_op": Lowering.binary_op,
    "binary_term": Lowering.binary_term,
    "unary_op": Lowering.unary_op,
    "expr_term": Lowering.expr_term,
    "tuple": Lowering.tuple,
    "object": Lowering.object,
    "object_elem": Lowering.object_elem,
    "function_call": Lowering.function_call,
    "arguments": Lowering.arguments,
    "index_expr_term": Lowering.traversal,
    "get_attr_expr_term": Lowering.traversal,
    "full_splat_expr_term": Lowering.traversal,
    "attr_splat_expr_term": Lowering.attribute_splat,
    "braces_index": Lowering.braces_index,
    "short_index": Lowering.short_index,
    "get_attr": Lowering.get_attr,
    "attr_splat": Lowering.attr_splat,
    "full_splat": Lowering.full_splat,
    "for_tuple_expr": Lowering.for_tuple_expr,
    "for_object_expr": Lowering.for_object_expr,
    "for_intro": Lowering.for_intro,
    "for_cond": Lowering.for_cond,
}
"""By the grammar's rule: what lowers it."""
