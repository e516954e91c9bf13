"""Types as a job file spells them: after a variable's `type =`, and as the second argument of `convert`.

    type = "string" | "number" | "bool" | "any"
         | "list(" type ")" | "set(" type ")" | "map(" type ")"
         | "object({" { name "=" type } "})" | "tuple([" { type "," } "])"

Source: HCL's `ext/typeexpr` as Nomad uses it: `any` for `convert` only, no `optional()`, no collection
without the type of its elements.
"""

from collections.abc import Callable

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.expressions.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    TupleType,
    Type,
    object_type,
)
from qemu_run.records import record
from qemu_run.source import Source
from qemu_run.syntax.native import parse_expression
from qemu_run.syntax.nodes import (
    Expression,
    FunctionCall,
    ObjectCons,
    ScopeTraversal,
    Template,
    TemplateText,
    TupleCons,
)

PRIMITIVES: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL}
COLLECTIONS: dict[str, Callable[[Type], Type]] = {"list": ListType, "set": SetType, "map": MapType}
STRUCTURES = {"object": "object({ name = string })", "tuple": "tuple([string, number])"}
"""With an example of each."""
NAMES = (*PRIMITIVES, *COLLECTIONS, *STRUCTURES)
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


def read_type(expression: Expression, diagnostics: Diagnostics, *, allow_any: bool = False) -> Type | None:
    """The type that an expression means; None when it means none, which is told.

    Args:
        expression: What stands where a type is wanted.
        diagnostics: Where mistakes are put.
        allow_any: Whether `any` is one of the types; a variable's type must be exact.
    """
    return _Reader(diagnostics, allow_any).read(expression)


def read_quoted_type(expression: Expression, diagnostics: Diagnostics) -> Type | None:
    """The type in a file in JSON, where it is a string."""
    match expression:
        case Template(parts=(TemplateText(text=text),)):
            parsed = parse_expression(Source(f"<type {text}>", text), diagnostics)
            return None if parsed is None else read_type(parsed, diagnostics)
        case _:
            return read_type(expression, diagnostics)


@record
class _Reader:
    """Reads one type, at a depth within the one that was asked for."""

    diagnostics: Diagnostics
    allow_any: bool
    depth: int = 0

    def read(self, expression: Expression) -> Type | None:
        """The type that an expression means; None, and a diagnostic, when it means none."""
        if self.depth > DEEPEST:
            self._no(expression, "the type is nested too deeply", f"at most {DEEPEST} levels")
            return None
        match expression:
            case ScopeTraversal(root=name, steps=()):
                return self._word(name, expression)
            case FunctionCall():
                return self._call(expression)
            case Template(parts=(TemplateText(text=text),)):
                meant = text if text.partition("(")[0] in NAMES else "string"
                hint = f"write {'' if self.allow_any else 'type = '}{meant}"
                self._no(expression, "a type stands without quotes", "no quotes", hint)
            case _:
                self._no(expression, "this is not a type", f"one of {', '.join(NAMES)}")
        return None

    def _no(self, where: Expression, summary: str, label: str, hint: str = "") -> None:
        self.diagnostics.error(summary, where.span, label, hints=(hint,) if hint else ())

    @property
    def _instead(self) -> str:
        """What helps where a variable's type cannot be written."""
        return "" if self.allow_any else "a variable without type takes the type of its default"

    def _word(self, name: str, where: Expression) -> Type | None:
        if name in PRIMITIVES:
            return PRIMITIVES[name]
        if name == "any" and self.allow_any:
            return DYNAMIC
        if name == "any":
            self._no(where, 'a variable cannot have the type "any"', "name the type", self._instead)
        elif name in COLLECTIONS:
            label = "the type of its elements is missing"
            self._no(where, f'"{name}" of what', label, f"write {name}(string)")
        elif name in STRUCTURES:
            self._no(where, f'"{name}" of what', "its parts are missing", f"write {STRUCTURES[name]}")
        else:
            meant = OTHER_NAMES.get(name)
            close = f'did you mean "{meant}"?' if meant else did_you_mean(name, list(NAMES))
            self._no(where, f'there is no type "{name}"', f"one of {', '.join(NAMES)}", close)
        return None

    def _call(self, call: FunctionCall) -> Type | None:
        if call.name == "optional":
            summary = "attributes of an object cannot be optional here"
            hints = (self._instead,) if self._instead else ()
            self.diagnostics.error(summary, call.name_span, "name the type alone", hints=hints)
            return None
        if call.name in PRIMITIVES:
            self._no(call, f'"{call.name}" takes nothing in parentheses', f"write {call.name}")
            return None
        if call.name not in NAMES:
            return self._word(call.name, call)
        if len(call.arguments) != 1 or call.expand:
            self._no(call, f"{call.name}() takes one type", f"this has {len(call.arguments)}")
            return None
        inner = _Reader(self.diagnostics, self.allow_any, self.depth + 1)
        argument = call.arguments[0]
        if call.name == "object":
            return inner.object(argument)
        if call.name == "tuple":
            return inner.tuple(argument)
        element = inner.read(argument)
        return None if element is None else COLLECTIONS[call.name](element)

    def object(self, argument: Expression) -> Type | None:
        """The type of objects whose attributes have the types that stand in the braces."""
        if not isinstance(argument, ObjectCons):
            label = f"braces are wanted: {STRUCTURES['object']}"
            self._no(argument, "object() takes names with their types", label)
            return None
        attributes: dict[str, Type | None] = {}
        for item in argument.items:
            match item.key:
                case Template(span=span) if span.text.startswith('"'):
                    self._no(item.key, "an attribute's name stands without quotes", "remove the quotes")
                    return None
                case Template(parts=(TemplateText(text=name),)) if name not in attributes:
                    attributes[name] = self.read(item.value)
                case Template(parts=(TemplateText(text=name),)):
                    self._no(item.key, f'a second attribute "{name}"', "name each once")
                    return None
                case _:
                    self._no(item.key, "an attribute's name must be a bare word", "no expression")
                    return None
        types = {name: kind for name, kind in attributes.items() if kind is not None}
        return object_type(types) if len(types) == len(attributes) else None

    def tuple(self, argument: Expression) -> Type | None:
        """The type of lists whose elements have the types that stand in the brackets."""
        if not isinstance(argument, TupleCons):
            label = f"brackets are wanted: {STRUCTURES['tuple']}"
            self._no(argument, "tuple() takes a list of types", label)
            return None
        elements = [self.read(item) for item in argument.items]
        types = tuple(kind for kind in elements if kind is not None)
        return TupleType(types) if len(types) == len(elements) else None
