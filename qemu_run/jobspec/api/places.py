"""Where the values of Nomad's API form were written.

While a job is decoded, a place is noted beside the object or list that holds the value, so it stays right
when that object is moved (a port between two lists, a task into a group of its own). At the end one walk
turns the notes into paths.
"""

from qemu_run.jobspec.model import NAME, Json, Places, Step
from qemu_run.source import Span
from qemu_run.syntax.nodes import Expression, ObjectCons, Template, TemplateText, TupleCons

Container = dict[str, Json] | list[Json]
"""What a place can be noted beside."""


class NotedPlaces:
    """The places of values, by the object or list that holds them."""

    def __init__(self) -> None:
        self._notes: dict[int, tuple[Container, Span | None, dict[Step, Span]]] = {}
        self._names: dict[int, dict[str, Span]] = {}

    def here(self, container: Container, span: Span) -> None:
        """Note that `container` itself was written at `span`."""
        _, _, inside = self._notes.get(id(container), (container, None, {}))
        # The container is kept beside its notes, or its identity could be used again.
        self._notes[id(container)] = (container, span, inside)

    def inside(self, container: Container, key: Step, span: Span) -> None:
        """Note that the value of `container` at `key` was written at `span`."""
        if id(container) not in self._notes:
            self._notes[id(container)] = (container, None, {})
        self._notes[id(container)][2][key] = span

    def name(self, container: Container, key: str, span: Span) -> None:
        """Note that the name of `container`'s value at `key` was written at `span`."""
        self._names.setdefault(id(container), {})[key] = span

    def of(self, container: Container, key: Step) -> Span | None:
        """Where the value of `container` at `key` was written."""
        note = self._notes.get(id(container))
        return note[2].get(key) if note else None

    def at(self, container: Container) -> Span | None:
        """Where `container` itself was written."""
        note = self._notes.get(id(container))
        return note[1] if note else None

    def paths(self, root: Json) -> Places:
        """The places of all values below `root`, by path from it."""
        places: dict[tuple[Step, ...], Span] = {}
        self._walk(root, (), places)
        return places

    def _walk(self, value: Json, path: tuple[Step, ...], places: dict[tuple[Step, ...], Span]) -> None:
        if not isinstance(value, dict | list):
            return
        note = self._notes.get(id(value))
        if note is not None:
            _, span, inside = note
            if span is not None:
                places[path] = span
            for key, place in inside.items():
                places[*path, key] = place
            for key, place in self._names.get(id(value), {}).items():
                places[*path, key, NAME] = place
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            if isinstance(item, dict | list):
                self._walk(item, (*path, key), places)


def note_parts(expression: Expression, value: Json, noted: NotedPlaces) -> None:
    """Note where the elements of `value` stand in the expression it came from."""
    if isinstance(expression, TupleCons) and isinstance(value, list) and len(value) == len(expression.items):
        for index, element in enumerate(expression.items):
            noted.inside(value, index, element.span)
            note_parts(element, value[index], noted)
    elif isinstance(expression, ObjectCons) and isinstance(value, dict):
        for item in expression.items:
            name = _name(item.key)
            if name in value:
                noted.inside(value, name, item.key.span.to(item.value.span))
                note_parts(item.value, value[name], noted)


def _name(key: Expression) -> str:
    if isinstance(key, Template) and all(isinstance(part, TemplateText) for part in key.parts):
        return "".join(part.text for part in key.parts if isinstance(part, TemplateText))
    return ""
