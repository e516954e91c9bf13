"""The words a block schema is written in: attributes, nested blocks, free-form maps, fixed fields.

A schema lists the fields of one of Nomad's API structures in the order in which they are printed, and
says all of each: how it is written in a job file, of what type it is, what it may be, and whether a run here
honours it. The tables are in the modules beside this one; what reads, checks and warns goes by them.
"""

from collections.abc import Iterator
from enum import Enum, auto
from functools import cached_property, partial
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


class Honoured(Enum):
    """Whether a run here does what a field asks for; if not, the reason, as it is said beside the caret.

    A field that comes to be honoured says YES and leaves the list of what has no effect.
    """

    YES = "it is done"
    UNSAID = "every job has it, or another warning says it"
    NOT_YET = "qemu-run does not do this yet"
    CLUSTER = "only a cluster does this"
    CONSUL = "this needs Consul"
    VAULT = "this needs Vault"
    SERVER = "this needs a Nomad server"
    DRIVER = "the qemu driver cannot do this"
    MEMORY = "QEMU gets as much memory as memory says"
    USER = "files and processes are those of the user who runs qemu-run"
    ONCE = "here the job runs once, now"
    FIRST = "QEMU takes the first one only"
    NETWORK = "the guest is on QEMU's own user network"


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
    """With `minimum`: what the number's type in Nomad can hold. More cannot even be read."""
    unit: str = ""
    """What a number counts, where people are tempted to write the unit."""
    choices: tuple[str, ...] = ()
    """All that a string may be, empty apart; none: anything."""
    called: str = ""
    """What one of the choices is called in messages, where the name alone says little."""
    at_least: int | None = None
    at_most: int | None = None
    """With `at_least`: the numbers a job may have; of durations, nanoseconds."""
    lenient: bool = False
    """Whether Nomad accepts a value outside choices and bounds, so that it is only warned of."""
    honoured: Honoured = Honoured.YES
    honours: tuple[str, ...] = ()
    """Values that are honoured although the others are not."""

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
    lenient: bool = False
    """Whether Nomad looks at none of its values, so that slips in it are only warned of."""
    honoured: Honoured = Honoured.YES


@record
class Map:
    """`name { ... }`, a block without a schema."""

    name: str
    field: str
    holds: Freeform = Freeform.STRINGS
    or_attribute: bool = False
    """Whether `name = { ... }` is accepted too."""
    honoured: Honoured = Honoured.YES


@record
class Fixed:
    """A field that a job file cannot set."""

    field: str
    value: str | bool | int | None = None
    name: str = ""
    """The block that fills it all the same, once the file is read."""
    honoured: Honoured = Honoured.YES


Field: TypeAlias = Attribute | Nested | Map | Fixed


@record(eq=False, slots=False)
class Schema:
    """A kind of block."""

    name: str
    """What it is called in messages. Nothing goes by it: two kinds of block may have the same name."""
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


string = partial(Attribute, kind=Kind.STRING)
"""A string, empty when unset."""
maybe_string = partial(Attribute, kind=Kind.STRING, nullable=True)
"""A string, null when unset."""
strings = partial(Attribute, kind=Kind.STRINGS, nullable=True)
"""A list of strings, null when unset."""
boolean = partial(Attribute, kind=Kind.BOOL)
"""A truth value, false when unset."""
maybe_boolean = partial(Attribute, kind=Kind.BOOL, nullable=True)
"""A truth value, null when unset."""
integer = partial(Attribute, kind=Kind.INTEGER)
"""A whole number, 0 when unset."""
maybe_integer = partial(Attribute, kind=Kind.INTEGER, nullable=True)
"""A whole number, null when unset."""
duration = partial(Attribute, kind=Kind.DURATION)
"""A duration in nanoseconds, 0 when unset."""
maybe_duration = partial(Attribute, kind=Kind.DURATION, nullable=True)
"""A duration in nanoseconds, null when unset."""
many = partial(Nested, repeat=Repeat.MANY)
"""A block that may be repeated."""
