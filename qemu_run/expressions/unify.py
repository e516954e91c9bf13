"""Which types can become which, and the one type that several can become.

Source: cty's package convert. A *safe* conversion works for any value of a type; an *unsafe* one for some.
"""

from collections.abc import Sequence

from qemu_run.expressions.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
    Type,
    object_type,
)


def has_dynamic(wanted: Type) -> bool:
    """Whether a type leaves anything open."""
    match wanted:
        case PrimitiveType():
            return wanted == DYNAMIC
        case ListType(element) | SetType(element) | MapType(element):
            return has_dynamic(element)
        case TupleType(items):
            return any(has_dynamic(item) for item in items)
        case ObjectType(pairs):
            return any(has_dynamic(of) for _, of in pairs)


SAFE = {(NUMBER, STRING), (BOOL, STRING)}
UNSAFE = SAFE | {(STRING, NUMBER), (STRING, BOOL)}


def convertible(found: Type, wanted: Type, *, unsafe: bool) -> bool:
    """Whether values of a type can become values of another: all of them, or when `unsafe`, some."""
    if wanted in (found, DYNAMIC):
        return True
    if found == DYNAMIC:
        return unsafe
    match found, wanted:
        case PrimitiveType(), PrimitiveType():
            return (found, wanted) in (UNSAFE if unsafe else SAFE)
        case (ListType(of) | SetType(of), ListType(to) | SetType(to)) | (MapType(of), MapType(to)):
            return convertible(of, to, unsafe=unsafe)
        case (TupleType(items), ListType(to) | SetType(to)):
            return _all_convertible(items, to, unsafe=unsafe)
        case (ObjectType(pairs), MapType(to)):
            return _all_convertible([of for _, of in pairs], to, unsafe=unsafe)
        case _:
            return _structure_convertible(found, wanted, unsafe=unsafe)


def _structure_convertible(found: Type, wanted: Type, *, unsafe: bool) -> bool:
    """The same for types whose every element has a type of its own."""
    match found, wanted:
        case (TupleType(items), TupleType(to_items)):
            return len(items) == len(to_items) and all(
                convertible(of, to, unsafe=unsafe) for of, to in zip(items, to_items, strict=True)
            )
        case (ObjectType(pairs), ObjectType(to_pairs)):
            have = dict(pairs)
            return all(name in have and convertible(have[name], to, unsafe=unsafe) for name, to in to_pairs)
        case (MapType(of), ObjectType(to_pairs)):
            return unsafe and all(convertible(of, to, unsafe=unsafe) for _, to in to_pairs)
        case _:
            return False


def _all_convertible(found: Sequence[Type], wanted: Type, *, unsafe: bool) -> bool:
    if wanted == DYNAMIC:
        return not found or unify(found, unsafe=unsafe) is not None
    return all(convertible(of, wanted, unsafe=unsafe) for of in found)


def unify(types: Sequence[Type], *, unsafe: bool = True) -> Type | None:
    """The type that values of all the given types can become, the most special one; None if there is none."""
    different = list(dict.fromkeys(types))
    if len(different) <= 1:
        return different[0] if different else None
    known = [of for of in different if of != DYNAMIC]
    kinds = {type(of) for of in known}
    if len(kinds) == 1 and PrimitiveType not in kinds:
        # What a value without a type will become nobody knows, so nothing is asked of the others either.
        return _unify_alike(known, unsafe=unsafe) if len(known) == len(different) else DYNAMIC
    if {ObjectType, TupleType} <= kinds:
        return None
    if (common := _unify_disguised(different, kinds, unsafe=unsafe)) is not None:
        return common
    for wanted in sorted(different, key=_preference):
        if all(convertible(of, wanted, unsafe=unsafe) for of in different):
            return wanted
    return None


def _unify_alike(types: list[Type], *, unsafe: bool) -> Type | None:
    """Types of one kind, which is not a primitive one."""
    objects = [of for of in types if isinstance(of, ObjectType)]
    tuples = [of for of in types if isinstance(of, TupleType)]
    if objects:
        return _unify_objects(objects, unsafe=unsafe)
    if tuples:
        return _unify_tuples(tuples, unsafe=unsafe)
    collections = [of for of in types if isinstance(of, ListType | SetType | MapType)]
    element = unify([of.element for of in collections], unsafe=unsafe)
    return None if element is None else type(collections[0])(element)


DISGUISES: tuple[tuple[type[Type], type[Type]], ...] = ((MapType, ObjectType), (ListType, TupleType))
"""Objects are often maps by what is meant, tuples lists."""


def _unify_disguised(types: list[Type], kinds: set[type[Type]], *, unsafe: bool) -> Type | None:
    """Maps with objects, or lists with tuples, as one map or list."""
    for collection, structure in DISGUISES:
        if kinds == {collection, structure}:
            parts = [part for of in types if isinstance(of, structure) for part in _parts(of)]
            element = unify(parts, unsafe=unsafe)
            if element is None:
                return None
            as_one: Type = MapType(element) if collection is MapType else ListType(element)
            common = unify([as_one if isinstance(of, structure) else of for of in types], unsafe=unsafe)
            return common if isinstance(common, collection) else None
    return None


def _parts(of: Type) -> Sequence[Type]:
    """The types of an object's attributes, or of a tuple's elements."""
    match of:
        case ObjectType(pairs):
            return [part for _, part in pairs]
        case TupleType(parts):
            return parts
        case _:
            return ()


def _preference(of: Type) -> int:
    """Which of several types is tried first as the one for all: the most general."""
    if of == DYNAMIC:
        return 9
    order: list[Type | type] = [STRING, NUMBER, BOOL, ListType, SetType, MapType, TupleType, ObjectType]
    return next(
        place
        for place, kind in enumerate(order)
        if of == kind or (isinstance(kind, type) and isinstance(of, kind))
    )


def _unify_objects(objects: list[ObjectType], *, unsafe: bool) -> Type | None:
    """An object of the same attributes; where names differ, a map."""
    attributes = [of.attributes for of in objects]
    names = set(attributes[0])
    if all(set(others) == names for others in attributes[1:]):
        unified: dict[str, Type] = {}
        for name in attributes[0]:
            common = unify([of[name] for of in attributes], unsafe=unsafe)
            if common is None:
                return None
            unified[name] = common
        return object_type(unified)
    common = unify([of for has in attributes for of in has.values()], unsafe=unsafe)
    return None if common is None else MapType(common)


def _unify_tuples(tuples: list[TupleType], *, unsafe: bool) -> Type | None:
    """A tuple of the same length; where lengths differ, a list."""
    if len({len(of.elements) for of in tuples}) == 1:
        unified = [
            unify(column, unsafe=unsafe) for column in zip(*(of.elements for of in tuples), strict=True)
        ]
        return None if any(of is None for of in unified) else TupleType(tuple(of for of in unified if of))
    common = unify([of for has in tuples for of in has.elements], unsafe=unsafe)
    return None if common is None else ListType(common)
