"""`qemu-run run JOB`: the whole line, from a job file to an exit code."""

import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run import folders
from qemu_run.cli.failure import as_bug, of_the_host
from qemu_run.control_codes import clean
from qemu_run.endings import made_of
from qemu_run.errors import Diagnostic, ExitCode, QemuRunError, UsageError
from qemu_run.planning.checks import has_to_pass, waited_for
from qemu_run.planning.host import Options
from qemu_run.planning.plan import Plan, TaskPlan
from qemu_run.records import record
from qemu_run.reports.asked_for import listeners
from qemu_run.reports.wanted import NOTHING, Wanted
from qemu_run.runtime.child import Start
from qemu_run.runtime.events import Event
from qemu_run.runtime.head_start import HeadStart
from qemu_run.runtime.signals import Signals, StopRequestedError
from qemu_run.runtime.sinks import Sink
from qemu_run.runtime.supply import Supply
from qemu_run.terminal import runner
from qemu_run.terminal.cursor import Cursor
from qemu_run.terminal.keyboard import ConsoleMode, Keyboard, is_at_hand
from qemu_run.terminal.reporter import Reporter
from qemu_run.terminal.screen import Screen
from qemu_run.verdict.expectations import Expectations
from qemu_run.verdict.outcome import Outcome, stopped_early
from qemu_run.workflow.choices import Choices, PlanAgain
from qemu_run.workflow.expectations import Given
from qemu_run.workflow.job_file import JobFile
from qemu_run.workflow.make_plan import Planning, make_plan

if TYPE_CHECKING:
    from qemu_run.runtime.restart import RestartMode


@record(kw_only=True)
class RunOptions:
    """What the command line says about a run, besides what its plan is made of."""

    quiet: bool = False
    keep: bool = False
    console: ConsoleMode | None = None
    """None: interactive where a person can type to a single guest, else read-only."""
    restart: "RestartMode" = "auto"
    asked: Given = field(default_factory=dict)
    command: tuple[str, ...] = ()
    """Runs on the host once the guests are ready."""
    wanted: Wanted = NOTHING
    """The reports that are written besides."""


PLAIN = RunOptions()


def run_job(
    file: JobFile,
    options: Options,
    config: Path | None,
    how: RunOptions = PLAIN,
    head_start: HeadStart | None = None,
) -> int:
    """Run a job in the foreground until it ends; the last line says how it did."""
    return _ForegroundRun(how, options, config, head_start or HeadStart(())).run(file, options)


