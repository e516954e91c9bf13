"""`qemu-run plan JOB`: what a run would do, without doing it."""

from pathlib import Path

from qemu_run.cli.validate import annotate_for_the_runner
from qemu_run.errors import ExitCode
from qemu_run.planning.host import Options
from qemu_run.terminal.screen import Screen
from qemu_run.workflow import artifact_cache
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.kept_overlays import tell_unfit
from qemu_run.workflow.make_plan import make_plan


def plan_job(file: JobFile, options: Options, config: Path | None, *, json: bool, environment: bool) -> int:
    """Show constraints, ports, artifacts and the exact QEMU command, whatever is wrong with the job."""
    planning = tell_unfit(artifact_cache.tell_missing(make_plan(file, config, options)))
    annotate_for_the_runner(planning.diagnostics)
    if json:
        from qemu_run.terminal.documents import write
        from qemu_run.terminal.plan_document import plan_document

        write(plan_document(planning.plan, planning.diagnostics, artifact_cache.known))
    else:
        from qemu_run.terminal.diagnostics import show
        from qemu_run.terminal.plans import show_plan

        screen = Screen()
        show(planning.diagnostics, screen)
        if planning.plan is not None:
            if planning.diagnostics.items:
                screen.line()
            is_sure = planning.code is ExitCode.OK
            show_plan(planning.plan, artifact_cache.known, runs=is_sure, with_environment=environment)
    return planning.code
