"""JSON as plain data, with the places of its values."""

from qemu_run.jobspec.marks import Marks
from qemu_run.jobspec.merging import Object
from qemu_run.jobspec.model import Json
from qemu_run.syntax.json_reader import JsonArray, JsonNumber, JsonObject, JsonString, JsonValue, JsonWord


def plain_json(value: JsonValue, marks: Marks) -> Json:
    """A value of a JSON text as plain data, all places noted; of equal names the last counts."""
    match value:
        case JsonString(text):
            return text
        case JsonNumber(text):
            return int(text) if text.lstrip("-").isdecimal() and len(text) < 30 else float(text)
        case JsonWord(word):
            return word
        case JsonArray(items):
            return _list(items, marks)
        case JsonObject():
            return _object(value, marks)


def _list(items: tuple[JsonValue, ...], marks: Marks) -> list[Json]:
    found: list[Json] = [plain_json(item, marks) for item in items]
    for index, item in enumerate(items):
        marks.inside(found, index, item.span)
    return found


def _object(value: JsonObject, marks: Marks) -> Object:
    found: Object = {member.name.text: plain_json(member.value, marks) for member in value.members}
    for member in value.members:
        marks.inside(found, member.name.text, member.value.span)
        marks.name(found, member.name.text, member.name.span)
    start = value.span.start
    marks.here(found, value.span.source.span(start, start + 1))
    return found