class _ForegroundRun:
    """One run, with the terminal that its guests and its messages share."""

    def __init__(self, how: RunOptions, options: Options, config: Path | None, head_start: HeadStart) -> None:
        self._how = how
        self._head_start = head_start
        self._config = config
        self._supply = Supply(
            cache=folders.artifacts(),
            offline=options.offline,
            most_bytes=options.max_download_bytes,
        )
        self._cursor = Cursor(sys.stdout.fileno(), sys.stderr.fileno())
        self._screen = Screen(cursor=self._cursor)
        self._signals = Signals(heard=self._cursor.lost)
        self._reporter = Reporter(
            self._screen, quiet=how.quiet, is_asked=lambda: self._signals.is_interrupted
        )
        unseen = how.console == "none" or bool(how.command)
        wanted = replace(how.wanted, last_lines=unseen)
        self._reports = listeners(wanted, config, say=self._screen.line, send=self._to_the_runner())

    def _to_the_runner(self) -> Callable[[str], None] | None:
        """What sends a line to the runner of a CI job, after all that the guests have said."""
        if not runner.is_listening():
            return None
        if self._how.wanted.json or runner.is_file(sys.stdout.fileno()):
            return self._screen.command
        return Screen(sys.stdout, self._cursor).command

    def run(self, file: JobFile, options: Options) -> int:
        """Plan and run; the exit code."""
        name = file.shown
        try:
            # Left only by the end of the process: no signal comes too late to be heard.
            self._signals.__enter__()
            self._check_standard_output()
            self._reports.open()
            planning = self._plan(file, options)
            name = planning.name
            self._reports.planned(planning)
            self._reports.found(list(planning.diagnostics))
            outcome = self._begin(planning)
        except StopRequestedError as stop:
            outcome = stopped_early(stop.by)
        except QemuRunError as error:
            outcome = self._failed(error)
        except Exception as error:  # noqa: BLE001  # the guests are ended, and a bug is an end like others
            stopped, known = made_of(error, StopRequestedError), of_the_host(error)
            if stopped is not None:
                outcome = stopped_early(stopped.by)
            else:
                outcome = self._is_a_bug(error) if known is None else self._failed(known)
        finally:
            self._signals.hold()  # what is left takes a moment, and is not to be cut short
            self._reporter.close()
        try:
            self._reports.ended(name, outcome)
        finally:
            if outcome.code != ExitCode.USAGE:  # nothing was run that could have ended
                self._reporter.outcome(name, outcome, self._reports.evidence(outcome))
        return outcome.code

    def _plan(self, file: JobFile, options: Options) -> Planning:
        """The plan; and the way to another, when a port of it is lost."""
        ahead = self._head_start
        choices = Choices.before(ahead.ids, ahead.ports)
        planning = make_plan(file, self._config, options, self._how.asked, choices, ahead)

        def again(choices: Choices) -> Plan | None:
            return make_plan(file, self._config, options, self._how.asked, choices).plan

        def remember(plan: Plan, starts: Sequence[Start]) -> None:
            if not ahead.is_whole:
                from qemu_run.workflow.next_start import keep

                keep(ahead, file, plan, self._plan_again.choices, starts)

        self._plan_again = PlanAgain(again, choices, self._tell)
        self._remember = remember
        return planning

    def _check_standard_output(self) -> None:
        """It holds the document or what the command says."""
        if self._how.wanted.json and self._how.command:
            hints = ("--output DIR keeps the same document in outcome.json",)
            raise UsageError(Diagnostic("--json and a command both want standard output", hints=hints))

    def _begin(self, planning: Planning) -> Outcome:
        """Say what planning has found, and run what can be run."""
        found = planning.diagnostics
        if found.errors or (found.items and not self._how.quiet):
            from qemu_run.terminal.diagnostics import show_before_run

            show_before_run(found, self._screen)
            self._screen.line()
        plan = planning.plan
        if found.errors or plan is None:
            shown = sum(each.severity == "error" for each in found)  # two stages may find the same
            return Outcome(code=planning.code, words=_count(shown))
        if not plan.fits:
            from qemu_run.reports.unmet import unmet
            from qemu_run.terminal.placement import show_placement

            show_placement(plan, self._screen)
            self._screen.line()
            self._reports.found(list(unmet(plan)))
            return Outcome(code=planning.code, words="this machine cannot run it")
        if not any(plan.tasks):
            return Outcome(code=ExitCode.OK, words="the job has nothing to run here")
        if self._how.command and (trouble := _trouble(self._how.command[0])) is not None:
            return trouble
        return self._execute(plan, planning.expectations)

    def _failed(self, error: QemuRunError) -> Outcome:
        """A failure that planning could not foresee, shown with its place."""
        self._reporter.close()  # no bar of a download stays before it
        from qemu_run.terminal.diagnostics import show

        show(error.diagnostics, self._screen)
        if error.exit_code != ExitCode.USAGE:  # the last line of the run follows
            self._screen.line()
        self._reports.found(error.diagnostics)
        return Outcome(code=error.exit_code, words=error.diagnostics[0].summary)

    def _is_a_bug(self, error: Exception) -> Outcome:
        """A failure that is ours, with the report that its finder can send."""
        self._reporter.close()
        from qemu_run.terminal.bug import report

        report(error, self._screen)
        self._screen.line()
        self._reports.found([as_bug(error)])
        return Outcome(code=ExitCode.BUG, words="a bug in qemu-run")

    def _execute(self, plan: Plan, expectations: Expectations) -> Outcome:
        """Carry the plan out, with the terminal in the mode that the run wants."""
        self._check_readiness(plan, expectations)
        names = [task.name for task in plan.tasks]
        self._reporter.make_room([plan.job.name, *names])
        if plan.once and not self._how.quiet:
            self._reporter.say(plan.job.name, plan.once)
        several = len(names) > 1
        mode = self._mode(several=several)
        with ExitStack() as stack:
            keyboard = None
            if is_at_hand(0):
                keyboard = stack.enter_context(Keyboard(0, mode, self._screen.line, self._signals.typed))
                self._cursor.echoes = False
            self._reporter.console_mode = mode
            outcome = self._carry_out(plan, expectations, mode, keyboard, several=several)
        kept = (f"kept: {each.layout.directory}" for each in plan.allocations) if self._how.keep else ()
        return replace(outcome, details=(*outcome.details, *kept))

    def _mode(self, *, several: bool) -> ConsoleMode:
        """Who gets what is typed, and whether the guests are shown."""
        if self._how.wanted.json:
            return "none"
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
        from qemu_run.terminal.console import Console
        from qemu_run.workflow.run import Run

        typed = keyboard if keyboard is not None and keyboard.is_typed_to_guest else None
        console = Console(
            sys.stdout.fileno(),
            self._cursor,
            prefixed=several,
            moves=typed is not None,
            to_the_runner=runner.is_listening(),
        )

        if typed is not None:
            typed.on_typed = console.typed

        def consoles(task: TaskPlan) -> Sequence[Sink]:
            shown = () if mode == "none" else (console.sink(task.name),)
            return (*shown, *self._reports.consoles(task))

        self._signals.heard_also(console.hasten)
        run = Run(
            report=self._tell,
            supply=self._supply,
            consoles=consoles,
            stderrs=self._reports.stderrs,
            pictures=self._reports.picture,
            head_start=self._head_start,
            remember=self._remember,
            keep=self._how.keep,
            keep_logs=self._how.wanted.output is None,
            restart=self._how.restart,
            expectations=replace(expectations, text_ends=typed is None),
            command=self._how.command,
            keyboard=typed,
            plan_again=self._plan_again,
        )
        try:
            outcome = run.carry_out(plan, self._signals)
            console.close(patiently=outcome.is_own and expectations.run_seconds is None)
        finally:
            console.close()
        if console.unread:
            unread = f"standard output was not read: {console.unread} bytes of the console were not shown"
            outcome = replace(outcome, details=(*outcome.details, unread))
        if console.failure is not None and outcome.is_good:
            why = f"standard output could not be written: {console.failure.strerror}"
            outcome = Outcome(code=ExitCode.HOST, words=why)
        return outcome

    def _tell(self, event: Event) -> None:
        self._reports.event(event)
        self._reporter(event)

    def _check_readiness(self, plan: Plan, expectations: Expectations) -> None:
        """A command waits for its guests, so that there must be a way to tell that they are ready."""
        waited = [task for allocation in plan.allocations for task in waited_for(allocation)]
        can_tell = all(task.launch.forwards or has_to_pass(task) for task in waited)
        if self._how.command and expectations.ready is None and not can_tell:
            hints = (
                "--ready REGEX: what its console says then",
                "a service with a check in the job: the group is ready when its checks pass",
                'a port of the guest in the job: port "http" { to = 80 }',
            )
            summary = "nothing tells when the guest is ready for the command"
            raise UsageError(Diagnostic(summary, hints=hints))


def _trouble(name: str) -> Outcome | None:
    """Why a command cannot be started, so that no guest boots in vain; None: nothing speaks against it."""
    if shutil.which(name) is not None:
        return None
    from qemu_run.runtime.keeper import CANNOT_START, NOT_FOUND

    path, shown = Path(name), clean(name)
    if "/" not in name or not path.exists():
        return Outcome(code=NOT_FOUND, words=f'there is no command "{shown}"')
    why = "is a directory" if path.is_dir() else "cannot be started: it is not executable (chmod +x)"
    return Outcome(code=CANNOT_START, words=f'the command "{shown}" {why}')


def _count(errors: int) -> str:
    return f"{errors} error" + ("" if errors == 1 else "s")
