"""What `--json` prints: one document to standard output, with keys that stay.

The form of diagnostics is the one that users of Terraform's `validate -json` know.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from qemu_run.errors import Diagnostic, Diagnostics
from qemu_run.planning.plan import Plan
from qemu_run.source import Position, Span

Document: TypeAlias = Mapping[str, object]


def write(document: Document, indent: int = 2) -> None:
    """Print a document to standard output."""
    sys.stdout.write(json.dumps(document, indent=indent, ensure_ascii=False) + "\n")


def diagnostics_document(diagnostics: Diagnostics) -> Document:
    """The document of `validate --json`."""
    return {
        "valid": not diagnostics.errors,
        "error_count": len(diagnostics.errors),
        "warning_count": len(diagnostics.warnings),
        "diagnostics": [_diagnostic(each) for each in diagnostics],
    }


def _diagnostic(diagnostic: Diagnostic) -> Document:
    sentences = (diagnostic.label, diagnostic.detail, *diagnostic.hints)
    document: dict[str, object] = {
        "severity": diagnostic.severity,
        "summary": diagnostic.summary,
        "detail": "\n".join(filter(None, sentences)),
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
    code = span.source.line(first.line)
    start = first.column - 1
    return {
        "code": code,
        "start_line": first.line,
        "highlight_start_offset": start,
        "highlight_end_offset": min(start + span.end - span.start, max(len(code), start)),
    }


def plan_document(plan: Plan, diagnostics: Iterable[Diagnostic] = ()) -> Document:
    """The document of `plan --json`."""
    return {
        "job": plan.job.id,
        "fits": plan.fits,
        "constraints": [
            {
                "attribute": verdict.constraint.ltarget,
                "operator": verdict.constraint.operand,
                "value": verdict.constraint.rtarget,
                "found": verdict.left,
                "met": verdict.met,
                "level": verdict.level,
                "warning": verdict.warning,
                "range": span_document(verdict.constraint.at()),
            }
            for verdict in plan.verdicts
        ],
        "requirements": [
            {"what": row.what, "wanted": row.wanted, "found": row.found, "met": row.met, "detail": row.detail}
            for row in plan.requirements
        ],
        "artifacts": [
            {
                "task": task.name,
                "source": artifact.request.location.printable,
                "destination": str(artifact.destination.relative_to(task.allocation)),
                "checksum": str(artifact.request.checksum) if artifact.request.checksum else None,
            }
            for task in plan.tasks
            for artifact in task.artifacts
        ],
        "ports": [
            {
                "label": forward.label,
                "host_ip": forward.host_ip,
                "host_port": forward.host_port,
                "guest_port": forward.guest_port,
                "protocol": protocol,
            }
            for task in plan.tasks
            for forward in task.forwards
            for protocol in forward.protocols
        ],
        "tasks": [
            {
                "group": task.group,
                "task": task.task.name,
                "index": task.index,
                "command": list(task.command),
                "environment": dict(task.environment),
                "templates": [],
            }
            for task in plan.tasks
        ],
        "warnings": [_diagnostic(each) for each in diagnostics],
    }
