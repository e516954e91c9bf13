"""From a job file to a plan, for `run` and `plan`: the pure part of the line, in its order."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from qemu_run.errors import Diagnostics, ExitCode, JobError, PlacementError, did_you_mean
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.validate.rules import validate
from qemu_run.planning.host import Options
from qemu_run.planning.place import place
from qemu_run.planning.plan import Plan
from qemu_run.records import record
from qemu_run.verdict.expectations import NOTHING, Expectations
from qemu_run.workflow import client
from qemu_run.workflow.expectations import Given, expectations, from_meta
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.this_host import host


@record(kw_only=True)
class Planning:
    """A plan, and what is to be said about it."""

    plan: Plan | None
    """None where there is no job to plan. A plan may stand beside errors, to be shown."""
    name: str
    """The job's, or the file's where no job could be read."""
    diagnostics: Diagnostics
    code: ExitCode
    expectations: Expectations = NOTHING
    """What is asked of a run."""
    """What `plan` exits with; a run begins only with OK."""


def make_plan(
    file: JobFile, config: Path | None, options: Options, asked: Given = MappingProxyType({})
) -> Planning:
    """Everything that a run of `file` on this host would do, and everything that is wrong with it.

    Raises:
        UsageError: a value that the command line asks for makes no sense.
    """
    diagnostics = Diagnostics()
    job = check(file, options, diagnostics)
    wanted = NOTHING if job is None else expectations(job, asked, diagnostics)
    options = replace(options, wants_result=wanted.result is not None)
    diagnostics.tolerate()
    if job is None or job.gaps:  # what is planned of a part would be told for the whole
        return Planning(plan=None, name=file.shown, diagnostics=diagnostics, code=ExitCode.JOB)
    try:
        in_force = client.configuration(config)
        plan = place(job, client.node(in_force), host(in_force, file), options, diagnostics)
    except (JobError, PlacementError) as error:
        wrong_job = bool(diagnostics.errors)
        diagnostics.items.extend(error.diagnostics)
        code = ExitCode.JOB if wrong_job else error.exit_code
        return Planning(plan=None, name=job.name, diagnostics=diagnostics, code=code)
    if diagnostics.errors:
        return Planning(plan=plan, name=job.name, diagnostics=diagnostics, code=ExitCode.JOB)
    _note(plan, diagnostics)
    code = ExitCode.OK if plan.fits else ExitCode.PLACEMENT
    return Planning(plan=plan, name=job.name, diagnostics=diagnostics, code=code, expectations=wanted)


def check(file: JobFile, options: Options, diagnostics: Diagnostics) -> Job | None:
    """The job of `file`, with all that needs no machine to be said about it in `diagnostics`.

    None, if there are errors at which planning would stumble.
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
    _check_names(job, options, diagnostics)
    return job


def _check_names(job: Job, options: Options, diagnostics: Diagnostics) -> None:
    """A task that was asked for by name must be there: nothing run is not all run."""
    known = [task.name for group in job.groups for task in group.tasks]
    for name in sorted(options.tasks - set(known)):
        diagnostics.error(f'the job has no task "{name}"', None, did_you_mean(name, known))


def _note(plan: Plan, diagnostics: Diagnostics) -> None:
    """What is ignored, and where a cluster would see the job otherwise."""
    for verdict in plan.verdicts:
        place = verdict.constraint.at("LTarget")
        if plan.ignored_constraints and not verdict.met:
            label = f"wanted {verdict.wanted}, found {verdict.found}"
            diagnostics.warning(
                "ignoring a constraint that does not hold here", verdict.constraint.at(), label
            )
        elif plan.fits:  # the table of what does not fit says the same
            summary, _, instead = (verdict.warning or "").partition(": write ")
            if summary:
                diagnostics.warning(summary, place, hints=(f"write {instead}",) if instead else ())
