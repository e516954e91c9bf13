"""Functions that choose or convert: `try`, `can`, `coalesce`, `convert`."""

from qemu_run.expressions.context import Context
from qemu_run.expressions.convert import ConversionError, convert
from qemu_run.expressions.functions.arguments import anything
from qemu_run.expressions.scope import Function, Parameter
from qemu_run.expressions.type_expressions import read_type
from qemu_run.expressions.types import DYNAMIC
from qemu_run.expressions.unify import unify
from qemu_run.expressions.values import UNKNOWN, ExpressionError, Null, Value, type_of
from qemu_run.syntax.nodes import Expression


def first_that_works(expressions: tuple[Expression, ...], context: Context) -> Value:
    """The value of the first expression that has one."""
    if not expressions:
        msg = "at least one expression is wanted"
        raise ExpressionError(msg)
    tries = [context.aside() for _ in expressions]
    for expression, attempt in zip(expressions, tries, strict=True):
        value = attempt.value(expression)
        if not attempt.diagnostics.errors:
            return value
    reasons = tuple(f"the last one: {mistake.summary}" for mistake in tries[-1].diagnostics.errors[:1])
    context.error('"try" found nothing that works', expressions[-1].span, "even this fails", hints=reasons)
    return UNKNOWN


def works(expressions: tuple[Expression, ...], context: Context) -> Value:
    """Whether an expression has a value."""
    attempt = context.aside()
    attempt.value(expressions[0])
    return not attempt.diagnostics.errors


def converted(expressions: tuple[Expression, ...], context: Context) -> Value:
    """A value as one of the type that the second expression spells."""
    before = len(context.diagnostics.errors)
    value = context.value(expressions[0])
    wanted = read_type(expressions[1], context.diagnostics, allow_any=True)
    if wanted is None or len(context.diagnostics.errors) > before:
        return UNKNOWN
    try:
        return convert(value, wanted)
    except ConversionError as error:
        raise ExpressionError(str(error), 0) from None


def coalesce(*values: Value) -> Value:
    """The first value that is not null, as the type that all can become."""
    if not values:
        msg = "at least one value is wanted"
        raise ExpressionError(msg)
    wanted = unify([type_of(value) for value in values])
    if wanted is None:
        msg = "the values are of different kinds"
        raise ExpressionError(msg)
    for place, value in enumerate(values):
        if not isinstance(value, Null):
            try:
                return convert(value, wanted)
            except ConversionError as error:
                raise ExpressionError(str(error), place) from None
    msg = "all values are null"
    raise ExpressionError(msg)


FUNCTIONS = {
    "can": Function(works, (anything("expression"),), takes="expressions"),
    "coalesce": Function(coalesce, rest=Parameter("vals", DYNAMIC, nullable=True)),
    "convert": Function(converted, (anything("value"), anything("type")), takes="expressions"),
    "try": Function(first_that_works, rest=anything("expressions"), takes="expressions"),
}
