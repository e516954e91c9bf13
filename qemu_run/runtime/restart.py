"""Whether a task that has ended is started again: a pure function of its policy and its history.

Source: Nomad's client, `client/allocrunner/taskrunner/restarts`.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias

from qemu_run.jobspec.model import RestartPolicy
from qemu_run.records import mutable, record
from qemu_run.verdict.durations import duration

RestartMode: TypeAlias = Literal["auto", "never", "failed", "nomad"]
"""Of the command line: failures where the file has a policy, never, failures, or as a cluster has it."""
_JITTER = 0.25


@record
class Restart:
    """Another attempt, after a while."""

    delay_seconds: float


@record
class Enough:
    """No other attempt."""

    why: str = ""


Decision: TypeAlias = Restart | Enough


def _random() -> float:
    import random

    return random.random()  # noqa: S311  # it spreads restarts, and keeps no secret


@mutable
class RestartTracker:
    """Counts the restarts of one task within the interval of its policy."""

    policy: RestartPolicy
    mode: RestartMode
    restarts_success: bool
    """Whether a good end is followed by another start, as on a cluster for a service."""
    window_start: float
    """By the clock that only runs forward, in seconds."""
    count: int = 0
    jitter: Callable[[], float] = _random

    def decide(self, now: float, *, good: bool) -> Decision:
        """What follows an attempt that ended at `now`."""
        if self.mode == "never" or (self.mode == "auto" and not self.policy.is_written):
            return Enough()
        if good and not (self.mode == "nomad" and self.restarts_success):
            return Enough()
        if not self.policy.attempts:
            return Enough()
        interval = self.policy.interval.total_seconds()
        if now > self.window_start + interval:
            self.count, self.window_start = 0, now
        self.count += 1
        if self.count > self.policy.attempts:
            if self.mode == "nomad" and self.policy.mode == "delay":
                return Restart(max(0.0, self.window_start + interval - now))
            return Enough(f"{_restarts(self.policy.attempts)} within {duration(interval)} did not help")
        delay = self.policy.delay.total_seconds()
        return Restart(delay * (1 + _JITTER * self.jitter()))

    def in_words(self) -> str:
        """What the start line says of restarts; nothing where none can follow."""
        policy = self.policy
        if not policy.attempts or self.mode == "never" or (self.mode == "auto" and not policy.is_written):
            return ""
        limit = f"up to {policy.attempts} times within {duration(policy.interval.total_seconds())}"
        if policy.attempts == 1:
            limit = limit.replace("up to 1 times", "once")
        if self.mode != "nomad":
            return f"started again when it fails, {limit}"
        what = "whenever it ends" if self.restarts_success else "when it fails"
        after = ", then after a pause" if policy.mode == "delay" else ""
        return f"started again {what}, {limit}{after}"


def _restarts(count: int) -> str:
    return "1 restart" if count == 1 else f"{count} restarts"
