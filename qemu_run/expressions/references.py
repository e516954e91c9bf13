"""Which names an expression refers to."""

from collections.abc import Iterator

from qemu_run.syntax.nodes import (
    AttributeStep,
    Expression,
    For,
    ForDirective,
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
    """All nodes of a tree, and the plain values in them."""
    left: list[object] = [expression]
    while left:
        node = left.pop()
        if isinstance(node, tuple):
            left.extend(node)
            continue
        yield node
        names = getattr(type(node), "__slots__", ())
        left.extend(getattr(node, name) for name in names if not name.endswith("span"))


def first_step(traversal: ScopeTraversal) -> str | None:
    """The name after the root: `x` for `local.x` and `local["x"]`; None for the root alone or a number."""
    if not traversal.steps:
        return None
    step = traversal.steps[0]
    if isinstance(step, AttributeStep):
        return step.name
    if isinstance(step.key, Template):
        return "".join(part.text for part in step.key.parts if isinstance(part, TemplateText))
    return None
