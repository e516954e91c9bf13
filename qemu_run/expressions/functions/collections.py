"""Functions of lists, maps and objects."""

from collections.abc import Callable, Sequence

from qemu_run.expressions.convert import ConversionError, convert
from qemu_run.expressions.equality import SetKey, equal, set_key
from qemu_run.expressions.functions.arguments import anything, number, string, strings, whole, wrong
from qemu_run.expressions.numbers import operate
from qemu_run.expressions.scope import Function, Parameter
from qemu_run.expressions.traversal import element_at
from qemu_run.expressions.types import DYNAMIC, NUMBER, STRING, ListType, MapType, ObjectType, TupleType, Type
from qemu_run.expressions.unify import unify
from qemu_run.expressions.values import (
    NAMED,
    NULL,
    SEQUENCES,
    ExpressionError,
    ListValue,
    MapValue,
    Null,
    Number,
    ObjectValue,
    TupleValue,
    Value,
    is_number,
    type_of,
)

LONGEST_RANGE = 1024


def _like(model: TupleValue | ListValue, items: tuple[Value, ...]) -> Value:
    """Elements of a list as a list of its type, of a tuple as a tuple."""
    return ListValue(model.element, items) if isinstance(model, ListValue) else TupleValue(items)


def length(collection: Value) -> int:
    """How many elements there are; of an object Nomad does not say."""
    if isinstance(collection, (*SEQUENCES, MapValue)):
        return len(collection.items)
    if isinstance(collection, str):
        msg = "a list or map is wanted; strlen(x) counts characters"
        raise ExpressionError(msg, 0)
    if isinstance(collection, ObjectValue):
        msg = "a list or map is wanted; length(keys(x)) counts attributes"
        raise ExpressionError(msg, 0)
    raise wrong("a list or map", collection, 0)


def element(collection: Value, index: Number) -> Value:
    """The element at an index, which starts over after the last one."""
    if not isinstance(collection, TupleValue | ListValue):
        raise wrong("a list", collection, 0)
    place = whole(index, 1)
    if not collection.items:
        msg = "the list is empty"
        raise ExpressionError(msg, 0)
    return collection.items[place % len(collection.items)]


def index(collection: Value, key: Value) -> Value:
    """The element at a key: what `collection[key]` is, but of an exact type of key."""
    if isinstance(collection, TupleValue | ListValue):
        if not is_number(key):
            raise wrong("a number", key, 1)
    elif not isinstance(collection, MapValue):
        raise wrong("a list or map", collection, 0)
    elif not isinstance(key, str):
        raise wrong("a string", key, 1)
    return element_at(collection, key)


def lookup(collection: Value, key: str, default: Value) -> Value:
    """The element of a map or object at a key, or the default."""
    if not isinstance(collection, NAMED):
        raise wrong("a map or object", collection, 0)
    if isinstance(collection, MapValue):
        try:
            default = convert(default, collection.element)
        except ConversionError as error:
            raise ExpressionError(str(error), 2) from None
    return collection.items.get(key, default)


def keys(collection: Value) -> Value:
    """The names in a map or object, sorted."""
    if not isinstance(collection, NAMED):
        raise wrong("a map or object", collection, 0)
    names = tuple(collection.items)
    return ListValue(STRING, names) if isinstance(collection, MapValue) else TupleValue(names)


def values(collection: Value) -> Value:
    """The elements of a map or object, sorted by name."""
    if not isinstance(collection, NAMED):
        raise wrong("a map or object", collection, 0)
    items = tuple(collection.items.values())
    return ListValue(collection.element, items) if isinstance(collection, MapValue) else TupleValue(items)


def contains(collection: Value, value: Value) -> bool:
    """Whether a value is among the elements; a null has to be of some type, as `convert` gives it one."""
    if not isinstance(collection, SEQUENCES):
        raise wrong("a list or set", collection, 0)
    if value == NULL:
        raise wrong("a value", value, 1)
    return any(equal(item, value) for item in collection.items)


