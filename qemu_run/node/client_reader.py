"""A client configuration's body to plain values: read by the schema, every mistake with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from fractions import Fraction
from typing import Any

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.node.client_schema import OTHER_PLUGIN, PLUGIN, Kind, Shape
from qemu_run.records import mutable
from qemu_run.source import Span
from qemu_run.syntax.nodes import (
    Attribute,
    Block,
    Body,
    Expression,
    LiteralValue,
    ObjectCons,
    ObjectItem,
    Parentheses,
    Template,
    TemplateText,
    TupleCons,
    UnaryOp,
)

_LIKE: Mapping[Kind, str] = {
    "string": 'like "lab"',
    "number": "like 20000",
    "bool": "true or false",
    "list of strings": 'like ["a", "b"]',
    "map of strings": 'like { rack = "r1" }',
}
Path = tuple[str, ...]
"""From the outside in, labels included: `("client", "host_volume", "data", "path")`."""


class _NotPlainError(Exception):
    """An expression is of another kind than wanted, or has to be computed."""

    def __init__(self, span: Span, found: str) -> None:
        super().__init__(found)
        self.span = span


@mutable
class Reader:
    """Gathers the values that mean something, by path."""

    diagnostics: Diagnostics
    values: dict[Path, Any] = field(default_factory=dict)
    """Each of the kind that the schema says: str, int, bool, a tuple of str, a dict of str."""
    places: dict[Path, Span] = field(default_factory=dict)
    """Where each value and each block was written."""

    def read(self, body: Body, shape: Shape, path: Path = ()) -> None:
        """Take in what stands in `body`; an unknown name or a value of the wrong kind is an error."""
        for attribute in body.attributes:
            self._attribute(attribute, shape, (*path, attribute.name))
        for block in body.blocks:
            self._block(block, shape, (*path, block.type))

    def labelled(self, *path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The blocks at `path`, each as its label and its values."""
        depth = len(path)
        for name in [place[-1] for place in self.places if place[:-1] == path]:
            inside = (*path, name)
            yield name, {key[-1]: value for key, value in self.values.items() if key[: depth + 1] == inside}

    def _attribute(self, attribute: Attribute, shape: Shape, path: Path) -> None:
        name = attribute.name
        if name in shape.values:
            self._value(attribute.expression, shape.values[name], path)
        elif name in shape.blocks:
            self.diagnostics.error(
                f'"{name}" is a block',
                attribute.name_span,
                "no equals sign",
                hints=(f"write {name} {{ ... }}",),
            )
        else:
            self._unless_ignored(name, attribute.name_span, shape, path)

    def _block(self, block: Block, shape: Shape, path: Path) -> None:
        name = block.type
        if name in shape.blocks:
            self._known_block(block, shape.blocks[name], path)
        elif shape.values.get(name) == "map of strings":
            self._map_block(block, path)
        elif name in shape.values:
            self.diagnostics.error(
                f'"{name}" is no block', block.type_span, f"write {name} = ...: a {shape.values[name]}"
            )
        else:
            self._unless_ignored(name, block.type_span, shape, path)

    def _known_block(self, block: Block, shape: Shape, path: Path) -> None:
        wanted = 1 if shape.label else 0
        if len(block.labels) != wanted:
            label = f'one label, its {shape.label}: {block.type} "..."' if wanted else "takes no label"
            self.diagnostics.error(f'"{block.type}" has {len(block.labels)} labels', block.header, label)
            return
        path += tuple(label.text for label in block.labels)
        self.places.setdefault(path, block.header)
        if shape is PLUGIN and path[-1] != "qemu":
            shape = OTHER_PLUGIN
        self.read(block.body, shape, path)

    def _map_block(self, block: Block, path: Path) -> None:
        for inner in block.body.blocks:
            self.diagnostics.error(f'a block in "{block.type}"', inner.header, "only key = value stands here")
        if block.labels:
            self.diagnostics.error(f'"{block.type}" has a label', block.header, "takes no label")
        pairs = [(a.name, a.expression) for a in block.body.attributes]
        self.places.setdefault(path, block.header)
        self._keep(path, dict(self._pairs(pairs, path)))

    def _unless_ignored(self, name: str, span: Span, shape: Shape, path: Path) -> None:
        if not shape.ignore_all and name not in shape.ignored:
            where = " > ".join(path[:-1]) or "a client configuration"
            self.diagnostics.error(f'unknown key "{name}" in {where}', span, did_you_mean(name, shape.names))

    def _value(self, expression: Expression, kind: Kind, path: Path) -> None:
        self.places[path] = expression.span
        try:
            match kind:
                case "string":
                    self._keep(path, _text(expression))
                case "number":
                    self._keep(path, _number(expression))
                case "bool":
                    self._keep(path, _bool(expression))
                case "list of strings":
                    self._keep(path, tuple(_text(item) for item in _items(expression)))
                case "map of strings":
                    pairs = [(_text(item.key), item.value) for item in _object(expression)]
                    self._keep(path, dict(self._pairs(pairs, path)))
        except _NotPlainError as error:
            self.diagnostics.error(f'"{path[-1]}" takes a {kind}, not {error}', error.span, _LIKE[kind])

    def _pairs(self, pairs: list[tuple[str, Expression]], path: Path) -> Iterator[tuple[str, str]]:
        for key, expression in pairs:
            self.places[*path, key] = expression.span
            try:
                yield key, _text(expression)
            except _NotPlainError as error:
                self.diagnostics.error(f'"{key}" takes a string, not {error}', error.span, _LIKE["string"])

    def _keep(self, path: Path, value: object) -> None:
        before = self.values.get(path)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            value = {**before, **value}
        self.values[path] = value


