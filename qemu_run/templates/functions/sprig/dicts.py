"""Functions of sprig for maps. Where sprig's order of keys is by chance, ours is by name.

Source: sprig's documentation.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qemu_run.templates.declare import Functions, as_map, pure, working
from qemu_run.templates.functions.sprig.common import is_nothing, text_of
from qemu_run.templates.values import Map, Slice, Value, in_order, truth
from qemu_run.templates.work import FunctionError, Work

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation


def _dict(evaluation: "Evaluation", *values: Value) -> Map:
    names = [text_of(evaluation, value) for value in values[::2]]
    items = [*values[1::2], *([""] if len(values) % 2 else [])]
    return Map(dict(zip(names, items, strict=True)))


def _set(target: Map, name: str, value: Value) -> Map:
    target[name] = value
    return target


def _unset(target: Map, name: str) -> Map:
    target.pop(name, None)
    return target


def _keys(*maps: Map) -> Slice:
    return Slice([name for each in maps for name in in_order(each)], "string")


def _merge(work: Work, target: Map, source: Map, *, override: bool) -> None:
    """Put into the target what the source has besides."""
    with work.deeper():
        for name in in_order(source):
            work.step()
            new, old = source[name], target.get(name)
            if isinstance(new, Map) and isinstance(old, Map):
                _merge(work, old, new, override=override)
            elif override or (new is not None and not truth(old)):
                target[name] = new


def _merged(evaluation: "Evaluation", target: Map, *sources: Map) -> Map:
    for source in sources:
        _merge(evaluation.work, target, source, override=False)
    return target


def _overwritten(evaluation: "Evaluation", target: Map, *sources: Map) -> Map:
    for source in sources:
        _merge(evaluation.work, target, source, override=True)
    return target


def _dig(evaluation: "Evaluation", *values: Value) -> Value:
    if len(values) < 3:
        raise FunctionError("keys, a default and a map are wanted")
    *names, default, place = values
    for name in names:
        inner = as_map(place)
        key = text_of(evaluation, name)
        if key not in inner:
            return default
        place = inner[key]
    return place


def _copied(work: Work, value: Value) -> Value:
    work.step()
    with work.deeper():
        if isinstance(value, Map):
            return Map({name: _copied(work, item) for name, item in value.items()}, value.elem, value.key)
        if isinstance(value, Slice):
            return Slice([_copied(work, item) for item in value], value.elem, is_nil=value.is_nil)
    return value


def _deep_copy(evaluation: "Evaluation", value: Value) -> Value:
    if is_nothing(value):
        raise FunctionError("nil cannot be copied")
    return _copied(evaluation.work, value)


def _picked(source: Map, names: Iterable[str]) -> Map:
    return Map({name: source[name] for name in names if name in source})


def _omitted(source: Map, *names: str) -> Map:
    return Map({name: value for name, value in source.items() if name not in names})


FUNCTIONS: Functions = {
    "deepCopy": working("any", _deep_copy),
    "dict": working("...any", _dict),
    "dig": working("...any", _dig),
    "get": pure("object, string", lambda source, name: source.get(name, "")),
    "hasKey": pure("object, string", lambda source, name: name in source),
    "keys": pure("...object", _keys),
    "merge": working("object, ...object", _merged),
    "mergeOverwrite": working("object, ...object", _overwritten),
    "mustDeepCopy": working("any", _deep_copy),
    "mustMerge": working("object, ...object", _merged),
    "mustMergeOverwrite": working("object, ...object", _overwritten),
    "omit": pure("object, ...string", _omitted),
    "pick": pure("object, ...string", lambda source, *names: _picked(source, names)),
    "pluck": pure(
        "string, ...object", lambda name, *maps: Slice([each[name] for each in maps if name in each])
    ),
    "set": pure("object, string, any", _set),
    "unset": pure("object, string", _unset),
    "values": pure("object", lambda source: Slice([source[name] for name in in_order(source)])),
}
