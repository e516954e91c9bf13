"""Functions of sets, which take lists as well."""

from itertools import product

from qemu_run.expressions.convert import ConversionError, convert
from qemu_run.expressions.equality import set_key, set_of
from qemu_run.expressions.functions.arguments import anything, wrong
from qemu_run.expressions.scope import Function, Parameter
from qemu_run.expressions.types import DYNAMIC, SetType, TupleType, Type
from qemu_run.expressions.unify import unify
from qemu_run.expressions.values import (
    LARGEST_VALUE,
    SEQUENCES,
    ExpressionError,
    ListValue,
    SetValue,
    TupleValue,
    Value,
    type_of,
    weight,
)


def _of_one_type(sets: tuple[SetValue, ...]) -> tuple[Type, list[SetValue]]:
    """The sets with elements of the one type that all can become."""
    found = [of.element for of in sets if of.items or of.element != DYNAMIC]
    common = unify(found) if found else DYNAMIC
    if common is None:
        msg = "the elements of the sets are of different kinds"
        raise ExpressionError(msg)
    try:
        converted = [convert(of, SetType(common)) for of in sets]
    except ConversionError as error:
        raise ExpressionError(str(error)) from None
    if common == DYNAMIC and len(set(found)) > 1:
        msg = "null has no type here that the others have"
        raise ExpressionError(msg)
    return common, [of for of in converted if isinstance(of, SetValue)]


def union(*sets: SetValue) -> Value:
    """All elements of all sets."""
    element, converted = _of_one_type(sets)
    return set_of(element, (item for of in converted for item in of.items))


def intersection(*sets: SetValue) -> Value:
    """The elements that all sets have."""
    element, converted = _of_one_type(sets)
    common = set.intersection(*({set_key(item) for item in of.items} for of in converted))
    return set_of(element, (item for item in converted[0].items if set_key(item) in common))


def cartesian(*sets: Value) -> Value:
    """Every choice of one element from each; a list of tuples when all are lists, else a set."""
    if len(sets) < 2:
        msg = "at least two sets or lists are wanted"
        raise ExpressionError(msg)
    elements: list[Type] = []
    choices: list[list[Value]] = []
    size = 1
    for place, of in enumerate(sets):
        if not isinstance(of, SEQUENCES):
            raise wrong("a set or list", of, place)
        element = unify([type_of(item) for item in of.items]) if isinstance(of, TupleValue) else of.element
        if element is None and of.items:
            msg = "the elements are of different kinds"
            raise ExpressionError(msg, place)
        elements.append(element or DYNAMIC)
        choices.append([convert(item, element or DYNAMIC) for item in of.items])
        size *= len(of.items)
    if size * sum(max(map(weight, choice), default=1) for choice in choices) > LARGEST_VALUE // 4:
        raise ExpressionError(f"{size} combinations are too many")
    made = tuple(TupleValue(combination) for combination in product(*choices))
    element_type = TupleType(tuple(elements))
    if any(isinstance(of, SetValue) for of in sets):
        return set_of(element_type, made)
    return ListValue(element_type, made)


SET = Parameter("first_set", SetType(DYNAMIC))
SETS = Parameter("other_sets", SetType(DYNAMIC))
FUNCTIONS = {
    "setintersection": Function(intersection, (SET,), SETS),
    "setproduct": Function(cartesian, rest=anything("sets")),
    "setunion": Function(union, (SET,), SETS),
}
