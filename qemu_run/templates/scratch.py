"""`scratch`: a pad that a template keeps values on.

Source: consul-template's documentation of `scratch`.
"""

from collections.abc import Mapping

from qemu_run.templates.declare import GoFunction, pure
from qemu_run.templates.values import ANY, Map, Object, Slice, Value, in_order
from qemu_run.templates.work import FunctionError


class Scratch(Object):
    """The one pad of a rendering."""

    go_type = "*template.Scratch"

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}

    def methods(self) -> Mapping[str, GoFunction]:
        """What a template can call on it."""
        return {
            "Key": pure("string", lambda key: key in self._values),
            "Get": pure("string", self._values.get),
            "Set": pure("string, any", self._set),
            "SetX": pure("string, any", self._set_once),
            "MapSet": pure("string, string, any", self._map_set),
            "MapSetX": pure("string, string, any", self._map_set_once),
            "MapValues": pure("string", self._map_values),
        }

    def _set(self, key: str, value: Value) -> str:
        self._values[key] = value
        return ""

    def _set_once(self, key: str, value: Value) -> str:
        self._values.setdefault(key, value)
        return ""

    def _map(self, key: str) -> Map:
        value = self._values.setdefault(key, Map())
        if not isinstance(value, Map) or value.key != "string":
            raise FunctionError(f'"{key}" is not a map')
        return value

    def _map_set(self, key: str, name: str, value: Value) -> str:
        self._map(key)[name] = value
        return ""

    def _map_set_once(self, key: str, name: str, value: Value) -> str:
        self._map(key).setdefault(name, value)
        return ""

    def _map_values(self, key: str) -> Slice:
        if key not in self._values:
            return Slice((), is_nil=True)
        value = self._map(key)
        return Slice([value[name] for name in in_order(value)], ANY)

    def __str__(self) -> str:
        return "scratch"
