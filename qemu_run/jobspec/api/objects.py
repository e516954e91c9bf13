"""Small words for working with the API form: fill, merge, map over what may be null."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import TypeAlias

from qemu_run.jobspec.model import Json

Object: TypeAlias = dict[str, Json]


def sort_names(value: Json) -> Json:
    """The value itself, the names in it in the order of their bytes, as Go prints maps."""
    if isinstance(value, dict):
        names = list(value)
        if names != (in_order := sorted(names)):
            items = [(name, value[name]) for name in in_order]
            value.clear()
            value.update(items)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(item, dict | list):
            sort_names(item)
    return value


def filled(given: Mapping[str, Json], defaults: Mapping[str, Json]) -> Object:
    """`given` with the defaults for what is missing or null."""
    result = dict(given)
    for name, value in defaults.items():
        if result.get(name) is None:
            result[name] = copy(value)
    return result


def merged(base: Json, over: Json) -> Json:
    """`base` with all that `over` sets; either one when the other is null."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return base if over is None else over
    return {**base, **{name: value for name, value in over.items() if value is not None}}


def each(value: Json, change: Callable[[Object], Json]) -> Json:
    """`change` done to an object, or to every object of a list; null stays null."""
    if isinstance(value, dict):
        return change(value)
    if isinstance(value, list):
        return [change(item) if isinstance(item, dict) else item for item in value]
    return value


def each_filled(value: Json, defaults: Mapping[str, Json]) -> Json:
    """An object, or every object of a list, with the defaults for what is missing; null stays null."""
    return each(value, lambda given: filled(given, defaults))


def some(value: Json) -> Object:
    """An object; an empty one for null."""
    return value if isinstance(value, dict) else {}


def objects(value: Json) -> list[Object]:
    """The objects of a list; none for null."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
