"""Rules of a job as a whole: names, groups, what its type allows."""

from collections.abc import Mapping

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job, Located, Task, TaskGroup
from qemu_run.jobspec.validate import schedules
from qemu_run.jobspec.wording import first_is
from qemu_run.source import Span

ONLY_IN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Periodic": ("periodic", ("batch", "sysbatch")),
    "ParameterizedJob": ("parameterized", ("batch", "sysbatch")),
    "Update": ("update", ("service", "system")),
    "Migrate": ("migrate", ("service",)),
    "Reschedule": ("reschedule", ("service", "batch")),
    "ReschedulePolicy": ("reschedule", ("service", "batch")),
    "Affinities": ("affinity", ("service", "batch", "sysbatch")),
    "Spreads": ("spread", ("service", "batch", "sysbatch")),
    "MaxRunDuration": ("max_run_duration", ("batch", "sysbatch")),
}
"""By field of a job, group or task: its name in a file, and the types of job that may have it."""


def check_job(job: Job, diagnostics: Diagnostics) -> None:
    """Check the job's own settings."""
    _names(job, diagnostics)
    _types(job, job, diagnostics)
    for index, name in enumerate(job.datacenters):
        if not name:
            diagnostics.error(
                "a datacenter without a name", job.at("Datacenters", index), "a name or a pattern"
            )
    _parameters(job, diagnostics)
    schedules.check_periodic(Part.of(job), diagnostics)


def check_group(group: TaskGroup, job: Job, diagnostics: Diagnostics) -> None:
    """Check that a job of this type may have what the group has."""
    _types(group, job, diagnostics)


def check_task(task: Task, _group: TaskGroup, job: Job, diagnostics: Diagnostics) -> None:
    """Check that a job of this type may have what the task has."""
    _types(task, job, diagnostics)


def _names(job: Job, diagnostics: Diagnostics) -> None:
    if not job.id:
        diagnostics.error("the job has no ID", job.at("ID"), "a name without blanks")
    if " " in job.id or "\0" in job.id:
        diagnostics.error(
            f'the job ID "{job.id}" has a blank in it',
            job.at("ID"),
            "no blanks",
            hints=("use dashes, and set name to what people should read",),
        )
    if "\0" in job.name:
        diagnostics.error("the job's name has a null character in it", job.at("Name"))
    if not job.groups:
        diagnostics.error(
            f'job "{job.id}" has no group',
            job.at(),
            "nothing to run",
            hints=('add a group "name" { ... } block',),
        )
    first: dict[str, Span | None] = {}
    for group in job.groups:
        if group.name in first:
            diagnostics.error(
                f'a second group "{group.name}"', group.at(), first_is(first[group.name], group.at())
            )
        first.setdefault(group.name, group.at())


def _types(owner: Located, job: Job, diagnostics: Diagnostics) -> None:
    part, kind = Part.written(owner, job), job.type
    for field, (name, allowed) in ONLY_IN.items():
        if field == "Periodic" and part.inner(field).value.get("Enabled") is False:
            continue
        if part.value.get(field) is not None and kind in {"service", "batch", "system", "sysbatch"} - set(
            allowed
        ):
            first = part.parts(field)
            diagnostics.error(
                f"a {kind} job cannot have {name}",
                first[0].at() if first else part.at(field),
                f"only in jobs of type {' or '.join(allowed)}",
            )


def _parameters(job: Job, diagnostics: Diagnostics) -> None:
    if job.parameterized is None:
        return
    both = sorted(set(job.parameterized.meta_required) & set(job.parameterized.meta_optional))
    for key in both:
        diagnostics.error(
            f'the parameter "{key}" is both required and optional',
            job.parameterized.at("MetaOptional"),
            "name it in one of the two",
        )
