"""What kinds of values there are, and their names in messages.

Source: cty's type system, on which HCL builds.
"""

from typing import TypeAlias

from qemu_run.records import record


@record
class PrimitiveType:
    """string, number, bool, or dynamic: any type at all."""

    name: str


STRING = PrimitiveType("string")
NUMBER = PrimitiveType("number")
BOOL = PrimitiveType("bool")
DYNAMIC = PrimitiveType("dynamic")
"""As a wish: any type. As what was found: a null or an unknown value of no type yet."""


@record
class ListType:
    """Any number of elements of one type, in order."""

    element: "Type"


@record
class SetType:
    """Different elements of one type, in no order of their own."""

    element: "Type"


@record
class MapType:
    """Elements of one type by name."""

    element: "Type"


@record
class TupleType:
    """A fixed number of elements, each of its own type: what `[1, "a"]` is before any conversion."""

    elements: "tuple[Type, ...]"


@record
class ObjectType:
    """Attributes by name, each of its own type: what `{ a = 1 }` is before any conversion."""

    pairs: "tuple[tuple[str, Type], ...]"
    """Sorted by name."""

    @property
    def attributes(self) -> "dict[str, Type]":
        """By name."""
        return dict(self.pairs)


Type: TypeAlias = PrimitiveType | ListType | SetType | MapType | TupleType | ObjectType


def object_type(attributes: "dict[str, Type]") -> ObjectType:
    """The object type of attributes in any order."""
    return ObjectType(tuple(sorted(attributes.items())))


SINGULAR = {"string": "a string", "number": "a number", "bool": "true or false", "dynamic": "a value"}
PLURAL = {"string": "strings", "number": "numbers", "bool": "bools", "dynamic": "values"}


def friendly(wanted: Type) -> str:
    """A type as a message names it: `a number`, `a list of strings`."""
    match wanted:
        case PrimitiveType(name):
            return SINGULAR[name]
        case ListType(element):
            return f"a list of {_plural(element)}"
        case SetType(element):
            return f"a set of {_plural(element)}"
        case MapType(element):
            return f"a map of {_plural(element)}"
        case TupleType(elements):
            return f"a list of exactly {len(elements)} elements"
        case ObjectType(pairs):
            names = ", ".join(name for name, _ in pairs[:5])
            return f"an object with {names}" if names else "an object"


def _plural(wanted: Type) -> str:
    match wanted:
        case PrimitiveType(name):
            return PLURAL[name]
        case ListType(element):
            return f"lists of {_plural(element)}"
        case SetType(element):
            return f"sets of {_plural(element)}"
        case MapType(element):
            return f"maps of {_plural(element)}"
        case TupleType():
            return "lists"
        case ObjectType():
            return "objects"


def constraint_text(wanted: Type) -> str:
    """A type as a job file writes it: `list(string)`."""
    match wanted:
        case PrimitiveType(name):
            return "any" if wanted == DYNAMIC else name
        case ListType(element):
            return f"list({constraint_text(element)})"
        case SetType(element):
            return f"set({constraint_text(element)})"
        case MapType(element):
            return f"map({constraint_text(element)})"
        case TupleType(elements):
            return f"tuple([{', '.join(map(constraint_text, elements))}])"
        case ObjectType(pairs):
            return f"object({{{', '.join(f'{name} = {constraint_text(of)}' for name, of in pairs)}}})"
