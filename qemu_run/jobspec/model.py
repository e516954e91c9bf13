"""The job as the rest of the house sees it: typed, with defaults filled in, every part with its place.

A `Job` is a view of Nomad's API form of the job (`nomad job run -output`) after canonicalisation.
Source: the job specification of Nomad, `api/jobs.go`, `api/tasks.go`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from types import MappingProxyType
from typing import TypeAlias

from qemu_run.jobspec.gaps import Gaps
from qemu_run.records import record
from qemu_run.source import Span

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""A value of Nomad's API form, and of a driver's `config`."""

Step: TypeAlias = str | int
Places: TypeAlias = Mapping[tuple[Step, ...], Span]
"""Where each value of the API form was written: ("TaskGroups", 0, "Count") -> its expression."""

NAME = "<name>"
"""The step behind a key of a map (`config`, `meta`) that leads to the place of the key itself."""

EMPTY: Mapping[str, str] = MappingProxyType({})


def nearest(places: Places, path: tuple[Step, ...]) -> Span | None:
    """Where the value at `path` was written; else the nearest thing around it."""
    for length in range(len(path), -1, -1):
        if (span := places.get(path[:length])) is not None:
            return span
    return None


@record(kw_only=True)
class Located:
    """A part of a job that knows where it was written."""

    places: Places
    location: tuple[Step, ...]
    """Where this part lives in the API form."""
    canonical: Mapping[str, Json] = field(default_factory=dict, compare=False, repr=False)
    """This part in Nomad's API form with defaults filled in: the fields that only a cluster reads, too."""

    def at(self, *steps: Step) -> Span | None:
        """Where the value at `steps` below this part was written; else the nearest thing around it."""
        return nearest(self.places, (*self.location, *steps))


@record(kw_only=True)
class Constraint(Located):
    """A condition on the node. An affinity has a weight besides."""

    ltarget: str
    operand: str
    rtarget: str
    weight: int = 0


@record(kw_only=True)
class Port(Located):
    """A port label of a network."""

    label: str
    static: int
    """The host's port, or 0 for one chosen at start."""
    to: int
    """The guest's port; 0: none given, -1: the same as the host's."""
    host_network: str
    ignore_collision: bool
    """Whether another port of the group may have the same number."""


@record(kw_only=True)
class Network(Located):
    """A `network` block of a group, or the deprecated one of a task's resources."""

    mode: str
    ports: tuple[Port, ...]
    hostname: str
    dns_servers: tuple[str, ...]
    dns_searches: tuple[str, ...]
    dns_options: tuple[str, ...]


@record(kw_only=True)
class Resources(Located):
    """What a task asks of the host."""

    cpu_mhz: int
    cores: int
    memory_mb: int
    memory_max_mb: int
    secrets_mb: int
    networks: tuple[Network, ...]


@record(kw_only=True)
class Artifact(Located):
    """Something to fetch before the task starts."""

    source: str
    destination: str
    mode: str
    """`any`, `file` or `dir`, once validated."""
    options: Mapping[str, str]
    headers: Mapping[str, str]
    insecure: bool
    chown: bool


@record(kw_only=True)
class Template(Located):
    """A file to be rendered into the task directory."""

    source: str
    data: str
    destination: str
    perms: str
    left_delimiter: str
    right_delimiter: str
    env: bool
    change_mode: str
    change_signal: str = ""
    splay: timedelta = timedelta()
    once: bool = False
    error_on_missing_key: bool
    uid: int | None
    gid: int | None


@record(kw_only=True)
class CheckRestart(Located):
    """When a failing check restarts its task."""

    limit: int
    """Failures in a row before a restart; 0: never."""
    grace: timedelta
    ignore_warnings: bool


@record(kw_only=True)
class Check(Located):
    """A health check of a service."""

    name: str
    type: str
    port: str
    path: str
    method: str
    protocol: str
    body: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tls_skip_verify: bool = False
    address_mode: str = ""
    initial_status: str = ""
    on_update: str = ""
    task: str = ""
    interval: timedelta
    timeout: timedelta
    restart: CheckRestart | None = None


@record(kw_only=True)
class Service(Located):
    """A service of a group or task."""

    name: str
    provider: str
    port: str
    address_mode: str
    address: str = ""
    tags: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    on_update: str = ""
    task: str = ""
    checks: tuple[Check, ...]


@record(kw_only=True)
class RestartPolicy(Located):
    """What happens when a task ends."""

    attempts: int
    interval: timedelta
    delay: timedelta
    mode: str
    """`fail` or `delay`, once validated."""
    render_templates: bool
    is_written: bool = False
    """The file has a `restart` block for it; else this is the default of its type of job."""


@record(kw_only=True)
class Lifecycle(Located):
    """When a task runs relative to the main tasks."""

    hook: str
    sidecar: bool


@record(kw_only=True)
class LogConfig(Located):
    """How much of a task's output is kept."""

    max_files: int
    max_file_size_mb: int
    disabled: bool


@record(kw_only=True)
class VolumeMount(Located):
    """A volume of the group, made visible in a task."""

    volume: str
    destination: str
    read_only: bool
    propagation_mode: str


@record(kw_only=True)
class Task(Located):
    """One program of a group; for us, one guest."""

    name: str
    driver: str
    user: str
    config: Mapping[str, Json]
    """As the file gave it, references for run time still in it."""
    env: Mapping[str, str]
    meta: Mapping[str, str]
    constraints: tuple[Constraint, ...]
    affinities: tuple[Constraint, ...]
    services: tuple[Service, ...]
    resources: Resources
    restart: RestartPolicy
    artifacts: tuple[Artifact, ...]
    templates: tuple[Template, ...]
    volume_mounts: tuple[VolumeMount, ...] = ()
    lifecycle: Lifecycle | None
    logs: LogConfig
    dispatch_payload: str = ""
    """The file below `local/` that a dispatched payload is written to; empty: none."""
    leader: bool
    kill_timeout: timedelta
    kill_signal: str
    shutdown_delay: timedelta


@record(kw_only=True)
class TaskGroup(Located):
    """Tasks that run together."""

    name: str
    count: int
    meta: Mapping[str, str]
    constraints: tuple[Constraint, ...]
    affinities: tuple[Constraint, ...]
    networks: tuple[Network, ...]
    services: tuple[Service, ...]
    tasks: tuple[Task, ...]
    shutdown_delay: timedelta
    max_run_duration: timedelta | None
    disk_mb: int = 300
    """What `ephemeral_disk` asks for; a bound for the logs."""


@record(kw_only=True)
class Parameterized(Located):
    """What a dispatch of the job gives it."""

    payload: str
    """`optional`, `required` or `forbidden`; empty means optional."""
    meta_required: tuple[str, ...]
    meta_optional: tuple[str, ...]


@record(kw_only=True)
class Job(Located):
    """A whole job."""

    id: str
    name: str
    type: str
    """`service`, `batch`, `system` or `sysbatch`, once validated."""
    priority: int = 50
    region: str
    namespace: str
    datacenters: tuple[str, ...]
    node_pool: str
    meta: Mapping[str, str]
    constraints: tuple[Constraint, ...]
    affinities: tuple[Constraint, ...]
    groups: tuple[TaskGroup, ...]
    parameterized: Parameterized | None = None
    parent_id: str = ""
    """Of a dispatched or periodic job: its own ID is then a child's."""
    api: Mapping[str, Json]
    """Nomad's JSON form, as `nomad job run -output` prints it below `"Job"`."""
    gaps: Gaps = field(default_factory=Gaps)
    """What mistakes left out of the job."""
