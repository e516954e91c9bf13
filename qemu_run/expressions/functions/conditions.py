"""Functions that choose or convert: `try`, `can`, `coalesce`, `convert`."""

from qemu_run.errors import Diagnostics
from qemu_run.expressions.constraints import type_from
from qemu_run.expressions.convert import ConversionError, convert, unify
from qemu_run.expressions.functions.arguments import anything
from qemu_run.expressions.scope import Function, Parameter, Scope
from qemu_run.expressions.types import DYNAMIC
from qemu_run.expressions.values import UNKNOWN, ExpressionError, Null, Value, type_of
from qemu_run.syntax.nodes import Expression


def first_that_works(expressions: tuple[Expression, ...], scope: Scope, diagnostics: Diagnostics) -> Value:
    """The value of the first expression that has one."""
    from qemu_run.expressions.evaluate import evaluate

    if not expressions:
        msg = "at least one expression is wanted"
        raise ExpressionError(msg)
    mistakes = Diagnostics()
    for expression in expressions:
        mistakes = Diagnostics()
        value = evaluate(expression, scope, mistakes)
        if not mistakes.errors:
            return value
    reasons = tuple(f"the last one: {mistake.summary}" for mistake in mistakes.errors[:1])
    diagnostics.error(
        '"try" found nothing that works', expressions[-1].span, "even this fails", hints=reasons
    )
    return UNKNOWN


def works(expressions: tuple[Expression, ...], scope: Scope, _: Diagnostics) -> Value:
    """Whether an expression has a value."""
    from qemu_run.expressions.evaluate import evaluate

    mistakes = Diagnostics()
    evaluate(expressions[0], scope, mistakes)
    return not mistakes.errors


def converted(expressions: tuple[Expression, ...], scope: Scope, diagnostics: Diagnostics) -> Value:
    """A value as one of the type that the second expression spells."""
    from qemu_run.expressions.evaluate import evaluate

    before = len(diagnostics.errors)
    value = evaluate(expressions[0], scope, diagnostics)
    wanted = type_from(expressions[1], diagnostics, allow_any=True)
    if wanted is None or len(diagnostics.errors) > before:
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