def _only_lists(sequences: Sequence[Value]) -> None:
    if not sequences:
        msg = "at least one list is wanted"
        raise ExpressionError(msg)
    for place, sequence in enumerate(sequences):
        if not isinstance(sequence, TupleValue | ListValue):
            raise wrong("a list", sequence, place)


def concat(*sequences: Value) -> Value:
    """The elements of all lists in one."""
    _only_lists(sequences)
    lists = [sequence for sequence in sequences if isinstance(sequence, ListValue)]
    if len(lists) == len(sequences):
        common = unify([type_of(of) for of in lists])
        if isinstance(common, ListType):
            converted = [convert(of, common) for of in lists]
            return ListValue(common.element, _chained(converted))
    return TupleValue(_chained(list(sequences)))


def _chained(sequences: list[Value]) -> tuple[Value, ...]:
    return tuple(item for of in sequences if isinstance(of, SEQUENCES) for item in of.items)


def flatten(sequence: Value) -> Value:
    """The elements, and instead of lists among them their elements, however deep."""
    if not isinstance(sequence, SEQUENCES):
        raise wrong("a list", sequence, 0)
    return TupleValue(tuple(_flat(sequence.items)))


def _flat(items: tuple[Value, ...]) -> list[Value]:
    found: list[Value] = []
    for item in items:
        if isinstance(item, SEQUENCES):
            found += _flat(item.items)
        else:
            found.append(item)
    return found


def distinct(sequence: ListValue) -> Value:
    """The elements, each once."""
    different: dict[SetKey, Value] = {}
    for item in sequence.items:
        different.setdefault(set_key(item), item)
    return ListValue(sequence.element, tuple(different.values()))


def compact(sequence: ListValue) -> Value:
    """The strings that are not empty."""
    return ListValue(
        STRING, tuple(item for item in sequence.items if item != "" and not isinstance(item, Null))
    )


def sort(sequence: ListValue) -> Value:
    """The strings in the order of their bytes."""
    texts = [item for item in sequence.items if isinstance(item, str)]
    if len(texts) < len(sequence.items):
        msg = "null cannot be sorted"
        raise ExpressionError(msg, 0)
    return ListValue(STRING, tuple(sorted(texts)))


def part(sequence: Value, start: Number, end: Number) -> Value:
    """The elements from an index up to, and without, another."""
    if not isinstance(sequence, TupleValue | ListValue):
        raise wrong("a list", sequence, 0)
    first, last, count = whole(start, 1), whole(end, 2), len(sequence.items)
    for place, bound in ((1, first), (2, last)):
        if not 0 <= bound <= count:
            raise ExpressionError(f"the list has {count} elements", place)
    if first > last:
        msg = "the start is after the end"
        raise ExpressionError(msg, 1)
    return _like(sequence, sequence.items[first:last])


def chunks(sequence: ListValue, size: Number) -> Value:
    """The list cut into lists of a size; of size 0: one list."""
    step = whole(size, 1)
    if step < 0:
        msg = "the size cannot be negative"
        raise ExpressionError(msg, 1)
    items = sequence.items
    step = step or max(len(items), 1)
    cut = [ListValue(sequence.element, items[at : at + step]) for at in range(0, len(items), step)]
    return ListValue(ListType(sequence.element), tuple(cut))


def count_up(*bounds: Number) -> Value:
    """Numbers from a start to an end that is not reached, in steps."""
    if not 1 <= len(bounds) <= 3:
        msg = "one, two or three numbers are wanted"
        raise ExpressionError(msg)
    start, end = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2] if len(bounds) == 3 else (-1 if end < start else 1)
    if step == 0:
        msg = "the step cannot be zero"
        raise ExpressionError(msg, 2)
    if (end > start) if step < 0 else (end < start):
        msg = "the step leads away from the end"
        raise ExpressionError(msg, 2)
    made: list[Value] = []
    current = start
    while current > end if step < 0 else current < end:
        if len(made) >= LONGEST_RANGE:
            raise ExpressionError(f"more than {LONGEST_RANGE} numbers")
        made.append(current)
        current = operate("+", current, step)
    return ListValue(NUMBER, tuple(made))


