"""Body to Nomad's API form, by schema.

Source: Nomad's `jobspec2` package and its decoder of HCL bodies (`gohcl`), version 2.0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import UNKNOWN, Value, is_known
from qemu_run.jobspec.api.objects import Object, sort_names
from qemu_run.jobspec.api.places import NotedPlaces, note_parts
from qemu_run.jobspec.decode import attribute_values
from qemu_run.jobspec.decode.conversions import CONVERSIONS, BlockRead
from qemu_run.jobspec.decode.dynamic import expand
from qemu_run.jobspec.decode.freeform import config_map
from qemu_run.jobspec.decode.nanoseconds import warn_of_nanoseconds
from qemu_run.jobspec.decode.unknown_names import unknown_attribute, unknown_block
from qemu_run.jobspec.gaps import Gaps
from qemu_run.jobspec.model import Json
from qemu_run.jobspec.schema.words import Attribute, Freeform, Map, Nested, Repeat, Schema
from qemu_run.jobspec.wording import a, first_is
from qemu_run.syntax import nodes
from qemu_run.syntax.json_body import with_blocks
from qemu_run.syntax.json_reader import JsonArray, JsonObject


class Written(NamedTuple):
    """A block as it stands, or as a dynamic block made it, and the names its expressions may use."""

    block: nodes.Block
    scope: Scope


COMPARED = frozenset({"constraint", "affinity"})
"""Blocks whose strings the scheduler compares byte by byte."""


def _as_written(expression: nodes.Expression, value: Value) -> Value:
    """A string that is not the same in normalization form C as it was written; any other value as it is.

    Two spellings of a letter are two texts to the scheduler, though to expressions they are one.
    """
    match expression:
        case nodes.Template(parts=(nodes.TemplateText(text=text),)) if not text.isascii():
            return text
        case _:
            return value


def viewed(block: nodes.Block, schema: Schema, diagnostics: Diagnostics) -> nodes.Block:
    """A block whose attributes and blocks are told apart, which in JSON takes a schema."""
    if block.body.json is None:
        return block
    labels = dict(schema.labels)
    if isinstance(block.body.json, JsonObject):
        # A map that may be an attribute is one in JSON, except in a list, as a repeated block would be.
        lists = {
            member.name.text for member in block.body.json.members if isinstance(member.value, JsonArray)
        }
        labels |= {name: 0 for name in lists & schema.blocks.keys() if name not in labels}
    return replace(block, body=with_blocks(block.body, labels, diagnostics))


class Decoder:
    """Reads blocks by their schema; mistakes are collected, and what has one keeps its empty value."""

    def __init__(self, gaps: Gaps, diagnostics: Diagnostics) -> None:
        self._gaps = gaps
        self._diagnostics = diagnostics
        self._around: list[Schema] = []
        self.noted = NotedPlaces()
        """Where the values were written."""

    def block(self, written: Written, schema: Schema) -> Object:
        """The API form of one block."""
        block, scope = viewed(written.block, schema, self._diagnostics), written.scope
        self._around.append(schema)
        values: Object = dict(schema.unset)
        self.noted.here(values, block.header)
        before = len(self._diagnostics.items)
        self._label(values, block, schema)
        for attribute in block.body.attributes:
            self._attribute(values, attribute, schema, scope, block)
        nested = self._blocks(block.body, schema, scope)
        if self._failed(before):
            self._gaps.headers.add(block.header)
        for field, blocks in nested:
            self._nested(values, field, blocks, block)
        self._require(values, block, schema)
        if schema in CONVERSIONS and (schema.label is None or block.labels):
            CONVERSIONS[schema](BlockRead(values, block, self.noted, self._diagnostics))
        self._around.pop()
        return values

    def _failed(self, since: int) -> bool:
        """Whether there are mistakes among the diagnostics added since there were so many."""
        return any(item.severity == "error" for item in self._diagnostics.items[since:])

    def _label(self, values: Object, block: nodes.Block, schema: Schema) -> None:
        if schema.label is None:
            if block.labels:
                self._diagnostics.error(
                    f"{a(schema.name)} block takes no name",
                    block.labels[0].span,
                    "leave it out",
                )
            return
        if not block.labels:
            self._diagnostics.error(
                f"{a(schema.name)} block without a name",
                block.header,
                "a name is required",
                hints=(f'write {schema.name} "name" {{ ... }}',),
            )
            return
        for extra in block.labels[1:]:
            self._diagnostics.error(f"{a(schema.name)} block has one name only", extra.span, "leave it out")
        if schema.label:
            values[schema.label] = block.labels[0].text
            self.noted.inside(values, schema.label, block.labels[0].span)

    def _attribute(
        self, values: Object, node: nodes.Attribute, schema: Schema, scope: Scope, around: nodes.Block
    ) -> None:
        attribute = schema.attributes.get(node.name)
        field = schema.blocks.get(node.name)
        if isinstance(field, Map) and field.or_attribute:
            self._map_attribute(values, field, node, scope, around)
            return
        if attribute is None:
            unknown_attribute(node, self._around, self._diagnostics)
            return
        value = self._value(node, scope, around)
        if schema.name in COMPARED:
            value = _as_written(node.expression, value)
        self.noted.inside(values, attribute.field, node.expression.span)
        try:
            read = attribute_values.read(value, attribute, attribute.unset)
        except attribute_values.UnsuitableError as error:
            self._unsuitable(node, f'"{attribute.name}"', attribute, error)
            return
        values[attribute.field] = read
        warn_of_nanoseconds(node, attribute, value, self._diagnostics)
        note_parts(node.expression, read, self.noted)

    def _value(self, node: nodes.Attribute, scope: Scope, around: nodes.Block) -> Value:
        """What an attribute is set to; unknown as a whole where any part of it is, which leaves a gap."""
        value = evaluate(node.expression, scope, self._diagnostics)
        if self._diagnostics.items and not is_known(value):
            self._gaps.headers.add(around.header)
            return UNKNOWN
        return value

    def _unsuitable(
        self, node: nodes.Attribute, what: str, wanted: Attribute, error: attribute_values.UnsuitableError
    ) -> None:
        self._diagnostics.error(
            f"{what} must be {error.wanted or wanted.kind.value}",
            node.expression.span,
            error.label,
            hints=(error.hint,) if error.hint else (),
        )

    def _blocks(
        self, body: nodes.Body, schema: Schema, scope: Scope
    ) -> Sequence[tuple[Nested | Map, list[Written]]]:
        """The blocks of a body by field, dynamic ones written out."""
        found: dict[str, list[Written]] = {}
        for block in body.blocks:
            if block.type == "dynamic" and block.labels and block.labels[0].text in schema.blocks:
                field = schema.blocks[block.labels[0].text]
                has_label = isinstance(field, Nested) and field.schema.label is not None
                made = expand(block, scope, self._diagnostics, has_label=has_label)
                found.setdefault(field.name, []).extend(Written(*each) for each in made)
            elif block.type in schema.blocks:
                found.setdefault(block.type, []).append(Written(block, scope))
            else:
                unknown_block(block, self._around, self._diagnostics)
                self._gaps.names |= {label.text for label in block.labels}
        return [(schema.blocks[name], blocks) for name, blocks in found.items() if blocks]

    def _nested(
        self, values: Object, field: Nested | Map, blocks: list[Written], around: nodes.Block
    ) -> None:
        if isinstance(field, Map):
            self._once(field.name, blocks)
            before = len(self._diagnostics.items)
            self._map_block(values, field, blocks[0])
            if self._failed(before):
                self._gaps.headers |= {around.header, blocks[0].block.header}
        elif field.repeat is Repeat.MANY:
            values[field.field] = [self.block(each, field.schema) for each in blocks]
        elif field.repeat is Repeat.BY_LABEL:
            labelled: Object = {}
            for each in blocks:
                decoded = self.block(each, field.schema)
                labelled[each.block.labels[0].text if each.block.labels else ""] = decoded
            values[field.field] = dict(sorted(labelled.items()))
        else:
            self._once(field.name, blocks)
            values[field.field] = self.block(blocks[0], field.schema)

    def _once(self, name: str, blocks: list[Written]) -> None:
        for again in blocks[1:]:
            self._diagnostics.error(
                f'a second "{name}" block',
                again.block.header,
                first_is(blocks[0].block.header, again.block.header),
                hints=("one is allowed; put all of it into the first",),
            )

    def _map_block(self, values: Object, field: Map, written: Written) -> None:
        block, scope = written
        body = with_blocks(block.body, {}, self._diagnostics)
        for label in block.labels:
            self._diagnostics.error(f"{a(field.name)} block takes no name", label.span, "leave it out")
        if field.holds is Freeform.ANY:
            decoded = config_map(block.body, scope, self.noted, self._gaps, self._diagnostics)
        else:
            decoded = self._string_map(field, replace(block, body=body), scope)
        if values[field.field] is not None:
            self._diagnostics.error(
                f"both {field.name} = ... and {a(field.name)} block",
                block.header,
                "one of the two",
                hints=("put all of it into the block",),
            )
        self.noted.here(decoded, block.header)
        values[field.field] = sort_names(decoded)

    def _string_map(self, field: Map, block: nodes.Block, scope: Scope) -> Object:
        decoded: Object = {}
        for node in block.body.attributes:
            value = self._value(node, scope, block)
            self.noted.inside(decoded, node.name, node.expression.span)
            self.noted.name(decoded, node.name, node.name_span)
            entry = attribute_values.LISTS if field.holds is Freeform.LISTS else attribute_values.TEXT
            try:
                decoded[node.name] = attribute_values.read(value, entry, "")
            except attribute_values.UnsuitableError as error:
                self._unsuitable(node, f'"{node.name}" in {field.name}', entry, error)
        for inner in block.body.blocks:
            self._diagnostics.error(
                f'{a(field.name)} block holds no "{inner.type}" block',
                inner.header,
                "only names and values",
                hints=(f'write {inner.type} = "..."',),
            )
        return decoded

    def _map_attribute(
        self, values: Object, field: Map, node: nodes.Attribute, scope: Scope, around: nodes.Block
    ) -> None:
        value = self._value(node, scope, around)
        self.noted.inside(values, field.field, node.expression.span)
        try:
            decoded = attribute_values.read(value, attribute_values.MAP, None)
        except attribute_values.UnsuitableError as error:
            self._unsuitable(node, f'"{field.name}"', attribute_values.MAP, error)
            return
        values[field.field] = decoded
        note_parts(node.expression, decoded, self.noted)

    def _require(self, values: Mapping[str, Json], block: nodes.Block, schema: Schema) -> None:
        names = {attribute.name for attribute in block.body.attributes}
        if block.header in self._gaps.headers:
            return  # the one that is missing may be the one that is misspelt
        for attribute in schema.attributes.values():
            if attribute.required and attribute.name not in names:
                self._diagnostics.error(
                    f'{a(schema.name)} block without "{attribute.name}"',
                    block.header,
                    f"{attribute.name} is required",
                )
