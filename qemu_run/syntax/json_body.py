"""HCL's form in JSON: a body whose members are attributes or blocks, which only a schema can tell.

Source: the HCL JSON syntax specification.
"""

from collections.abc import Iterator, Mapping

from qemu_run.errors import Diagnostics
from qemu_run.source import Source
from qemu_run.syntax.json_reader import (
    JsonArray,
    JsonMember,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
    JsonWord,
    read_json,
)
from qemu_run.syntax.native import parse_template
from qemu_run.syntax.nodes import (
    Attribute,
    Block,
    Body,
    Expression,
    Label,
    LiteralValue,
    ObjectCons,
    ObjectItem,
    Template,
    TemplateText,
    TupleCons,
)
from qemu_run.syntax.numbers import NumberTooLargeError, parse_decimal

COMMENT = "//"
"""Members of this name are comments."""


def parse_json(source: Source, diagnostics: Diagnostics) -> Body | None:
    """The body of a file in HCL-JSON: all its members are in `json` until `with_blocks` tells them apart."""
    value = read_json(source, diagnostics)
    if value is None:
        return None
    if not isinstance(value, JsonObject | JsonArray):
        diagnostics.error("the file holds no object", value.span, "an object is wanted: { ... }")
        return None
    return _body(value)


def _body(value: JsonValue) -> Body:
    return Body(attributes=(), blocks=(), span=value.span, json=value)


def with_blocks(body: Body, labels: Mapping[str, int], diagnostics: Diagnostics) -> Body:
    """A body with its attributes and blocks told apart.

    Args:
        body: A body of either syntax; one of the native syntax comes back as it is.
        labels: The types of blocks that may stand in it, and how many labels each has.
        diagnostics: Where what cannot be a block, or comes twice, is put.
    """
    if body.json is None:
        return body
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for member in _members(body.json, diagnostics):
        name = member.name.text
        if name == COMMENT:
            continue
        if name in labels:
            blocks += _blocks(member, member.value, labels[name], (), diagnostics)
        elif name in attributes:
            line = attributes[name].name_span.first.line
            diagnostics.error(f'"{name}" is set twice', member.name.span, f"already set on line {line}")
        else:
            attributes[name] = Attribute(
                name=name, name_span=member.name.span, expression=json_expression(member.value, diagnostics)
            )
    return Body(attributes=tuple(attributes.values()), blocks=tuple(blocks), span=body.span)


def _members(value: JsonValue, diagnostics: Diagnostics) -> Iterator[JsonMember]:
    """The members of an object, or of all objects in an array; null has none."""
    objects = value.items if isinstance(value, JsonArray) else () if _is_null(value) else (value,)
    for item in objects:
        if isinstance(item, JsonObject):
            yield from item.members
        else:
            diagnostics.error("an object is wanted here", item.span, "write { ... }")


def _is_null(value: JsonValue) -> bool:
    return isinstance(value, JsonWord) and value.value is None


def _blocks(
    member: JsonMember, value: JsonValue, labels: int, named: tuple[Label, ...], diagnostics: Diagnostics
) -> Iterator[Block]:
    """The blocks a member stands for: one for each label, or each element of an array."""
    form = '{"label": ' * labels + "{...}" + "}" * labels
    if not isinstance(value, JsonArray | JsonObject) and not _is_null(value):
        diagnostics.error(f'"{member.name.text}" is a block', value.span, f"an object is wanted: {form}")
    elif labels:
        inside = list(_members(value, diagnostics))
        for inner in inside:
            label = Label(text=inner.name.text, span=inner.name.span)
            yield from _blocks(member, inner.value, labels - 1, (*named, label), diagnostics)
        if not inside:
            summary = f"a {member.name.text} block without a name"
            diagnostics.error(summary, value.span, f"a name is required: {form}")
    elif not _is_null(value):
        for body in value.items if isinstance(value, JsonArray) else (value,):
            yield Block(type=member.name.text, type_span=member.name.span, labels=named, body=_body(body))


def json_expression(value: JsonValue, diagnostics: Diagnostics) -> Expression:
    """A JSON value as an expression; strings are templates, names in objects too."""
    match value:
        case JsonString():
            return _template(value, diagnostics)
        case JsonNumber(text, span):
            try:
                number = parse_decimal(text)
            except NumberTooLargeError:
                diagnostics.error("this number has too many digits", span, "some 4,000 are possible")
                number = 0
            return LiteralValue(value=number, span=span)
        case JsonWord(word, span):
            return LiteralValue(value=word, span=span)
        case JsonArray(items, span):
            return TupleCons(items=tuple(json_expression(item, diagnostics) for item in items), span=span)
        case JsonObject(members, span):
            return ObjectCons(items=_items(members, diagnostics), span=span)


def _items(members: tuple[JsonMember, ...], diagnostics: Diagnostics) -> tuple[ObjectItem, ...]:
    items: dict[str, ObjectItem] = {}
    for member in members:
        name = member.name.text
        if name in items:
            diagnostics.error(f'"{name}" is there twice', member.name.span, "each name once")
        key = _template(member.name, diagnostics)
        items[name] = ObjectItem(key=key, value=json_expression(member.value, diagnostics))
    return tuple(items.values())


def _template(string: JsonString, diagnostics: Diagnostics) -> Expression:
    span = string.span
    if "${" not in string.text and "%{" not in string.text:
        parts = (TemplateText(text=string.text, span=span),) if string.text else ()
        return Template(parts=parts, span=span)
    if string.escaped:
        decoded = _decoded(string)
        parsed = parse_template(decoded, diagnostics, len(decoded.text) - len(string.text))
    else:
        parsed = parse_template(span.source, diagnostics, span.start + 1, span.end - 1)
    return parsed or Template(parts=(), span=span)


def _decoded(string: JsonString) -> Source:
    """A source with a string's text, escapes replaced, where the string begins in the file."""
    place = string.span.first
    return Source(string.span.source.name, "\n" * (place.line - 1) + " " * place.column + string.text)