def _kind(expression: Expression) -> str:
    match expression:
        case LiteralValue(value=bool()):
            return "a bool"
        case LiteralValue(value=None):
            return "null"
        case LiteralValue():
            return "a number"
        case Template(parts=parts) if all(isinstance(part, TemplateText) for part in parts):
            return "a string"
        case TupleCons():
            return "a list"
        case ObjectCons():
            return "a map"
        case _:
            return "an expression: nothing is computed here"


def _text(expression: Expression) -> str:
    """A string, or a number as it was written."""
    match expression:
        case Template(parts=parts):
            texts = [part.text for part in parts if isinstance(part, TemplateText)]
            if len(texts) == len(parts):
                return "".join(texts)
        case LiteralValue(value=int() | Fraction() as number) if not isinstance(number, bool):
            return expression.span.text
        case UnaryOp(operator="-", operand=LiteralValue()):
            return expression.span.text
        case Parentheses(expression=inner):
            return _text(inner)
        case _:
            pass
    raise _NotPlainError(expression.span, _kind(expression))


def _number(expression: Expression) -> int:
    match expression:
        case LiteralValue(value=int() as number) if not isinstance(number, bool):
            return number
        case UnaryOp(operator="-", operand=LiteralValue(value=int() as number)):
            return -number
        case LiteralValue(value=Fraction()):
            raise _NotPlainError(expression.span, "a fraction")
        case _:
            pass
    raise _NotPlainError(expression.span, _kind(expression))


def _bool(expression: Expression) -> bool:
    if isinstance(expression, LiteralValue) and isinstance(expression.value, bool):
        return expression.value
    raise _NotPlainError(expression.span, _kind(expression))


def _items(expression: Expression) -> tuple[Expression, ...]:
    if isinstance(expression, TupleCons):
        return expression.items
    raise _NotPlainError(expression.span, _kind(expression))


def _object(expression: Expression) -> tuple[ObjectItem, ...]:
    if isinstance(expression, ObjectCons):
        return expression.items
    raise _NotPlainError(expression.span, _kind(expression))
