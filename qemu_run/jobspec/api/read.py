"""Nomad's own JSON form of a job, as `nomad job run -output` prints it and its API takes it.

Keys are matched as Go does: the exact name first, else without regard to case; unknown ones are ignored.
"""

import math
from collections.abc import Mapping

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.located_json import plain_json
from qemu_run.jobspec.api.objects import Object, sort_names
from qemu_run.jobspec.api.places import Container, NotedPlaces
from qemu_run.jobspec.api.server_fields import SERVER_FIELDS
from qemu_run.jobspec.gaps import Gaps
from qemu_run.jobspec.model import Json, Places, Step
from qemu_run.jobspec.schema.job import JOB
from qemu_run.jobspec.schema.words import Attribute, Field, Fixed, Freeform, Kind, Map, Nested, Repeat, Schema
from qemu_run.source import Source
from qemu_run.syntax.json_reader import JsonObject, read_json

IN_API_FORM = frozenset({"Job", "TaskGroups", "ID", "Datacenters"})
"""Keys at the top that a job in HCL-JSON does not have."""

NULL_NAMES = frozenset({"group"})
"""Structures whose name is null when unset; that of the others is empty."""

VALUES_IN_LISTS = frozenset({"port", "check"})
"""Structures that lists hold as values: null among them is one with nothing set. Others stay null."""


def is_api_json(source: Source) -> bool:
    """Whether a text is a job in API form, by the keys at its top."""
    if not source.text.lstrip("\ufeff \t\r\n").startswith("{"):
        return False
    found = read_json(source, Diagnostics())
    return isinstance(found, JsonObject) and any(member.name.text in IN_API_FORM for member in found.members)


def read_api_json(source: Source, gaps: Gaps, diagnostics: Diagnostics) -> tuple[Object, Places] | None:
    """The whole API form of a job in JSON, fields that are missing put in; None without a job to speak of.

    What mistakes leave out of it is noted in `gaps`.
    """
    read = read_json(source, diagnostics)
    if read is None:
        return None
    noted = NotedPlaces()
    found = plain_json(read, noted)
    job = _get(found, "Job") if isinstance(found, dict) else None
    job = found if job is None else job
    if not isinstance(job, dict):
        diagnostics.error(
            "this is not a job", source.whole, 'a job in JSON is an object: {"Job": {"ID": "name"}}'
        )
        return None
    api = Reader(noted, gaps, diagnostics).structure(job, JOB)
    return api, noted.paths(api)


def _key(found: Mapping[str, Json], name: str) -> str:
    """The key of a field, in whatever case it is written."""
    if name in found:
        return name
    return next((key for key in found if key.lower() == name.lower()), name)


def _get(found: Mapping[str, Json], name: str) -> Json:
    return found.get(_key(found, name))


