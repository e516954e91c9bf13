"""What a part of an expression must be: a condition, a key, text, an operand. What cannot be is reported."""

from qemu_run.expressions.context import Context
from qemu_run.expressions.convert import ConversionError, convert
from qemu_run.expressions.types import BOOL, DYNAMIC, NUMBER, STRING, Type, friendly
from qemu_run.expressions.values import UNKNOWN, Null, Value, describe
from qemu_run.source import Span
from qemu_run.syntax.nodes import Expression, Interpolation, Parentheses, ScopeTraversal, Template


def truth(expression: Expression, context: Context, what: str) -> bool | None:
    """A condition as true or false; None when it is neither, or unknown."""
    value = context.value(expression)
    if isinstance(value, Null):
        context.error(f"{what} is null", expression.span, "true or false is wanted here")
        return None
    try:
        converted = convert(value, BOOL)
    except ConversionError:
        label = only_at_run_time(expression, context) or f"true or false is wanted, this is {describe(value)}"
        context.error(f"{what} is neither true nor false", expression.span, label)
        return None
    return converted if isinstance(converted, bool) else None


def object_key(value: Value, span: Span, context: Context) -> str | None:
    """A value as the name of an attribute; None when it cannot be, or is unknown."""
    if isinstance(value, Null):
        context.error("a key is null", span, "a name is wanted here")
        return None
    try:
        converted = convert(value, STRING)
    except ConversionError:
        context.error(f"{describe(value)} cannot be a key", span, "a string is wanted here")
        return None
    return converted if isinstance(converted, str) else None


def as_text(value: Value, span: Span, context: Context) -> str | None:
    """A value as part of a string; None when it cannot be, or is unknown."""
    if isinstance(value, Null):
        context.error(
            "null in a string", span, "this is null here", hints=('coalesce(x, "") gives it a value',)
        )
        return None
    try:
        converted = convert(value, STRING)
    except ConversionError:
        found = describe(value)
        hint = (
            'join(",", x) makes a string of a list'
            if "list" in found or "set" in found
            else "jsonencode(x) makes a string of anything"
        )
        context.error(f"{found} cannot be put into a string", span, f"this is {found}", hints=(hint,))
        return None
    return converted if isinstance(converted, str) else None


OPERANDS: dict[str, Type] = {
    **dict.fromkeys(["+", "-", "*", "/", "%", "<", ">", "<=", ">="], NUMBER),
    **dict.fromkeys(["&&", "||", "!"], BOOL),
    **dict.fromkeys(["==", "!="], DYNAMIC),
}
"""The type of both operands, by operator."""


def operand(value: Value, node: Expression, operator: str, context: Context) -> Value:
    """An operand as what its operator works on; `UNKNOWN` when it cannot be, which is reported."""
    wanted = OPERANDS[operator]
    if isinstance(value, Null):
        context.error(f'"{operator}" with null', node.span, f"{friendly(wanted)} is wanted, this is null")
        return UNKNOWN
    try:
        return convert(value, wanted)
    except ConversionError as error:
        label = only_at_run_time(node, context) or str(error)
        noun = "numbers" if wanted == NUMBER else "conditions"
        context.error(f'"{operator}" works on {noun}', node.span, label)
        return UNKNOWN


def only_at_run_time(node: Expression, context: Context) -> str:
    """What to say of a reference that has no value before the task runs."""
    while isinstance(node, Parentheses):
        node = node.expression
    if isinstance(node, Template) and len(node.parts) == 1 and isinstance(node.parts[0], Interpolation):
        node = node.parts[0].expression
    if isinstance(node, ScopeTraversal) and context.is_left_alone(node):
        return f"{node.span.text} is known only when the task runs"
    return ""
