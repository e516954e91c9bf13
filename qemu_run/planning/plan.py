"""What a run will do, decided: the types between planning and everything that acts on it."""

import signal
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qemu_run.jobspec.model import Job, Port, Task, TaskGroup
from qemu_run.node.constraints import Verdict
from qemu_run.planning.layout import AllocationLayout, TaskLayout
from qemu_run.planning.templates import TemplatePlan
from qemu_run.records import record
from qemu_run.source import Span

if TYPE_CHECKING:
    from qemu_run.artifacts.request import Request
    from qemu_run.images.block_options import NamedLayer
    from qemu_run.planning.checks import CheckPlan
    from qemu_run.planning.launch import LaunchInputs

SAME_AS_HOST = -1


@record(kw_only=True)
class HostPort:
    """A label with the host's port it got."""

    port: Port
    ip: str
    number: int
    is_task_level: bool

    @property
    def guest(self) -> int | None:
        """The guest's port by the label's own `to`; None when it does not say."""
        if self.port.to == SAME_AS_HOST:
            return self.number
        return self.port.to or None


@record(kw_only=True)
class Forward:
    """A port of the host that leads into the guest, or on which QEMU itself listens."""

    label: str
    host_ip: str
    host_port: int
    """0: QEMU takes a free one at its start."""
    guest_port: int | None
    """None: QEMU listens itself (a screen, a monitor)."""
    protocols: tuple[Literal["tcp", "udp"], ...] = ("tcp", "udp")
    static: bool = True
    span: Span | None = None
    is_own: bool = False
    """The job's own args make it."""
    may_move: bool = False
    """QEMU takes the next port where this one is in use."""

    @property
    def address(self) -> str:
        """`127.0.0.1:8080`, `[::1]:8080`; `127.0.0.1:dynamic` where QEMU has not chosen yet."""
        ip = f"[{self.host_ip}]" if ":" in self.host_ip else self.host_ip
        return f"{ip}:{self.host_port or 'dynamic'}"

    @property
    def shown(self) -> str:
        """The address, and where it leads."""
        return f"{self.address} -> " + ("QEMU" if self.guest_port is None else f"guest {self.guest_port}")

    @property
    def is_public(self) -> bool:
        """Whether every network of the host reaches it."""
        return self.host_ip in {"0.0.0.0", "::"}  # noqa: S104  # what is warned of


@record(kw_only=True)
class ArtifactPlan:
    """An artifact and where it will land."""

    request: "Request"
    destination: Path
    """The file it becomes below the task directory, or the folder that it fills."""
    unpack: str | None
    """The kind of archive it is, when it is to be unpacked."""
    fills_folder: bool = False
    """It is a repository, a folder or an archive of many files."""
    image: Path | None = None
    """The file the guest boots from, when this artifact brings it: `destination`, or a file below it."""
    chown: bool = False
    """Give it to the task's user."""
    span: Span | None


@record(kw_only=True)
class Disk:
    """The image a guest boots from."""

    path: Path
    """The file QEMU opens."""
    format: str
    base: Path | None
    """The image below the overlay at `path`; None when the guest writes to `path` itself."""
    is_artifact: bool
    """It came from elsewhere, and is trusted less than a file of this host."""
    span: Span | None
    layers: tuple["NamedLayer", ...] = ()
    """What QEMU is given, the guest's first; empty while an artifact is not here."""
    is_cd: bool = False
    """The guest gets a CD, which nobody writes."""
    takes_cd_place: bool = False
    """It stands where QEMU puts an empty CD drive otherwise, which some firmware tries alone."""
    folders: tuple[Path, ...] | None = None
    """Where images below it may lie; None: beside it."""
    size_bytes: int | None = None
    """The size that was asked for; None: the image's."""
    keeps_overlay: bool = False
    """The overlay is the user's own file and outlives the run."""
    said_format: str | None = None
    """What somebody said that the image is."""

    @property
    def is_written_in_place(self) -> bool:
        """The guest writes to the image itself."""
        return self.base is None and not self.is_cd


@record
class TaskId:
    """What names a task of a run: in events, for sinks, between runners."""

    allocation: str
    """The allocation's id."""
    task: str
    """The task's name in its group."""
    name: str
    """`job.task`: what its lines on the terminal begin with."""


