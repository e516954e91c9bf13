"""Conversions of values to types.

Source: cty's package convert.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from qemu_run.expressions.equality import set_of
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
)
from qemu_run.expressions.unify import convertible, has_dynamic, unify
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


INFINITIES = {sign + word: float(sign + word) for sign in ("", "+", "-") for word in ("inf", "Inf")}
BOOLS = {"true": True, "1": True, "false": False, "0": False}


def convert(value: Value, wanted: Type) -> Value:
    """A value as one of another type.

    Raises:
        ConversionError: when it cannot be.
    """
    if wanted == DYNAMIC:
        return value
    if isinstance(value, Null | Unknown):
        return _without_value(value, wanted)
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


def _without_value(value: Null | Unknown, wanted: Type) -> Value:
    """A null of another type; of a value that is not known nothing is said twice."""
    if isinstance(value, Unknown):
        return Unknown(wanted)
    if not convertible(value.type, wanted, unsafe=True):
        raise _mismatch(value, wanted)
    return Null(wanted)


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
    if value in INFINITIES:
        return INFINITIES[value]
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
        element = _one_type(items, f"the elements of {kind}")
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
        unified = _one_type(converted, "all elements")
        return unified, tuple(convert(item, unified) for item in converted)
    return element, tuple(converted)


def _one_type(items: Iterable[Value], what: str) -> Type:
    """The type that all of some values can become; where a null leaves that open, the one the others have."""
    types = [type_of(item) for item in items]
    unified = unify(types)
    if unified == DYNAMIC:
        known = {of for of in types if of != DYNAMIC}
        unified = None if len(known) > 1 else next(iter(known), DYNAMIC)
    if unified is None:
        raise ConversionError(f"{what} must be of one type")
    return unified


def _check_elements(value: Value, element: Type, wanted: Type) -> None:
    """Refuse a collection whose elements could not become what is wanted, even where there are none."""
    if (
        isinstance(value, ListValue | SetValue | MapValue)
        and not value.items
        and not convertible(value.element, element, unsafe=True)
    ):
        raise ConversionError(f"{friendly(wanted)} is wanted, not {friendly(type_of(value))}")


def _to_list(value: Value, element: Type, wanted: Type) -> ListValue:
    match value:
        case ListValue(found, items) if found == element:
            return value
        case TupleValue(items) | ListValue(_, items) | SetValue(_, items):
            _check_elements(value, element, wanted)
            found, converted = _elements(items, element, "a list")
            return ListValue(_kept(value, found), converted)
        case _:
            raise _mismatch(value, wanted)


def _to_set(value: Value, element: Type, wanted: Type) -> SetValue:
    match value:
        case SetValue(found, _) if found == element:
            return value
        case TupleValue(items) | ListValue(_, items) | SetValue(_, items):
            _check_elements(value, element, wanted)
            found, converted = _elements(items, element, "a set")
            return set_of(_kept(value, found), converted)
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
            _check_elements(value, element, wanted)
            if element == DYNAMIC and named:
                element = _one_type(named.values(), "the elements of a map")
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
