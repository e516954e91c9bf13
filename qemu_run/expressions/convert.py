"""Conversions between types, and the one type that several can become.

Source: cty's package convert. A *safe* conversion works for any value of a type; an *unsafe* one for some.
"""

from collections.abc import Sequence
from fractions import Fraction

from qemu_run.expressions.numbers import NumberTooLargeError, number_text, parse_decimal
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
    friendly,
    object_type,
)
from qemu_run.expressions.values import (
    ExpressionError,
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    Value,
    describe,
    type_of,
)


class ConversionError(ExpressionError):
    """A value cannot become what is wanted; the message says what was found, and where in it."""


BOOLS = {"true": True, "1": True, "false": False, "0": False}


def convert(value: Value, wanted: Type) -> Value:
    """A value as one of another type.

    Raises:
        ConversionError: when it cannot be.
    """
    if isinstance(value, Unknown) or wanted == DYNAMIC:
        return value
    if isinstance(value, Null):
        if not convertible(value.type, wanted, unsafe=True):
            raise _mismatch(value, wanted)
        return Null(wanted)
    match wanted:
        case PrimitiveType():
            return _to_primitive(value, wanted)
        case ListType(element):
            return _to_list(value, element, wanted)
        case SetType(element):
            return _to_set(value, element, wanted)
        case MapType(element):
            return _to_map(value, element, wanted)
        case TupleType(wanted_items):
            return _to_tuple(value, wanted_items, wanted)
        case ObjectType(pairs):
            return _to_object(value, dict(pairs), wanted)


def _mismatch(value: Value, wanted: Type) -> ConversionError:
    return ConversionError(f"{friendly(wanted)} is wanted, not {describe(value)}")


def _to_primitive(value: Value, wanted: PrimitiveType) -> Value:
    match value:
        case str():
            return value if wanted == STRING else _from_string(value, wanted)
        case bool():
            if wanted == BOOL:
                return value
            if wanted == STRING:
                return "true" if value else "false"
        case int() | Fraction() | float():
            if wanted == NUMBER:
                return value
            if wanted == STRING:
                return number_text(value)
        case _:
            pass
    raise _mismatch(value, wanted)


def _from_string(value: str, wanted: PrimitiveType) -> Value:
    if wanted == BOOL:
        if value in BOOLS:
            return BOOLS[value]
        raise ConversionError(f"true or false is wanted, not {describe(value)}")
    try:
        number = parse_decimal(value)
    except NumberTooLargeError:
        msg = "this number is too large"
        raise ConversionError(msg) from None
    if number is None:
        raise _mismatch(value, wanted)
    return number


def _elements(items: Sequence[Value], element: Type, kind: str) -> tuple[Type, tuple[Value, ...]]:
    """Elements converted to one type; for any type, to the one they can all become."""
    if element == DYNAMIC and items:
        unified = unify([type_of(item) for item in items])
        if unified is None:
            raise ConversionError(f"the elements of {kind} must be of one type")
        element = unified
    converted = []
    for number, item in enumerate(items):
        try:
            converted.append(convert(item, element))
        except ConversionError as error:
            raise ConversionError(f"element {number}: {error}") from None
    return _common(element, converted)


def _common(element: Type, converted: list[Value]) -> tuple[Type, tuple[Value, ...]]:
    """The elements' own type where the wanted one leaves it open, as in `list(map(any))`."""
    if converted and has_dynamic(element):
        unified = unify([type_of(item) for item in converted])
        if unified is None:
            msg = "all elements must be of one type"
            raise ConversionError(msg)
        return unified, tuple(convert(item, unified) for item in converted)
    return element, tuple(converted)


def _to_list(value: Value, element: Type, wanted: Type) -> ListValue:
    match value:
        case ListValue(found, items) if found == element:
            return value
        case TupleValue(items) | ListValue(_, items) | SetValue(_, items):
            found, converted = _elements(items, element, "a list")
            return ListValue(_kept(value, found), converted)
        case _:
            raise _mismatch(value, wanted)


