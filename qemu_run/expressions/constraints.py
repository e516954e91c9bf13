"""Type constraints as a job file spells them: `string`, `list(number)`, `object({ a = bool })`.

Source: HCL's typeexpr extension.
"""

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
from qemu_run.syntax.nodes import (
    Expression,
    FunctionCall,
    ObjectCons,
    ScopeTraversal,
    Template,
    TemplateText,
    TupleCons,
)

WORDS: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL}
COLLECTIONS: dict[str, type[ListType] | type[SetType] | type[MapType]] = {
    "list": ListType,
    "set": SetType,
    "map": MapType,
}
FORMS = {
    **{word: f"write {word}(string), or another type of element" for word in COLLECTIONS},
    "tuple": "write tuple([string, number])",
    "object": "write object({ name = string })",
}
KNOWN = [*WORDS, *FORMS]


def type_from(expression: Expression, diagnostics: Diagnostics, *, allow_any: bool = False) -> Type | None:
    """The type an expression spells, or None when it spells none, which is reported.

    Args:
        expression: What stands behind `type =`.
        diagnostics: Where mistakes are put.
        allow_any: Whether the word `any` is one of the types; a variable's type must be exact.
    """
    if isinstance(expression, ScopeTraversal) and not expression.steps:
        return _word(expression, diagnostics, allow_any=allow_any)
    if isinstance(expression, FunctionCall):
        return _call(expression, diagnostics, allow_any=allow_any)
    hint = ""
    if isinstance(expression, Template) and len(expression.parts) == 1:
        part = expression.parts[0]
        if isinstance(part, TemplateText) and part.text in KNOWN:
            hint = f"write {part.text} without quotes"
    diagnostics.error(
        "this is no type", expression.span, hint or "string, number, bool, list(...), map(...) ..."
    )
    return None


def _word(expression: ScopeTraversal, diagnostics: Diagnostics, *, allow_any: bool) -> Type | None:
    word = expression.root
    if word in WORDS:
        return WORDS[word]
    if word == "any":
        if allow_any:
            return DYNAMIC
        diagnostics.error(
            '"any" is no exact type', expression.span, "an exact type is wanted, such as string"
        )
    elif word in FORMS:
        diagnostics.error(f'"{word}" does not say of what', expression.span, FORMS[word])
    else:
        label = did_you_mean(word, KNOWN) or "string, number, bool, list(...), map(...) ..."
        diagnostics.error(f'"{word}" is no type', expression.span, label)
    return None


def _call(call: FunctionCall, diagnostics: Diagnostics, *, allow_any: bool) -> Type | None:
    name = call.name
    if name not in FORMS:
        label = "an attribute is always needed here" if name == "optional" else did_you_mean(name, KNOWN)
        diagnostics.error(f'"{name}" is no type', call.name_span, label)
        return None
    if len(call.arguments) != 1 or call.expand:
        diagnostics.error(f'"{name}" takes one argument', call.span, FORMS[name])
        return None
    argument = call.arguments[0]
    if name in COLLECTIONS:
        element = type_from(argument, diagnostics, allow_any=allow_any)
        return None if element is None else COLLECTIONS[name](element)
    if name == "tuple":
        return _tuple(argument, diagnostics, allow_any=allow_any)
    return _object(argument, diagnostics, allow_any=allow_any)


def _tuple(argument: Expression, diagnostics: Diagnostics, *, allow_any: bool) -> Type | None:
    if not isinstance(argument, TupleCons):
        diagnostics.error("a tuple lists its types", argument.span, FORMS["tuple"])
        return None
    elements = [type_from(item, diagnostics, allow_any=allow_any) for item in argument.items]
    known = tuple(of for of in elements if of is not None)
    return TupleType(known) if len(known) == len(elements) else None


def _object(argument: Expression, diagnostics: Diagnostics, *, allow_any: bool) -> Type | None:
    if not isinstance(argument, ObjectCons):
        diagnostics.error("an object names its types", argument.span, FORMS["object"])
        return None
    attributes: dict[str, Type] = {}
    complete = True
    for item in argument.items:
        name = _name(item.key)
        of = type_from(item.value, diagnostics, allow_any=allow_any)
        if name is None:
            diagnostics.error("an attribute's name must be plain", item.key.span, "a word is wanted here")
        elif name in attributes:
            diagnostics.error(f'"{name}" is there twice', item.key.span, "each attribute once")
        if name is None or of is None:
            complete = False
        else:
            attributes[name] = of
    return object_type(attributes) if complete else None


def _name(key: Expression) -> str | None:
    if isinstance(key, Template) and all(isinstance(part, TemplateText) for part in key.parts):
        return "".join(part.text for part in key.parts if isinstance(part, TemplateText))
    return None
