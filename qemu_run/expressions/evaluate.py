"""A tree and a scope to a value.

Names that are not in scope are left for the client to resolve at run time: they evaluate to their own source
text in `${ }`. Mistakes become diagnostics, and the value becomes unknown.

Source: the HCL native syntax specification; Nomad's jobspec2 for the names left alone.
"""

import re
from fractions import Fraction

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.expressions.calls import call
from qemu_run.expressions.convert import ConversionError, convert, unify
from qemu_run.expressions.loops import evaluate_for, evaluate_for_directive
from qemu_run.expressions.numbers import negate, operate
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.steps import apply_steps
from qemu_run.expressions.types import BOOL, DYNAMIC, NUMBER, STRING, Type, friendly
from qemu_run.expressions.values import (
    NULL,
    UNKNOWN,
    ExpressionError,
    Null,
    ObjectValue,
    TupleValue,
    Unknown,
    Value,
    describe,
    equal,
    text,
    type_of,
    weight,
)
from qemu_run.source import Span
from qemu_run.syntax.nodes import (
    BinaryOp,
    Conditional,
    Expression,
    For,
    ForDirective,
    FunctionCall,
    IfDirective,
    Interpolation,
    LiteralValue,
    ObjectCons,
    Parentheses,
    RelativeTraversal,
    ScopeTraversal,
    Template,
    TemplatePart,
    TemplateText,
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
    try:
        return _evaluate(expression, scope, diagnostics)
    except ExpressionError as error:
        report(error, expression.span, scope, diagnostics)
        return UNKNOWN


def report(error: ExpressionError, span: Span, scope: Scope, diagnostics: Diagnostics) -> None:
    """Make a failure a diagnostic; that the budget is spent is said once."""
    if scope.budget.left < 0:
        if scope.budget.exceeded:
            return
        scope.budget.exceeded = True
    diagnostics.error(str(error), span)


def _evaluate(  # noqa: C901, PLR0911 - one case for each kind of node, and nothing else
    expression: Expression, scope: Scope, diagnostics: Diagnostics
) -> Value:
    match expression:
        case Template():
            return _template(expression, scope, diagnostics)
        case LiteralValue(value=value):
            return NULL if value is None else value
        case ScopeTraversal():
            return _reference(expression, scope, diagnostics)
        case FunctionCall():
            return call(expression, scope, diagnostics)
        case TupleCons(items=items):
            values = TupleValue(tuple(evaluate(item, scope, diagnostics) for item in items))
            scope.budget.spend(len(items) + 1)
            return values
        case ObjectCons():
            return _object(expression, scope, diagnostics)
        case Parentheses(expression=inner):
            return evaluate(inner, scope, diagnostics)
        case Conditional():
            return _conditional(expression, scope, diagnostics)
        case BinaryOp():
            return _binary(expression, scope, diagnostics)
        case UnaryOp():
            return _unary(expression, scope, diagnostics)
        case RelativeTraversal(source=source, steps=steps):
            return apply_steps(evaluate(source, scope, diagnostics), steps, scope, diagnostics)
        case For():
            return evaluate_for(expression, scope, diagnostics)


# Templates


def _template(template: Template, scope: Scope, diagnostics: Diagnostics) -> Value:
    """A string; a lone interpolation keeps the type of what is in it."""
    parts = template.parts
    if len(parts) == 1:
        part = parts[0]
        if isinstance(part, TemplateText):
            return text(part.text)
        if isinstance(part, Interpolation):
            return _interpolated(part, scope, diagnostics)
    return template_text(parts, scope, diagnostics)


def template_text(parts: tuple[TemplatePart, ...], scope: Scope, diagnostics: Diagnostics) -> Value:
    """The parts of a template as one string."""
    texts: list[str] = []
    known = True
    for part in parts:
        string = _part_text(part, scope, diagnostics)
        known = known and string is not None
        texts.append(string or "")
    scope.budget.spend(sum(map(len, texts)) // 64 + 1)
    return text("".join(texts)) if known else UNKNOWN


def _part_text(part: TemplatePart, scope: Scope, diagnostics: Diagnostics) -> str | None:
    """What one part adds to a string; None when that is unknown."""
    match part:
        case TemplateText(text=characters):
            return characters
        case Interpolation(expression=expression):
            return _as_text(_interpolated(part, scope, diagnostics), expression.span, diagnostics)
        case IfDirective(span=span):
            return _as_text(_if_directive(part, scope, diagnostics), span, diagnostics)
        case ForDirective(span=span):
            return _as_text(evaluate_for_directive(part, scope, diagnostics), span, diagnostics)


def _as_text(value: Value, span: Span, diagnostics: Diagnostics) -> str | None:
    """A value as part of a string; None when it cannot be, or is unknown."""
    if isinstance(value, Null):
        diagnostics.error(
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
        diagnostics.error(f"{found} cannot be put into a string", span, f"this is {found}", hints=(hint,))
        return None
    return converted if isinstance(converted, str) else None


def _interpolated(part: Interpolation, scope: Scope, diagnostics: Diagnostics) -> Value:
    """The value between `${` and `}`; of a reference left alone, the text with the blanks around it."""
    expression = part.expression
    if isinstance(expression, ScopeTraversal) and _is_left_alone(expression, scope):
        return text(kept_text(part))
    return evaluate(expression, scope, diagnostics)


def kept_text(part: Interpolation) -> str:
    """The text of an interpolation that is left for the client to resolve.

    Blanks inside it are kept, but not beside a trim marker. Where another closing brace follows, if need be
    after blanks, Nomad's parser takes one brace too many into the reference; jobs run so, and so it is here.
    """
    whole, inner = part.span, part.expression.span
    source = whole.source.text
    before = source[whole.start + 2 : inner.start]
    behind = source[inner.end : whole.end - 1]
    before = "" if before.startswith("~") else before
    behind = "" if behind.endswith("~") else behind
    if re.compile(r"[ \t]*\}").match(source, whole.end):
        behind += source[inner.end : whole.end]
    return f"${{{before}{inner.text}{behind}}}"


def _if_directive(directive: IfDirective, scope: Scope, diagnostics: Diagnostics) -> Value:
    """One of two template texts; as with any conditional, mistakes in the other are not looked for."""
    condition = truth(directive.condition, scope, diagnostics, "the condition of %{ if }")
    if condition is None:
        return UNKNOWN
    return template_text(directive.then if condition else directive.otherwise, scope, diagnostics)


# References


def _is_left_alone(reference: ScopeTraversal, scope: Scope) -> bool:
    return scope.unresolved == "keep text" and scope.lookup(reference.root) is None


def _reference(reference: ScopeTraversal, scope: Scope, diagnostics: Diagnostics) -> Value:
    value = scope.lookup(reference.root)
    if value is not None:
        return apply_steps(value, reference.steps, scope, diagnostics, reference.root)
    if scope.unresolved == "keep text":
        return text(f"${{{reference.span.text}}}")
    names = scope.names()
    label = did_you_mean(reference.root, names) if names else "only fixed values can stand here"
    hint = f'text needs quotes: "{reference.span.text}"'
    diagnostics.error(f'"{reference.span.text}" cannot be used here', reference.span, label, hints=(hint,))
    return UNKNOWN


# Collections


def _object(expression: ObjectCons, scope: Scope, diagnostics: Diagnostics) -> Value:
    items: dict[str, Value] = {}
    known = True
    for item in expression.items:
        key = object_key(evaluate(item.key, scope, diagnostics), item.key.span, diagnostics)
        value = evaluate(item.value, scope, diagnostics)
        if key is None:
            known = False
        else:
            items[key] = value
    scope.budget.spend(len(items) + 1)
    return ObjectValue(items) if known else UNKNOWN


def object_key(value: Value, span: Span, diagnostics: Diagnostics) -> str | None:
    """A value as the name of an attribute; None when it cannot be, or is unknown."""
    if isinstance(value, Null):
        diagnostics.error("a key is null", span, "a name is wanted here")
        return None
    try:
        converted = convert(value, STRING)
    except ConversionError:
        diagnostics.error(f"{describe(value)} cannot be a key", span, "a string is wanted here")
        return None
    return converted if isinstance(converted, str) else None


# Operators


def truth(expression: Expression, scope: Scope, diagnostics: Diagnostics, what: str) -> bool | None:
    """A condition as true or false; None when it is neither, or unknown."""
    value = evaluate(expression, scope, diagnostics)
    if isinstance(value, Null):
        diagnostics.error(f"{what} is null", expression.span, "true or false is wanted here")
        return None
    try:
        converted = convert(value, BOOL)
    except ConversionError:
        label = _only_at_run_time(expression, scope) or f"true or false is wanted, this is {describe(value)}"
        diagnostics.error(f"{what} is neither true nor false", expression.span, label)
        return None
    return converted if isinstance(converted, bool) else None


def _conditional(expression: Conditional, scope: Scope, diagnostics: Diagnostics) -> Value:
    """One of two values, as the type that both can become; mistakes in the other are not reported."""
    then_mistakes, otherwise_mistakes = Diagnostics(), Diagnostics()
    then = evaluate(expression.then, scope, then_mistakes)
    otherwise = evaluate(expression.otherwise, scope, otherwise_mistakes)
    wanted = _common_type(then, otherwise)
    if wanted is None:
        diagnostics.error(
            "the two results of a condition do not fit together",
            expression.then.span.to(expression.otherwise.span),
            f"one is {describe(then)}, the other {describe(otherwise)}",
        )
        return UNKNOWN
    condition = truth(expression.condition, scope, diagnostics, "a condition")
    if condition is None:
        return UNKNOWN
    diagnostics.extend(then_mistakes if condition else otherwise_mistakes)
    chosen, node = (then, expression.then) if condition else (otherwise, expression.otherwise)
    try:
        return convert(chosen, wanted)
    except ConversionError as error:
        diagnostics.error("the two results of a condition do not fit together", node.span, str(error))
        return UNKNOWN


def _common_type(then: Value, otherwise: Value) -> Type | None:
    """The type that both results of a condition can become; a null or unknown one asks for nothing."""
    if isinstance(then, Unknown) or isinstance(otherwise, Unknown):
        return DYNAMIC
    if then == NULL:
        return type_of(otherwise)
    if otherwise == NULL:
        return type_of(then)
    return unify([type_of(then), type_of(otherwise)])


OPERANDS: dict[str, Type] = {
    **dict.fromkeys(["+", "-", "*", "/", "%", "<", ">", "<=", ">="], NUMBER),
    **dict.fromkeys(["&&", "||", "!"], BOOL),
    **dict.fromkeys(["==", "!="], DYNAMIC),
}
"""The type of both operands, by operator."""


def _binary(expression: BinaryOp, scope: Scope, diagnostics: Diagnostics) -> Value:
    """A chain of operators is worked off from its left end, however long it is."""
    chain = [expression]
    while isinstance(chain[-1].left, BinaryOp):
        chain.append(chain[-1].left)
    if _is_unquoted_path(expression, scope, diagnostics):
        return UNKNOWN
    left = evaluate(chain[-1].left, scope, diagnostics)
    while chain:
        operation = chain.pop()
        right = evaluate(operation.right, scope, diagnostics)
        try:
            left = _operation(operation, left, right, scope, diagnostics)
        except ExpressionError as error:
            report(error, operation.span, scope, diagnostics)
            left = UNKNOWN
    return left


def _operation(
    operation: BinaryOp, left: Value, right: Value, scope: Scope, diagnostics: Diagnostics
) -> Value:
    operator = operation.operator
    if operator in {"==", "!="}:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return UNKNOWN
        scope.budget.spend((weight(left) + weight(right)) // 4)
        return equal(left, right) == (operator == "==")
    left = _operand(left, operation.left, operator, scope, diagnostics)
    right = _operand(right, operation.right, operator, scope, diagnostics)
    match left, right:
        case bool(), bool():
            return (left and right) if operator == "&&" else (left or right)
        case ((int() | Fraction() | float()), (int() | Fraction() | float())):
            if operator in _COMPARISONS:
                return _compare(operator, left, right)
            return operate(operator, left, right)
        case _:
            return UNKNOWN


def _compare(operator: str, left: int | Fraction | float, right: int | Fraction | float) -> bool:
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


_COMPARISONS = frozenset({"<", "<=", ">", ">="})


def _operand(value: Value, node: Expression, operator: str, scope: Scope, diagnostics: Diagnostics) -> Value:
    """An operand as what its operator works on; `UNKNOWN` when it cannot be, which is reported."""
    wanted = OPERANDS[operator]
    if isinstance(value, Null):
        diagnostics.error(f'"{operator}" with null', node.span, f"{friendly(wanted)} is wanted, this is null")
        return UNKNOWN
    try:
        return convert(value, wanted)
    except ConversionError as error:
        label = _only_at_run_time(node, scope) or str(error)
        noun = "numbers" if wanted == NUMBER else "conditions"
        diagnostics.error(f'"{operator}" works on {noun}', node.span, label)
        return UNKNOWN


def _only_at_run_time(node: Expression, scope: Scope) -> str:
    """What to say of a reference that has no value before the task runs."""
    while isinstance(node, Parentheses):
        node = node.expression
    if isinstance(node, Template) and len(node.parts) == 1 and isinstance(node.parts[0], Interpolation):
        node = node.parts[0].expression
    if isinstance(node, ScopeTraversal) and _is_left_alone(node, scope):
        return f"{node.span.text} is known only when the task runs"
    return ""


def _is_unquoted_path(expression: BinaryOp, scope: Scope, diagnostics: Diagnostics) -> bool:
    """Report `local/disk.img`, which reads as a division of two names."""
    written = expression.span.text
    if "/" not in written or not re.fullmatch(r"[\w./~-]+", written):
        return False
    first: Expression = expression
    while isinstance(first, BinaryOp):
        first = first.left
    if not isinstance(first, ScopeTraversal) or (first.steps and scope.lookup(first.root) is not None):
        return False
    diagnostics.error("a path without quotes", expression.span, f'write "{written}"')
    return True


def _unary(expression: UnaryOp, scope: Scope, diagnostics: Diagnostics) -> Value:
    value = evaluate(expression.operand, scope, diagnostics)
    operand = _operand(value, expression.operand, expression.operator, scope, diagnostics)
    match operand:
        case bool():
            return not operand
        case int() | Fraction() | float():
            return negate(operand)
        case _:
            return UNKNOWN
