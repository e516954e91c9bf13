"""What happens during a run, told as it happens to whoever draws or keeps it."""

import time
from collections.abc import Callable
from dataclasses import field
from typing import Literal, TypeAlias

from qemu_run.planning.plan import Forward, TaskId, TaskPlan
from qemu_run.records import record
from qemu_run.verdict.outcome import Outcome

StopStep: TypeAlias = Literal["delay", "power button", "power button again", "quit", "terminate", "kill"]


@record(kw_only=True)
class TaskEvent:
    """Something that happened to a task."""

    task: TaskId
    time: float = field(default_factory=time.time)
    """In seconds since the epoch."""


@record(kw_only=True)
class Downloading(TaskEvent):
    """Bytes of an artifact have come."""

    file_name: str
    received_bytes: int
    total_bytes: int | None


@record(kw_only=True)
class ArtifactReady(TaskEvent):
    """An artifact is here, and what it should be."""

    file_name: str
    size_bytes: int
    algorithm: str | None
    """What it was verified by; None: the job gives no checksum."""
    was_cached: bool
    may_be_cut: bool = False
    """Neither a checksum nor its server tells whether it is whole."""
    was_asked_for: bool = True
    """Without a checksum its server, asked whether there is another by now; offline nobody is."""


@record(kw_only=True)
class Started(TaskEvent):
    """QEMU runs."""

    attempt: int
    """From 1."""
    restarts: str = ""
    """What follows its end by its policy; empty: nothing."""
    emulator: str
    accelerator: str
    memory_mb: int
    cores: int
    forwards: tuple[Forward, ...]
    written_in_place: str | None
    """The name of the image that the guest writes to, if it is not an overlay."""
    power_button: bool
    has_button: bool = True
    """Whether the machine has one at all."""
    notes: tuple[str, ...] = ()
    """What else a person should know of this guest."""
    kill_seconds: float
    """How long the guest has after its power button was pressed."""


@record(kw_only=True)
class Ready(TaskEvent):
    """The guest is ready for whoever waits for it."""


@record(kw_only=True)
class HealthChanged(TaskEvent):
    """A check of the guest has passed or failed for the first time, or otherwise than before."""

    check: str
    is_healthy: bool
    why: str
    """What was wrong; empty when it is healthy."""


@record(kw_only=True)
class Noticed(TaskEvent):
    """The console shows a kind of trouble that is known by name."""

    signature: str
    what: str
    line: str


@record(kw_only=True)
class Waiting(TaskEvent):
    """Nothing has happened for a while, and for what it waits."""

    what: str


@record(kw_only=True)
class PortLost(TaskEvent):
    """Another program took a dynamic port before QEMU had it; all starts again, with another in its place."""

    label: str
    host_port: int


@record(kw_only=True)
class QemuSaid(TaskEvent):
    """QEMU wrote a line on its standard error while the guest was running."""

    line: str


@record(kw_only=True)
class SinkClosed(TaskEvent):
    """What the guest says can no longer be written to one of its places."""

    what: str
    why: str


@record(kw_only=True)
class Stopping(TaskEvent):
    """A step towards the end was taken."""

    step: StopStep
    seconds_left: float
    """How long the guest has before the next step."""


@record(kw_only=True)
class GuestStopped(TaskEvent):
    """A guest that was told to stop has ended."""

    by_itself: bool
    """It powered off; otherwise QEMU was ended."""
    seconds: float
    """Since it was told."""


@record(kw_only=True)
class Restarting(TaskEvent):
    """An attempt has ended, and another will follow."""

    outcome: Outcome
    attempt: int
    """The number of the attempt that follows."""
    delay_seconds: float


@record(kw_only=True)
class Ended(TaskEvent):
    """The last word about a task."""

    outcome: Outcome


Event: TypeAlias = (
    Downloading
    | ArtifactReady
    | Started
    | Ready
    | HealthChanged
    | Noticed
    | Waiting
    | PortLost
    | QemuSaid
    | SinkClosed
    | Stopping
    | GuestStopped
    | Restarting
    | Ended
)
Report: TypeAlias = Callable[[Event], None]


def started(plan: TaskPlan, *, attempt: int, restarts: str) -> Started:
    """What there is to say about a task whose QEMU runs."""
    launch = plan.launch
    in_place = launch.disk is not None and launch.disk.is_written_in_place
    return Started(
        task=plan.id,
        attempt=attempt,
        restarts=restarts,
        emulator=launch.emulator,
        accelerator=launch.accelerator,
        memory_mb=launch.memory_mb,
        cores=launch.cores,
        forwards=launch.forwards,
        written_in_place=launch.disk.path.name if launch.disk is not None and in_place else None,
        power_button=launch.power_button,
        has_button=launch.has_button,
        notes=launch.notes,
        kill_seconds=plan.kill_timeout.total_seconds(),
    )
