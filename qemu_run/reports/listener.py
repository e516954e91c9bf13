"""Whoever keeps an account of a run: told of everything, in the order in which it happens."""

from collections.abc import Sequence
from pathlib import Path

from qemu_run.errors import Diagnostic
from qemu_run.planning.plan import TaskPlan
from qemu_run.runtime.events import Event
from qemu_run.runtime.sinks import Sink
from qemu_run.verdict.outcome import Outcome
from qemu_run.workflow.make_plan import Planning


class Listener:
    """Hears of everything and does nothing; what keeps an account overrides what it needs.

    A listener that can no longer write says so once and goes on. It never ends a run.
    """

    def open(self) -> None:
        """The run is about to be planned.

        Raises:
            HostError: what was asked for cannot be written at all.
        """

    def planned(self, planning: Planning) -> None:
        """The run was planned, well or not."""

    def found(self, diagnostics: Sequence[Diagnostic]) -> None:
        """These are to be said about the job or the host."""

    def event(self, event: Event) -> None:
        """Something happened. Called on any thread."""

    def consoles(self, _plan: TaskPlan, /) -> Sequence[Sink]:
        """Where the text of a task's guest goes."""
        return ()

    def stderrs(self, _plan: TaskPlan, /) -> Sequence[Sink]:
        """Where the words of a task's QEMU go."""
        return ()

    def picture(self, _plan: TaskPlan, /) -> Path | None:
        """Where a picture of the guest's screen goes before it is ended."""
        return None

    def ended(self, job: str, outcome: Outcome) -> None:
        """The last word. `job` is the file's name where no job could be read."""

    def evidence(self, _outcome: Outcome, /) -> Sequence[str]:
        """What is worth a line below the verdict, after `ended`."""
        return ()


class Listeners(Listener):
    """Several of them, in their order; none, most of the time."""

    def __init__(self, listeners: Sequence[Listener] = ()) -> None:
        self._all = tuple(listeners)

    def open(self) -> None:
        """Tell all."""
        for each in self._all:
            each.open()

    def planned(self, planning: Planning) -> None:
        """Tell all."""
        for each in self._all:
            each.planned(planning)

    def found(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Tell all, if there is something."""
        for each in self._all if diagnostics else ():
            each.found(diagnostics)

    def event(self, event: Event) -> None:
        """Tell all."""
        for each in self._all:
            each.event(event)

    def consoles(self, plan: TaskPlan, /) -> Sequence[Sink]:
        """The sinks of all."""
        return [sink for each in self._all for sink in each.consoles(plan)]

    def stderrs(self, plan: TaskPlan, /) -> Sequence[Sink]:
        """The sinks of all."""
        return [sink for each in self._all for sink in each.stderrs(plan)]

    def picture(self, plan: TaskPlan, /) -> Path | None:
        """The first that is wanted."""
        return next(filter(None, (each.picture(plan) for each in self._all)), None)

    def ended(self, job: str, outcome: Outcome) -> None:
        """Tell all."""
        for each in self._all:
            each.ended(job, outcome)

    def evidence(self, outcome: Outcome, /) -> Sequence[str]:
        """The lines of all."""
        return [line for each in self._all for line in each.evidence(outcome)]
