"""`qemu-run run JOB`: the whole line, from a job file to an exit code."""

import sys
from pathlib import Path

from qemu_run.errors import Diagnostics, ExitCode
from qemu_run.planning.host import Options
from qemu_run.planning.plan import Plan
from qemu_run.terminal.screen import Screen
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.make_plan import make_plan


def run_job(file: JobFile, options: Options, config: Path | None, *, quiet: bool, keep: bool) -> int:
    """Run a job in the foreground until it ends."""
    diagnostics = Diagnostics()
    screen = Screen()
    plan = make_plan(file, config, options, diagnostics)
    if not quiet:
        _warn(diagnostics, screen)
    if not plan.fits:
        from qemu_run.terminal.placement import show_placement

        show_placement(plan, screen)
        return ExitCode.PLACEMENT
    return _execute(plan, screen, options, quiet=quiet, keep=keep)


def _warn(diagnostics: Diagnostics, screen: Screen) -> None:
    if diagnostics.items:
        from qemu_run.terminal.diagnostics import show

        show(diagnostics, screen)


def _execute(plan: Plan, screen: Screen, options: Options, *, quiet: bool, keep: bool) -> int:
    """Carry the plan out and say how it ended."""
    from qemu_run.artifacts.terms import MOST_BYTES
    from qemu_run.runtime.artifacts import Supply
    from qemu_run.runtime.console import ConsoleOutput
    from qemu_run.runtime.run import Run, of_job
    from qemu_run.runtime.signals import StopRequestedError, Stops
    from qemu_run.terminal.reporter import Reporter
    from qemu_run.verdict.outcome import stopped_early
    from qemu_run.workflow import artifact_cache

    if not plan.tasks:
        screen.line("the job has nothing to run here")
        return ExitCode.OK
    supply = Supply(
        cache=artifact_cache.folder(),
        offline=options.offline,
        most_bytes=options.max_download_bytes or MOST_BYTES,
    )
    output = ConsoleOutput(sys.stdout.fileno(), prefixed=len(plan.tasks) > 1)
    screen.before_line = output.end_line if sys.stdout.isatty() and screen.is_terminal else screen.before_line
    reporter = Reporter(screen, quiet=quiet)
    try:
        with Stops() as stops:
            run = Run(
                supply=supply,
                output=output,
                report=reporter,
                keep=keep,
            )
            verdict = of_job(run.carry_out(plan, stops))
    except StopRequestedError as stop:
        verdict = stopped_early(stop.by)
    finally:
        reporter.close()
    reporter.verdict(plan.job.name, verdict)
    if keep:
        for directory in dict.fromkeys(task.allocation for task in plan.tasks):
            screen.line(f"kept: {directory}")
    return verdict.code
