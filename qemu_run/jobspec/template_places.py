"""Where a place inside a template's text stands in the job file."""

import re

from qemu_run.jobspec.model import Template
from qemu_run.source import Span

_ESCAPE = r'(?s)\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\/bf]))|\$\$\{|%%\{|.'
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def place_in_job(template: Template, start: int, length: int) -> Span | None:
    """The stretch of the job for a stretch of the template's `data`; the whole attribute where unclear.

    A heredoc's indentation and the escapes of a quoted string are looked through.
    """
    span = template.at("EmbeddedTmpl")
    if span is None:
        return None
    places = _verbatim(template.data, span) or _by_lines(template.data, span) or _quoted(template.data, span)
    if places is None:
        return _action(template, start, length, span)
    last = len(places) - 1
    begin = places[min(start, last)]
    return span.source.span(begin, max(begin + 1, places[min(start + max(length, 1), last)]))


def _action(template: Template, start: int, length: int, span: Span) -> Span:
    """The stretch by the action around it, if the job has that action once: in a text with interpolations."""
    begin = template.data.rfind(template.left_delimiter or "{{", 0, start + 1)
    end = template.data.find("\n", start)
    action = template.data[max(begin, 0) : end if end >= 0 else None]
    if begin < 0 or span.text.count(action) != 1:
        return span
    at = span.start + span.text.index(action) + start - begin
    return span.source.span(at, at + max(length, 1))


def _verbatim(data: str, span: Span) -> list[int] | None:
    at = span.source.text.find(data, span.start, span.end)
    return list(range(at, at + len(data) + 1)) if at >= 0 else None


def _by_lines(data: str, span: Span) -> list[int] | None:
    """The text of an indented heredoc, or of a file with CRLF line ends."""
    lines = data.split("\n")
    written = span.text.split("\n")
    wanted = len(lines) - (lines[-1] == "")
    for first in range(1, len(written) - wanted + 1):
        pairs = list(zip(lines[:wanted], written[first : first + wanted], strict=True))
        if all(
            there.rstrip("\r").endswith(line) and not there[: _indent(line, there)].strip()
            for line, there in pairs
        ):
            places: list[int] = []
            at = span.start + sum(len(line) + 1 for line in written[:first])
            for line, there in pairs:
                begin = at + _indent(line, there)
                places += range(begin, begin + len(line) + 1)
                at += len(there) + 1
            return [*places, at]
    return None


def _indent(line: str, there: str) -> int:
    return len(there.rstrip("\r")) - len(line)


def _quoted(data: str, span: Span) -> list[int] | None:
    """The text of a quoted string."""
    if not span.text.startswith('"'):
        return None
    places: list[int] = []
    characters: list[str] = []
    for found in re.finditer(_ESCAPE, span.text[1:-1]):
        character = _meant(found)
        characters.append(character)
        places += [span.start + 1 + found.start()] * len(character)
    return [*places, span.end - 1] if "".join(characters) == data else None


def _meant(found: re.Match[str]) -> str:
    if digits := found[1] or found[2]:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else found[0]
    if found[3]:
        return _SHORT.get(found[3], found[3])
    return found[0][1:] if found[0] in {"$${", "%%{"} else found[0]
