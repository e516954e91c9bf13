"""`qemu-run run JOB`: the whole line, from a job file to an exit code."""

import sys
from contextlib import ExitStack
from dataclasses import field, replace
from pathlib import Path

from qemu_run.errors import Diagnostic, ExitCode, QemuRunError, UsageError
from qemu_run.planning.host import Options
from qemu_run.planning.plan import Plan, TaskPlan
from qemu_run.records import record
from qemu_run.runtime.restart import RestartMode
from qemu_run.runtime.signals import Signals, StopRequestedError
from qemu_run.terminal.cursor import Cursor
from qemu_run.terminal.keyboard import ConsoleMode, Keyboard, is_at_hand
from qemu_run.terminal.reporter import Reporter
from qemu_run.terminal.screen import Screen
from qemu_run.verdict.expectations import Expectations
from qemu_run.verdict.outcome import Outcome, stopped_early
from qemu_run.workflow.expectations import Given
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.make_plan import Planning, make_plan


@record(kw_only=True)
class RunOptions:
    """What the command line says about a run, besides what its plan is made of."""

    quiet: bool = False
    keep: bool = False
    console: ConsoleMode | None = None
    """None: interactive where a person can type to a single guest, else read-only."""
    restart: RestartMode = "auto"
    asked: Given = field(default_factory=dict)
    command: tuple[str, ...] = ()
    """Runs on the host once the guests are ready."""


PLAIN = RunOptions()


def run_job(file: JobFile, options: Options, config: Path | None, how: RunOptions = PLAIN) -> int:
    """Run a job in the foreground until it ends; the last line says how it did."""
    return _ForegroundRun(how).run(file, options, config)


class _ForegroundRun:
    """One run, with the terminal that its guests and its messages share."""

    def __init__(self, how: RunOptions) -> None:
        self._how = how
        self._cursor = Cursor(sys.stdout.fileno(), sys.stderr.fileno())
        self._screen = Screen(cursor=self._cursor)
        self._reporter = Reporter(self._screen, quiet=how.quiet)
        self._signals = Signals(heard=self._cursor.lost)

    def run(self, file: JobFile, options: Options, config: Path | None) -> int:
        """Plan and run; the exit code."""
        name = file.shown
        try:
            # Left only by the end of the process: no signal comes too late to be heard.
            self._signals.__enter__()
            planning = make_plan(file, config, options, self._how.asked)
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
        if found.errors or (found.items and not self._how.quiet):
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
        return self._execute(plan, planning.expectations)

    def _failed(self, error: QemuRunError) -> Outcome:
        """A failure that planning could not foresee, shown with its place."""
        from qemu_run.terminal.diagnostics import show

        show(error.diagnostics, self._screen)
        self._screen.line()
        return Outcome(code=error.exit_code, words=error.diagnostics[0].summary)

    def _execute(self, plan: Plan, expectations: Expectations) -> Outcome:
        """Carry the plan out, with the terminal in the mode that the run wants."""
        self._check_readiness(plan, expectations)
        several = sum(1 for _ in plan.tasks) > 1
        mode = self._mode(several=several)
        with ExitStack() as stack:
            keyboard = None
            if is_at_hand(0):
                keyboard = stack.enter_context(Keyboard(0, mode, self._screen.line))
            self._reporter.console_mode = mode
            outcome = self._carry_out(plan, expectations, mode, keyboard, several=several)
        kept = (f"kept: {each.layout.directory}" for each in plan.allocations) if self._how.keep else ()
        return replace(outcome, details=(*outcome.details, *kept))

    def _mode(self, *, several: bool) -> ConsoleMode:
        """Who gets what is typed, and whether the guests are shown."""
        can_type = is_at_hand(0) and sys.stdout.isatty() and not several
        if self._how.console is not None:
            wants_to_type = self._how.console in {"interactive", "raw"}
            return self._how.console if can_type or not wants_to_type else "follow"
        if self._how.command:
            return "none"
        return "interactive" if can_type else "follow"

    def _carry_out(
        self,
        plan: Plan,
        expectations: Expectations,
        mode: ConsoleMode,
        keyboard: Keyboard | None,
        *,
        several: bool,
    ) -> Outcome:
        from qemu_run.terminal.console import Console, ConsoleSink
        from qemu_run.workflow.run import Run

        typed = keyboard if keyboard is not None and keyboard.is_typed_to_guest else None
        console = Console(sys.stdout.fileno(), self._cursor, prefixed=several, moves=typed is not None)

        def consoles(task: TaskPlan) -> tuple[ConsoleSink, ...]:
            return () if mode == "none" else (console.sink(task.name),)

        self._signals.heard_also(console.hasten)
        run = Run(
            report=self._reporter,
            consoles=consoles,
            keep=self._how.keep,
            restart=self._how.restart,
            expectations=replace(expectations, text_ends=typed is None),
            command=self._how.command,
            keyboard=typed,
        )
        outcome = run.carry_out(plan, self._signals)
        if console.failure is not None and outcome.is_good:
            why = f"standard output could not be written: {console.failure.strerror}"
            outcome = Outcome(code=ExitCode.HOST, words=why)
        return outcome

    def _check_readiness(self, plan: Plan, expectations: Expectations) -> None:
        """A command waits for its guests, so that there must be a way to tell that they are ready."""
        has_ports = all(task.launch.forwards for task in plan.tasks)
        if self._how.command and expectations.ready is None and not has_ports:
            hints = (
                "--ready REGEX: what its console says then",
                "a service with a check in the job: the group is ready when its checks pass",
                'a port of the guest in the job: port "http" { to = 80 }',
            )
            summary = "nothing tells when the guest is ready for the command"
            raise UsageError(Diagnostic(summary, hints=hints))


def _count(errors: int) -> str:
    return f"{errors} error" + ("" if errors == 1 else "s")