@record(kw_only=True)
class Launch:
    """A task's QEMU, as far as it is known: completely, once artifacts and templates are there."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    """All that QEMU's process is given: the task's variables, and a few of ours."""
    disk: Disk | None
    drive_interface: str = ""
    forwards: tuple[Forward, ...]
    """Everything that listens on the host, also what the job's args open by themselves."""
    emulator: str
    """The architecture: `x86_64`."""
    accelerator: str
    memory_mb: int
    cores: int
    power_button: bool
    """Whether a stop presses the power button first; otherwise it ends QEMU at once."""
    has_button: bool = True
    """Whether the machine has a power button at all."""
    expects_debug_exit: bool
    """Whether the guest can report a number through isa-debug-exit."""
    exits_at_poweroff: bool = False
    """Whether QEMU may end with status 0, and no other word, because the guest has powered off."""
    variables_template: Path | None = None
    """What the variables of the guest's firmware begin as."""
    variables_copy: Path | None = None
    """Where they are kept."""
    stands_still: bool = False
    """The job's args have the guest stand still at its start (`-S`)."""
    hangs_in_firmware: bool = False
    """The disk has nothing that the machine's BIOS could start, which would not say so."""
    wants_uefi: bool = False
    """The disk starts by UEFI only, and the machine has a BIOS."""
    own_args: tuple[str, ...] = ()
    """The job's args, references replaced, in their places."""
    gave_way: tuple[str, ...] = ()
    """Options of ours that the job's args replace."""
    notes: tuple[str, ...] = ()
    """What a person should know of this guest at its start."""


@record(kw_only=True)
class TaskPlan:
    """One virtual machine, ready to be prepared and started."""

    id: TaskId
    task: Task
    layout: TaskLayout
    environment: Mapping[str, str]
    """The task's variables, as references in the job see them."""
    artifacts: tuple[ArtifactPlan, ...]
    templates: tuple[TemplatePlan, ...]
    launch: Launch
    """What can be known of the launch before anything is on disk."""
    inputs: "LaunchInputs" = field(repr=False)
    """What the launch is made of again, once more is known."""
    checks: tuple["CheckPlan", ...] = ()
    """What its guest has to pass to be healthy."""

    @property
    def name(self) -> str:
        """`job.task`: what its lines on the terminal begin with."""
        return self.id.name

    @property
    def terminate_signal(self) -> signal.Signals:
        """The signal that asks QEMU to end: the job's `kill_signal`, else SIGTERM."""
        return signal.Signals.__members__.get(self.task.kill_signal, signal.SIGTERM)

    @property
    def kill_timeout(self) -> timedelta:
        """How long the guest has after its power button was pressed."""
        return self.task.kill_timeout


@record(kw_only=True)
class Allocation:
    """One running copy of a group, with its ports and its tasks."""

    id: str
    index: int
    """Which copy, from 0."""
    job: Job
    group: TaskGroup
    ports: tuple[HostPort, ...]
    """Those of the group's network, which its tasks share."""
    layout: AllocationLayout
    tasks: tuple[TaskPlan, ...] = ()

    @property
    def name(self) -> str:
        """`job.group[index]`."""
        return f"{self.job.id}.{self.group.name}[{self.index}]"


@record(kw_only=True)
class Requirement:
    """A row of the placement table: something this node must offer."""

    line: int | None
    what: str
    wanted: str
    found: str
    met: bool
    detail: str = ""
    """What explains the finding, or the way out."""
    span: Span | None = None


@record(kw_only=True)
class Preferences:
    """The affinities that bear on a group: they keep nothing from running."""

    group: str
    verdicts: tuple[Verdict, ...]
    score: float
    """From -1 (all that is unwanted) to 1 (all that is wanted)."""


@record(kw_only=True)
class Plan:
    """All that a run will do."""

    job: Job
    verdicts: tuple[Verdict, ...]
    preferences: tuple[Preferences, ...]
    requirements: tuple[Requirement, ...]
    allocations: tuple[Allocation, ...]
    ignored_constraints: bool = False
    """The user asked to run it whatever its constraints say."""
    once: str = ""
    """What is said of a job that a cluster runs when it is dispatched, or by a schedule."""

    @property
    def fits(self) -> bool:
        """Whether this node can run the job."""
        constraints_hold = self.ignored_constraints or all(verdict.met for verdict in self.verdicts)
        return constraints_hold and all(requirement.met for requirement in self.requirements)

    @property
    def tasks(self) -> Iterator[TaskPlan]:
        """The tasks of all allocations, in their order."""
        return (task for allocation in self.allocations for task in allocation.tasks)
