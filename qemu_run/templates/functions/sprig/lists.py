"""Functions of sprig for lists.

Source: sprig's documentation.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from qemu_run.templates.declare import Functions, nil_slice, pure, working
from qemu_run.templates.functions.sprig.common import deep_equal, has, integer, is_empty, is_nothing, items_of
from qemu_run.templates.values import ANY, Slice, Value
from qemu_run.templates.work import FunctionError

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation


def _without(evaluation: "Evaluation", value: Value, *others: Value) -> Slice:
    kept = [item for item in items_of(value, "without") if not has(others, item, evaluation.work)]
    return Slice(kept)


def _unique(evaluation: "Evaluation", value: Value) -> Slice:
    kept: list[Value] = []
    for item in items_of(value, "uniq"):
        if not has(kept, item, evaluation.work):
            kept.append(item)
    return Slice(kept)


def _has(evaluation: "Evaluation", value: Value, items: Value) -> bool:
    if is_nothing(items):
        return False
    return any(deep_equal(item, value, evaluation.work) for item in items_of(items, "has"))


def _sliced(value: Value, *bounds: Value) -> Value:
    items = items_of(value, "slice")
    if not items:
        return None
    start = integer(bounds[0]) if bounds else 0
    end = integer(bounds[1]) if len(bounds) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise FunctionError(f"the list has no items from {start} to {end}")
    return Slice(items[start:end], value.elem if isinstance(value, Slice) else ANY)


def _chunks(size: int, value: Value) -> Slice:
    items = items_of(value, "chunk")
    if size == 0:
        raise FunctionError("the size of a chunk is 1 or more")
    if size < 0:
        items, size = [], 1
    starts = range(0, len(items), size)
    return Slice([Slice(items[start : start + size]) for start in starts], f"[]{ANY}")


def _concat(*values: Value) -> Slice:
    items = [item for value in values for item in items_of(value, "concat")]
    return Slice(items, is_nil=not items)


def numbers(evaluation: "Evaluation", start: int, stop: int, step: int) -> Slice:
    """The numbers from a start up to a stop."""
    found = range(start, stop, step) if step and (step > 0) == (stop > start) else range(0)
    evaluation.work.step(len(found))
    return Slice(found, "int")


def _until(evaluation: "Evaluation", count: int) -> Slice:
    return numbers(evaluation, 0, count, -1 if count < 0 else 1)


def _first(value: Value) -> Value:
    items = items_of(value, "first")
    return items[0] if items else None


def _last(value: Value) -> Value:
    items = items_of(value, "last")
    return items[-1] if items else None


def _some(what: str, part: slice) -> Callable[[Value], Slice]:
    def take(value: Value) -> Slice:
        items = items_of(value, what)
        return Slice(items[part]) if items else nil_slice()

    return take


_MUST: Functions = {
    "append": pure("any, any", lambda value, item: Slice([*items_of(value, "append"), item])),
    "chunk": pure("int, any", _chunks),
    "compact": pure("any", lambda v: Slice([item for item in items_of(v, "compact") if not is_empty(item)])),
    "first": pure("any", _first),
    "has": working("any, any", _has),
    "initial": pure("any", _some("initial", slice(0, -1))),
    "last": pure("any", _last),
    "prepend": pure("any, any", lambda value, item: Slice([item, *items_of(value, "prepend")])),
    "push": pure("any, any", lambda value, item: Slice([*items_of(value, "push"), item])),
    "rest": pure("any", _some("rest", slice(1, None))),
    "reverse": pure("any", lambda value: Slice(items_of(value, "reverse")[::-1])),
    "slice": pure("any, ...any", _sliced),
    "uniq": working("any", _unique),
    "without": working("any, ...any", _without),
}
FUNCTIONS: Functions = {
    **_MUST,
    **{f"must{name[0].upper()}{name[1:]}": function for name, function in _MUST.items()},
    "concat": pure("...any", _concat),
    "list": pure("...any", lambda *items: Slice(items)),
    "tuple": pure("...any", lambda *items: Slice(items)),
    "until": working("int", _until),
    "untilStep": working("int, int, int", numbers),
}
