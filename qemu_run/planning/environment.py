"""The task environment: the `NOMAD_*` variables, the task's own, and references to them.

Source: Nomad's client, `client/taskenv`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from qemu_run.jobspec.model import Task
from qemu_run.jobspec.variable_names import variable_name
from qemu_run.planning.plan import Allocation, HostPort
from qemu_run.qemu.own_options import OwnOptions
from qemu_run.records import record

REFERENCE = re.compile(r"\$\{([A-Za-z0-9_.\-]+)\}")
"""The one form that fields other than the driver's config replace: no blanks, no indexes."""

_PRIVATE = frozenset(
    {
        *(
            "CONSUL_TOKEN",
            "CONSUL_HTTP_TOKEN",
            "NOMAD_TOKEN",
            "VAULT_TOKEN",
            "NOMAD_LICENSE",
            "NOMAD_LICENSE_PATH",
        ),
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_METADATA_URL"),
        *("GOOGLE_APPLICATION_CREDENTIALS",),
    }
)
_SANITISED_PREFIXES = ("NOMAD_ADDR_", "NOMAD_IP_", "NOMAD_PORT_", "NOMAD_HOST_PORT_", "NOMAD_META_")


@record(kw_only=True)
class TaskEnvironment:
    """What references in a task can name."""

    variables: Mapping[str, str]
    inherited: Mapping[str, str]
    """What references see of our own environment; nothing of it hides a variable of the task."""
    node: Callable[[str], str | None]
    """The node's value for `node.unique.name`, `attr.kernel.name`, `meta.rack`, ...; None: there is none."""

    def interpolate(self, text: str) -> str:
        """`text` with every `${name}` that is known replaced; others stay as they are."""

        def replacement(found: re.Match[str]) -> str:
            value = self.variables.get(found[1])
            if value is None:
                value = self.node(found[1])
            return found[0] if value is None else value

        return REFERENCE.sub(replacement, text)


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Our own environment without what is nobody else's business: credentials of Nomad's and of clouds."""
    return {name: value for name, value in environment.items() if name not in _PRIVATE}


def build(
    allocation: Allocation,
    task: Task,
    ports: Iterable[HostPort],
    host: Mapping[str, str],
    node: Callable[[str], str | None],
    others: Mapping[str, Iterable[HostPort]] = MappingProxyType({}),
) -> TaskEnvironment:
    """The environment of a task: built-in variables, meta, then the task's own `env`.

    `others` are the ports of the networks that the group's other tasks have for themselves, by task.
    `host` is our own environment; `node` finds values such as `attr.kernel.name`.
    """
    variables = {
        **_built_in(allocation, task, node),
        **_meta(allocation, task),
        **{
            key: value
            for name, of_it in others.items()
            for port in of_it
            for key, value in _other(name, port)
        },
        **{key: value for port in ports for key, value in _port(port).items()},
    }
    variables = {_sanitise(key): value for key, value in variables.items()}
    built_in = TaskEnvironment(variables=variables, inherited=inherited(host), node=node)
    variables |= _resolve_env(task.env, built_in)
    return replace(built_in, variables=dict(sorted(variables.items())))


def with_template_variables(known: TaskEnvironment, rendered: Mapping[str, str]) -> TaskEnvironment:
    """The environment with what the task's `env = true` templates said, which wins over all else."""
    return replace(known, variables=dict(sorted({**known.variables, **rendered}.items())))


def task_variables(known: TaskEnvironment, port_map: Mapping[str, int]) -> dict[str, str]:
    """The task's variables as QEMU itself gets them: the port of every `port_map` label is the guest's.

    References in the job see the host's port; the process sees the guest's. Source: Nomad's qemu driver.
    """
    mapped = {_sanitise(f"NOMAD_PORT_{label}"): str(port) for label, port in port_map.items()}
    return {**known.variables, **mapped}


_ALWAYS = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
_WITH_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "PULSE_SERVER")
_SOUND = frozenset({"audio", "audiodev", "soundhw"})
_OF_QEMU = "QEMU_"


def process_environment(
    known: TaskEnvironment, port_map: Mapping[str, int], own: OwnOptions
) -> dict[str, str]:
    """All that QEMU's process is given: the task's variables, and of ours what QEMU has a use for.

    A token of the CI system around us is not among it.
    """
    wanted = [*_ALWAYS]
    has_screen = any(name not in {"none", "vnc"} for name, _ in own.displays)
    if has_screen or any(option.name in _SOUND for option in own.options):
        wanted += _WITH_DISPLAY
    if any("ssh:" in (option.value or "") or "=ssh" in (option.value or "") for option in own.options):
        wanted += ["SSH_AUTH_SOCK"]
    ours = {
        name: value for name, value in known.inherited.items() if name in wanted or name.startswith(_OF_QEMU)
    }
    return {**ours, **task_variables(known, port_map)}


