"""Values of expressions, and what is asked of any of them: type, equality, order, size.

A string is a `str`, a bool a `bool`, a number an `int`, `Fraction` or `float` (see `numbers`); the rest are
the classes below. Every compound value knows how much is in it, so nothing that walks a value can run away.

Source: cty's values. Strings are in normalization form C, names in the order of their bytes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from fractions import Fraction
from typing import TypeAlias, TypeGuard
from unicodedata import normalize

from qemu_run.expressions.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)
from qemu_run.records import record

LARGEST_VALUE = 1_000_000
"""How much may be in one value: elements, plus one for every eight characters."""

LONG_NUMBER_BITS = 2_000
"""From here on writing a number in decimal takes so long that its length counts."""

LONGEST_STRING = 8_000_000
"""How many characters may be in one string."""

DEEPEST_VALUE = 100
"""How deep collections may stand in collections."""


class ExpressionError(Exception):
    """An expression has no value; the message says why, in a few words without a full stop."""

    def __init__(self, message: str, argument: int | None = None) -> None:
        super().__init__(message)
        self.argument = argument
        """Of a function call: the position of the argument to point at."""


@record
class Null:
    """No value, of some type: the word `null` has none of its own."""

    type: Type = DYNAMIC


@record
class Unknown:
    """What an expression yields whose mistake has been reported; nothing made of it is reported again."""

    type: Type = DYNAMIC
    """What it would have been: a sum is a number even when nothing can be added."""


NULL = Null()
UNKNOWN = Unknown()


@record
class Compound:
    """A value that has others in it."""

    weight: int = field(init=False, compare=False, repr=False)
    """How much is in it."""
    depth: int = field(init=False, compare=False, repr=False)
    """How deep its parts stand in one another."""

    def _measure(self, parts: "Iterable[Value]") -> None:
        """Note both; refuse what is too much."""
        total, depth = 1, 0
        for part in parts:
            total += weight(part)
            if isinstance(part, Compound):
                depth = max(depth, part.depth)
        if total > LARGEST_VALUE:
            raise ExpressionError(f"the value is too large: it has more than {LARGEST_VALUE:,} elements")
        if depth >= DEEPEST_VALUE:
            raise ExpressionError(f"the value is nested too deeply: more than {DEEPEST_VALUE} levels")
        object.__setattr__(self, "weight", total)
        object.__setattr__(self, "depth", depth + 1)


@record
class TupleValue(Compound):
    """What `[a, b]` makes: elements of any types."""

    items: "tuple[Value, ...]"

    def __post_init__(self) -> None:
        self._measure(self.items)


@record
class ListValue(Compound):
    """Elements of one type in order."""

    element: Type
    items: "tuple[Value, ...]"

    def __post_init__(self) -> None:
        self._measure(self.items)


@record
class SetValue(Compound):
    """Different elements of one type, in the order they are always walked through; `set_of` makes it."""

    element: Type
    items: "tuple[Value, ...]"

    def __post_init__(self) -> None:
        self._measure(self.items)


@record
class MapValue(Compound):
    """Elements of one type by name, sorted by it."""

    element: Type
    items: "Mapping[str, Value]"

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", dict(sorted(self.items.items())))
        self._measure(_keys_and_values(self.items))


@record
class ObjectValue(Compound):
    """What `{ a = 1 }` makes: attributes of any types, sorted by name."""

    items: "Mapping[str, Value]"

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", dict(sorted(self.items.items())))
        self._measure(_keys_and_values(self.items))


Number: TypeAlias = int | Fraction | float
Sequence: TypeAlias = TupleValue | ListValue | SetValue
Value: TypeAlias = (
    str
    | bool
    | int
    | Fraction
    | float
    | Null
    | Unknown
    | TupleValue
    | ListValue
    | SetValue
    | ObjectValue
    | MapValue
)
SEQUENCES = (TupleValue, ListValue, SetValue)
NAMED = (ObjectValue, MapValue)
NUMBERS = (int, Fraction, float)
"""Ask for bool first: Python's bools are ints."""


def _keys_and_values(items: "Mapping[str, Value]") -> "Iterator[Value]":
    for key, value in items.items():
        yield key
        yield value


def is_number(value: Value) -> TypeGuard[Number]:
    """Whether a value is a number (Python's bools are ints, ours are not)."""
    return isinstance(value, NUMBERS) and not isinstance(value, bool)


def is_known(value: Value) -> bool:
    """Whether a value is known, and all that is in it."""
    match value:
        case Unknown():
            return False
        case TupleValue(items) | ListValue(_, items) | SetValue(_, items):
            return all(map(is_known, items))
        case ObjectValue(named) | MapValue(_, named):
            return all(map(is_known, named.values()))
        case _:
            return True


def weight(value: Value) -> int:
    """How much is in a value."""
    if isinstance(value, str):
        return 1 + len(value) // 8
    if isinstance(value, Compound):
        return value.weight
    if isinstance(value, int | Fraction):
        bits = value.numerator.bit_length() + value.denominator.bit_length()
        return 1 + bits // 8 if bits > LONG_NUMBER_BITS else 1
    return 1


def text(characters: str) -> str:
    """Characters as a string value: in normalization form C, and not too many.

    Raises:
        ExpressionError: when there are too many.
    """
    if len(characters) > LONGEST_STRING:
        raise ExpressionError(f"the string is too long: it has more than {LONGEST_STRING:,} characters")
    return characters if characters.isascii() else normalize("NFC", characters)


def type_of(value: Value) -> Type:
    """The type of a value; of a null or unknown one without, `DYNAMIC`."""
    if isinstance(value, str):
        return STRING
    if isinstance(value, bool):
        return BOOL
    match value:
        case TupleValue(items):
            found: Type = TupleType(tuple(type_of(item) for item in items))
        case ListValue(element):
            found = ListType(element)
        case SetValue(element):
            found = SetType(element)
        case MapValue(element):
            found = MapType(element)
        case ObjectValue(attributes):
            found = ObjectType(tuple((name, type_of(item)) for name, item in attributes.items()))
        case Null(of) | Unknown(of):
            found = of
        case _:
            found = NUMBER
    return found


def elements(value: Value) -> "list[tuple[Value, Value]] | None":
    """Keys and values of what can be walked through, in its order; None for what cannot.

    The key of an element of a list is its index, that of an element of a set the element itself.
    """
    match value:
        case TupleValue(items) | ListValue(_, items):
            return list(enumerate(items))
        case SetValue(_, items):
            return [(item, item) for item in items]
        case ObjectValue(named) | MapValue(_, named):
            return list(named.items())
        case _:
            return None


PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")
"""A reference that was left for the client to resolve."""

NOUNS: tuple[tuple[type, str], ...] = (
    (Null, "null"),
    (Unknown, "an unknown value"),
    (TupleValue, "a list"),
    (ListValue, "a list"),
    (SetValue, "a set"),
    (MapValue, "a map"),
    (ObjectValue, "an object"),
)


def describe(value: Value) -> str:
    """A value as a message names it: short, with what it is."""
    if isinstance(value, str):
        if PLACEHOLDER.fullmatch(value):
            return "a value known only when the task runs"
        shown = value if len(value) <= 40 else value[:37] + "..."
        return f'"{shown}"' if shown.isprintable() else "a string"
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        if not -1e300 < value < 1e300:
            return "a large number"
        return str(value) if isinstance(value, int) else f"the number {float(value):g}"
    return next(noun for kind, noun in NOUNS if isinstance(value, kind))
