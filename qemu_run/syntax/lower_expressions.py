"""The grammar's expression rules to nodes; each method's docstring is the rule it lowers."""

from typing import Any

from qemu_run.source import Span
from qemu_run.syntax.limits import MOST_STEPS
from qemu_run.syntax.lower_templates import TemplateLowering
from qemu_run.syntax.nodes import (
    AttributeStep,
    BinaryOp,
    Conditional,
    Expression,
    For,
    FunctionCall,
    IndexStep,
    LiteralValue,
    ObjectCons,
    ObjectItem,
    Parentheses,
    RelativeTraversal,
    ScopeTraversal,
    SplatStep,
    Step,
    Template,
    TemplateText,
    TupleCons,
    UnaryOp,
)
from qemu_run.syntax.numbers import NumberTooLargeError, parse_decimal
from qemu_run.syntax.tokens import SYMBOLS, Token

LITERALS = {"TRUE": True, "FALSE": False, "NULL": None}


class ExpressionLowering(TemplateLowering):
    """Makes expression nodes of one source."""

    def expr_term(self, children: list[Any]) -> Expression:
        """`"(" expression ")" | literal | string | tuple | object | identifier | call | traversal | for`."""
        child = children[0]
        if type(child) is not Token:
            return child  # type: ignore[no-any-return]
        if child.kind == "LPAR":
            return Parentheses(expression=children[1], span=self.span(child, children[2]))
        span = Span(self.source, child.start, child.end)
        return ScopeTraversal(root=child.text, steps=(), span=span)

    def literal_value(self, children: list[Any]) -> LiteralValue:
        """`TRUE | FALSE | NULL`."""
        token = children[0]
        return LiteralValue(value=LITERALS[token.kind], span=Span(self.source, token.start, token.end))

    def number(self, children: list[Any]) -> LiteralValue:
        """`INT_LITERAL | FLOAT_LITERAL`."""
        token = children[0]
        span = Span(self.source, token.start, token.end)
        try:
            value = parse_decimal(token.text)
        except NumberTooLargeError:
            self.diagnostics.error("this number has too many digits", span, "some 4,000 are possible")
            value = 0
        return LiteralValue(value=value, span=span)

    # Operators

    def conditional(self, children: list[Any]) -> Conditional:
        """`or_expr "?" expression ":" expression`."""
        condition, _, then, _, otherwise = children
        return Conditional(
            condition=condition, then=then, otherwise=otherwise, span=self.span(condition, otherwise)
        )

    def binary_term(self, children: list[Any]) -> tuple[Token, Expression]:
        """`operator operand`."""
        return (children[0], children[1])

    def binary_op(self, children: list[Any]) -> BinaryOp:
        """`operand binary_term`."""
        left, (operator, right) = children
        return BinaryOp(operator=SYMBOLS[operator.kind], left=left, right=right, span=self.span(left, right))

    def unary_op(self, children: list[Any]) -> UnaryOp:
        """`("-" | "!") unary_expr`."""
        operator, operand = children
        return UnaryOp(operator=SYMBOLS[operator.kind], operand=operand, span=self.span(operator, operand))

    # Collections and calls

    def tuple(self, children: list[Any]) -> TupleCons:
        """`"[" (expression ",")* expression? ","? "]"`."""
        items = tuple(child for child in children if type(child) is not Token)
        return TupleCons(items=items, span=self.span(children[0], children[-1]))

    def object(self, children: list[Any]) -> ObjectCons:
        """`"{" (object_elem ","?)* "}"`, with a comma or a line end between any two elements."""
        items: list[ObjectItem] = []
        separated = True
        for child in children[1:-1]:
            if isinstance(child, ObjectItem):
                if not separated and child.key.span.start not in self.line_starts:
                    self.diagnostics.error(
                        "a comma is missing between two elements of an object",
                        Span(self.source, child.key.span.start, child.value.span.end),
                        "a comma or a new line must come first",
                    )
                items.append(child)
                separated = False
            elif type(child) is Token:
                if child.start in self.line_starts:
                    self.diagnostics.error(
                        "a comma at the start of a line",
                        Span(self.source, child.start, child.end),
                        "the line before has ended its element already",
                    )
                separated = True
        return ObjectCons(items=tuple(items), span=self.span(children[0], children[-1]))

    def object_elem(self, children: list[Any]) -> ObjectItem:
        """`object_elem_key ("=" | ":") expression`; a bare name as key means itself."""
        key, _, value = children
        is_name = isinstance(key, ScopeTraversal) and not key.steps
        if is_name or (isinstance(key, LiteralValue) and not _is_number(key)):
            text = key.root if isinstance(key, ScopeTraversal) else key.span.text
            key = Template(parts=(TemplateText(text=text, span=key.span),), span=key.span)
        return ObjectItem(key=key, value=value)

    def function_call(self, children: list[Any]) -> FunctionCall:
        """`identifier "(" arguments? ")"`."""
        name = children[0]
        arguments, expand = children[2] if len(children) == 4 else ((), False)
        return FunctionCall(
            name=name.text,
            name_span=Span(self.source, name.start, name.end),
            arguments=arguments,
            expand=expand,
            span=Span(self.source, name.start, children[-1].end),
        )

    def arguments(self, children: list[Any]) -> Any:  # noqa: ANN401 - a pair for function_call
        """`expression ("," expression)* ("," | "...")?`: the arguments, and whether the last is expanded."""
        last = children[-1]
        expand = type(last) is Token and last.kind == "ELLIPSIS"
        return (tuple(child for child in children if type(child) is not Token), expand)

    # Traversals

    def traversal(self, children: list[Any]) -> Expression:
        """`expr_term (index | get_attr | full_splat)`."""
        source, step = children
        if isinstance(source, ScopeTraversal | RelativeTraversal) and len(source.steps) >= MOST_STEPS:
            if len(source.steps) == MOST_STEPS:
                self.diagnostics.error(
                    "too many steps in one reference", step.span, f"{MOST_STEPS} are possible"
                )
            return source
        span = Span(self.source, source.span.start, step.span.end)
        if isinstance(source, ScopeTraversal) and _is_constant(step):
            return ScopeTraversal(root=source.root, steps=(*source.steps, step), span=span)
        if isinstance(source, RelativeTraversal):
            return RelativeTraversal(source=source.source, steps=_appended(source.steps, step), span=span)
        return RelativeTraversal(source=source, steps=(step,), span=span)

    def attribute_splat(self, children: list[Any]) -> Expression:
        """`expr_term attr_splat`: written indexes after `.*` apply to the whole."""
        source, (splat, after) = children
        result = self.traversal([source, splat])
        for step in after:
            result = self.traversal([result, step])
        return result

    def attr_splat(self, children: list[Any]) -> Any:  # noqa: ANN401 - a pair for attribute_splat
        """`".*" (get_attr | index)*`."""
        steps = children[1:]
        inside = next((n for n, step in enumerate(steps) if self._is_bracket(step)), len(steps))
        each = tuple(steps[:inside])
        splat = SplatStep(each=each, span=self.span(children[0], each[-1] if each else children[0]))
        return (splat, tuple(steps[inside:]))

    def full_splat(self, children: list[Any]) -> SplatStep:
        """`"[*]" (get_attr | index)*`."""
        return SplatStep(each=tuple(children[1:]), span=self.span(children[0], children[-1]))

    def braces_index(self, children: list[Any]) -> IndexStep:
        """`"[" expression "]"`."""
        return IndexStep(key=children[1], span=self.span(children[0], children[2]))

    def short_index(self, children: list[Any]) -> IndexStep:
        """`"." INT_LITERAL`."""
        return IndexStep(key=self.number(children[1:]), span=self.span(children[0], children[1]))

    def get_attr(self, children: list[Any]) -> AttributeStep:
        """`"." identifier`."""
        return AttributeStep(name=children[1].text, span=self.span(children[0], children[1]))

    def _is_bracket(self, step: Step) -> bool:
        return isinstance(step, IndexStep) and self.source.text[step.span.start] == "["

    # For expressions

    def for_intro(self, children: list[Any]) -> Any:  # noqa: ANN401 - a pair for the two below
        """`FOR identifier ("," identifier)? IN expression ":"`: the names, and the collection."""
        names = tuple(child.text for child in children if type(child) is Token and child.kind == "NAME")
        return (names, children[-2])

    def for_cond(self, children: list[Any]) -> Expression:
        """`IF expression`."""
        return children[1]  # type: ignore[no-any-return]

    def for_tuple_expr(self, children: list[Any]) -> For:
        """`"[" for_intro expression for_cond? "]"`."""
        names, collection = children[1]
        return For(
            key_name=names[0] if len(names) == 2 else None,
            value_name=names[-1],
            collection=collection,
            key=None,
            value=children[2],
            condition=children[3] if len(children) == 5 else None,
            group=False,
            span=self.span(children[0], children[-1]),
        )

    def for_object_expr(self, children: list[Any]) -> For:
        """`"{" for_intro expression "=>" expression "..."? for_cond? "}"`."""
        names, collection = children[1]
        rest = children[5:-1]
        group = bool(rest) and type(rest[0]) is Token
        condition = rest[-1] if rest and type(rest[-1]) is not Token else None
        return For(
            key_name=names[0] if len(names) == 2 else None,
            value_name=names[-1],
            collection=collection,
            key=children[2],
            value=children[4],
            condition=condition,
            group=group,
            span=self.span(children[0], children[-1]),
        )


def _is_number(node: Expression) -> bool:
    return isinstance(node, LiteralValue) and not (node.value is None or isinstance(node.value, bool))


def _is_constant(step: Step) -> bool:
    """Whether a step may stand in a reference that is resolved by name: all but computed ones."""
    if isinstance(step, IndexStep):
        key = step.key
        text = isinstance(key, Template) and all(isinstance(part, TemplateText) for part in key.parts)
        return text or _is_number(key)
    return isinstance(step, AttributeStep)


def _appended(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    """Steps with one more; after a `[*]` everything applies to each element."""
    last = steps[-1]
    if isinstance(last, SplatStep) and last.span.text.startswith("["):
        each = _appended(last.each, step) if last.each else (step,)
        return (*steps[:-1], SplatStep(each=each, span=last.span.to(step.span)))
    return (*steps, step)
