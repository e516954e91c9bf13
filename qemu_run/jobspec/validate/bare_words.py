"""Words without quotes: `driver = qemu` means a name that the client would resolve, and there is none.

Nomad takes such a word for a reference and fails when the task starts; whoever wrote it meant text.
"""

import re
from collections.abc import Mapping, Sequence

from qemu_run.errors import Diagnostic, Diagnostics
from qemu_run.jobspec.model import Job, Json, Step
from qemu_run.source import Span

REFERENCE = re.compile(r"\$\{([^{}]*)\}")
NAMES = re.compile(r"(?:env|attr|meta|node|device|unique)\b|NOMAD_|[A-Z_][A-Z0-9_]*(?![\w.-])")
"""What a reference can begin with: the client's own objects, and variables of the task."""


def check_job(job: Job, diagnostics: Diagnostics) -> None:
    """Report each value that is a word without quotes and names nothing a task could have."""
    found: list[tuple[tuple[Step, ...], str]] = []
    _find(job.api, (), found)
    for path, text in found:
        span = job.places.get(path)
        if span is not None and (mistake := lacking_quotes(text, span)):
            diagnostics.items.append(mistake)


def lacking_quotes(text: str, span: Span) -> Diagnostic | None:
    """What to say of the value `text`, written at `span`, if it is a word that lacks its quotes."""
    match = REFERENCE.fullmatch(text)
    if match is None or NAMES.match(match[1]):
        return None
    word = _as_written(span, match[1])
    return None if word is None else Diagnostic("a text without quotes", word, f'write "{word.text}"')


def _as_written(span: Span, word: str) -> Span | None:
    """Where a value is written as the word alone, or as the value of a key; None where it is in quotes."""
    start = span.end - len(word)
    before = span.source.text[span.start : max(start, span.start)].rstrip()
    if start < span.start or span.text[-len(word) :] != word or (before and before[-1] not in "=:"):
        return None
    return span.source.span(start, span.end)


def _find(
    value: Mapping[str, Json] | Sequence[Json],
    path: tuple[Step, ...],
    found: list[tuple[tuple[Step, ...], str]],
) -> None:
    """Collect all strings that begin like a reference, each with its path."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in items:
        if isinstance(item, str):
            if item.startswith("${"):
                found.append(((*path, step), item))
        elif isinstance(item, dict | list):
            _find(item, (*path, step), found)
