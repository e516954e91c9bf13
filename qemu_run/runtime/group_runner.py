"""One allocation: its tasks started and stopped in their order, each by a runner of its own."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from qemu_run.jobspec.model import Task
from qemu_run.planning.plan import Allocation, TaskId, TaskPlan
from qemu_run.runtime.order import TaskState, first_to_stop, is_poststop, to_start, to_stop
from qemu_run.runtime.process import Process
from qemu_run.runtime.task_runner import TaskRunner
from qemu_run.verdict.cause import StopRequest, TimeLimit
from qemu_run.verdict.job import TaskOutcome

MakeRunner: TypeAlias = Callable[[TaskPlan], TaskRunner]


class GroupRunner:
    """Runs one allocation."""

    def __init__(
        self, allocation: Allocation, make_runner: MakeRunner, started: Mapping[TaskId, Process]
    ) -> None:
        """`started`: the QEMUs that were started already, by task."""
        self._allocation = allocation
        self._plans = {plan.task.name: plan for plan in allocation.tasks}
        self._make_runner = make_runner
        self._started = started
        self._states: dict[str, TaskState] = dict.fromkeys(self._plans, "pending")
        self._runners: dict[str, TaskRunner] = {}
        self._request: StopRequest | None = None
        """Why the whole group is to end."""
        self._has_poststop = True
        """Poststop tasks still start: also after failures, but not when the time of all is over."""

    def type(self, data: bytes) -> None:
        """Pass on what a person types to the guests."""
        for runner in self._runners.values():
            if runner.attempt is not None:
                runner.attempt.type(data)

    def stop_task(self, task: TaskId, request: StopRequest) -> None:
        """Bring one of its tasks to its end."""
        if task.allocation == self._allocation.id and (runner := self._runners.get(task.task)) is not None:
            runner.stop(request)

    def stop_group_of(self, task: TaskId, request: StopRequest) -> None:
        """End what runs of the group that a task is in; whether it starts again is its policy's to say."""
        if task.allocation == self._allocation.id:
            for runner in tuple(self._runners.values()):
                runner.stop(request)

    def stop(self, request: StopRequest) -> None:
        """Bring every task to its end, one rank after another; those that have not started never will."""
        first = self._request or request
        self._request = replace(first, at_once=first.at_once or request.at_once)
        if isinstance(request.cause, TimeLimit) and request.cause.phase in {"run", "max_run_duration"}:
            self._has_poststop = False
        for name, runner in tuple(self._runners.items()):
            if is_poststop(self._plans[name].task):
                runner.stop(request)
            elif request.at_once:
                runner.stop(self._request)
        self._ask_the_next()

    def _ask_the_next(self) -> None:
        """Ask those that are the next to end; the group's own delay is over when the first have gone."""
        if self._request is None:
            return
        for task in first_to_stop(self._tasks, self._states):
            self._runners[task.name].stop(self._request)

    async def run(self) -> list[TaskOutcome]:
        """Run the tasks to their ends; the outcomes are in the order in which they ended.

        Raises:
            HostError: a QEMU cannot be ended.
            PortsLostError: one did not get a port that was chosen for it.
        """
        outcomes: list[TaskOutcome] = []
        running: dict[asyncio.Task[TaskOutcome], str] = {}
        limit = self._limit_run_duration()
        try:
            self._start_what_may(running)
            while running:
                ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for each in ended:
                    outcomes.append(each.result())
                    self._ended(running.pop(each), outcomes[-1])
                if self._request is not None:
                    self._request = replace(self._request, group_has_waited=True)
                self._stop_what_must()
                self._start_what_may(running)
        finally:
            if limit is not None:
                limit.cancel()
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        return outcomes

    @property
    def _tasks(self) -> list[Task]:
        return [plan.task for plan in self._allocation.tasks]

    def _limit_run_duration(self) -> asyncio.TimerHandle | None:
        """The group's `max_run_duration` begins to run."""
        longest = self._allocation.group.max_run_duration
        if longest is None:
            return None
        seconds = longest.total_seconds()
        request = StopRequest(cause=TimeLimit("max_run_duration", seconds))
        return asyncio.get_running_loop().call_later(seconds, self.stop, request)

    def _start_what_may(self, running: dict[asyncio.Task[TaskOutcome], str]) -> None:
        if not self._has_poststop:
            return
        while tasks := to_start(self._tasks, self._states, stopping=self._request is not None):
            for task in tasks:  # one that runs may be what the next waits for
                plan = self._plans[task.name]
                runner = self._runners[task.name] = self._make_runner(plan)
                self._states[task.name] = "running"
                running[asyncio.ensure_future(runner.run(self._started.get(plan.id)))] = task.name

    def _stop_what_must(self) -> None:
        if self._request is None and (cause := to_stop(self._tasks, self._states)) is not None:
            self._request = StopRequest(cause=cause)
        self._ask_the_next()

    def _ended(self, name: str, outcome: TaskOutcome) -> None:
        self._states[name] = "ended" if outcome.outcome.is_good else "failed"
        del self._runners[name]
