"""A job file checked: all that can be said of it without a machine, for `validate` and before a plan."""

from qemu_run.errors import Diagnostics, JobError, did_you_mean
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.validate.rules import validate
from qemu_run.workflow.expectations import from_meta
from qemu_run.workflow.job_file import JobFile


def check(file: JobFile, diagnostics: Diagnostics, tasks: frozenset[str] = frozenset()) -> Job | None:
    """The job of `file`, with all that needs no machine to be said about it in `diagnostics`.

    `tasks` are those that were asked for by name. None, if there are errors at which planning would stumble.
    """
    try:
        job = file.load(diagnostics)
    except JobError as error:
        diagnostics.items.extend(error.diagnostics)
        return None
    if job is None:
        return None
    validate(job, diagnostics)
    from_meta(job, diagnostics)
    _check_names(job, tasks, diagnostics)
    return job


def _check_names(job: Job, tasks: frozenset[str], diagnostics: Diagnostics) -> None:
    """A task that was asked for by name must be there: nothing run is not all run."""
    known = [task.name for group in job.groups for task in group.tasks]
    for name in sorted(tasks - set(known)):
        diagnostics.error(f'the job has no task "{name}"', None, did_you_mean(name, known))
