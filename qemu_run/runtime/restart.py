"""Whether a task that has ended is started again: a pure function of its policy and its history.

Source: Nomad's client, `client/allocrunner/taskrunner/restarts`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qemu_run.jobspec.model import RestartPolicy
from qemu_run.records import record

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


@dataclass(slots=True)
class RestartTracker:
    """Counts the restarts of one task within the interval of its policy."""

    policy: RestartPolicy
    mode: RestartMode
    restarts_success: bool
    """Whether a good end is followed by another start, as on a cluster for a service."""
    window_start: float
    """By the clock that only runs forward, in seconds."""
    count: int = 0
    jitter: Callable[[], float] = random.random

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
            return Enough(f"{self.policy.attempts} restarts within {interval:.0f}s were not enough")
        delay = self.policy.delay.total_seconds()
        return Restart(delay * (1 + _JITTER * self.jitter()))
