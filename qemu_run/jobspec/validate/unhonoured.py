"""What a job asks for and does not get here: one warning a name, at the first of its places.

Which fields these are, the schema says.
"""

from collections.abc import Iterator

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.schema.job import JOB
from qemu_run.jobspec.schema.task import TASK
from qemu_run.jobspec.schema.words import Attribute, Field, Fixed, Honoured, Nested, Schema
from qemu_run.jobspec.validate.limits import parts_of
from qemu_run.records import record
from qemu_run.source import Span


@record
class Unhonoured:
    """Something written in a job that has no effect here."""

    name: str
    """As it is called in messages, quotes included."""
    reason: Honoured
    span: Span | None


def check_job(job: Job, diagnostics: Diagnostics) -> None:
    """Warn of everything in the job that is understood and has no effect here."""
    by_name: dict[str, list[Unhonoured]] = {}
    for found in unhonoured(JOB, Part.written(job, job)):
        by_name.setdefault(found.name, []).append(found)
    for name, all_of_it in by_name.items():
        first, *others = sorted(all_of_it, key=lambda found: found.span.start if found.span else 0)
        label = first.reason.value
        diagnostics.warning(f"{name} has no effect here", first.span, label, hints=_also(first, others))


def _also(first: Unhonoured, others: list[Unhonoured]) -> tuple[str, ...]:
    """On which other lines it stands."""
    lines = sorted({found.span.first.line for found in (first, *others) if found.span})[1:]
    if not lines:
        return ()
    shown = ", ".join(map(str, lines[:10])) + (" and more" if len(lines) > 10 else "")
    return (f"nor on line{'' if len(lines) == 1 else 's'} {shown}",)


def unhonoured(schema: Schema, part: Part) -> Iterator[Unhonoured]:
    """What has no effect in a part of a job; a block that has none is not looked into."""
    if schema is TASK and part.text("Driver") not in {"", "qemu"}:
        return  # it does not run at all, which is an error of its own
    for field in schema.fields:
        if field.honoured is not Honoured.YES:
            yield from _told(field, part)
        elif isinstance(field, Nested):
            for inner in parts_of(field, part):
                yield from unhonoured(field.schema, inner)


def _told(field: Field, part: Part) -> Iterator[Unhonoured]:
    value = part.value.get(field.field)
    if not value or field.honoured is Honoured.UNSAID:
        return
    if field.honoured is Honoured.FIRST:
        for index in range(1, len(part.texts(field.field))):
            yield Unhonoured(f'more than one of "{field.name}"', field.honoured, part.at(field.field, index))
    elif isinstance(field, Attribute):
        if value not in field.honours:
            name = f'{field.name} = "{value}"' if field.honours else f'"{field.name}"'
            yield Unhonoured(name, field.honoured, part.at(field.field))
    elif isinstance(field, Nested):
        for inner in parts_of(field, part):
            yield Unhonoured(f'"{field.name}"', field.honoured, inner.at())
    elif not isinstance(field, Fixed) or field.name:
        yield Unhonoured(f'"{field.name}"', field.honoured, part.at(field.field))