def coalesce_list(*sequences: Value) -> Value:
    """The first list that is not empty; a null that has the type of a list counts as empty."""
    _only_lists([TupleValue(()) if _is_null_list(of) else of for of in sequences])
    for sequence in sequences:
        if isinstance(sequence, SEQUENCES) and sequence.items:
            return sequence
    msg = "all lists are empty"
    raise ExpressionError(msg)


def _is_null_list(value: Value) -> bool:
    return isinstance(value, Null) and isinstance(value.type, ListType | TupleType)


def merge(*collections: Value) -> Value:
    """One map or object of all; of equal names the last counts."""
    present = [of for of in collections if not isinstance(of, Null)]
    for place, of in enumerate(collections):
        if not isinstance(of, (*NAMED, Null)):
            raise wrong("a map or object", of, place)
    types = {type_of(of) for of in collections}
    if not present and len(types) == 1:
        return _nothing_merged(types.pop())
    merged: dict[str, Value] = {}
    for of in present:
        if isinstance(of, NAMED):
            merged.update(of.items)
    first = present[0] if present else None
    if isinstance(first, MapValue) and len(types) == 1:
        return MapValue(first.element, merged)
    return ObjectValue(merged)


def _nothing_merged(of: Type) -> Value:
    """What nulls of one type make: an empty map of that type, or an object without attributes."""
    if isinstance(of, MapType):
        return MapValue(of.element, {})
    if of == DYNAMIC or (isinstance(of, ObjectType) and not of.pairs):
        return ObjectValue({})
    raise wrong("a map or object", Null(of), 0)


def zip_map(names: ListValue, elements: Value) -> Value:
    """A map or object of names and elements."""
    if not isinstance(elements, TupleValue | ListValue):
        raise wrong("a list", elements, 1)
    if len(names.items) != len(elements.items):
        raise ExpressionError(f"{len(names.items)} keys, but {len(elements.items)} values", 1)
    texts = [name for name in names.items if isinstance(name, str)]
    if len(texts) < len(names.items):
        msg = "a key is null"
        raise ExpressionError(msg, 0)
    made = dict(zip(texts, elements.items, strict=True))
    return MapValue(elements.element, made) if isinstance(elements, ListValue) else ObjectValue(made)


ANY_LIST = Parameter("list", ListType(DYNAMIC))
_CALLS: dict[str, tuple[Callable[..., Value], tuple[Parameter, ...], Parameter | None]] = {
    "chunklist": (chunks, (ANY_LIST, number("size")), None),
    "coalescelist": (coalesce_list, (), Parameter("vals", DYNAMIC, nullable=True)),
    "compact": (compact, (strings("list"),), None),
    "concat": (concat, (), anything("seqs")),
    "contains": (contains, (anything("list"), Parameter("value", DYNAMIC, nullable=True)), None),
    "distinct": (distinct, (ANY_LIST,), None),
    "element": (element, (anything("list"), number("index")), None),
    "flatten": (flatten, (anything("list"),), None),
    "index": (index, (anything("collection"), anything("key")), None),
    "keys": (keys, (anything("inputMap"),), None),
    "length": (length, (anything("collection"),), None),
    "lookup": (lookup, (anything("inputMap"), string("key"), anything("default")), None),
    "merge": (merge, (), Parameter("maps", DYNAMIC, nullable=True)),
    "range": (count_up, (), number("params")),
    "slice": (part, (anything("list"), number("start_index"), number("end_index")), None),
    "sort": (sort, (strings("list"),), None),
    "values": (values, (anything("values"),), None),
    "zipmap": (zip_map, (strings("keys"), anything("values")), None),
}
FUNCTIONS = {name: Function(call, parameters, rest) for name, (call, parameters, rest) in _CALLS.items()}
