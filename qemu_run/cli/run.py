"""`qemu-run run JOB`: the whole line, from a job file to an exit code."""

import sys
from dataclasses import replace
from pathlib import Path

from qemu_run.errors import ExitCode, QemuRunError
from qemu_run.planning.host import Options
from qemu_run.planning.plan import Plan, TaskPlan
from qemu_run.runtime.signals import Signals, StopRequestedError
from qemu_run.terminal.cursor import Cursor
from qemu_run.terminal.reporter import Reporter
from qemu_run.terminal.screen import Screen
from qemu_run.verdict.outcome import Outcome, stopped_early
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.make_plan import Planning, make_plan


def run_job(file: JobFile, options: Options, config: Path | None, *, quiet: bool, keep: bool) -> int:
    """Run a job in the foreground until it ends; the last line says how it did."""
    return _ForegroundRun(quiet=quiet, keep=keep).run(file, options, config)


class _ForegroundRun:
    """One run, with the terminal that its guests and its messages share."""

    def __init__(self, *, quiet: bool, keep: bool) -> None:
        self._quiet = quiet
        self._keep = keep
        self._cursor = Cursor(sys.stdout.fileno(), sys.stderr.fileno())
        self._screen = Screen(cursor=self._cursor)
        self._reporter = Reporter(self._screen, quiet=quiet)
        self._signals = Signals(heard=self._cursor.lost)

    def run(self, file: JobFile, options: Options, config: Path | None) -> int:
        """Plan and run; the exit code."""
        name = file.shown
        try:
            # Left only by the end of the process: no signal comes too late to be heard.
            self._signals.__enter__()
            planning = make_plan(file, config, options)
            name = planning.name
            outcome = self._begin(planning)
        except StopRequestedError as stop:
            outcome = stopped_early(stop.by)
        except QemuRunError as error:
            outcome = self._failed(error)
        finally:
            self._reporter.close()
        self._reporter.outcome(name, outcome)
        return outcome.code

    def _begin(self, planning: Planning) -> Outcome:
        """Say what planning has found, and run what can be run."""
        found = planning.diagnostics
        if found.errors or (found.items and not self._quiet):
            from qemu_run.terminal.diagnostics import show

            show(found, self._screen)
            self._screen.line()
        plan = planning.plan
        if found.errors or plan is None:
            return Outcome(code=planning.code, words=_count(len(found.errors)))
        if not plan.fits:
            from qemu_run.terminal.placement import show_placement

            show_placement(plan, self._screen)
            self._screen.line()
            return Outcome(code=planning.code, words="this machine cannot run it")
        if not any(plan.tasks):
            return Outcome(code=ExitCode.OK, words="the job has nothing to run here")
        return self._execute(plan)

    def _failed(self, error: QemuRunError) -> Outcome:
        """A failure that planning could not foresee, shown with its place."""
        from qemu_run.terminal.diagnostics import show

        show(error.diagnostics, self._screen)
        self._screen.line()
        return Outcome(code=error.exit_code, words=error.diagnostics[0].summary)

    def _execute(self, plan: Plan) -> Outcome:
        """Carry the plan out."""
        from qemu_run.terminal.console import Console, ConsoleSink
        from qemu_run.workflow.run import Run

        prefixed = sum(1 for _ in plan.tasks) > 1
        console = Console(sys.stdout.fileno(), self._cursor, prefixed=prefixed)

        def consoles(task: TaskPlan) -> tuple[ConsoleSink, ...]:
            return (console.sink(task.name),)

        self._signals.heard_also(console.hasten)
        run = Run(report=self._reporter, consoles=consoles, keep=self._keep)
        outcome = run.carry_out(plan, self._signals)
        if console.failure is not None and outcome.is_good:
            why = f"standard output could not be written: {console.failure.strerror}"
            outcome = Outcome(code=ExitCode.HOST, words=why)
        kept = (f"kept: {each.layout.directory}" for each in plan.allocations) if self._keep else ()
        return replace(outcome, details=(*outcome.details, *kept))


def _count(errors: int) -> str:
    return f"{errors} error" + ("" if errors == 1 else "s")
