"""How a run went, task by task: what the reports that are made at its end are made of."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import field

from qemu_run.errors import Diagnostic
from qemu_run.planning.plan import Forward, TaskPlan
from qemu_run.records import mutable
from qemu_run.reports.console_lines import Tail
from qemu_run.reports.listener import Listener
from qemu_run.runtime.events import ArtifactReady, Ended, Event, QemuSaid, Restarting, Started
from qemu_run.runtime.sinks import Sink
from qemu_run.terminal.wrapping import Whole
from qemu_run.verdict.outcome import Outcome
from qemu_run.workflow.make_plan import Planning

LAST_LINES = 40
"""As many of a console's lines are shown after a bad end."""


@mutable(kw_only=True)
class AttemptHistory:
    """One attempt at a task."""

    started: float | None = None
    """In seconds since the epoch; None: QEMU never ran."""
    ended: float | None = None
    outcome: Outcome | None = None

    @property
    def seconds(self) -> float:
        """How long QEMU ran."""
        return 0.0 if self.started is None or self.ended is None else max(0.0, self.ended - self.started)


@mutable(kw_only=True)
class TaskHistory:
    """All that happened to one task."""

    plan: TaskPlan
    group: str
    index: int
    attempts: list[AttemptHistory] = field(default_factory=list)
    artifacts: list[ArtifactReady] = field(default_factory=list)
    tail: Tail = field(default_factory=Tail)
    qemu_said: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    is_over: bool = False
    forwards: tuple[Forward, ...] = ()
    """What listened in its last attempt."""

    @property
    def outcome(self) -> Outcome | None:
        """How the task ended; None: it was never started, or never ended."""
        return self.attempts[-1].outcome if self.is_over and self.attempts else None

    @property
    def seconds(self) -> float:
        """How long its attempts lasted together."""
        return sum(attempt.seconds for attempt in self.attempts)

    def began(self, time: float) -> None:
        """QEMU runs."""
        self.attempts.append(AttemptHistory(started=time))

    def ended(self, outcome: Outcome, time: float) -> None:
        """An attempt has ended, whether or not QEMU ever ran in it."""
        if not self.attempts or self.attempts[-1].outcome is not None:
            self.attempts.append(AttemptHistory())
        self.attempts[-1].outcome, self.attempts[-1].ended = outcome, time


class History(Listener):
    """Remembers a run."""

    def __init__(self, *, shows_last_lines: bool = False) -> None:
        """`shows_last_lines`: the console's last lines are printed after a bad end."""
        self.diagnostics: list[Diagnostic] = []
        self._shows_last_lines = shows_last_lines
        self._tasks: dict[str, TaskHistory] = {}

    @property
    def tasks(self) -> Sequence[TaskHistory]:
        """The tasks in the order of the plan."""
        return tuple(self._tasks.values())

    def planned(self, planning: Planning) -> None:
        """Make room for each task."""
        for allocation in () if planning.plan is None else planning.plan.allocations:
            for plan in allocation.tasks:
                self._tasks[plan.name] = TaskHistory(
                    plan=plan,
                    group=allocation.group.name,
                    index=allocation.index,
                    forwards=plan.launch.forwards,
                )

    def found(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Remember what was said."""
        self.diagnostics += diagnostics

    def event(self, event: Event) -> None:
        """Remember what the reports speak of."""
        task = self._tasks[event.task.name]
        match event:
            case ArtifactReady():
                task.artifacts.append(event)
            case Started(time=time, forwards=forwards):
                task.began(time)
                task.forwards = forwards
            case QemuSaid(line=line):
                task.qemu_said.append(line)
            case Restarting(outcome=outcome, time=time):
                task.ended(outcome, time)
            case Ended(outcome=outcome, time=time):
                task.ended(outcome, time)
                task.is_over = True
            case _:
                pass

    def consoles(self, plan: TaskPlan, /) -> Sequence[Sink]:
        """Keeps the last lines."""
        return (self._tasks[plan.name].tail,)

    def evidence(self, outcome: Outcome, /) -> Sequence[str]:
        """The last lines, if they are to be shown."""
        return list(self.last_lines()) if self._shows_last_lines and outcome.is_bad else ()

    def last_lines(self) -> Iterator[str]:
        """The last console lines of each task that is to blame, indented below a heading.

        Where none is, of each: what the job was to show, none of them has shown.
        """
        tasks = self._tasks.values()
        to_blame = [task for task in tasks if task.outcome is None or task.outcome.is_bad]
        for task in to_blame or tasks:
            lines = task.tail.lines(LAST_LINES)
            if lines:
                yield f"the last lines of {task.plan.name}:"
                yield from (Whole(f"  | {line}".rstrip()) for line in lines)
