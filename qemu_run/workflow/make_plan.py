"""From a job file to a plan, for `run` and `plan`: the pure part of the line, in its order."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from qemu_run.errors import Diagnostics, ExitCode, JobError, PlacementError
from qemu_run.planning.host import Options
from qemu_run.planning.place import place
from qemu_run.planning.plan import Plan
from qemu_run.records import record
from qemu_run.verdict.expectations import NOTHING, Expectations
from qemu_run.workflow import client
from qemu_run.workflow.check import check
from qemu_run.workflow.choices import Choices
from qemu_run.workflow.expectations import Given, expectations
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.this_host import host

if TYPE_CHECKING:
    from qemu_run.runtime.head_start import HeadStart


@record(kw_only=True)
class Planning:
    """A plan, and what is to be said about it."""

    plan: Plan | None
    """None where there is no job to plan. A plan may stand beside errors, to be shown."""
    name: str
    """The job's, or the file's where no job could be read."""
    diagnostics: Diagnostics
    code: ExitCode
    """What `plan` exits with; a run begins only with OK."""
    expectations: Expectations = NOTHING
    """What is asked of a run."""


def make_plan(
    file: JobFile,
    config: Path | None,
    options: Options,
    asked: Given = MappingProxyType({}),
    choices: Choices | None = None,
    ahead: "HeadStart | None" = None,
) -> Planning:
    """Everything that a run of `file` on this host would do, and everything that is wrong with it.

    Args:
        file: The job, as the command line names it.
        config: The client configuration, if it is named.
        options: What the command line says over the job.
        asked: What it asks of a run.
        choices: What an earlier planning chose at random.
        ahead: What was started before it was planned.

    Raises:
        UsageError: a value that the command line asks for makes no sense.
    """
    diagnostics = Diagnostics()
    job = check(file, diagnostics, options.tasks)
    wanted = NOTHING if job is None else expectations(job, asked, diagnostics)
    options = replace(options, wants_result=wanted.result is not None)
    diagnostics.tolerate()
    if job is None or job.gaps:  # what is planned of a part would be told for the whole
        return Planning(plan=None, name=file.shown, diagnostics=diagnostics, code=ExitCode.JOB)
    try:
        in_force = client.configuration(config)
        here = (choices or Choices()).made_on(host(in_force, file, ahead))
        plan = place(job, client.node(in_force), here, options, diagnostics)
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
