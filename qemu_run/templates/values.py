"""Go's values as a template sees them: what type they have, whether they are true, how text is counted.

A `bool`, `str`, `float` or `complex` of ours is Go's bool, string, float64 or complex128, and an `int` is
Go's int; the other types have classes here. Go's text is bytes: what is not UTF-8 is kept as surrogates.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from qemu_run.golang.times import duration_text

if TYPE_CHECKING:
    from qemu_run.templates.declare import GoFunction


class NoValue:
    """What a template gets where there is nothing at all, as by `.` at the top."""

    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE: Final = NoValue()

ANY = "interface {}"
"""Go's name of the type that holds anything."""


class SizedInt(int):
    """An integer of a Go type other than `int`."""

    go_type: ClassVar[str]


class Int64(SizedInt):
    """Go's int64."""

    go_type = "int64"


class Uint64(SizedInt):
    """Go's uint64."""

    go_type = "uint64"


class Uint32(SizedInt):
    """Go's uint32."""

    go_type = "uint32"


class Byte(SizedInt):
    """Go's uint8."""

    go_type = "uint8"


class Duration(SizedInt):
    """Go's time.Duration: nanoseconds."""

    go_type = "time.Duration"

    def __str__(self) -> str:
        return duration_text(int(self))


class Slice(list["Value"]):
    """A Go slice."""

    def __init__(self, items: "Iterable[Value]" = (), elem: str = ANY, *, is_nil: bool = False) -> None:
        super().__init__(items)
        self.elem = elem
        self.is_nil = is_nil

    @property
    def go_type(self) -> str:
        """`[]string`."""
        return f"[]{self.elem}"


class Map(dict["Value", "Value"]):
    """A Go map."""

    def __init__(
        self,
        items: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = (),
        elem: str = ANY,
        key: str = "string",
        *,
        is_nil: bool = False,
    ) -> None:
        super().__init__(items)
        self.elem = elem
        self.key = key
        self.is_nil = is_nil

    @property
    def go_type(self) -> str:
        """`map[string]interface {}`."""
        return f"map[{self.key}]{self.elem}"


class Channel:
    """What `loop` gives: numbers that can be ranged over, once."""

    go_type = "<-chan int64"

    def __init__(self, numbers: range) -> None:
        self._numbers = iter(numbers)

    def __iter__(self) -> Iterator[Int64]:
        return (Int64(number) for number in self._numbers)


class Object:
    """A Go value with methods: a scratch pad, a moment of time."""

    go_type: ClassVar[str]

    def methods(self) -> "Mapping[str, GoFunction]":
        """What a template can call on it, by name."""
        return {}

    @property
    def in_json(self) -> str | None:
        """The string that it is in JSON; None: it cannot be in JSON."""
        return None


Value: TypeAlias = "NoValue | bool | int | float | complex | str | Slice | Map | Channel | Object | None"
"""None is Go's nil interface, as in a list with null in it."""

UNSIGNED = (Uint64, Uint32, Byte)
_KINDS = {Duration: "int64", Byte: "uint8", Uint32: "uint32", Uint64: "uint64", Int64: "int64"}


def type_name(value: Value) -> str:
    """The Go type of a value: `int64`, `[]string`; `<nil>` for none."""
    match value:
        case None | NoValue():
            return "<nil>"
        case bool():
            return "bool"
        case SizedInt() | Slice() | Map() | Channel() | Object():
            return value.go_type
        case int():
            return "int"
        case float():
            return "float64"
        case complex():
            return "complex128"
        case str():
            return "string"


_WORDS = {
    "[]string": "list of strings",
    f"[]{ANY}": "list",
    f"map[string]{ANY}": "map",
    f"map[{ANY}]{ANY}": "map",
    "map[string]string": "map of strings",
    "bool": "boolean",
    "string": "string",
    "float64": "float",
    "time.Time": "moment",
    "<nil>": "nil",
    "<-chan int64": "loop",
    **dict.fromkeys(("int", "int64", "uint64", "uint32", "uint8", "time.Duration"), "whole number"),
}


def in_words(type_: str) -> str:
    """A Go type for people who do not know Go, to follow `a`."""
    return _WORDS.get(type_, f"value of the type {type_}")


def described(value: Value) -> str:
    """What a value is, in words that follow `a`."""
    return in_words(type_name(value))


def kind_name(value: Value) -> str:
    """The kind below a value's type, as Go's reflect names it: `slice`, `map`, `int64`."""
    match value:
        case None | NoValue():
            return "invalid"
        case SizedInt():
            return _KINDS[type(value)]
        case Slice():
            return "slice"
        case Map():
            return "map"
        case Channel():
            return "chan"
        case Object():
            return "ptr" if value.go_type.startswith("*") else "struct"
        case _:
            return type_name(value)


def truth(value: Value) -> bool:
    """Whether a value is true to `if`: not zero, not empty, not nil."""
    match value:
        case None | NoValue():
            return False
        case Channel() | Object():
            return True
        case _:
            return bool(value)


def to_bytes(text: str) -> bytes:
    """A Go string's bytes."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """The Go string of some bytes."""
    return data.decode("utf-8", "surrogateescape")


def joined(parts: Iterable[str]) -> str:
    """Go strings one after the other: halves of a character become the character."""
    text = "".join(parts)
    return text if text.isascii() else from_bytes(to_bytes(text))


def zero_of(type_: str) -> Value:
    """The zero value of a Go type."""
    zeros: dict[str, Value] = {"string": "", "int": 0, "bool": False, "float64": 0.0, "uint8": Byte(0)}
    if type_.startswith("[]"):
        return Slice((), type_.removeprefix("[]"), is_nil=True)
    if type_.startswith("map["):
        key, _, elem = type_.removeprefix("map[").partition("]")
        return Map((), elem, key, is_nil=True)
    return zeros.get(type_)


def wrapped(number: int) -> int:
    """A number as 64 bits hold it."""
    return (number + 2**63) % 2**64 - 2**63


def in_order(names: Iterable[Value]) -> list[Value]:
    """The keys of a map as Go prints and ranges over them: by kind, then by value."""

    def order(name: Value) -> tuple[int, object]:
        match name:
            case None | NoValue():
                return (0, 0)
            case str():
                return (1, to_bytes(name))
            case bool():
                return (4, name)
            case int():
                return (2, int(name))
            case float():
                return (3, name)
            case _:
                return (5, str(name))

    return sorted(names, key=order)


def is_unsigned(value: Value) -> bool:
    """Whether a number has an unsigned type."""
    return isinstance(value, UNSIGNED)
