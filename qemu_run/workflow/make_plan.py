"""From a job file to a plan, for `run` and `plan`: the pure part of the line, in its order."""

from pathlib import Path

from qemu_run.errors import Diagnostics, JobError, did_you_mean
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.validate.rules import validate
from qemu_run.jobspec.validate.unhonoured import unhonoured
from qemu_run.planning.host import Options
from qemu_run.planning.place import place
from qemu_run.planning.plan import Plan
from qemu_run.workflow import client
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.this_host import host


def make_plan(file: JobFile, config: Path | None, options: Options, diagnostics: Diagnostics) -> Plan:
    """Everything that a run of `file` on this machine would do; warnings go to `diagnostics`.

    Raises:
        JobError: with all that is wrong, if the job, its variables or the client configuration is.
    """
    job = file.load(diagnostics)
    if job is None:
        raise JobError(*diagnostics)
    validate(job, diagnostics)
    diagnostics.tolerate()
    _check_names(job, options, diagnostics)
    if diagnostics.errors:
        raise JobError(*diagnostics)
    in_force = client.configuration(config)
    plan = place(job, client.node(in_force), host(in_force, file), options, diagnostics)
    if diagnostics.errors:
        raise JobError(*diagnostics)
    _note(plan, diagnostics)
    return plan


def _check_names(job: Job, options: Options, diagnostics: Diagnostics) -> None:
    """A task that was asked for by name must be there: nothing run is not all run."""
    known = [task.name for group in job.groups for task in group.tasks]
    for name in sorted(options.tasks - set(known)):
        diagnostics.error(f'the job has no task "{name}"', None, did_you_mean(name, known))


def _note(plan: Plan, diagnostics: Diagnostics) -> None:
    """What is ignored, where a cluster would see the job otherwise, and what has no effect here."""
    for verdict in plan.verdicts:
        place = verdict.constraint.at("LTarget")
        if plan.ignored_constraints and not verdict.met:
            label = f"wanted {verdict.wanted}, found {verdict.found}"
            diagnostics.warning(
                "ignoring a constraint that does not hold here", verdict.constraint.at(), label
            )
        elif plan.fits:  # the table of what does not fit says the same
            for note in filter(None, (verdict.warning, verdict.note)):
                summary, _, instead = note.partition(": write ")
                diagnostics.warning(summary, place, hints=(f"write {instead}",) if instead else ())
    if names := unhonoured(plan.job):
        diagnostics.warning(f"understood, but without effect here: {', '.join(names)}")
