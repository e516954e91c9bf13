"""Watch all guests of a run to their ends: processes, monitor events, requests to stop, all at once."""

import asyncio
from collections.abc import Mapping, Sequence

from qemu_run.planning.plan import Allocation, TaskId, TaskPlan
from qemu_run.records import record
from qemu_run.runtime.events import Report
from qemu_run.runtime.group_runner import GroupRunner
from qemu_run.runtime.order import restarts_success
from qemu_run.runtime.process import Process
from qemu_run.runtime.restart import RestartMode, RestartTracker
from qemu_run.runtime.signals import Signals
from qemu_run.runtime.task_runner import OpenSinks, Spawn, TaskRunner
from qemu_run.verdict.cause import Signalled, StopRequest
from qemu_run.verdict.job import TaskOutcome


@record(kw_only=True)
class Supervision:
    """How guests are watched, and whom to tell."""

    spawn: Spawn
    sinks: OpenSinks
    report: Report
    restart: RestartMode = "never"

    def run(
        self, allocations: Sequence[Allocation], started: Mapping[TaskId, Process], signals: Signals
    ) -> list[TaskOutcome]:
        """Run every allocation to its end; `started`: the QEMUs that were started already.

        Raises:
            HostError: QEMU cannot be ended.
        """
        return asyncio.run(self._run(allocations, started, signals))

    async def _run(
        self, allocations: Sequence[Allocation], started: Mapping[TaskId, Process], signals: Signals
    ) -> list[TaskOutcome]:
        groups = [GroupRunner(allocation, self._runner, started) for allocation in allocations]
        loop = asyncio.get_running_loop()

        def heard() -> None:
            """A signal came: the first asks the guests, any further one ends the waiting."""
            request = StopRequest(cause=Signalled(signals.received[0]), at_once=len(signals.received) > 1)
            for group in groups:
                group.stop(request)

        def wake() -> None:
            loop.call_soon_threadsafe(heard)

        with signals.told_to(wake):
            ended = await asyncio.gather(*(group.run() for group in groups))
        return [outcome for outcomes in ended for outcome in outcomes]

    def _runner(self, plan: TaskPlan) -> TaskRunner:
        tracker = RestartTracker(
            policy=plan.task.restart,
            mode=self.restart,
            restarts_success=restarts_success(plan.task, plan.inputs.allocation.job.type),
            window_start=asyncio.get_running_loop().time(),
        )
        return TaskRunner(plan, spawn=self.spawn, sinks=self.sinks, report=self.report, restarts=tracker)
