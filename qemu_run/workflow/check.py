"""A job file checked: all that can be said of it without a machine, for `validate` and before a plan."""

import os
from collections.abc import Sequence

from qemu_run import folders
from qemu_run.errors import Diagnostics, JobError, did_you_mean
from qemu_run.jobspec.model import Job
from qemu_run.source import Source
from qemu_run.workflow.job_cache import JobCache, digest, is_settled, is_told_aside
from qemu_run.workflow.job_file import JobFile


def check(file: JobFile, diagnostics: Diagnostics, tasks: frozenset[str] = frozenset()) -> Job | None:
    """The job of `file`, with all that needs no machine to be said about it in `diagnostics`.

    `tasks` are those that were asked for by name. None, if there are errors at which planning would stumble.
    """
    diagnostics.items.extend(file.notes)
    try:
        texts = file.texts()
        may_be_kept = file.is_local and not is_told_aside(os.environ) and is_settled(texts[0].text)
        job = (_remembered if may_be_kept else _read)(file, texts, diagnostics)
    except JobError as error:
        diagnostics.items.extend(error.diagnostics)
        return None
    if job is not None:
        _check_names(job, tasks, diagnostics)
    return job


def _remembered(file: JobFile, texts: Sequence[Source], diagnostics: Diagnostics) -> Job | None:
    """The job as it was read when the same was last asked for; else read now, and kept if it is right."""
    cache = JobCache(folders.jobs())
    name = digest(texts, file.variables, file.strict, file.api_json, file.may_name_files)
    if (job := cache.get(name, texts, diagnostics)) is not None:
        return job
    before = len(diagnostics.items)
    job = _read(file, texts, diagnostics)
    found = diagnostics.items[before:]
    is_right = all(item.severity == "warning" or item.cluster_only for item in found)
    if job is not None and is_right and not job.gaps:
        cache.keep(name, job, texts, found)
    return job


def _read(file: JobFile, texts: Sequence[Source], diagnostics: Diagnostics) -> Job | None:
    """The job as its texts say, held against all rules."""
    from qemu_run.jobspec.validate.rules import validate
    from qemu_run.workflow.expectations import from_meta

    job = file.load(texts, diagnostics)
    if job is not None:
        validate(job, diagnostics)
        from_meta(job, diagnostics)
    return job


def _check_names(job: Job, tasks: frozenset[str], diagnostics: Diagnostics) -> None:
    """A task that was asked for by name must be there: nothing run is not all run."""
    known = [task.name for group in job.groups for task in group.tasks]
    for name in sorted(tasks - set(known)):
        close = did_you_mean(name, known)
        are = "its task is" if len(known) == 1 else "its tasks are"
        listed = f"{are} {', '.join(known)}" if known else "it has no tasks at all"
        hint = f"{close} {listed}" if close else listed
        diagnostics.error(f'the job has no task "{name}"', hints=(hint,))
