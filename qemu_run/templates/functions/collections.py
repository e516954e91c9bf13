"""consul-template's functions for lists and maps.

Source: consul-template's documentation.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from qemu_run.templates.declare import Functions, pure, working
from qemu_run.templates.functions.text import parse_int
from qemu_run.templates.values import ANY, Channel, Map, NoValue, Slice, Value, described, in_order, truth
from qemu_run.templates.work import FunctionError, Work

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation


def contains(collection: Value, value: Value) -> bool:
    """Whether a list has the value, or a text the text."""
    match collection:
        case str() | Slice() if collection and (value is None or isinstance(value, NoValue)):
            raise FunctionError("nil cannot be looked for")
        case str():
            return isinstance(value, str) and value in collection
        case Slice():
            return any(type(item) is type(value) and item == value for item in collection)
        case _:
            return False


def _some(of: Callable[[Iterable[bool]], bool]) -> Callable[[Slice, Value], bool]:
    return lambda values, collection: of(contains(collection, value) for value in values)


def loop(*bounds: Value) -> Channel:
    """The numbers from the first up to the second, or from 0."""
    if not 1 <= len(bounds) <= 2:
        raise FunctionError(f"one or two bounds are wanted, not {len(bounds)}")
    numbers = [_bound(each) for each in bounds]
    return Channel(range(*numbers))


def _bound(value: Value) -> int:
    if isinstance(value, str):
        return parse_int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise FunctionError(f"a whole number is wanted as a bound, not a {described(value)}")
    return int(value)


def explode(work: Work, flat: Map) -> Map:
    """A map with keys such as `a/b` as maps in maps."""
    result = Map()
    for name in in_order(flat):
        if not isinstance(name, str):
            continue
        *path, last = name.split("/")
        work.step(len(path))
        place = result
        for step in path:
            inner = place.setdefault(step, Map())
            if not isinstance(inner, Map):
                raise FunctionError(f'"{name}" has something in it, and "{step}" is not a map')
            place = inner
        if last:
            if isinstance(place.get(last), Map) and not isinstance(flat[name], Map):
                raise FunctionError(f'"{name}" is both a map and a value')
            place[last] = flat[name]
    return result


def merged(work: Work, target: Map, source: Map, *, override: bool) -> Map:
    """The target with what the source has besides; maps in maps too."""
    with work.deeper():
        result = Map(target, target.elem, target.key)
        for name in in_order(source):
            work.step()
            new, old = source[name], result.get(name)
            if isinstance(new, Map) and isinstance(old, Map):
                result[name] = merged(work, old, new, override=override)
            elif override or (new is not None and not truth(old)):
                result[name] = new
        return result


def _merge(evaluation: "Evaluation", target: Map, source: Map, *options: Value) -> Map:
    if options:
        raise FunctionError("options are not to be had in a template")
    return merged(evaluation.work, target, source, override=False)


FUNCTIONS: Functions = {
    "contains": pure("any, any", lambda value, collection: contains(collection, value)),
    "containsAll": pure("list, any", _some(all)),
    "containsAny": pure("list, any", _some(any)),
    "containsNone": pure("list, any", _some(lambda found: not any(found))),
    "containsNotAll": pure("list, any", _some(lambda found: not all(found))),
    "explodeMap": working("object", lambda evaluation, flat: explode(evaluation.work, flat)),
    "in": pure("any, any", contains),
    "loop": pure("...any", loop),
    "mergeMap": working(f"object, object, ...func({ANY})", _merge),
    "mergeMapWithOverride": working(
        "object, object",
        lambda evaluation, target, source: merged(evaluation.work, target, source, override=True),
    ),
    "scratch": working("", lambda evaluation: evaluation.scratch),
}
