"""A plan is carried out: prepare, spawn, supervise, and leave nothing behind."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from qemu_run import folders
from qemu_run.errors import Diagnostic, PlacementError
from qemu_run.planning.plan import Allocation, Plan, TaskId, TaskPlan
from qemu_run.records import record
from qemu_run.runtime.allocation import directories, remove, remove_leftovers
from qemu_run.runtime.child import Start
from qemu_run.runtime.events import Report
from qemu_run.runtime.head_start import HeadStart
from qemu_run.runtime.logs import RotatedLog
from qemu_run.runtime.lost_ports import PortsLostError
from qemu_run.runtime.order import to_start
from qemu_run.runtime.prepare import prepare, render_again
from qemu_run.runtime.process import Process, spawn
from qemu_run.runtime.signals import Signals, StopRequestedError
from qemu_run.runtime.sinks import Input, Sink, TaskSinks
from qemu_run.runtime.supply import Supply
from qemu_run.verdict.expectations import NOTHING, Expectations
from qemu_run.verdict.job import of_run
from qemu_run.verdict.outcome import Outcome, stopped_early

if TYPE_CHECKING:
    from types import ModuleType

    from qemu_run.runtime.command import BesideCommand
    from qemu_run.runtime.restart import RestartMode


_A_FEW = 4


def _no_picture(_plan: TaskPlan) -> Path | None:
    return None


def _stay_lost(lost: PortsLostError) -> Plan:
    raise lost


def _forget(_plan: Plan, _starts: Sequence[Start]) -> None:
    pass


def _nowhere(_plan: TaskPlan) -> Sequence[Sink]:
    return ()


@record(kw_only=True)
class Run:
    """What a run needs besides its plan."""

    report: Report
    supply: Supply
    """Where artifacts are kept, and on which terms they are fetched."""
    consoles: Callable[[TaskPlan], Sequence[Sink]]
    """Where a guest's text goes besides its log files."""
    stderrs: Callable[[TaskPlan], Sequence[Sink]] = _nowhere
    """Where QEMU's own words go besides their log files."""
    pictures: Callable[[TaskPlan], Path | None] = _no_picture
    """Where a picture of a guest's screen goes before it is ended."""
    keep: bool = False
    """Leave the allocation directories."""
    keep_logs: bool = True
    """Leave the logs in the user's state folder after a bad end."""
    restart: "RestartMode" = "auto"
    expectations: Expectations = NOTHING
    plan_again: Callable[[PortsLostError], Plan] = _stay_lost
    """The plan with other ports in the place of those that were lost; it raises where that is no use."""
    keyboard: Input | None = None
    """What is typed there goes to the guest."""
    head_start: HeadStart
    """What was started ahead of the plan."""
    remember: Callable[[Plan, Sequence[Start]], None] = _forget
    """Is told what the guests of a run that ended well were started with."""
    command: tuple[str, ...] = ()
    """Runs on the host once the guests are ready; its end is the run's."""

    def carry_out(self, plan: Plan, signals: Signals) -> Outcome:
        """Run every task of `plan` to its end.

        QEMU is started before what watches it is even imported: the guest boots in the meantime.

        Raises:
            ArtifactError, JobError, PlacementError, HostError, QemuError: before a guest ran.
        """
        began = time.monotonic()
        try:
            with signals.limited(self.expectations.run_seconds):
                while True:
                    try:
                        return self._carry_out(plan, signals, began)
                    except PortsLostError as lost:
                        for allocation in plan.allocations:
                            remove(allocation)
                        signals.resume()
                        plan = self.plan_again(lost)
        except StopRequestedError as stop:
            return stopped_early(stop.by)

    def _carry_out(self, plan: Plan, signals: Signals, began: float) -> Outcome:
        """The same, once; `began`: when the run did, by the monotonic clock.

        Raises:
            PortsLostError: a guest did not get a port that was chosen for it; nothing runs any more.
        """
        with ExitStack() as stack:
            return self._watched(plan, signals, began, stack)

    def _watched(self, plan: Plan, signals: Signals, began: float, stack: ExitStack) -> Outcome:
        remove_leftovers(folders.allocations())
        for allocation in plan.allocations:
            made = directories(allocation, keep=self.keep, made_ahead=self.head_start.adopt)
            stack.enter_context(made)
        allocations = [self._prepared(allocation) for allocation in plan.allocations]
        signals.hold()
        started: dict[TaskId, Process] = {}
        for allocation in allocations:
            for task in _first(allocation):
                process = started[task.id] = _spawn(task, self.head_start)
                stack.callback(process.close)
        self.head_start.cancel()
        with _without_tls():
            from qemu_run.runtime.supervisor import Supervision
            from qemu_run.runtime.task_runner import Anew

        if len(started) > _A_FEW:
            gc.collect()  # of what planning left for each guest
        gc.freeze()  # all that is there by now stays
        gc.enable()
        supervision = Supervision(
            spawn=_spawn,
            sinks=self._sinks,
            report=self.report,
            restart=self.restart,
            anew=Anew(with_templates=render_again, with_ports=self._with_other_ports),
            expectations=self.expectations,
            command=self._command(plan),
            keyboard=self.keyboard,
            elapsed_seconds=time.monotonic() - began,
        )
        outcome = of_run(supervision.run(allocations, started, signals))
        if outcome.is_bad:
            return self._with_logs(outcome, allocations)
        self.remember(plan, [process.made_by for process in started.values()])
        return outcome

    def _with_other_ports(self, lost: PortsLostError) -> TaskPlan:
        """A task with other ports for its next attempt, its templates rendered with them.

        Raises:
            PortsLostError: there are no others.
            PlacementError: others were told of those that were lost; or as `prepare` does.
            JobError, HostError: as `prepare` does.
        """
        if lost.has_witnesses or self.command:
            who = "another task" if lost.has_witnesses else "the command"
            raise PlacementError(Diagnostic(f"{who} was told of it, so that it stays"))
        plan = self.plan_again(lost)
        return render_again(next(task for task in plan.tasks if task.id == lost.task))

    def _with_logs(self, outcome: Outcome, allocations: Sequence[Allocation]) -> Outcome:
        """The logs outlive their allocations, and the outcome says where."""
        if self.keep or not self.keep_logs:
            return outcome
        from qemu_run.runtime.kept_logs import keep_logs

        try:
            return replace(outcome, logs=keep_logs(allocations, folders.runs()))
        except OSError as error:
            why = f"the logs could not be kept: {error.strerror}"
            return replace(outcome, details=(*outcome.details, why))

    def _command(self, plan: Plan) -> "BesideCommand | None":
        """The command beside the guests, told where their ports are on the host."""
        if not self.command:
            return None
        addresses = {
            f"{kind}_{forward.label}": value
            for task in plan.tasks
            for forward in task.launch.forwards
            if forward.host_port
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
        tasks = tuple(prepare(task, self.supply, self.report) for task in allocation.tasks)
        return replace(allocation, tasks=tasks)

    def _sinks(self, plan: TaskPlan) -> TaskSinks:
        logs = plan.task.logs
        console, stderr = self.consoles(plan), self.stderrs(plan)
        if not logs.disabled:
            console = (*console, RotatedLog(plan.layout.stdout, logs))
            stderr = (*stderr, RotatedLog(plan.layout.stderr, logs))
        return TaskSinks(console=console, stderr=stderr, picture=self.pictures(plan))


@contextmanager
def _without_tls() -> Iterator[None]:
    """Have asyncio imported without OpenSSL, a sixth of a run's memory: nobody here speaks TLS by it."""
    if "ssl" in sys.modules:
        yield
        return
    sys.modules["ssl"] = cast("ModuleType", None)  # which the import system takes for a missing module
    try:
        yield
    finally:
        del sys.modules["ssl"]


def _first(allocation: Allocation) -> list[TaskPlan]:
    """The tasks of an allocation that start before all others."""
    tasks = [plan.task for plan in allocation.tasks]
    first = {task.name for task in to_start(tasks, {task.name: "pending" for task in tasks}, stopping=False)}
    return [plan for plan in allocation.tasks if plan.task.name in first]


def _spawn(plan: TaskPlan, head_start: HeadStart | None = None) -> Process:
    return spawn(plan.launch, plan.layout.directory, head_start)
