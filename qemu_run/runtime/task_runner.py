"""One task: attempts one after another, until its policy or a stop says that it is enough."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from qemu_run.errors import QemuRunError
from qemu_run.planning.plan import TaskPlan
from qemu_run.runtime.attempt import Attempt
from qemu_run.runtime.events import Ended, Report, Restarting
from qemu_run.runtime.job_watch import JobWatch
from qemu_run.runtime.process import Process
from qemu_run.runtime.restart import Restart, RestartTracker
from qemu_run.runtime.sinks import TaskSinks
from qemu_run.verdict.cause import Cause, StopRequest
from qemu_run.verdict.expectations import held_against
from qemu_run.verdict.job import TaskOutcome
from qemu_run.verdict.outcome import AttemptEnd, Outcome, judge, reported_number

Spawn: TypeAlias = Callable[[TaskPlan], Process]
"""Starts QEMU for a prepared task."""


OpenSinks: TypeAlias = Callable[[TaskPlan], TaskSinks]
"""Opens the sinks of one attempt."""


class TaskRunner:
    """Runs one task."""

    def __init__(
        self,
        plan: TaskPlan,
        *,
        spawn: Spawn,
        sinks: OpenSinks,
        report: Report,
        restarts: RestartTracker,
        watch: JobWatch,
    ) -> None:
        self.plan = plan
        self.attempt: Attempt | None = None
        self._spawn = spawn
        self._sinks = sinks
        self._report = report
        self._restarts = restarts
        self._watch = watch
        self._request: StopRequest | None = None
        self._stop_asked = asyncio.Event()
        self._lived_seconds = 0.0

    def stop(self, request: StopRequest) -> None:
        """Bring the task to its end; the first request gives the cause, a later one can only hasten."""
        self._request = self._request or request
        self._stop_asked.set()
        if self.attempt is not None:
            self.attempt.stop(request)

    async def run(self, first: Process | None = None) -> TaskOutcome:
        """Run it to its end; `first`: its QEMU was started already.

        Raises:
            HostError: QEMU cannot be ended.
        """
        number = 0
        while True:
            number += 1
            outcome, cause = await self._attempt(first, number)
            first = None
            loop = asyncio.get_running_loop()
            decision = self._restarts.decide(loop.time(), good=outcome.is_good) if cause is None else None
            if not isinstance(decision, Restart) or not await self._wait(decision, outcome, number + 1):
                break
        self._report(Ended(task=self.plan.id, outcome=outcome))
        return TaskOutcome(
            name=self.plan.name,
            outcome=outcome,
            cause=cause,
            ended_at=loop.time(),
            lived_seconds=self._lived_seconds,
            attempts=number,
        )

    async def _attempt(self, started: Process | None, number: int) -> tuple[Outcome, Cause | None]:
        """One attempt: its outcome, and why it was stopped if it was."""
        try:
            process = started or self._spawn(self.plan)
        except QemuRunError as error:
            return Outcome(code=error.exit_code, words=str(error)), None
        self.attempt = Attempt(
            self.plan,
            process,
            sinks=self._sinks(self.plan),
            report=self._report,
            watch=self._watch,
            number=number,
        )
        if self._request is not None:
            self.attempt.stop(self._request)
        end: AttemptEnd = await self.attempt.run()
        cause = self.attempt.cause
        self.attempt = None
        self._lived_seconds += end.lived_seconds
        outcome = judge(end, cause)
        if cause is None:
            outcome = held_against(outcome, self._watch.expectations, reported_number(end))
        return outcome, cause

    async def _wait(self, restart: Restart, outcome: Outcome, number: int) -> bool:
        """Wait for the next attempt's time; False when a stop comes first."""
        delay = restart.delay_seconds
        self._report(Restarting(task=self.plan.id, outcome=outcome, attempt=number, delay_seconds=delay))
        try:
            await asyncio.wait_for(self._stop_asked.wait(), delay)
        except TimeoutError:
            return True
        return False
