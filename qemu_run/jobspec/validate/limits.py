"""Rules about a single value: what it may be, how small, how large. The schema says it of each.

They are checked on what was written, so that a value inherited from a group or a default is told of once.
"""

from collections.abc import Iterator

from qemu_run.errors import Diagnostic, Diagnostics, did_you_mean
from qemu_run.golang.durations import format_duration
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.schema.job import JOB
from qemu_run.jobspec.schema.words import Attribute, Kind, Nested, Repeat, Schema
from qemu_run.jobspec.wording import a


def check_job(job: Job, diagnostics: Diagnostics) -> None:
    """Check every written value against its choices and bounds."""
    _walk(JOB, Part(job.api, job.places), diagnostics, lenient=False)


def _walk(schema: Schema, part: Part, diagnostics: Diagnostics, *, lenient: bool) -> None:
    for field in schema.fields:
        if isinstance(field, Attribute):
            found = _choice(part, field) if field.choices else _bounds(part, field)
            if found is not None:
                tell = diagnostics.warning if lenient or field.lenient else diagnostics.error
                tell(found.summary, part.at(field.field), found.label, hints=found.hints)
        elif isinstance(field, Nested):
            for inner in parts_of(field, part):
                _walk(field.schema, inner, diagnostics, lenient=lenient or field.lenient)


def parts_of(field: Nested, part: Part) -> Iterator[Part]:
    """The blocks of a kind in a part of the job."""
    if field.repeat is Repeat.MANY:
        yield from part.parts(field.field)
    elif field.repeat is Repeat.BY_LABEL:
        yield from part.labelled(field.field).values()
    elif (inner := part.part(field.field)) is not None:
        yield inner


def _choice(part: Part, attribute: Attribute) -> Diagnostic | None:
    value = part.text(attribute.field)
    if not value or value in attribute.choices:
        return None
    close = did_you_mean(value.lower(), list(attribute.choices))
    return Diagnostic(
        f'"{value}" is not {a(attribute.called)}',
        None,
        f"one of {', '.join(attribute.choices)}",
        hints=(close,) if close else (),
    )


def _bounds(part: Part, attribute: Attribute) -> Diagnostic | None:
    value = part.maybe_integer(attribute.field)
    smallest, largest = attribute.at_least, attribute.at_most
    if value is None:
        return None
    is_small, is_large = smallest is not None and value < smallest, largest is not None and value > largest
    if not is_small and not is_large:
        return None
    show = format_duration if attribute.kind is Kind.DURATION else str
    return Diagnostic(f'"{attribute.name}" cannot be {show(value)}', None, _wanted(attribute))


def _wanted(attribute: Attribute) -> str:
    smallest, largest = attribute.at_least, attribute.at_most
    is_duration = attribute.kind is Kind.DURATION
    show = format_duration if is_duration else str
    if largest == 0:
        return "leave it out"
    if smallest is not None and largest is not None:
        return f"from {show(smallest)} to {show(largest)}"
    if smallest is not None:
        return "more than 0" if is_duration and smallest == 1 else f"{show(smallest)} or more"
    return f"{show(largest or 0)} or less"
