"""A plan is carried out: prepare, spawn, supervise, and leave nothing behind."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from qemu_run import folders
from qemu_run.planning.plan import Allocation, Plan, TaskId, TaskPlan
from qemu_run.records import record
from qemu_run.runtime.allocation import directories, remove_leftovers
from qemu_run.runtime.events import Report
from qemu_run.runtime.logs import RotatedLog
from qemu_run.runtime.order import to_start
from qemu_run.runtime.prepare import prepare
from qemu_run.runtime.process import Process, spawn
from qemu_run.runtime.restart import RestartMode
from qemu_run.runtime.signals import Signals, StopRequestedError
from qemu_run.runtime.sinks import Input, Sink
from qemu_run.runtime.task_runner import TaskSinks
from qemu_run.verdict.expectations import NOTHING, Expectations
from qemu_run.verdict.job import of_run
from qemu_run.verdict.outcome import Outcome, stopped_early

if TYPE_CHECKING:
    from qemu_run.runtime.command import BesideCommand


@record(kw_only=True)
class Run:
    """What a run needs besides its plan."""

    report: Report
    consoles: Callable[[TaskPlan], Sequence[Sink]]
    """Where a guest's text goes besides the log files that are kept."""
    keep: bool = False
    """Leave the allocation directories."""
    restart: RestartMode = "auto"
    expectations: Expectations = NOTHING
    keyboard: Input | None = None
    """What is typed there goes to the guest."""
    command: tuple[str, ...] = ()
    """Runs on the host once the guests are ready; its end is the run's."""

    def carry_out(self, plan: Plan, signals: Signals) -> Outcome:
        """Run every task of `plan` to its end.

        QEMU is started before what watches it is even imported: the guest boots in the meantime.

        Raises:
            ArtifactError, JobError, PlacementError, HostError, QemuError: before a guest ran.
        """
        try:
            with ExitStack() as stack:
                return self._carry_out(plan, signals, stack)
        except StopRequestedError as stop:
            return stopped_early(stop.by)

    def _carry_out(self, plan: Plan, signals: Signals, stack: ExitStack) -> Outcome:
        remove_leftovers(folders.allocations())
        for allocation in plan.allocations:
            stack.enter_context(directories(allocation, keep=self.keep))
        allocations = [self._prepared(allocation) for allocation in plan.allocations]
        signals.hold()
        started: dict[TaskId, Process] = {}
        for allocation in allocations:
            for task in _first(allocation):
                process = started[task.id] = _spawn(task)
                stack.callback(process.close)
        from qemu_run.runtime.supervisor import Supervision

        supervision = Supervision(
            spawn=_spawn,
            sinks=self._sinks,
            report=self.report,
            restart=self.restart,
            expectations=self.expectations,
            command=self._command(plan),
            keyboard=self.keyboard,
        )
        return of_run(supervision.run(allocations, started, signals))

    def _command(self, plan: Plan) -> "BesideCommand | None":
        """The command beside the guests, told where their ports are on the host."""
        if not self.command:
            return None
        addresses = {
            f"{kind}_{forward.label}": value
            for task in plan.tasks
            for forward in task.launch.forwards
            for kind, value in (
                ("NOMAD_ADDR", forward.address),
                ("NOMAD_HOST_PORT", f"{forward.host_port}"),
                ("NOMAD_IP", forward.host_ip),
            )
        }
        from qemu_run.runtime.command import BesideCommand

        return BesideCommand(self.command, {**os.environ, **addresses})

    def _prepared(self, allocation: Allocation) -> Allocation:
        """The allocation with its tasks' files in place and their launches final."""
        tasks = tuple(prepare(task, folders.artifacts(), self.report) for task in allocation.tasks)
        return replace(allocation, tasks=tasks)

    def _sinks(self, plan: TaskPlan) -> TaskSinks:
        logs = plan.task.logs
        if logs.disabled:
            return TaskSinks(console=self.consoles(plan), stderr=())
        return TaskSinks(
            console=(*self.consoles(plan), RotatedLog(plan.layout.stdout, logs)),
            stderr=(RotatedLog(plan.layout.stderr, logs),),
        )


def _first(allocation: Allocation) -> list[TaskPlan]:
    """The tasks of an allocation that start before all others."""
    tasks = [plan.task for plan in allocation.tasks]
    first = {task.name for task in to_start(tasks, {task.name: "pending" for task in tasks}, stopping=False)}
    return [plan for plan in allocation.tasks if plan.task.name in first]


def _spawn(plan: TaskPlan) -> Process:
    return spawn(plan.launch, plan.layout.directory)
