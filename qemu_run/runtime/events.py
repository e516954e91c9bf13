"""What happens during a run, told as it happens to whoever draws it."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from qemu_run.planning.plan import TaskPlan
from qemu_run.records import record
from qemu_run.verdict.outcome import Verdict

StopStep: TypeAlias = Literal["power button", "quit", "terminate", "kill"]


@record(kw_only=True)
class Downloading:
    """Bytes of an artifact have come."""

    task: TaskPlan
    file_name: str
    received_bytes: int
    total_bytes: int | None


@record(kw_only=True)
class ArtifactReady:
    """An artifact is here, and what it should be."""

    task: TaskPlan
    file_name: str
    size_bytes: int
    algorithm: str | None
    """What it was verified by; None: the job gives no checksum."""
    was_cached: bool


@record(kw_only=True)
class Started:
    """QEMU runs."""

    task: TaskPlan


@record(kw_only=True)
class MachineSaid:
    """QEMU wrote a line on its standard error while the guest was running."""

    task: TaskPlan
    line: str


@record(kw_only=True)
class Stopping:
    """A step towards the end was taken."""

    task: TaskPlan
    step: StopStep
    seconds_left: float
    """How long the guest has before the next step."""


@record(kw_only=True)
class GuestStopped:
    """A machine that was told to stop has ended."""

    task: TaskPlan
    by_itself: bool
    """The guest powered off; otherwise we ended it."""
    seconds: float
    """Since it was told."""


@record(kw_only=True)
class Ended:
    """The last word about a task."""

    task: TaskPlan
    verdict: Verdict


Event: TypeAlias = Downloading | ArtifactReady | Started | MachineSaid | Stopping | GuestStopped | Ended
Report: TypeAlias = Callable[[Event], None]
