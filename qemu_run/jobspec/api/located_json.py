"""JSON as plain data, with the places of its values."""

from qemu_run.jobspec.api.objects import Object
from qemu_run.jobspec.api.places import NotedPlaces
from qemu_run.jobspec.model import Json
from qemu_run.syntax.json_reader import JsonArray, JsonNumber, JsonObject, JsonString, JsonValue, JsonWord


def plain_json(value: JsonValue, noted: NotedPlaces) -> Json:
    """A value of a JSON text as plain data, all places noted; of equal names the last counts."""
    match value:
        case JsonString(text):
            return text
        case JsonNumber(text):
            return _number(text)
        case JsonWord(word):
            return word
        case JsonArray(items):
            return _list(items, noted)
        case JsonObject():
            return _object(value, noted)


def _number(text: str) -> int | float:
    """A number as Go keeps it: whole ones of 64 bits exactly, all others, and -0, as a float."""
    digits = text.lstrip("-")
    if digits.isdecimal() and len(digits) <= 20 and text != "-0" and -(2**63) <= int(text) < 2**64:
        return int(text)
    return float(text)


def _list(items: tuple[JsonValue, ...], noted: NotedPlaces) -> list[Json]:
    found: list[Json] = [plain_json(item, noted) for item in items]
    for index, item in enumerate(items):
        noted.inside(found, index, item.span)
    return found


def _object(value: JsonObject, noted: NotedPlaces) -> Object:
    found: Object = {member.name.text: plain_json(member.value, noted) for member in value.members}
    for member in value.members:
        noted.inside(found, member.name.text, member.value.span)
        noted.name(found, member.name.text, member.name.span)
    start = value.span.start
    noted.here(found, value.span.source.span(start, start + 1))
    return found