def _to_set(value: Value, element: Type, wanted: Type) -> SetValue:
    match value:
        case SetValue(found, _) if found == element:
            return value
        case TupleValue(items) | ListValue(_, items) | SetValue(_, items):
            found, converted = _elements(items, element, "a set")
            return SetValue(_kept(value, found), converted)
        case _:
            raise _mismatch(value, wanted)


def _kept(value: Value, element: Type) -> Type:
    """An empty collection keeps its element type where any would do."""
    if element == DYNAMIC and isinstance(value, ListValue | SetValue | MapValue):
        return value.element
    return element


def _to_map(value: Value, element: Type, wanted: Type) -> MapValue:
    match value:
        case MapValue(found, _) if found == element:
            return value
        case ObjectValue(named) | MapValue(_, named):
            if element == DYNAMIC and named:
                unified = unify([type_of(item) for item in named.values()])
                if unified is None:
                    msg = "the elements of a map must be of one type"
                    raise ConversionError(msg)
                element = unified
            found, converted = _common(element, [_named(name, item, element) for name, item in named.items()])
            return MapValue(_kept(value, found), dict(zip(named, converted, strict=True)))
        case _:
            raise _mismatch(value, wanted)


def _named(name: str, value: Value, wanted: Type) -> Value:
    try:
        return convert(value, wanted)
    except ConversionError as error:
        raise ConversionError(f'"{name}": {error}') from None


def _to_tuple(value: Value, wanted_items: tuple[Type, ...], wanted: Type) -> TupleValue:
    if not isinstance(value, TupleValue):
        raise _mismatch(value, wanted)
    if len(value.items) != len(wanted_items):
        raise ConversionError(f"{friendly(wanted)} is wanted, not one of {len(value.items)}")
    converted = []
    for number, (item, of) in enumerate(zip(value.items, wanted_items, strict=True)):
        try:
            converted.append(convert(item, of))
        except ConversionError as error:
            raise ConversionError(f"element {number}: {error}") from None
    return TupleValue(tuple(converted))


def _to_object(value: Value, attributes: dict[str, Type], wanted: Type) -> ObjectValue:
    """Attributes that are not wanted are dropped; all that are must be there."""
    if not isinstance(value, ObjectValue | MapValue):
        raise _mismatch(value, wanted)
    missing = [name for name in attributes if name not in value.items]
    if missing:
        names = " and ".join(f'"{name}"' for name in missing)
        raise ConversionError(f"{names} {'is' if len(missing) == 1 else 'are'} missing")
    return ObjectValue({name: _named(name, value.items[name], of) for name, of in attributes.items()})


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
    if len(different) == 1:
        return different[0]
    objects = [of for of in different if isinstance(of, ObjectType)]
    tuples = [of for of in different if isinstance(of, TupleType)]
    known = [of for of in different if of != DYNAMIC]
    if objects and tuples:
        return None
    if objects and len(objects) == len(known):
        return _unify_objects(objects, unsafe=unsafe)
    if tuples and len(tuples) == len(known):
        return _unify_tuples(tuples, unsafe=unsafe)
    for wanted in sorted(different, key=_preference):
        if all(convertible(of, wanted, unsafe=unsafe) for of in different):
            return wanted
    return None


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
    if len(objects) == 1:
        return objects[0]
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
    if len(tuples) == 1:
        return tuples[0]
    if len({len(of.elements) for of in tuples}) == 1:
        unified = [
            unify(column, unsafe=unsafe) for column in zip(*(of.elements for of in tuples), strict=True)
        ]
        return None if any(of is None for of in unified) else TupleType(tuple(of for of in unified if of))
    common = unify([of for has in tuples for of in has.elements], unsafe=unsafe)
    return None if common is None else ListType(common)
