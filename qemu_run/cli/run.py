"""`qemu-run run JOB`: the whole line, from a job file to an exit code."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from qemu_run.errors import ExitCode, QemuRunError
from qemu_run.planning.host import Options
from qemu_run.planning.plan import Plan, TaskPlan
from qemu_run.reports.asked_for import listeners
from qemu_run.reports.wanted import NOTHING, Wanted
from qemu_run.runtime.events import Event
from qemu_run.runtime.signals import Signals, StopRequestedError
from qemu_run.runtime.sinks import Sink
from qemu_run.terminal import runner
from qemu_run.terminal.cursor import Cursor
from qemu_run.terminal.reporter import Reporter
from qemu_run.terminal.screen import Screen
from qemu_run.verdict.outcome import Outcome, stopped_early
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.make_plan import Planning, make_plan


def run_job(
    file: JobFile,
    options: Options,
    config: Path | None,
    *,
    quiet: bool,
    keep: bool,
    wanted: Wanted = NOTHING,
) -> int:
    """Run a job in the foreground until it ends; the last line says how it did."""
    return _ForegroundRun(config, wanted, quiet=quiet, keep=keep).run(file, options)


class _ForegroundRun:
    """One run, with the terminal that its guests and its messages share."""

    def __init__(self, config: Path | None, wanted: Wanted, *, quiet: bool, keep: bool) -> None:
        self._config = config
        self._wanted = wanted
        self._quiet = quiet
        self._keep = keep
        self._cursor = Cursor(sys.stdout.fileno(), sys.stderr.fileno())
        self._screen = Screen(cursor=self._cursor)
        self._reporter = Reporter(self._screen, quiet=quiet)
        self._signals = Signals(heard=self._cursor.lost)
        self._reports = listeners(wanted, config, say=self._screen.line, send=self._to_the_runner())

    def _to_the_runner(self) -> Callable[[str], None] | None:
        """What sends a line to the runner of a CI job, after all that the guests have said."""
        if not runner.is_listening():
            return None
        if self._wanted.json or runner.is_file(sys.stdout.fileno()):
            return self._screen.command
        return Screen(sys.stdout, self._cursor).command

    def run(self, file: JobFile, options: Options) -> int:
        """Plan and run; the exit code."""
        name = file.shown
        try:
            # Left only by the end of the process: no signal comes too late to be heard.
            self._signals.__enter__()
            self._reports.open()
            planning = make_plan(file, self._config, options)
            name = planning.name
            self._reports.planned(planning)
            self._reports.found(list(planning.diagnostics))
            outcome = self._begin(planning)
        except StopRequestedError as stop:
            outcome = stopped_early(stop.by)
        except QemuRunError as error:
            outcome = self._failed(error)
        except Exception:
            self._reports.ended(name, Outcome(code=ExitCode.BUG, words="a bug in qemu-run"))
            raise
        finally:
            self._signals.hold()  # what is left takes a moment, and is not to be cut short
            self._reporter.close()
        try:
            self._reports.ended(name, outcome)
        finally:
            self._reporter.outcome(name, outcome, self._reports.evidence(outcome))
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
            from qemu_run.reports.unmet import unmet
            from qemu_run.terminal.placement import show_placement

            show_placement(plan, self._screen)
            self._screen.line()
            self._reports.found(list(unmet(plan)))
            return Outcome(code=planning.code, words="this machine cannot run it")
        if not any(plan.tasks):
            return Outcome(code=ExitCode.OK, words="the job has nothing to run here")
        return self._execute(plan)

    def _failed(self, error: QemuRunError) -> Outcome:
        """A failure that planning could not foresee, shown with its place."""
        from qemu_run.terminal.diagnostics import show

        show(error.diagnostics, self._screen)
        self._screen.line()
        self._reports.found(error.diagnostics)
        return Outcome(code=error.exit_code, words=error.diagnostics[0].summary)

    def _execute(self, plan: Plan) -> Outcome:
        """Carry the plan out."""
        from qemu_run.terminal.console import Console
        from qemu_run.workflow.run import Run

        prefixed = sum(1 for _ in plan.tasks) > 1
        to_the_runner = runner.is_listening()
        console = Console(sys.stdout.fileno(), self._cursor, prefixed=prefixed, to_the_runner=to_the_runner)

        def consoles(task: TaskPlan) -> Sequence[Sink]:
            shown = () if self._wanted.json else (console.sink(task.name),)
            return (*shown, *self._reports.consoles(task))

        self._signals.heard_also(console.hasten)
        run = Run(
            report=self._tell,
            consoles=consoles,
            stderrs=self._reports.stderrs,
            pictures=self._reports.picture,
            keep=self._keep,
            keep_logs=self._wanted.output is None,
        )
        try:
            outcome = run.carry_out(plan, self._signals)
        finally:
            console.close()
        if console.failure is not None and outcome.is_good:
            why = f"standard output could not be written: {console.failure.strerror}"
            outcome = Outcome(code=ExitCode.HOST, words=why)
        kept = (f"kept: {each.layout.directory}" for each in plan.allocations) if self._keep else ()
        return replace(outcome, details=(*outcome.details, *kept))

    def _tell(self, event: Event) -> None:
        self._reports.event(event)
        self._reporter(event)


def _count(errors: int) -> str:
    return f"{errors} error" + ("" if errors == 1 else "s")
