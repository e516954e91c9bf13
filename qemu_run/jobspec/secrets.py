"""What is secret in the text of a job, and its lines as they may be shown: with asterisks, column for column.

Secret is what a person would not read aloud: users and passwords in addresses, values of their queries,
the values of `headers`, and what is assigned to a name such as `token` or `password`.
"""

import re
from functools import lru_cache

from qemu_run.artifacts.words import secret_stretches
from qemu_run.source import Source

_TEXT = r'"((?:[^"\\\n]|\\.)*)"'
_HEADERS = re.compile(r'\b(?:Getter)?[Hh]eaders?"?\s*[=:]?\s*[\[{]')
_VALUE = re.compile(r"[=:]\s*\[?\s*" + _TEXT)
_NAMED = re.compile(
    r"\b(?:[\w-]*(?:password|passwd|secret|token|api[_-]?key|private[_-]?key|credential)[\w-]*"
    r"|authorization|cookie|sshkey|aws_access_key_id)\"?\s*[=:]\s*" + _TEXT,
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"[$%]\{[^}]*\}")


def shown_line(source: Source, number: int) -> str:
    """Line `number` of a source, its secrets made unreadable."""
    line = source.line(number)
    start = _start(source, number)
    characters = list(line)
    for left, right in secrets_in(source.text):
        for position in range(max(left, start), min(right, start + len(line))):
            characters[position - start] = "*"
    return "".join(characters)


def _start(source: Source, number: int) -> int:
    """The offset at which a line begins."""
    position = 0
    for _ in range(number - 1):
        position = source.text.find("\n", position) + 1
    return position


@lru_cache(maxsize=8)
def secrets_in(text: str) -> tuple[tuple[int, int], ...]:
    """Where a text has secrets: start and end of each."""
    found = list(secret_stretches(text))
    for block in _HEADERS.finditer(text):
        for value in _VALUE.finditer(text, block.end(), _end_of_block(text, block.end())):
            found += _without_references(text, *value.span(1))
    for named in _NAMED.finditer(text):
        found += _without_references(text, *named.span(1))
    return tuple(found)


def _end_of_block(text: str, start: int) -> int:
    """Where the braces that were open at `start` close."""
    depth = 1
    for brace in re.finditer(r"[{}\[\]]", text[start:]):
        depth += 1 if brace[0] in "{[" else -1
        if not depth:
            return start + brace.start()
    return len(text)


def _without_references(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A stretch without the references in it, which are names and not secrets."""
    found = []
    for reference in _REFERENCE.finditer(text, start, end):
        found.append((start, reference.start()))
        start = reference.end()
    return [*found, (start, end)]
