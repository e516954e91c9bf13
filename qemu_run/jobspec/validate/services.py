"""Rules of services and their checks.

Source: Nomad's server (`nomad/structs/services.go`, `validateServices` in `structs.go`), version 2.0.
"""

import re
from collections.abc import Iterable

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job, Located, Service, Task, TaskGroup
from qemu_run.jobspec.validate.checks import NEED_PORT, check_check
from qemu_run.jobspec.validate.qemu import unknown_label
from qemu_run.jobspec.wording import first_is

PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE | re.ASCII)
ONLY_GROUPS = ("alloc", "alloc_ipv6")
"""Address modes that services of tasks, and their checks, cannot have."""


def check_group(group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check the services of a group."""
    _providers(group, diagnostics)
    _duplicates(group, diagnostics)
    for service in group.services:
        _service(service, diagnostics)
        _of_group(service, group, diagnostics)


def check_task(task: Task, group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check the services of a task."""
    for service in task.services:
        _service(service, diagnostics)
        _of_task(service, task, group, diagnostics)
        if Part.of(service).part("Connect"):
            diagnostics.error(
                "a task's service cannot have connect", service.at("Connect"), "only a group's can"
            )


def _all(group: TaskGroup) -> Iterable[tuple[Service, str]]:
    """The services of a group, then those of its tasks, each with the name of its task."""
    yield from ((service, "") for service in group.services)
    for task in group.tasks:
        yield from ((service, task.name) for service in task.services)


def _providers(group: TaskGroup, diagnostics: Diagnostics) -> None:
    first: Service | None = None
    for service, _ in _all(group):
        if first is not None and service.provider != first.provider:
            diagnostics.error(
                f'a second service provider in group "{group.name}"',
                service.at("Provider"),
                f'"{service.provider}" here, "{first.provider}" before',
                hints=("all services of a group have one provider; without provider it is consul",),
            )
            return
        first = first or service


def _duplicates(group: TaskGroup, diagnostics: Diagnostics) -> None:
    """The group, and each task, may have a service of a name only once for a port."""
    first: dict[tuple[str, str, str], Service] = {}
    for service, task in _all(group):
        key = service.name, task, service.port
        if key in first:
            diagnostics.error(
                f'a second service "{service.name}" for the same port',
                service.at("Name"),
                first_is(first[key].at(), service.at()),
            )
        first.setdefault(key, service)


def _service(service: Service, diagnostics: Diagnostics) -> None:
    part = Part.of(service)
    if not NAME.fullmatch(PLACEHOLDER.sub("ENV-VAR", service.name)):
        diagnostics.error(
            f'"{service.name}" is not a service name',
            service.at("Name"),
            "letters, digits and dashes, at most 63",
        )
    if service.address and service.address_mode != "auto":
        diagnostics.error(
            "address needs the address mode auto", service.at("AddressMode"), 'leave out, or set to "auto"'
        )
    if service.provider == "nomad":
        for field, name in (("Connect", "connect"), ("Weights", "weights")):
            if part.value.get(field) is not None:
                diagnostics.error(f"{name} needs Consul", service.at(field), 'not with provider = "nomad"')
    connect = part.inner("Connect")
    sidecar = connect.part("SidecarService")
    if connect.value and bool(sidecar) + connect.flag("Native") + bool(connect.part("Gateway")) != 1:
        diagnostics.error(
            "connect has one of sidecar_service, gateway and native = true",
            connect.at(),
            "none of them, or more than one, is here",
        )
    identity = part.part("Identity")
    if identity is not None and not identity.texts("Audience"):
        diagnostics.error(
            "the identity of a service without aud",
            identity.at(),
            "aud is required",
            hints=('add aud = ["consul.io"]',),
        )
    for check in service.checks:
        check_check(check, service, diagnostics)
        if check.type.lower() == "tcp" and sidecar:
            diagnostics.error(
                "a tcp check of a service with a sidecar",
                check.at("Type"),
                "the sidecar accepts every connection",
                hints=("use an http or grpc check with expose = true, or a script check",),
            )


def _of_group(service: Service, group: TaskGroup, diagnostics: Diagnostics) -> None:
    if service.address_mode == "driver":
        diagnostics.error(
            "a group's service cannot have the address mode driver",
            service.at("AddressMode"),
            "only a task's can",
        )
    tasks = [task.name for task in group.tasks]
    for check in service.checks:
        name = check.task or service.task
        if name and check.address_mode == "driver":
            diagnostics.error(
                "a group's check cannot have the address mode driver",
                check.at("AddressMode"),
                "only a task's can",
            )
        if check.type == "script" and not name:
            diagnostics.error("a script check of a group names no task", check.at(), "task is required")
        if name and name not in tasks:
            close = did_you_mean(name, tasks)
            diagnostics.error(
                f'group "{group.name}" has no task "{name}"',
                check.at("TaskName") if check.task else service.at("TaskName"),
                f"its tasks: {', '.join(tasks)}",
                hints=(close,) if close else (),
            )


def _of_task(service: Service, task: Task, group: TaskGroup, diagnostics: Diagnostics) -> None:
    if service.address_mode in ONLY_GROUPS:
        diagnostics.error(
            f"a task's service cannot have the address mode {service.address_mode}",
            service.at("AddressMode"),
            "only a group's can",
        )
    if service.task not in {"", task.name}:
        diagnostics.error("a task's service names another task", service.at("TaskName"), "leave it out")
    labels = _labels(task, group)
    _port(service.port, service.address_mode, service, labels, diagnostics)
    names: set[str] = set()
    for check in service.checks:
        name = check.name or f'service: "{service.name}" check'
        if name in names:
            summary = f'a second check "{name}"'
            diagnostics.error(summary, check.at(), "the checks of a task's service have different names")
        names.add(name)
        if check.task not in {"", task.name}:
            diagnostics.error("a task's check names another task", check.at("TaskName"), "leave it out")
        if check.address_mode in ONLY_GROUPS:
            diagnostics.error(
                f"a task's check cannot have the address mode {check.address_mode}",
                check.at("AddressMode"),
                "only a group's can",
            )
        if check.type.lower() in NEED_PORT:
            inherited = service.port if service.port.isdecimal() else ""
            _port(check.port or inherited, check.address_mode, check, labels, diagnostics)


def _labels(task: Task, group: TaskGroup) -> list[str]:
    own = [port.label for network in task.resources.networks for port in network.ports]
    return own + [port.label for network in group.networks for port in network.ports if port.label not in own]


def _port(label: str, mode: str, part: Located, labels: list[str], diagnostics: Diagnostics) -> None:
    if not label or label in labels or (label.isdecimal() and mode == "driver"):
        return
    unknown_label(label, labels, part.at("PortLabel"), diagnostics)
