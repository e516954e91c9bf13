"""A plan is carried out: prepare, spawn, supervise, and leave nothing behind."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from qemu_run.planning.plan import Plan, TaskPlan
from qemu_run.records import record
from qemu_run.runtime.allocation import allocation, remove_leftovers
from qemu_run.runtime.artifacts import Supply
from qemu_run.runtime.console import ConsoleOutput
from qemu_run.runtime.events import Report
from qemu_run.runtime.prepare import prepare
from qemu_run.runtime.process import Process, spawn
from qemu_run.runtime.signals import Stops
from qemu_run.verdict.outcome import Verdict


@record(kw_only=True)
class Run:
    """What a run needs besides its plan."""

    supply: Supply
    """Where artifacts are kept, and how they are fetched."""
    output: ConsoleOutput
    report: Report
    keep: bool = False
    """Leave the allocation directories."""

    def carry_out(self, plan: Plan, stops: Stops) -> list[Verdict]:
        """Run every task of `plan` to its end; one verdict for each.

        QEMU is started before what watches it is even imported: the guest boots in the meantime.

        Raises:
            ArtifactError, PlacementError, HostError, MachineError: before a guest ran.
            StopRequestedError: a signal came before a guest ran.
        """
        with ExitStack() as stack:
            self._make_directories(plan, stack)
            for task in plan.tasks:
                prepare(task, self.supply, self.report)
            stops.hold()
            processes = [self._spawn(task, stack) for task in plan.tasks]
            from qemu_run.runtime.supervise import supervise

            return supervise(processes, stops, self.output, self.report)

    def _make_directories(self, plan: Plan, stack: ExitStack) -> None:
        by_allocation: dict[Path, list[str]] = {}
        for task in plan.tasks:
            by_allocation.setdefault(task.allocation, []).append(task.task.name)
        for directory, names in by_allocation.items():
            remove_leftovers(directory.parent)
            stack.enter_context(allocation(directory, names, keep=self.keep))

    @staticmethod
    def _spawn(task: TaskPlan, stack: ExitStack) -> Process:
        process = spawn(task)
        stack.callback(process.close)
        return process


def of_job(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on the whole job: that of the first task that did not end well, else of the last."""
    return next((verdict for verdict in verdicts if not verdict.is_good), verdicts[-1])
