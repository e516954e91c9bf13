"""An event of a run as one JSON object. `examples/reference.md` lists the types and their keys.

Keys are the fields of the event, whichever event it is: what is told to the terminal is told here, too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qemu_run.planning.plan import Forward, TaskId
from qemu_run.runtime.events import Event
from qemu_run.source import Span
from qemu_run.terminal.documents import Document, span_document
from qemu_run.verdict.outcome import Outcome

VERSION = 1
"""Of the schema: raised when a key goes or changes its meaning, not when one is added."""


def event_document(event: Event) -> Document:
    """An event with its type, time and task."""
    values = {one.name: getattr(event, one.name) for one in fields(event) if one.name not in {"task", "time"}}
    content = {name: _plain(value) for name, value in values.items()}
    if "forwards" in values:
        content["ports"] = [port for forward in values["forwards"] for port in port_documents(forward)]
        del content["forwards"]
    return stamped(type_name(type(event)), event.time, {**task_document(event.task), **content})


def stamped(type_: str, seconds: float, content: Document) -> Document:
    """The object of an event; `seconds` since the epoch."""
    time = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return {"version": VERSION, "time": time.replace("+00:00", "Z"), "type": type_, **content}


def type_name(event: type[Event]) -> str:
    """`guest_stopped` for `GuestStopped`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in event.__name__).lstrip("_")


def task_document(task: TaskId) -> Document:
    """What tells one task of a run from all others."""
    return {"name": task.name, "task": task.task, "allocation": task.allocation}


def port_documents(forward: Forward) -> Iterator[Document]:
    """A port of the host that leads into the guest, once for each protocol, as in the plan."""
    for protocol in forward.protocols:
        yield {
            "label": forward.label,
            "host_ip": forward.host_ip,
            "host_port": forward.host_port,
            "guest_port": forward.guest_port,
            "protocol": protocol,
        }


def outcome_document(outcome: Outcome) -> Document:
    """How something ended."""
    return {
        "code": int(outcome.code),
        "words": outcome.words,
        "details": list(outcome.details),
        "logs": None if outcome.logs is None else str(outcome.logs),
    }


_FORMS: Mapping[type, Callable[[Any], object]] = {
    TaskId: task_document,
    Outcome: outcome_document,
    Span: span_document,
    Path: str,
}


def _plain(value: object) -> object:
    """A value as JSON has it."""
    for type_, form in _FORMS.items():
        if isinstance(value, type_):
            return form(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value
