"""What is watched over all guests of a run: words on their consoles, time, readiness, resets.

Whatever ends the run is asked of the supervisor; what it learns is asked for once the guests have ended.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from functools import partial

from qemu_run.planning.checks import has_to_pass
from qemu_run.planning.plan import TaskId, TaskPlan
from qemu_run.runtime.checks import HealthWatch, never_passed
from qemu_run.runtime.events import Noticed, Ready, Report
from qemu_run.runtime.readiness import never_answered, probed
from qemu_run.verdict.cause import (
    Cause,
    Expected,
    Forbidden,
    NothingToBoot,
    Panicked,
    Phase,
    StopRequest,
    TimeLimit,
)
from qemu_run.verdict.console_watch import ConsoleWatch, Seen
from qemu_run.verdict.expectations import Expectations
from qemu_run.verdict.signatures import NO_LOADER, SIGNATURES, SYSTEM_STARTED, Signature

_PAUSE_SECONDS = 3.0
"""After which firmware that found nothing to boot has said all: it asks for keys before."""
_QUIET_SECONDS = 0.2
"""After which a line without an end is taken for a prompt."""

StopTask = Callable[[TaskId, StopRequest], None]
"""Asks for the end of one task; of all tasks, when it is the run that has to end."""


def _lacking(plan: TaskPlan) -> str:
    """What keeps a guest from being ready when it has just begun, in words; empty: it is not known."""
    unanswered = next(map(never_answered, probed(plan)), "")
    return never_passed(check for check in plan.checks if check.counts_for_readiness) or unanswered


class JobWatch:
    """Holds a run against what was asked of it. `wants_ready`: somebody waits for the guests to be ready."""

    def __init__(
        self,
        expectations: Expectations,
        tasks: Iterable[TaskId],
        *,
        report: Report,
        stop_task: StopTask,
        stop_all: Callable[[StopRequest], None],
        stop_group: StopTask = lambda *_: None,
        wants_ready: bool = False,
    ) -> None:
        self.expectations = expectations
        self.unseen = list(expectations.expect)
        self.ready = asyncio.Event()
        """All guests are ready."""
        self._not_ready: dict[TaskId, Callable[[], str]] = dict.fromkeys(tasks, str)
        """What each of them still lacks, in words."""
        self._report = report
        self._stop_task = stop_task
        self._stop_all = stop_all
        self._stop_group = stop_group
        self._loop = asyncio.get_running_loop()
        self.wants_ready = wants_ready or expectations.ready is not None
        self.probes_ports = self.wants_ready and expectations.ready is None
        """Readiness is told by the guests' ports, of those that have no checks."""
        self._signatures = {each.pattern: each for each in (*SIGNATURES, NO_LOADER)}
        self._forbidden = dict(self._forbidden_patterns())
        self._timers = [self._later(expectations.boot_seconds, "boot")]

    def limit_run(self, elapsed_seconds: float) -> None:
        """Let the whole run take no longer than it may; so much of its time is gone already."""
        self._timers.append(self._later(self.expectations.run_seconds, "run", elapsed_seconds))

    def _forbidden_patterns(self) -> Iterable[tuple[str, str]]:
        """Each pattern with the name under which it was forbidden."""
        by_name = {f"@{each.name}": each.pattern for each in SIGNATURES}
        return ((by_name.get(given, given), given) for given in self.expectations.forbid)

    def _later(
        self, seconds: float | None, phase: Phase, elapsed_seconds: float = 0.0
    ) -> asyncio.TimerHandle | None:
        if seconds is None:
            return None
        return self._loop.call_later(max(0.0, seconds - elapsed_seconds), self._out_of_time, phase, seconds)

    def _out_of_time(self, phase: Phase, seconds: float) -> None:
        if phase != "boot" or not self._has_booted:
            self._stop_all(StopRequest(cause=TimeLimit(phase, seconds)))

    @property
    def _has_booted(self) -> bool:
        return self.ready.is_set() or len(self.unseen) < len(self.expectations.expect)

    def silent(self, seconds: float) -> None:
        """A console has said nothing for as long as it may."""
        self._stop_all(StopRequest(cause=TimeLimit("silence", seconds)))

    def sink(self, plan: TaskPlan) -> "WatchSink":
        """Where a guest's console is watched."""
        self.waits_for(plan.id, partial(_lacking, plan))
        ready = (self.expectations.ready,) if self.expectations.ready else ()
        patterns = dict.fromkeys((*self.expectations.expect, *self._forbidden, *ready))
        if plan.launch.hangs_in_firmware:
            patterns[NO_LOADER.pattern] = None  # its line never ends
        others = [each.pattern for each in SIGNATURES if each.pattern not in patterns] + [SYSTEM_STARTED]
        waits = partial(self.waits, plan)
        return WatchSink(self, plan.id, ConsoleWatch(tuple(patterns), others), self._loop, waits)

    def became_ready(self, task: TaskId) -> None:
        """A guest is ready."""
        if task in self._not_ready:
            del self._not_ready[task]
            self._report(Ready(task=task))
        if not self._not_ready:
            self.ready.set()

    def waits_for(self, task: TaskId, lacking: Callable[[], str]) -> None:
        """A guest will be ready once it has what it lacks, in words."""
        if task in self._not_ready:
            self._not_ready[task] = lacking

    @property
    def waited_for(self) -> str:
        """What has not told that the guests are ready, in words; empty: it is not known."""
        if self.expectations.ready is not None:
            return f'--ready "{self.expectations.ready}" was never seen'
        return next(filter(None, (lacking() for lacking in self._not_ready.values())), "")

    def health(self, plan: TaskPlan, report: Report, end: Callable[[StopRequest], None]) -> HealthWatch:
        """What makes the checks of a guest. `end`: asks for the end of this guest alone."""
        told_by_text = self.expectations.ready is not None
        watch = HealthWatch(
            plan,
            report,
            became_ready=(lambda: None) if told_by_text else lambda: self.became_ready(plan.id),
            end_task=end,
            end_group=lambda request: self._stop_group(plan.id, request),
        )
        if has_to_pass(plan):
            self.waits_for(plan.id, lambda: watch.lacking)
        return watch

    def saw(self, task: TaskId, seen: Seen, *, system_started: bool) -> None:
        """A console has shown a pattern."""
        if seen.pattern == self.expectations.ready:
            self.became_ready(task)
        if seen.pattern in self._forbidden:
            self._stop_task(task, StopRequest(cause=Forbidden(self._forbidden[seen.pattern], seen.line)))
        elif seen.pattern in self.unseen:
            self.unseen.remove(seen.pattern)
            if not self.unseen:
                self._stop_all(StopRequest(cause=Expected(seen.pattern)))
        elif (signature := self._signatures.get(seen.pattern)) is not None:
            self._recognised(task, signature, seen, system_started=system_started)

    def _recognised(self, task: TaskId, signature: Signature, seen: Seen, *, system_started: bool) -> None:
        if signature.effect == "no boot" and system_started:
            return
        self._report(Noticed(task=task, signature=signature.name, what=signature.what, line=seen.line))
        if not self.expectations.text_ends or signature.effect == "told":
            return
        cause: Cause = Panicked(seen.line) if signature.effect == "panic" else NothingToBoot(seen.line)
        self._stop_task(task, StopRequest(cause=cause, at_once=True))

    def leaves_it_waiting(self, seen: Seen) -> bool:
        """Whether a line tells that the guest goes on only if a person does something, who sits there."""
        signature = self._signatures.get(seen.pattern)
        is_asked_for = seen.pattern in self._forbidden or seen.pattern in self.unseen
        waits = signature is not None and signature.effect == "no boot"
        return waits and not is_asked_for and not self.expectations.text_ends

    def waits(self, plan: TaskPlan, seen: Seen) -> None:
        """Firmware that found nothing to boot has come to rest."""
        signature, launch = self._signatures[seen.pattern], plan.launch
        why = "its disk has no system" if launch.disk is not None else "it has no disk"
        if launch.wants_uefi:
            why = 'its disk starts by UEFI only (meta { qemu_run_firmware = "uefi" })'
        what = f"{signature.what}: {why}"
        self._report(Noticed(task=plan.id, signature=signature.name, what=what, line=seen.line))

    def close(self) -> None:
        """The run has ended: no time limit runs any more."""
        for timer in self._timers:
            if timer is not None:
                timer.cancel()


