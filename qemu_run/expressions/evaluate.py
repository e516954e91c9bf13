"""A tree and a scope to a value.

Names that are not in scope are left for the client to resolve at run time: they evaluate to their own source
text in `${ }`. Mistakes become diagnostics, and the value becomes unknown.

Source: the HCL native syntax specification; Nomad's jobspec2 for the names left alone.
"""

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.expressions.calls import call
from qemu_run.expressions.coercion import object_key
from qemu_run.expressions.context import Context
from qemu_run.expressions.loops import evaluate_for
from qemu_run.expressions.operators import binary, conditional, unary
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.strings import evaluate_template
from qemu_run.expressions.traversal import apply_steps
from qemu_run.expressions.values import (
    NULL,
    UNKNOWN,
    ExpressionError,
    ObjectValue,
    TupleValue,
    Value,
    text,
    weight,
)
from qemu_run.syntax.nodes import (
    BinaryOp,
    Conditional,
    Expression,
    For,
    FunctionCall,
    LiteralValue,
    ObjectCons,
    Parentheses,
    RelativeTraversal,
    ScopeTraversal,
    Template,
    TupleCons,
    UnaryOp,
)


def evaluate(expression: Expression, scope: Scope, diagnostics: Diagnostics) -> Value:
    """The value of an expression.

    Args:
        expression: The tree.
        scope: What it may refer to.
        diagnostics: Where its mistakes are put.

    Returns:
        The value; `UNKNOWN` when a mistake was reported.
    """
    context = Context(scope, diagnostics, _value)
    value = context.value(expression)
    steps = weight(value) // 4  # whoever asked will walk through it
    if steps:
        try:
            context.spend(steps)
        except ExpressionError as error:
            context.report(error, expression.span)
            return UNKNOWN
    return value


def _value(  # noqa: C901, PLR0911 - one case for each kind of node, and nothing else
    expression: Expression, context: Context
) -> Value:
    match expression:
        case Template():
            return evaluate_template(expression, context)
        case LiteralValue(value=value):
            return NULL if value is None else value
        case ScopeTraversal():
            return _reference(expression, context)
        case FunctionCall():
            return call(expression, context)
        case TupleCons(items=items):
            values = TupleValue(tuple(context.value(item) for item in items))
            context.spend(len(items) + 1)
            return values
        case ObjectCons():
            return _object(expression, context)
        case Parentheses(expression=inner):
            return context.value(inner)
        case Conditional():
            return conditional(expression, context)
        case BinaryOp():
            return binary(expression, context)
        case UnaryOp():
            return unary(expression, context)
        case RelativeTraversal(source=source, steps=steps):
            return apply_steps(context.value(source), steps, context)
        case For():
            return evaluate_for(expression, context)


def _reference(reference: ScopeTraversal, context: Context) -> Value:
    value = context.scope.lookup(reference.root)
    if value is not None:
        return apply_steps(value, reference.steps, context, reference.root)
    if context.scope.unresolved == "keep text":
        return text(f"${{{reference.span.text}}}")
    names = context.scope.names()
    label = did_you_mean(reference.root, names) if names else "only fixed values can stand here"
    hint = f'text needs quotes: "{reference.span.text}"'
    context.error(f'"{reference.span.text}" cannot be used here', reference.span, label, hints=(hint,))
    return UNKNOWN


def _key(key: Expression, context: Context) -> str | None:
    """The name that a key means; `a.b` without parentheses could mean itself or a reference."""
    if isinstance(key, ScopeTraversal):
        label = "quote it, or put a reference in parentheses"
        context.error(f'the key "{key.span.text}" can be read in two ways', key.span, label)
        return None
    return object_key(context.value(key), key.span, context)


def _object(expression: ObjectCons, context: Context) -> Value:
    items: dict[str, Value] = {}
    known = True
    for item in expression.items:
        key = _key(item.key, context)
        value = context.value(item.value)
        if key is None:
            known = False
        else:
            items[key] = value
    context.spend(len(items) + 1)
    return ObjectValue(items) if known else UNKNOWN