class Reader:
    """Puts the fields of Nomad's structures in their order and checks what is in them."""

    def __init__(self, noted: NotedPlaces, gaps: Gaps, diagnostics: Diagnostics) -> None:
        self._noted = noted
        self._gaps = gaps
        self._diagnostics = diagnostics

    def structure(self, found: Object, schema: Schema) -> Object:
        """One object by its schema, with all its fields."""
        values: Object = {name: value for name, value in schema.unset.items() if name not in schema.extras}
        if span := self._noted.at(found):
            self._noted.here(values, span)
        if schema.label:
            values[schema.label] = None if schema.name in NULL_NAMES else ""
            self._fill(values, found, Attribute("", schema.label, Kind.STRING))
        of_server = SERVER_FIELDS.get(schema.name, {})
        for field in schema.fields:
            if field.field not in schema.extras:
                self._fill(values, found, of_server.get(field.field, field))
        if values.get("CSIPluginConfig", "") is None:
            del values["CSIPluginConfig"]
        return values

    def _fill(self, values: Object, found: Object, field: Field) -> None:
        key = _key(found, field.field)
        given = found.get(key)
        if given is None:
            return
        if span := self._noted.of(found, key):
            self._noted.inside(values, field.field, span)
        match field:
            case Nested():
                values[field.field] = self._nested(given, field, found, key)
            case Map():
                if self._is_map(given, field, found, key):
                    values[field.field] = sort_names(given)
            case Attribute():
                given = _without_nulls(given, field)
                if self._fits(given, field, found, key):
                    values[field.field] = sort_names(given)
            case Fixed():
                values[field.field] = given

    def _nested(self, given: Json, field: Nested, found: Object, key: str) -> Json:
        if field.repeat is Repeat.ONCE:
            return self._object(given, field.schema, found, key)
        if field.repeat is Repeat.MANY:
            if not isinstance(given, list):
                self._wrong("a list of objects", found, key)
                return None
            return self._list(given, field.schema)
        if not isinstance(given, dict):
            self._wrong("an object of objects", found, key)
            return None
        return {
            label: None if item is None else self._object(item, field.schema, given, label)
            for label, item in sorted(given.items())
        }

    def _list(self, given: list[Json], schema: Schema) -> list[Json]:
        empty: Json = {} if schema.name in VALUES_IN_LISTS else None
        items = [empty if item is None else item for item in given]
        return [
            None if item is None else self._object(item, schema, given, index)
            for index, item in enumerate(items)
        ]

    def _object(self, given: Json, schema: Schema, around: Container, key: Step) -> Json:
        if isinstance(given, dict):
            return self.structure(given, schema)
        self._wrong("an object", around, key)
        return None

    def _is_map(self, given: Json, field: Map, found: Object, key: str) -> bool:
        if not isinstance(given, dict):
            self._wrong("an object", found, key)
            return False
        item_kind = {Freeform.STRINGS: Kind.STRING, Freeform.LISTS: Kind.STRINGS}.get(field.holds)
        if item_kind is None:
            return self._is_finite(given, found, key)
        item = Attribute("", "", item_kind)
        fitting = []
        for name, value in given.items():
            given[name] = _without_nulls("" if value is None and item_kind is Kind.STRING else value, item)
            fitting.append(value is None or self._fits(given[name], item, given, name))
        return all(fitting)

    def _is_finite(self, given: Json, around: Container, key: Step) -> bool:
        """Whether all numbers in a value are such as 64 bits of floating point hold."""
        if isinstance(given, float) and not math.isfinite(given):
            self._wrong("a number of fewer digits", around, key)
            return False
        if isinstance(given, dict):
            fitting = [self._is_finite(item, given, name) for name, item in given.items()]
        elif isinstance(given, list):
            fitting = [self._is_finite(item, given, index) for index, item in enumerate(given)]
        else:
            fitting = []
        return all(fitting)

    def _fits(self, given: Json, attribute: Attribute, found: Object, key: str) -> bool:
        if _is(given, attribute):
            return True
        hint = (
            "durations are nanoseconds here"
            if attribute.kind is Kind.DURATION and isinstance(given, str)
            else ""
        )
        self._wrong(_wanted(attribute), found, key, hint)
        return False

    def _wrong(self, wanted: str, around: Container, key: Step, hint: str = "") -> None:
        if header := self._noted.at(around):
            self._gaps.headers.add(header)
        self._diagnostics.error(
            f'"{key}" must be {wanted}',
            self._noted.of(around, key),
            wanted,
            hints=(hint,) if hint else (),
        )


def _without_nulls(given: Json, attribute: Attribute) -> Json:
    """Null in a list or map of strings or numbers reads as the empty one, in Go as here; -0 as a whole 0."""
    empty = "" if attribute.kind in {Kind.STRINGS, Kind.STRING_MAP} else 0
    if attribute.kind in {Kind.STRINGS, Kind.INTEGERS} and isinstance(given, list):
        given[:] = [empty if item is None else item for item in given]
    elif attribute.kind is Kind.STRING_MAP and isinstance(given, dict):
        given |= {name: empty for name, item in given.items() if item is None}
    elif attribute.kind in {Kind.INTEGER, Kind.DURATION} and isinstance(given, float) and given == 0:
        return 0
    return given


def _wanted(attribute: Attribute) -> str:
    return "a whole number of nanoseconds" if attribute.kind is Kind.DURATION else attribute.kind.value


def _is(given: Json, attribute: Attribute) -> bool:
    """Whether a value of JSON is what Go's decoder takes for an attribute."""
    match attribute.kind:
        case Kind.STRING:
            return isinstance(given, str)
        case Kind.BOOL:
            return isinstance(given, bool)
        case Kind.INTEGER | Kind.DURATION:
            return (
                _is_whole(given)
                and isinstance(given, int)
                and attribute.minimum <= given <= attribute.maximum
            )
        case Kind.STRINGS:
            return isinstance(given, list) and all(isinstance(item, str) for item in given)
        case Kind.INTEGERS:
            return isinstance(given, list) and all(_is_whole(item) for item in given)
        case Kind.STRING_MAP:
            return isinstance(given, dict) and all(isinstance(item, str) for item in given.values())


def _is_whole(given: Json) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)