class WatchSink:
    """Takes what a guest says, on a reader's thread, and tells the watch on the loop's."""

    def __init__(
        self,
        watch: JobWatch,
        task: TaskId,
        console: ConsoleWatch,
        loop: asyncio.AbstractEventLoop,
        waits: Callable[[Seen], None] = lambda _: None,
    ) -> None:
        """`waits` is called when the guest has come to rest and waits for a person who sits there."""
        self._watch = watch
        self._task = task
        self._waits = waits
        self._console = console
        self._loop = loop
        self._system_started = False
        self._silence = watch.expectations.silence_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._rest_timer: asyncio.TimerHandle | None = None
        self._waits_at: Seen | None = None
        self._pause_timer: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()
        """The console is looked at on the reader's thread, and its unfinished line on the loop's."""
        self._call(self._arm)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the run has ended, and nobody watches any more
            self._loop.call_soon_threadsafe(function, *arguments)

    def _arm(self) -> None:
        """Begin to count the seconds of silence anew."""
        if self._timer is not None:
            self._timer.cancel()
        if self._silence is not None:
            self._timer = self._loop.call_later(self._silence, self._watch.silent, self._silence)

    def _disarm(self) -> None:
        for timer in (self._timer, self._rest_timer, self._pause_timer):
            if timer is not None:
                timer.cancel()

    def write(self, data: bytes) -> None:
        """Look for patterns in what the guest said."""
        if self._silence is not None:
            self._call(self._arm)
        with self._lock:
            found = list(self._console.feed(data))
        for seen in found:
            if seen.pattern == SYSTEM_STARTED:
                self._system_started = True
            else:
                self._call(self._tell, seen, self._system_started)
        self._call(self._wait_for_the_rest)

    def _wait_for_the_rest(self) -> None:
        """Look at a line that has not ended once nothing more comes of it."""
        if self._rest_timer is not None:
            self._rest_timer.cancel()
        self._wait_for_a_pause()
        if self._console.has_rest:
            self._rest_timer = self._loop.call_later(_QUIET_SECONDS, self._look_at_rest)

    def _look_at_rest(self) -> None:
        with self._lock:
            found = list(self._console.feed_rest())
        for seen in found:
            self._tell(seen, self._system_started)

    def _tell(self, seen: Seen, system_started: bool) -> None:  # noqa: FBT001  # called by the loop
        if self._watch.leaves_it_waiting(seen):
            self._waits_at = seen
            self._wait_for_a_pause()
        else:
            self._watch.saw(self._task, seen, system_started=system_started)

    def _wait_for_a_pause(self) -> None:
        """A person at the terminal is told that the guest waits once it does, and not between its words."""
        if self._pause_timer is not None:
            self._pause_timer.cancel()
        if self._waits_at is not None:
            self._pause_timer = self._loop.call_later(_PAUSE_SECONDS, self._tell_that_it_waits)

    def _tell_that_it_waits(self) -> None:
        seen, self._waits_at = self._waits_at, None
        if seen is not None and not self._system_started:
            self._waits(seen)

    def close(self) -> None:
        """The guest will say no more."""
        self._call(self._look_at_rest)
        self._call(self._disarm)
