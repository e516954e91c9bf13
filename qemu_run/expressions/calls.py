"""Calls of functions: arguments counted, converted, and mistakes placed where they were made."""

from qemu_run.errors import did_you_mean
from qemu_run.expressions.context import Context
from qemu_run.expressions.convert import ConversionError, convert
from qemu_run.expressions.scope import Function, Parameter
from qemu_run.expressions.types import friendly
from qemu_run.expressions.values import (
    UNKNOWN,
    ExpressionError,
    ListValue,
    Null,
    SetValue,
    TupleValue,
    Unknown,
    Value,
    describe,
    text,
    weight,
)
from qemu_run.source import Span
from qemu_run.syntax.nodes import Expression, FunctionCall, ScopeTraversal

INSTEAD = {
    "tostring": "convert(x, string)",
    "tonumber": "convert(x, number)",
    "tobool": "convert(x, bool)",
    "tolist": "convert(x, list(string))",
    "toset": "convert(x, set(string))",
    "tomap": "convert(x, map(string))",
    "regex": 'regex_replace(x, "...", "$1")',
    "regexall": "regex_replace",
    "startswith": 'trimprefix(x, "a") != x',
    "endswith": 'trimsuffix(x, "a") != x',
    "strcontains": 'replace(x, "a", "") != x',
    "templatefile": "a template block, or file() and replace()",
    "base64gzip": "base64encode(x)",
    "filemd5": "md5(file(x))",
    "filesha256": "sha256(file(x))",
    "uuid": "uuidv4()",
    "env": 'a variable set by NOMAD_VAR_name, or "${env[\\"NAME\\"]}"',
}
"""What Terraform calls otherwise, or has and Nomad has not."""

MISSING = frozenset(
    {"alltrue", "anytrue", "one", "sum", "textdecodebase64", "timestamp", "transpose", "matchkeys"}
)
"""What Terraform has and nothing here comes close to."""


def call(node: FunctionCall, context: Context) -> Value:
    """The value of a call."""
    function = context.scope.functions.get(node.name)
    if function is None:
        _unknown_function(node, context)
        return UNKNOWN
    if function.takes == "expressions":
        return _call_with_expressions(node, function, context)
    arguments = _arguments(node, context)
    if arguments is None or not _count_fits(node, function, [span for _, span in arguments], context):
        return UNKNOWN
    values = _converted(node, function, arguments, context)
    if values is None:
        return UNKNOWN
    context.spend(sum(map(weight, values)) // 2)
    try:
        extra = [context.scope] if function.takes == "scope and values" else []
        result = function.call(*extra, *values)
    except ExpressionError as error:
        _failed(node, error, [span for _, span in arguments], context)
        return UNKNOWN
    context.spend(weight(result) // 4)
    return text(result) if isinstance(result, str) else result


def _unknown_function(node: FunctionCall, context: Context) -> None:
    if not context.scope.functions:
        context.error("no function can be called here", node.span, "only fixed values can stand here")
        return
    instead = INSTEAD.get(node.name)
    if instead:
        label = f"use {instead}"
    else:
        label = (
            "Nomad has none like it"
            if node.name in MISSING
            else did_you_mean(node.name, list(context.scope.functions))
        )
    context.error(f'no function named "{node.name}"', node.name_span, label)


def _arguments(node: FunctionCall, context: Context) -> list[tuple[Value, Span]] | None:
    """Values and places of the arguments, the last one unfolded where `...` follows it."""
    before = len(context.diagnostics.items)
    written = node.arguments[:-1] if node.expand else node.arguments
    values = [(context.value(argument), argument.span) for argument in written]
    if node.expand:
        last = node.arguments[-1]
        values += [(item, last.span) for item in _spread(last, context) or ()]
    unknown = any(isinstance(value, Unknown) for value, _ in values)
    return None if unknown or len(context.diagnostics.items) > before else values


def _spread(argument: Expression, context: Context) -> tuple[Value, ...] | None:
    """The elements of the list before `...`; None when it is not one, or unknown."""
    value = context.value(argument)
    if isinstance(value, TupleValue | ListValue | SetValue):
        return value.items
    if not isinstance(value, Unknown):
        label = "a list must stand before ..."
        context.error(f"{describe(value)} cannot be spread over arguments", argument.span, label)
    return None


def _count_fits(node: FunctionCall, function: Function, places: list[Span], context: Context) -> bool:
    wanted = len(function.parameters)
    form = signature(node.name, function)
    if len(places) < wanted:
        missing = function.parameters[len(places)].name
        end = node.span.end
        context.error(
            f'"{node.name}" has too few arguments',
            Span(node.span.source, end - 1, end),
            f'"{missing}" is missing',
            hints=(form,),
        )
        return False
    if len(places) > wanted and function.rest is None:
        context.error(
            f'"{node.name}" has too many arguments', places[wanted], "this is one too many", hints=(form,)
        )
        return False
    return True


def signature(name: str, function: Function) -> str:
    """How a call of a function is written."""
    names = [parameter.name for parameter in function.parameters]
    if function.rest is not None:
        names.append(f"{function.rest.name}...")
    return f"{name}({', '.join(names)})"


def _parameter(function: Function, place: int) -> Parameter:
    if place < len(function.parameters):
        return function.parameters[place]
    assert function.rest is not None  # noqa: S101 - the count was checked
    return function.rest


def _converted(
    node: FunctionCall, function: Function, arguments: list[tuple[Value, Span]], context: Context
) -> list[Value] | None:
    values: list[Value] = []
    for place, (value, span) in enumerate(arguments):
        parameter = _parameter(function, place)
        try:
            values.append(_fitting(value, parameter))
        except ConversionError as error:
            context.error(
                f'"{node.name}" cannot take this as "{parameter.name}"',
                span,
                str(error),
                hints=(signature(node.name, function),),
            )
    return values if len(values) == len(arguments) else None


def _fitting(value: Value, parameter: Parameter) -> Value:
    """An argument as what a parameter takes."""
    converted = convert(value, parameter.type)
    if isinstance(converted, Null) and not parameter.nullable:
        msg = f"{friendly(parameter.type)} is wanted, this is null"
        raise ConversionError(msg)
    return converted


def _failed(node: FunctionCall, error: ExpressionError, places: list[Span], context: Context) -> None:
    place = error.argument
    span = places[place] if place is not None and place < len(places) else node.span
    context.error(f'"{node.name}" failed', span, str(error))


def _call_with_expressions(node: FunctionCall, function: Function, context: Context) -> Value:
    arguments, names = node.arguments, {}
    if node.expand:
        spread = _spread(arguments[-1], context)
        if spread is None:
            return UNKNOWN
        names = {f"...{place}": value for place, value in enumerate(spread)}
        span = arguments[-1].span
        arguments = (*arguments[:-1], *(ScopeTraversal(root=name, steps=(), span=span) for name in names))
    places = [argument.span for argument in arguments]
    if not _count_fits(node, function, places, context):
        return UNKNOWN
    try:
        # No file can write such a name, so the scope inside hides nothing.
        result = function.call(arguments, context.inside(names) if names else context)
    except ExpressionError as error:
        _failed(node, error, places, context)
        return UNKNOWN
    return result
