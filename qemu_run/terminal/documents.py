"""What `--json` prints: one document to standard output, with keys that stay.

The form of diagnostics is the one that users of Terraform's `validate -json` know.
"""

import json
from collections.abc import Mapping
from typing import TypeAlias

from qemu_run.artifacts.words import masked
from qemu_run.errors import Diagnostic, Diagnostics
from qemu_run.jobspec.secrets import shown_line
from qemu_run.source import Position, Span
from qemu_run.terminal.output import say

Document: TypeAlias = Mapping[str, object]


def write(document: Document, indent: int = 2) -> None:
    """Print a document to standard output."""
    say(json.dumps(document, indent=indent, ensure_ascii=False) + "\n")


def diagnostics_document(diagnostics: Diagnostics) -> Document:
    """The document of `validate --json`."""
    said = list(diagnostics)
    return {
        "valid": not diagnostics.errors,
        "error_count": sum(each.severity == "error" for each in said),
        "warning_count": sum(each.severity == "warning" for each in said),
        "diagnostics": [diagnostic_document(each) for each in said],
    }


def diagnostic_document(diagnostic: Diagnostic) -> Document:
    """One diagnostic, with its place and the source line if it has one."""
    sentences = (diagnostic.label, diagnostic.detail, *diagnostic.hints)
    document: dict[str, object] = {
        "severity": diagnostic.severity,
        "summary": masked(diagnostic.summary),
        "detail": masked("\n".join(filter(None, sentences))),
    }
    if diagnostic.span is not None:
        document["range"] = span_document(diagnostic.span)
        document["snippet"] = _snippet(diagnostic.span)
    return document


def span_document(span: Span | None) -> Document | None:
    """A place, as line, column (from 1) and byte (from 0)."""
    if span is None:
        return None
    return {"filename": span.source.name, "start": _position(span.first), "end": _position(span.last)}


def _position(position: Position) -> Document:
    return {"line": position.line, "column": position.column, "byte": position.byte}


def _snippet(span: Span) -> Document:
    first = span.first
    code = shown_line(span.source, first.line)
    start = first.column - 1
    return {
        "code": code,
        "start_line": first.line,
        "highlight_start_offset": start,
        "highlight_end_offset": min(start + span.end - span.start, max(len(code), start)),
    }
