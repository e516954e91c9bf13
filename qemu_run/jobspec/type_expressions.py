"""The type of a variable, as its declaration writes it.

    type = "string" | "number" | "bool"
         | "list(" type ")" | "set(" type ")" | "map(" type ")"
         | "object({" { name "=" type } "})" | "tuple([" { type "," } "])"

Source: HCL's `ext/typeexpr` as Nomad uses it: no `any`, no `optional()`, no collection without element type.
"""

from collections.abc import Callable

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.expressions.types import (
    BOOL,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    TupleType,
    Type,
    object_type,
)
from qemu_run.source import Source
from qemu_run.syntax.nodes import (
    Expression,
    FunctionCall,
    ObjectCons,
    ScopeTraversal,
    Template,
    TemplateText,
    TupleCons,
)
from qemu_run.syntax.parse import parse_expression

PRIMITIVES: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL}
COLLECTIONS: dict[str, Callable[[Type], Type]] = {"list": ListType, "set": SetType, "map": MapType}
NAMES = (*PRIMITIVES, *COLLECTIONS, "object", "tuple")
OTHER_NAMES = {
    "str": "string",
    "text": "string",
    "int": "number",
    "integer": "number",
    "float": "number",
    "boolean": "bool",
    "array": "list(string)",
    "dict": "map(string)",
    "hash": "map(string)",
}
DEEPEST = 50
"""How deep types may stand in types."""


def read_type(expression: Expression, diagnostics: Diagnostics, depth: int = 0) -> Type | None:
    """The type that an expression means; None when it means none, which is told."""
    if depth > DEEPEST:
        diagnostics.error("the type is nested too deeply", expression.span, f"at most {DEEPEST} levels")
        return None
    match expression:
        case ScopeTraversal(root=name, steps=()):
            return _keyword(name, expression, diagnostics)
        case FunctionCall():
            return _constructor(expression, diagnostics, depth)
        case Template(parts=(TemplateText(text=text),)):
            _quoted(text, expression, diagnostics)
        case _:
            diagnostics.error("this is no type", expression.span, f"one of {', '.join(NAMES)}")
    return None


def read_quoted_type(expression: Expression, diagnostics: Diagnostics) -> Type | None:
    """The type in a file in JSON, where it is a string."""
    match expression:
        case Template(parts=(TemplateText(text=text),)):
            parsed = parse_expression(Source(f"<type {text}>", text), diagnostics)
            return None if parsed is None else read_type(parsed, diagnostics)
        case _:
            return read_type(expression, diagnostics)


def _keyword(name: str, expression: Expression, diagnostics: Diagnostics) -> Type | None:
    if name in PRIMITIVES:
        return PRIMITIVES[name]
    if name == "any":
        diagnostics.error(
            'a variable cannot have the type "any"',
            expression.span,
            "name the type",
            hints=("a variable without type takes the type of its default",),
        )
    elif name in COLLECTIONS:
        diagnostics.error(
            f'"{name}" of what',
            expression.span,
            "the type of its elements is missing",
            hints=(f"write {name}(string)",),
        )
    elif name in {"object", "tuple"}:
        example = "object({ name = string })" if name == "object" else "tuple([string, number])"
        diagnostics.error(
            f'"{name}" of what', expression.span, "its parts are missing", hints=(f"write {example}",)
        )
    else:
        _no_such_type(name, expression, diagnostics)
    return None


def _no_such_type(name: str, expression: Expression, diagnostics: Diagnostics) -> None:
    meant = OTHER_NAMES.get(name)
    close = f'did you mean "{meant}"?' if meant else did_you_mean(name, list(NAMES))
    diagnostics.error(
        f'there is no type "{name}"',
        expression.span,
        f"one of {', '.join(NAMES)}",
        hints=(close,) if close else (),
    )


def _constructor(call: FunctionCall, diagnostics: Diagnostics, depth: int) -> Type | None:
    if call.name == "optional":
        diagnostics.error(
            "attributes of an object cannot be optional here",
            call.name_span,
            "name the type alone",
            hints=("a variable without type takes the type of its default",),
        )
        return None
    if call.name in PRIMITIVES:
        diagnostics.error(f'"{call.name}" takes nothing in parentheses', call.span, f"write {call.name}")
        return None
    if call.name not in {*COLLECTIONS, "object", "tuple"}:
        return _keyword(call.name, call, diagnostics)
    if len(call.arguments) != 1 or call.expand:
        diagnostics.error(f"{call.name}() takes one type", call.span, f"this has {len(call.arguments)}")
        return None
    argument = call.arguments[0]
    if call.name == "object":
        return _object(argument, diagnostics, depth)
    if call.name == "tuple":
        return _tuple(argument, diagnostics, depth)
    element = read_type(argument, diagnostics, depth + 1)
    if element is None:
        return None
    return COLLECTIONS[call.name](element)


def _object(argument: Expression, diagnostics: Diagnostics, depth: int) -> Type | None:
    if not isinstance(argument, ObjectCons):
        diagnostics.error(
            "object() takes names with their types",
            argument.span,
            "braces are wanted: object({ name = string })",
        )
        return None
    attributes: dict[str, Type | None] = {}
    for item in argument.items:
        match item.key:
            case Template(parts=(TemplateText(text=name),)) if name not in attributes:
                attributes[name] = read_type(item.value, diagnostics, depth + 1)
            case Template(parts=(TemplateText(text=name),)):
                diagnostics.error(f'a second attribute "{name}"', item.key.span, "name each once")
                return None
            case _:
                diagnostics.error("an attribute's name must be a bare word", item.key.span, "no expression")
                return None
    types = {name: kind for name, kind in attributes.items() if kind is not None}
    return object_type(types) if len(types) == len(attributes) else None


def _tuple(argument: Expression, diagnostics: Diagnostics, depth: int) -> Type | None:
    if not isinstance(argument, TupleCons):
        diagnostics.error(
            "tuple() takes a list of types", argument.span, "brackets are wanted: tuple([string, number])"
        )
        return None
    elements = [read_type(item, diagnostics, depth + 1) for item in argument.items]
    types = tuple(kind for kind in elements if kind is not None)
    return TupleType(types) if len(types) == len(elements) else None


def _quoted(text: str, expression: Expression, diagnostics: Diagnostics) -> None:
    meant = text if text.partition("(")[0] in NAMES else "string"
    diagnostics.error(
        "a type stands without quotes", expression.span, "no quotes", hints=(f"write type = {meant}",)
    )
