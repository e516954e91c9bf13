"""JSON with the places of its values.

The standard library says what is wrong with a text; it does not say where things are in a sound one.
"""

import json
import re

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.marks import Marks
from qemu_run.jobspec.merging import Object
from qemu_run.jobspec.model import Json
from qemu_run.source import Source

TOKEN = re.compile(r'\s*([{}\[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}\[\],:"]+)', re.DOTALL)
"""A sign, a string, or a number or word, after blanks."""
DEEPEST = 100
"""How deep objects and lists may stand in each other."""


def read_located(source: Source, marks: Marks, diagnostics: Diagnostics) -> Json:
    """The value of a JSON text, the places of all values in it noted; null after a mistake, which is told."""
    try:
        json.loads(source.text.removeprefix("\ufeff"))
        return _Reader(source, marks).value(0)
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        diagnostics.error("this is no JSON", source.span(error.pos, error.pos + 1), message)
    except RecursionError:
        diagnostics.error("the JSON is nested too deeply", source.whole, f"at most {DEEPEST} levels")
    return None


class _Reader:
    """Goes through a text that is known to be sound."""

    def __init__(self, source: Source, marks: Marks) -> None:
        self._source = source
        self._marks = marks
        self._position = 1 if source.text.startswith("\ufeff") else 0
        self._present = ""
        self._start = 0
        self._ended = 0
        """Where the token before the present one ends."""
        self._advance()

    def _advance(self) -> str:
        """Step over the present token, which is returned."""
        before = self._present
        self._ended = self._start + len(before)
        match = TOKEN.match(self._source.text, self._position)
        if match:
            self._present, self._start, self._position = match[1], match.start(1), match.end()
        return before

    def value(self, depth: int) -> Json:
        """The value that begins here."""
        if depth > DEEPEST:
            raise RecursionError
        if self._present == "{":
            return self._object(depth)
        if self._present == "[":
            return self._list(depth)
        scalar: Json = json.loads(self._advance())
        return scalar

    def _object(self, depth: int) -> Object:
        found: Object = {}
        opened = self._start
        self._advance()
        while self._present != "}":
            key = str(json.loads(self._advance()))
            self._advance()  # the colon
            start = self._start
            found[key] = self.value(depth + 1)
            self._marks.inside(found, key, self._source.span(start, self._ended))
            if self._present == ",":
                self._advance()
        self._marks.here(found, self._source.span(opened, opened + 1))
        self._advance()
        return found

    def _list(self, depth: int) -> list[Json]:
        found: list[Json] = []
        self._advance()
        while self._present != "]":
            start = self._start
            found.append(self.value(depth + 1))
            self._marks.inside(found, len(found) - 1, self._source.span(start, self._ended))
            if self._present == ",":
                self._advance()
        self._advance()
        return found
