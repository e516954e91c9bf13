"""The words a block schema is written in: attributes, nested blocks, free-form maps, fixed fields.

A schema lists the fields of one of Nomad's API structures in the order in which they are printed, and
says for each how it is written in a job file. The tables are in `job_schema`, `task_schema` and
`service_schema`.
"""

from collections.abc import Iterator
from enum import Enum, auto
from functools import cached_property
from typing import TypeAlias

from qemu_run.records import record


class Kind(Enum):
    """What an attribute's value must be."""

    STRING = "a string"
    BOOL = "true or false"
    INTEGER = "a whole number"
    DURATION = "a duration"
    STRINGS = "a list of strings"
    INTEGERS = "a list of whole numbers"
    STRING_MAP = "a map of strings"


class Repeat(Enum):
    """How often a block may be written, and what its repetitions become."""

    ONCE = auto()
    """Once; an object, null without it."""
    MANY = auto()
    """Any number of times; a list, null without any."""
    BY_LABEL = auto()
    """Any number of times; a map by label in which the last of two equal labels wins."""


class Freeform(Enum):
    """What a block without a schema holds."""

    STRINGS = auto()
    """Names and strings: `meta`, `env`, `options`."""
    LISTS = auto()
    """Names and lists of strings: `header`."""
    ANY = auto()
    """Whatever a driver or plug-in understands: `config`, `policy`."""


@record
class Attribute:
    """`name = value`, printed as `field`."""

    name: str
    field: str
    kind: Kind
    nullable: bool = False
    """Printed as null when unset; else as the empty value of its kind."""
    required: bool = False
    null_as_unset: bool = False
    """Whether null may be written although the field is not printed as null."""
    minimum: int = -(2**63)
    maximum: int = 2**63 - 1

    @property
    def unset(self) -> "str | bool | int | None":
        """What is printed when the file says nothing."""
        return None if self.nullable else EMPTY.get(self.kind)


EMPTY: dict[Kind, str | bool | int] = {Kind.STRING: "", Kind.BOOL: False, Kind.INTEGER: 0, Kind.DURATION: 0}
"""What a field that cannot be null holds when unset."""


@record
class Nested:
    """`name { ... }`, a block with a schema of its own."""

    name: str
    field: str
    schema: "Schema"
    repeat: Repeat = Repeat.ONCE


@record
class Map:
    """`name { ... }`, a block without a schema."""

    name: str
    field: str
    holds: Freeform = Freeform.STRINGS
    or_attribute: bool = False
    """Whether `name = { ... }` is accepted too."""


@record
class Fixed:
    """A field that a job file cannot set."""

    field: str
    value: str | bool | int | None = None


Field: TypeAlias = Attribute | Nested | Map | Fixed


@record(eq=False, slots=False)
class Schema:
    """A kind of block."""

    name: str
    """What it is called in messages; the block's type, in most cases."""
    fields: tuple[Field, ...]
    label: str | None = None
    """The field that takes the block's label; empty when the label is not printed; None without a label."""
    extras: frozenset[str] = frozenset()
    """Fields that only the decoder knows and that are not printed."""

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes by name."""
        return {field.name: field for field in self.fields if isinstance(field, Attribute)}

    @cached_property
    def blocks(self) -> dict[str, Nested | Map]:
        """The blocks by type."""
        return {field.name: field for field in self.fields if isinstance(field, Nested | Map)}

    @cached_property
    def labels(self) -> dict[str, int]:
        """How many labels each of its blocks has; what a file in JSON needs to tell blocks from attributes.

        What may be written as an attribute too is one in JSON.
        """
        counts = {"dynamic": 1} if self.blocks else {}
        for name, field in self.blocks.items():
            if isinstance(field, Nested):
                counts[name] = 0 if field.schema.label is None else 1
            elif not field.or_attribute:
                counts[name] = 0
        return counts

    @cached_property
    def unset(self) -> "dict[str, str | bool | int | None]":
        """All fields of the structure, in the order in which they are printed, as they are without a word."""
        values: dict[str, str | bool | int | None] = {self.label: ""} if self.label else {}
        for field in self.fields:
            match field:
                case Attribute():
                    values[field.field] = field.unset
                case Fixed():
                    values[field.field] = field.value
                case _:
                    values[field.field] = None
        return values

    @property
    def children(self) -> "Iterator[Schema]":
        """The schemas of its nested blocks."""
        return (field.schema for field in self.fields if isinstance(field, Nested))


def string(name: str, field: str, *, required: bool = False) -> Attribute:
    """A string, empty when unset."""
    return Attribute(name, field, Kind.STRING, required=required)


def maybe_string(name: str, field: str) -> Attribute:
    """A string, null when unset."""
    return Attribute(name, field, Kind.STRING, nullable=True)


def strings(name: str, field: str) -> Attribute:
    """A list of strings, null when unset."""
    return Attribute(name, field, Kind.STRINGS, nullable=True)


def boolean(name: str, field: str) -> Attribute:
    """A truth value, false when unset."""
    return Attribute(name, field, Kind.BOOL)


def maybe_boolean(name: str, field: str) -> Attribute:
    """A truth value, null when unset."""
    return Attribute(name, field, Kind.BOOL, nullable=True)


def integer(name: str, field: str, minimum: int = -(2**63), maximum: int = 2**63 - 1) -> Attribute:
    """A whole number, 0 when unset."""
    return Attribute(name, field, Kind.INTEGER, minimum=minimum, maximum=maximum)


def maybe_integer(name: str, field: str, minimum: int = -(2**63), maximum: int = 2**63 - 1) -> Attribute:
    """A whole number, null when unset."""
    return Attribute(name, field, Kind.INTEGER, nullable=True, minimum=minimum, maximum=maximum)


def duration(name: str, field: str) -> Attribute:
    """A duration in nanoseconds, 0 when unset."""
    return Attribute(name, field, Kind.DURATION)


def maybe_duration(name: str, field: str) -> Attribute:
    """A duration in nanoseconds, null when unset."""
    return Attribute(name, field, Kind.DURATION, nullable=True)


def many(name: str, field: str, schema: Schema) -> Nested:
    """A block that may be repeated."""
    return Nested(name, field, schema, Repeat.MANY)
