"""Which names an expression refers to."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from qemu_run.source import Span
from qemu_run.syntax.nodes import (
    AttributeStep,
    Expression,
    For,
    ForDirective,
    IndexStep,
    ScopeTraversal,
    Template,
    TemplateText,
)


def traversals(expression: Expression) -> Iterator[ScopeTraversal]:
    """All traversals that begin with a name, in no particular order; those of `for` too."""
    return (node for node in _nodes(expression) if isinstance(node, ScopeTraversal))


def loop_names(expression: Expression) -> frozenset[str]:
    """The names that `for` binds anywhere within."""
    names: set[str | None] = set()
    for node in _nodes(expression):
        if isinstance(node, For):
            names |= {node.key_name, node.value_name}
        elif isinstance(node, ForDirective):
            names |= {node.key, node.value}
    return frozenset(name for name in names if name)


def _nodes(expression: Expression) -> Iterator[object]:
    """The expression and all nodes below it."""
    left: list[object] = [expression]
    while left:
        node = left.pop()
        if isinstance(node, tuple):
            left.extend(node)
        elif is_dataclass(node) and not isinstance(node, Span | type):
            yield node
            left.extend(getattr(node, field.name) for field in fields(node))


def first_step(traversal: ScopeTraversal) -> str | None:
    """The name behind the root: `x` for `local.x` and `local["x"]`; None for the root alone or a number."""
    if not traversal.steps:
        return None
    step = traversal.steps[0]
    if isinstance(step, AttributeStep):
        return step.name
    if isinstance(step, IndexStep) and isinstance(step.key, Template):
        return "".join(part.text for part in step.key.parts if isinstance(part, TemplateText))
    return None
