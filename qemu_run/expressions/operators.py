"""Operators: of one operand, of two, and the conditional.

Source: the HCL native syntax specification, operations.
"""

import operator
import re
from collections.abc import Callable
from fractions import Fraction

from qemu_run.expressions.coercion import operand, truth
from qemu_run.expressions.context import Context
from qemu_run.expressions.convert import ConversionError, convert
from qemu_run.expressions.equality import equal
from qemu_run.expressions.numbers import negate, operate
from qemu_run.expressions.types import BOOL, NUMBER, Type
from qemu_run.expressions.unify import unify
from qemu_run.expressions.values import (
    NULL,
    UNKNOWN,
    ExpressionError,
    Number,
    Unknown,
    Value,
    describe,
    type_of,
    weight,
)
from qemu_run.syntax.nodes import BinaryOp, Conditional, Expression, ScopeTraversal, UnaryOp

COMPARISONS: dict[str, Callable[[Number, Number], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def conditional(expression: Conditional, context: Context) -> Value:
    """One of two values, as the type that both can become; mistakes in the other are not reported."""
    for_then, for_otherwise = context.aside(), context.aside()
    then = for_then.value(expression.then)
    otherwise = for_otherwise.value(expression.otherwise)
    context.spend(weight(then) + weight(otherwise))
    wanted = _common_type(then, otherwise)
    if wanted is None:
        context.error(
            "the two results of a condition do not fit together",
            expression.then.span.to(expression.otherwise.span),
            f"one is {describe(then)}, the other {describe(otherwise)}",
        )
        return UNKNOWN
    condition = truth(expression.condition, context, "a condition")
    if condition is None:
        return Unknown(wanted)
    context.diagnostics.extend((for_then if condition else for_otherwise).diagnostics)
    chosen, node = (then, expression.then) if condition else (otherwise, expression.otherwise)
    try:
        return convert(chosen, wanted)
    except ConversionError as error:
        context.error("the two results of a condition do not fit together", node.span, str(error))
        return Unknown(wanted)


def _common_type(then: Value, otherwise: Value) -> Type | None:
    """The type that both results of a condition can become; a null without a type asks for nothing."""
    if then == NULL:
        return type_of(otherwise)
    if otherwise == NULL:
        return type_of(then)
    return unify([type_of(then), type_of(otherwise)])


def binary(expression: BinaryOp, context: Context) -> Value:
    """A chain of operators is worked off from its left end, however long it is."""
    chain = [expression]
    while isinstance(chain[-1].left, BinaryOp):
        chain.append(chain[-1].left)
    if _is_unquoted_path(expression, context):
        return UNKNOWN
    left = context.value(chain[-1].left)
    while chain:
        operation = chain.pop()
        right = context.value(operation.right)
        try:
            left = _operation(operation, left, right, context)
        except ExpressionError as error:
            context.report(error, operation.span)
            left = Unknown(_result_type(operation.operator))
    return left


def _result_type(operator: str) -> Type:
    return NUMBER if operator in {"+", "-", "*", "/", "%"} else BOOL


def _operation(operation: BinaryOp, left: Value, right: Value, context: Context) -> Value:
    sign = operation.operator
    if sign in {"==", "!="}:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return Unknown(BOOL)
        context.spend((weight(left) + weight(right)) // 2)
        return equal(left, right) == (sign == "==")
    left = operand(left, operation.left, sign, context)
    right = operand(right, operation.right, sign, context)
    match left, right:
        case bool(), bool():
            return (left and right) if sign == "&&" else (left or right)
        case ((int() | Fraction() | float()), (int() | Fraction() | float())):
            if sign in COMPARISONS:
                return COMPARISONS[sign](left, right)
            return operate(sign, left, right)
        case _:
            return Unknown(_result_type(sign))


def _is_unquoted_path(expression: BinaryOp, context: Context) -> bool:
    """Report `local/disk.img`, which reads as a division of two names, and `a-1.2-b.img`, a difference."""
    written = expression.span.text
    is_path = "/" in written or ("." in written and "-" in written)
    if not is_path or not re.fullmatch(r"[\w./~-]+", written):
        return False
    if expression.span.source.text.startswith("${", expression.span.start - 2):
        return False
    first: Expression = expression
    while isinstance(first, BinaryOp):
        first = first.left
    if not isinstance(first, ScopeTraversal) or (
        first.steps and context.scope.lookup(first.root) is not None
    ):
        return False
    context.error("a path without quotes", expression.span, f'write "{written}"')
    return True


def unary(expression: UnaryOp, context: Context) -> Value:
    """The negative of a number, the opposite of a condition."""
    value = context.value(expression.operand)
    converted = operand(value, expression.operand, expression.operator, context)
    match converted:
        case bool():
            return not converted
        case int() | Fraction() | float():
            return negate(converted)
        case _:
            return Unknown(NUMBER if expression.operator == "-" else BOOL)
