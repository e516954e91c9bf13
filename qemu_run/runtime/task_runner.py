"""One task: attempts one after another, until its policy or a stop says that it is enough."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from qemu_run.errors import ExitCode, QemuRunError
from qemu_run.planning.plan import Forward, TaskPlan
from qemu_run.records import record
from qemu_run.runtime.attempt import Attempt
from qemu_run.runtime.events import Ended, Report, Restarting
from qemu_run.runtime.job_watch import JobWatch
from qemu_run.runtime.lost_ports import PortsLostError, lost_ports
from qemu_run.runtime.process import Process
from qemu_run.runtime.restart import Decision, Enough, Restart, RestartTracker
from qemu_run.runtime.sinks import TaskSinks
from qemu_run.verdict.cause import OF_THE_ATTEMPT, Cause, StopRequest
from qemu_run.verdict.expectations import held_against
from qemu_run.verdict.job import TaskOutcome
from qemu_run.verdict.outcome import AttemptEnd, Outcome, judge, reported_number

Spawn: TypeAlias = Callable[[TaskPlan], Process]
"""Starts QEMU for a prepared task."""


OpenSinks: TypeAlias = Callable[[TaskPlan], TaskSinks]
"""Opens the sinks of one attempt."""


def _as_it_was(plan: TaskPlan) -> TaskPlan:
    return plan


def _stay_lost(lost: PortsLostError) -> TaskPlan:
    raise lost


@record(kw_only=True)
class Anew:
    """What makes a task's plan anew between two of its attempts."""

    with_templates: Callable[[TaskPlan], TaskPlan] = _as_it_was
    """Its templates rendered again, where its policy wants that."""
    with_ports: Callable[[PortsLostError], TaskPlan] = _stay_lost
    """Other ports in the place of those that were lost; it raises where others were told of them."""


_AS_IT_WAS = Anew()


@record
class _Ended:
    """How one attempt ended."""

    outcome: Outcome
    cause: Cause | None
    has_started: bool
    """There was a QEMU at all."""
    lost: tuple[Forward, ...] = ()
    """Ports chosen for it that it did not get."""


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
        anew: Anew = _AS_IT_WAS,
    ) -> None:
        self.plan = plan
        self.attempt: Attempt | None = None
        self._spawn = spawn
        self._sinks = sinks
        self._report = report
        self._restarts = restarts
        self._watch = watch
        self._anew = anew
        self._request: StopRequest | None = None
        self._stop_asked = asyncio.Event()
        self._lived_seconds = 0.0
        self._has_run = False

    def stop(self, request: StopRequest) -> None:
        """Bring the task to its end; the first request gives the cause, a later one can only hasten.

        A failure of the guest itself ends the attempt; whether another follows is the policy's to say.
        """
        if not isinstance(request.cause, OF_THE_ATTEMPT):
            self._request = self._request or request
            self._stop_asked.set()
        if self.attempt is not None:
            self.attempt.stop(request)

    async def run(self, first: Process | None = None) -> TaskOutcome:
        """Run it to its end; `first`: its QEMU was started already.

        Raises:
            HostError: QEMU cannot be ended.
            PortsLostError: `first` did not get a port that was chosen for it.
        """
        number = 0
        while True:
            number += 1
            ended = await self._attempt(first, number)
            first = None
            if ended.lost and self._request is None:
                try:
                    self.plan = self._anew.with_ports(PortsLostError(self.plan, ended.lost))
                except QemuRunError as error:
                    ended = _without_others(ended, error)
                else:
                    number -= 1
                    continue
            decision = self._decide(ended)
            if not isinstance(decision, Restart) or not await self._wait(decision, ended.outcome, number + 1):
                break
        outcome = _told(ended.outcome, number, decision)
        self._report(Ended(task=self.plan.id, outcome=outcome))
        return TaskOutcome(
            name=self.plan.name,
            outcome=outcome,
            cause=ended.cause,
            ended_at=asyncio.get_running_loop().time(),
            lived_seconds=self._lived_seconds,
            attempts=number,
        )

    def _decide(self, ended: "_Ended") -> Decision:
        """Whether another attempt follows: after an end of its own, and not before a guest has run."""
        if ended.cause is not None and not isinstance(ended.cause, OF_THE_ATTEMPT):
            return Enough()
        if not (ended.has_started if self._restarts.mode == "nomad" else self._has_run):
            return Enough()
        return self._restarts.decide(asyncio.get_running_loop().time(), good=ended.outcome.is_good)

    async def _attempt(self, started: Process | None, number: int) -> "_Ended":
        """One attempt: its outcome, and why it was stopped if it was."""
        try:
            if number > 1 and self.plan.task.restart.render_templates:
                self.plan = self._anew.with_templates(self.plan)
            process = started or self._spawn(self.plan)
        except QemuRunError as error:
            outcome = Outcome(code=error.exit_code, words=str(error))
            return _Ended(outcome, cause=None, has_started=False)
        self.attempt = Attempt(
            self.plan,
            process,
            sinks=self._sinks(self.plan),
            report=self._report,
            watch=self._watch,
            number=number,
            restarts=self._restarts.in_words(),
        )
        if self._request is not None:
            self.attempt.stop(self._request)
        end: AttemptEnd = await self.attempt.run()
        cause = self.attempt.cause
        self.attempt = None
        lost = lost_ports(self.plan) if cause is None and not end.stood else ()
        if lost and started is not None:
            raise PortsLostError(self.plan, lost)
        self._lived_seconds += end.lived_seconds
        self._has_run = self._has_run or end.stood
        outcome = judge(end, cause)
        if cause is None:
            outcome = held_against(outcome, self._watch.expectations, reported_number(end))
        return _Ended(outcome, cause, has_started=True, lost=lost)

    async def _wait(self, restart: Restart, outcome: Outcome, number: int) -> bool:
        """Wait for the next attempt's time; False when a stop comes first."""
        delay = restart.delay_seconds
        self._report(Restarting(task=self.plan.id, outcome=outcome, attempt=number, delay_seconds=delay))
        try:
            await asyncio.wait_for(self._stop_asked.wait(), delay)
        except TimeoutError:
            return True
        return False


def _without_others(ended: _Ended, error: QemuRunError) -> _Ended:
    """An attempt that did not get its ports, with why there are no others for it."""
    details = (*ended.outcome.details, *(() if isinstance(error, PortsLostError) else (str(error),)))
    return replace(ended, outcome=replace(ended.outcome, details=details))


def _told(outcome: Outcome, attempts: int, decision: Decision) -> Outcome:
    """The task's outcome: that of its last attempt, with how many there were.

    A task that a cluster starts again after a good end has failed when its restarts are used up.
    """
    why = decision.why if isinstance(decision, Enough) else ""
    code = ExitCode.TASK_FAILED if why and outcome.is_good else outcome.code
    words = f"{outcome.words} (attempt {attempts})" if attempts > 1 else outcome.words
    return replace(outcome, code=code, words=words, details=(*outcome.details, *filter(None, (why,))))
