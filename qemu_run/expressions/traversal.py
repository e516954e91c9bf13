"""`.name`, `[key]` and `[*]`: from a value to what is in it.

Source: the HCL native syntax specification, traversals and splats; cty's rules for keys.
"""

from collections.abc import Sequence as AbstractSequence

from qemu_run.errors import did_you_mean
from qemu_run.expressions.context import Context
from qemu_run.expressions.convert import ConversionError, convert
from qemu_run.expressions.types import NUMBER, STRING, ListType, SetType, TupleType
from qemu_run.expressions.values import (
    NAMED,
    SEQUENCES,
    UNKNOWN,
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
    is_number,
    type_of,
)
from qemu_run.source import Span
from qemu_run.syntax.nodes import AttributeStep, IndexStep, SplatStep, Step

INFINITIES = (float("inf"), float("-inf"))
WHAT = {"var": "variable", "local": "local value"}


def apply_steps(value: Value, steps: AbstractSequence[Step], context: Context, root: str = "") -> Value:
    """What stands at the end of some steps; `root` is the name a reference begins with."""
    for place, step in enumerate(steps):
        if isinstance(value, Unknown):
            return UNKNOWN
        match step:
            case AttributeStep(name=name, span=span):
                what = WHAT.get(root, "attribute") if place == 0 else "attribute"
                value = _attribute(value, name, span, context, what)
            case IndexStep(key=key, span=span):
                value = index(value, context.value(key), span, context)
            case SplatStep():
                value = _splat(value, step, context)
    return value


def _attribute(value: Value, name: str, span: Span, context: Context, what: str) -> Value:
    if isinstance(value, ObjectValue | MapValue):
        found = value.items.get(name)
        if found is None:
            _missing(value, name, span, context, what)
            return UNKNOWN
        return found
    hints: tuple[str, ...] = ()
    if isinstance(value, SEQUENCES):
        hints = (f"[*].{name} takes it from every element, [0].{name} from the first",)
    context.error(f'no attribute named "{name}"', span, f"{describe(value)} has none", hints=hints)
    return UNKNOWN


def _missing(value: ObjectValue | MapValue, name: str, span: Span, context: Context, what: str) -> None:
    known = list(value.items)
    label = did_you_mean(name, known)
    if not label:
        shown = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        label = f"there is {shown}" if known else f"there is no {what} at all"
    hints: tuple[str, ...] = ()
    if what == "variable":
        hints = (f'declare it: variable "{name}" {{}}',)
    elif what == "local value":
        hints = ("declare it in a locals block",)
    context.error(f'no {what} named "{name}"', span, label, hints=hints)


def index(value: Value, key: Value, span: Span, context: Context) -> Value:
    """The element of a value at a key; reports what cannot be."""
    try:
        return element_at(value, key)
    except ExpressionError as error:
        context.error("no such element", span, str(error))
        return UNKNOWN


def element_at(value: Value, key: Value) -> Value:
    """The element of a value at a key.

    Raises:
        ExpressionError: when there is none.
    """
    if isinstance(value, Unknown) or isinstance(key, Unknown):
        return UNKNOWN
    if isinstance(key, Null):
        msg = "the key is null"
        raise ExpressionError(msg)
    if isinstance(value, TupleValue | ListValue):
        return value.items[_position(value, key)]
    if isinstance(value, NAMED):
        try:
            name = convert(key, STRING)
        except ConversionError:
            raise ExpressionError(f"a name is wanted as key, not {describe(key)}") from None
        if name not in value.items:
            known = did_you_mean(str(name), list(value.items))
            raise ExpressionError(f'there is none named "{name}"{", " + known if known else ""}')
        return value.items[str(name)]
    if isinstance(value, SetValue):
        msg = "a set has no order; convert it to a list first"
        raise ExpressionError(msg)
    raise ExpressionError(f"{describe(value)} has no elements")


def _position(value: TupleValue | ListValue, key: Value) -> int:
    try:
        number = convert(key, NUMBER)
    except ConversionError:
        raise ExpressionError(f"a list is indexed by numbers, not by {describe(key)}") from None
    if not is_number(number) or number in INFINITIES or number != int(number):
        msg = "an index must be a whole number"
        raise ExpressionError(msg)
    position = int(number)
    if position < 0:
        msg = "an index cannot be negative"
        raise ExpressionError(msg)
    count = len(value.items)
    if position >= count:
        last = f"the last index is {count - 1}" if count else "it is empty"
        raise ExpressionError(last)
    return position


def _splat(value: Value, step: SplatStep, context: Context) -> Value:
    """Each element of a sequence; any other value counts as a sequence of itself, null as an empty one."""
    if isinstance(value, Null):
        if isinstance(value.type, ListType | SetType | TupleType):
            context.error("a splat of null", step.span, "a list is wanted, this is null")
            return UNKNOWN
        return TupleValue(())
    items = value.items if isinstance(value, TupleValue | ListValue | SetValue) else (value,)
    context.spend(len(items))
    results = tuple(apply_steps(item, step.each, context) for item in items)
    if any(isinstance(result, Unknown) for result in results):
        return UNKNOWN
    if isinstance(value, ListValue | SetValue):
        return ListValue(type_of(results[0]) if results else value.element, results)
    return TupleValue(results)
