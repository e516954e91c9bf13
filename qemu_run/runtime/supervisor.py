"""Watch all guests of a run to their ends: processes, monitor events, requests to stop, all at once."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from qemu_run.planning.checks import waited_for
from qemu_run.planning.plan import Allocation, TaskId, TaskPlan
from qemu_run.records import record
from qemu_run.runtime.command import BesideCommand
from qemu_run.runtime.events import Report
from qemu_run.runtime.group_runner import GroupRunner
from qemu_run.runtime.job_watch import JobWatch
from qemu_run.runtime.order import restarts_success
from qemu_run.runtime.process import Process
from qemu_run.runtime.restart import RestartMode, RestartTracker
from qemu_run.runtime.signals import Signals
from qemu_run.runtime.sinks import Input
from qemu_run.runtime.task_runner import Anew, OpenSinks, Spawn, TaskRunner
from qemu_run.verdict.cause import CommandEnded, Signalled, StopRequest
from qemu_run.verdict.expectations import NOTHING, Expectations
from qemu_run.verdict.job import RunEnd


@contextmanager
def _woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Have signals end the loop's sleep. Else one that comes as it falls asleep would be slept through."""
    ours, its = socket.socketpair()
    for end in (ours, its):
        os.set_blocking(end.fileno(), False)  # it takes no name
    loop.add_reader(ours, ours.recv, 4096)
    before = signal.set_wakeup_fd(its.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        loop.remove_reader(ours)
        ours.close()
        its.close()


@record(kw_only=True)
class Supervision:
    """How guests are watched, and whom to tell."""

    spawn: Spawn
    sinks: OpenSinks
    report: Report
    restart: RestartMode = "auto"
    anew: Anew = Anew()
    """Makes a task's plan anew before another attempt."""
    expectations: Expectations = NOTHING
    command: BesideCommand | None = None
    """Runs on the host once the guests are ready."""
    keyboard: Input | None = None
    """What is typed there goes to the guest; only where a single task runs."""
    elapsed_seconds: float = 0.0
    """Of the time of the whole run, what preparing has taken."""

    def run(
        self, allocations: Sequence[Allocation], started: Mapping[TaskId, Process], signals: Signals
    ) -> RunEnd:
        """Run every allocation to its end; `started`: the QEMUs that were started already.

        Raises:
            HostError: QEMU cannot be ended.
            PortsLostError: one did not get a port that was chosen for it; nothing runs any more.
        """
        return asyncio.run(_SupervisedRun(self, allocations, started).run(signals))


class _SupervisedRun:
    """One run, while it lasts."""

    def __init__(
        self, how: Supervision, allocations: Sequence[Allocation], started: Mapping[TaskId, Process]
    ) -> None:
        self._how = how
        self._allocations = allocations
        self._is_stopping = False
        self._groups = [GroupRunner(allocation, self._runner, started) for allocation in allocations]

    async def run(self, signals: Signals) -> RunEnd:
        """Watch every group to its end."""
        loop = asyncio.get_running_loop()
        tasks = [task.id for allocation in self._allocations for task in waited_for(allocation)]
        self._watch = JobWatch(
            self._how.expectations,
            tasks,
            report=self._how.report,
            stop_task=self._stop_task,
            stop_all=self._stop,
            stop_group=self._stop_group,
            wants_ready=self._how.command is not None or self._how.expectations.boot_seconds is not None,
        )

        self._watch.limit_run(self._how.elapsed_seconds)

        def wake() -> None:
            """A signal came: the first asks the guests, any further one ends the waiting."""
            first, *further = signals.received
            request = StopRequest(cause=first, at_once=bool(further) or first.is_impatient)
            loop.call_soon_threadsafe(self._stop, request)

        if self._how.keyboard is not None:
            self._how.keyboard.listen()
            loop.add_reader(self._how.keyboard.descriptor, self._type, self._how.keyboard)
        commanding = asyncio.ensure_future(self._command())
        try:
            with signals.told_to(wake), _woken_by_signals(loop):
                ended = await asyncio.gather(*(group.run() for group in self._groups))
                outcomes = tuple(outcome for each in ended for outcome in each)
                if any(not outcome.outcome.is_good for outcome in outcomes) or not self._watch.ready.is_set():
                    commanding.cancel()
                with suppress(asyncio.CancelledError):
                    await commanding
        finally:
            commanding.cancel()
            self._watch.close()
            if self._how.keyboard is not None:
                loop.remove_reader(self._how.keyboard.descriptor)
        code = None if commanding.cancelled() else commanding.result()
        wanted_ready = self._how.command is not None or self._how.expectations.ready is not None
        return RunEnd(
            tasks=outcomes,
            stopped_by=signals.received[0] if signals.received else None,
            unseen=tuple(self._watch.unseen),
            was_ready=self._watch.ready.is_set() or not wanted_ready,
            waited_for=self._watch.waited_for,
            command_code=code,
        )

    def _type(self, keyboard: Input) -> None:
        """Somebody has typed."""
        data = keyboard.typed()
        for group in self._groups:
            group.type(data)

    def _stop(self, request: StopRequest) -> None:
        """Bring all to its end; a signal while that goes on already ends the waiting."""
        is_further = self._is_stopping and isinstance(request.cause, Signalled)
        self._is_stopping = True
        for group in self._groups:
            group.stop(replace(request, at_once=True) if is_further else request)

    def _stop_task(self, task: TaskId, request: StopRequest) -> None:
        for group in self._groups:
            group.stop_task(task, request)

    def _stop_group(self, task: TaskId, request: StopRequest) -> None:
        """End every task of the group that one is in."""
        for group in self._groups:
            group.stop_group_of(task, request)

    async def _command(self) -> int | None:
        """Run the command beside the guests once they are ready; its end is theirs."""
        if self._how.command is None:
            return None
        await self._watch.ready.wait()
        code = await self._how.command.run()
        self._stop(StopRequest(cause=CommandEnded(code)))
        return code

    def _runner(self, plan: TaskPlan) -> TaskRunner:
        tracker = RestartTracker(
            policy=plan.task.restart,
            mode=self._how.restart,
            restarts_success=restarts_success(plan.task, plan.inputs.allocation.job.type),
            window_start=asyncio.get_running_loop().time(),
        )
        return TaskRunner(
            plan,
            spawn=self._how.spawn,
            sinks=self._how.sinks,
            report=self._how.report,
            restarts=tracker,
            watch=self._watch,
            anew=self._how.anew,
        )