def _built_in(allocation: Allocation, task: Task, node: Callable[[str], str | None]) -> dict[str, str]:
    job, resources, layout = allocation.job, task.resources, allocation.layout.task(task.name)
    limits = {
        "NOMAD_MEMORY_LIMIT": resources.memory_mb + resources.secrets_mb,
        "NOMAD_CPU_LIMIT": resources.cpu_mhz,
    }
    return {
        "NOMAD_ALLOC_DIR": str(allocation.layout.shared),
        "NOMAD_TASK_DIR": str(layout.local),
        "NOMAD_SECRETS_DIR": str(layout.secrets),
        **{name: str(limit) for name, limit in limits.items() if limit},
        # Nomad joins the reserved cores, none here, with what ends up as one blank.
        "NOMAD_CPU_CORES": " ",
        "NOMAD_PARENT_CGROUP": "nomad.slice",  # what a Nomad agent calls it; there is none here
        "NOMAD_ALLOC_ID": allocation.id,
        "NOMAD_SHORT_ALLOC_ID": allocation.id[:8],
        "NOMAD_ALLOC_NAME": allocation.name,
        "NOMAD_ALLOC_INDEX": str(allocation.index),
        "NOMAD_TASK_NAME": task.name,
        "NOMAD_GROUP_NAME": allocation.group.name,
        "NOMAD_JOB_ID": job.id,
        "NOMAD_JOB_NAME": job.id if job.parent_id else job.name,
        **({"NOMAD_JOB_PARENT_ID": job.parent_id} if job.parent_id else {}),
        "NOMAD_NAMESPACE": job.namespace,
        "NOMAD_REGION": job.region,
        "NOMAD_DC": node("node.datacenter") or "",
    }


def _meta(allocation: Allocation, task: Task) -> dict[str, str]:
    merged = {**allocation.job.meta, **allocation.group.meta, **task.meta}
    upper = {f"NOMAD_META_{key.upper()}": value for key, value in merged.items()}
    return {**upper, **{f"NOMAD_META_{key}": value for key, value in merged.items()}}


def _port(port: HostPort) -> dict[str, str]:
    label, ip, host = port.port.label, port.ip, str(port.number)
    guest = str(port.guest or port.number)
    address = f"[{ip}]:{host}" if ":" in ip else f"{ip}:{host}"
    shared = {f"NOMAD_IP_{label}": ip, f"NOMAD_ADDR_{label}": address, f"NOMAD_HOST_PORT_{label}": host}
    if port.is_task_level:
        family = "IPv6" if ":" in ip else "IPv4"
        return {**shared, f"NOMAD_PORT_{label}": host, f"NOMAD_{family}_{label}": ip}
    return {
        **shared,
        f"NOMAD_PORT_{label}": guest,
        f"NOMAD_ALLOC_PORT_{label}": guest,
        f"NOMAD_HOST_IP_{label}": ip,
        f"NOMAD_HOST_ADDR_{label}": address,
    }


def _other(task: str, port: HostPort) -> Iterator[tuple[str, str]]:
    """What a task knows of another's port: where it is on the host."""
    values = _port(port)
    for kind in ("IP", "PORT", "ADDR"):
        yield f"NOMAD_{kind}_{task}_{port.port.label}", values[f"NOMAD_{kind}_{port.port.label}"]


def _sanitise(name: str) -> str:
    """A variable's name as Nomad writes it: odd bytes of labels and meta keys become underscores."""
    if not name.startswith(_SANITISED_PREFIXES):
        return name
    return variable_name(name)


def _resolve_env(env: Mapping[str, str], known: TaskEnvironment) -> dict[str, str]:
    """The task's `env`, references between its entries resolved in the order they need.

    An entry that refers to itself, by whatever way round, keeps that reference as text.
    """
    resolved: dict[str, str] = {}

    def resolve(name: str, waiting: frozenset[str]) -> str:
        if name in resolved:
            return resolved[name]

        def replacement(found: re.Match[str]) -> str:
            other = found[1]
            if other in env and other not in waiting:
                return resolve(other, waiting | {other})
            return known.interpolate(found[0]) if other not in env else found[0]

        value = REFERENCE.sub(replacement, env[name])
        if len(waiting) == 1:
            resolved[name] = value
        return value

    return {name: resolve(name, frozenset({name})) for name in env}
