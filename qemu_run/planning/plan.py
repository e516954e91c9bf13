"""What a run will do, decided: the types between planning and everything that acts on it."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from qemu_run.artifacts.request import Request
from qemu_run.jobspec.model import Job, Task
from qemu_run.node.constraints import Verdict
from qemu_run.records import record
from qemu_run.source import Span

CONSOLE_FD = 900
"""Where QEMU finds its end of the console: a fixed descriptor, so that a plan can show the exact command."""
MONITOR_FD = 901
"""The same for the monitor."""


@record(kw_only=True)
class Forward:
    """A port of the host that leads into the guest."""

    label: str
    host_ip: str
    host_port: int
    guest_port: int
    protocols: tuple[Literal["tcp", "udp"], ...] = ("tcp", "udp")
    static: bool = True
    span: Span | None = None

    @property
    def address(self) -> str:
        """`127.0.0.1:8080`."""
        return f"{self.host_ip}:{self.host_port}"


@record(kw_only=True)
class ArtifactPlan:
    """An artifact and where it will land."""

    request: Request
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
    is_there: bool
    """An image of this host could be read when the plan was made."""
    span: Span | None


@record(kw_only=True)
class TaskPlan:
    """One virtual machine, ready to be prepared and started."""

    task: Task
    group: str
    index: int
    """Which allocation of its group, from 0."""
    name: str
    """`job.task`: what its lines on the terminal begin with."""
    directory: Path
    """The task directory; QEMU's working directory."""
    allocation: Path
    """The directory around it."""
    command: tuple[str, ...]
    environment: Mapping[str, str]
    """The task's variables."""
    inherited: Mapping[str, str]
    """What QEMU gets of our environment besides."""
    artifacts: tuple[ArtifactPlan, ...]
    disk: Disk | None
    forwards: tuple[Forward, ...]
    emulator: str
    """The architecture: `x86_64`."""
    accelerator: str
    memory_mb: int
    cores: int
    kill_timeout: timedelta
    power_button: bool
    """Whether a stop presses the power button first; otherwise it ends the machine at once."""
    expects_debug_exit: bool
    """Whether the guest can report a number through isa-debug-exit."""
    gave_way: tuple[str, ...]
    """Options in the job's args that replace ours."""


@record(kw_only=True)
class Requirement:
    """A row of the placement table: something this machine must offer."""

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
    tasks: tuple[TaskPlan, ...]
    ignored_constraints: bool = False
    """The user asked to run it whatever its constraints say."""

    @property
    def fits(self) -> bool:
        """Whether this machine can run the job."""
        constraints_hold = self.ignored_constraints or all(verdict.met for verdict in self.verdicts)
        return constraints_hold and all(requirement.met for requirement in self.requirements)
