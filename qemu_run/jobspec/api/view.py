"""Reading the API form by type: a part that knows its path, and answers even where a value is missing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypedDict

from qemu_run.jobspec.model import EMPTY, Job, Json, Located, Places, Step, nearest
from qemu_run.source import Span


class Whereabouts(TypedDict):
    """The fields that every located part of a job begins with."""

    places: Places
    location: tuple[Step, ...]
    canonical: Mapping[str, Json]


class Part:
    """An object of the API form at its path. What is missing or null reads as empty, false or 0."""

    __slots__ = ("location", "places", "value")

    def __init__(self, value: Mapping[str, Json], places: Places, location: tuple[Step, ...] = ()) -> None:
        self.value = value
        self.places = places
        self.location = location

    @classmethod
    def of(cls, part: Located) -> "Part":
        """A part of the model by the names of the API form, defaults filled in."""
        return cls(part.canonical, part.places, part.location)

    @classmethod
    def written(cls, part: Located, job: Job) -> "Part":
        """The same without the defaults: what the job file says, and no more."""
        value: Json = job.api
        for step in part.location:
            if isinstance(value, Mapping) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, Sequence) and isinstance(step, int):
                value = value[step]
        return cls(value if isinstance(value, Mapping) else {}, part.places, part.location)

    @property
    def whereabouts(self) -> Whereabouts:
        """What a located part of the model is built with."""
        return {"places": self.places, "location": self.location, "canonical": self.value}

    def at(self, *steps: Step) -> Span | None:
        """Where the value at `steps` below this part was written; else the nearest thing around it."""
        return nearest(self.places, (*self.location, *steps))

    def text(self, name: str) -> str:
        """A string field."""
        value = self.value.get(name)
        return value if isinstance(value, str) else ""

    def integer(self, name: str) -> int:
        """A whole number."""
        value = self.value.get(name)
        return value if isinstance(value, int) else 0

    def maybe_integer(self, name: str) -> int | None:
        """A whole number, or None for null."""
        return None if self.value.get(name) is None else self.integer(name)

    def flag(self, name: str) -> bool:
        """A truth value."""
        return self.value.get(name) is True

    def duration(self, name: str) -> timedelta:
        """Nanoseconds, as a duration in whole microseconds."""
        return timedelta(microseconds=self.integer(name) // 1000)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        return texts(self.value.get(name))

    def strings(self, name: str) -> Mapping[str, str]:
        """A map of strings."""
        value = self.value.get(name)
        if not isinstance(value, Mapping):
            return EMPTY
        return {key: text for key, text in value.items() if isinstance(text, str)}

    def part(self, name: str) -> "Part | None":
        """An object within this one."""
        value = self.value.get(name)
        return Part(value, self.places, (*self.location, name)) if isinstance(value, Mapping) else None

    def inner(self, name: str) -> "Part":
        """An object within this one; an empty one for null."""
        return self.part(name) or Part({}, self.places, (*self.location, name))

    def labelled(self, name: str) -> "dict[str, Part]":
        """A map of objects."""
        value = self.value.get(name)
        if not isinstance(value, Mapping):
            return {}
        return {
            label: Part(item, self.places, (*self.location, name, label))
            for label, item in value.items()
            if isinstance(item, Mapping)
        }

    def parts(self, name: str) -> "list[Part]":
        """A list of objects."""
        value = self.value.get(name)
        if not isinstance(value, Sequence):
            return []
        return [
            Part(item, self.places, (*self.location, name, index))
            for index, item in enumerate(value)
            if isinstance(item, Mapping)
        ]


def texts(value: Json) -> tuple[str, ...]:
    """The strings of a list."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(item for item in value if isinstance(item, str))
