"""`csvdecode`: comma-separated values with a header line.

Source: RFC 4180 as Go's encoding/csv reads it: quotes only around whole fields, empty lines skipped.
"""

import re

from qemu_run.expressions.types import STRING, object_type
from qemu_run.expressions.values import ExpressionError, ListValue, ObjectValue, text

FIELD = re.compile(r'"((?:[^"]|"")*)"(?=,|\n|\Z)|([^",\n]*)(?=,|\n|\Z)')


def from_csv(characters: str) -> ListValue:
    """One object for each line, its attributes named by the first."""
    rows = _rows(characters.replace("\r\n", "\n").removesuffix("\r"))
    if not rows:
        msg = "there is no header line"
        raise ExpressionError(msg, 0)
    (_, header), *records = rows
    for name in header:
        if header.count(name) > 1:
            raise ExpressionError(f'two columns are named "{name}"', 0)
    for line, record in records:
        if len(record) != len(header):
            raise ExpressionError(f"line {line} has {len(record)} fields, the header {len(header)}", 0)
    objects = tuple(ObjectValue(dict(zip(header, map(text, record), strict=True))) for _, record in records)
    return ListValue(object_type(dict.fromkeys(header, STRING)), objects)


def _rows(characters: str) -> list[tuple[int, list[str]]]:
    """The fields of each line, with its number."""
    rows: list[tuple[int, list[str]]] = []
    position = 0
    while position < len(characters):
        if characters[position] == "\n":
            position += 1
            continue
        line = characters.count("\n", 0, position) + 1
        fields: list[str] = []
        while True:
            match = FIELD.match(characters, position)
            if match is None:
                raise ExpressionError(f"line {line}: a quote stands where none can", 0)
            fields.append(match[2] if match[1] is None else match[1].replace('""', '"'))
            position = match.end()
            if characters[position : position + 1] != ",":
                break
            position += 1
        position += 1
        rows.append((line, fields))
    return rows
