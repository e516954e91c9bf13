"""The checks of a job's services: what is asked of which guest, and which guests a run waits for.

Source: Nomad's client, `client/serviceregistration/checks` and `check_watcher.go`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Check, Service
from qemu_run.planning.plan import Allocation, Forward, HostPort, TaskPlan
from qemu_run.records import record
from qemu_run.source import Span

ANY_ADDRESS = "0.0.0.0"  # noqa: S104  # compared with, never listened on
LOOPBACK = "127.0.0.1"
_OWN_NETWORK = frozenset({"-netdev", "-net", "-nic"})

Kind: TypeAlias = Literal["tcp", "http"]


@record(kw_only=True)
class HttpRequest:
    """What an http check asks for."""

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: str
    verify: bool
    """Whether the certificate of an https server must be a good one."""
    server_name: str
    """The name that the server is asked for in TLS; empty: its address."""


@record(kw_only=True)
class RestartRule:
    """When a check that keeps failing ends its guest."""

    limit: int
    """Failures in a row; the first counts when the grace is over."""
    grace_seconds: float
    whole_group: bool
    """A check of a group's service ends every task of the group."""


@record(kw_only=True)
class CheckPlan:
    """A check and the guest that is asked."""

    name: str
    """What its lines call it."""
    kind: Kind
    ip: str
    port: int
    guest_port: int | None
    """None: the job forwards the port by hand."""
    http: HttpRequest | None
    interval_seconds: float
    timeout_seconds: float
    passes_after: int
    """Successes in a row that make it healthy."""
    fails_after: int
    """Failures in a row that make it unhealthy."""
    restart: RestartRule | None
    counts_for_readiness: bool
    span: Span | None

    @property
    def asks(self) -> str:
        """`tcp 127.0.0.1:22022`, `GET http://127.0.0.1:8080/health`."""
        if self.http is not None:
            return f"{self.http.method} {self.http.url}"
        return f"tcp {self.ip}:{self.port}"


def with_checks(
    allocation: Allocation, tasks: Sequence[TaskPlan], diagnostics: Diagnostics
) -> tuple[TaskPlan, ...]:
    """The tasks, each with the checks that its guest has to pass.

    A group's check goes to the guest that its port leads to. A check whose port leads nowhere can only fail,
    which a warning says.
    """
    if not tasks:
        return ()
    found: dict[str, list[CheckPlan]] = {task.task.name: [] for task in tasks}
    for service in allocation.group.services:
        owner = next((task for task in tasks if task.task.name == service.task), None)
        for check in _runnable(service):
            task = owner or _leads_to(service, check, tasks)
            found[task.task.name].append(_plan(task, service, check, diagnostics, whole_group=True))
    for task in tasks:
        for service in task.task.services:
            found[task.task.name] += [
                _plan(task, service, check, diagnostics, whole_group=False) for check in _runnable(service)
            ]
    return tuple(replace(task, checks=tuple(found[task.task.name])) for task in tasks)


def waited_for(allocation: Allocation) -> list[TaskPlan]:
    """The tasks whose guests have to be ready: where the group has checks those that have to pass them.

    A task that only prepares or clears up is waited for by nobody.
    """
    checked = [task for task in allocation.tasks if has_to_pass(task)]
    return checked or [task for task in allocation.tasks if _stays(task)]


def has_to_pass(task: TaskPlan) -> bool:
    """Whether checks decide when its guest is ready."""
    return any(check.counts_for_readiness for check in task.checks)


def _stays(task: TaskPlan) -> bool:
    lifecycle = task.task.lifecycle
    return lifecycle is None or (lifecycle.sidecar and lifecycle.hook != "poststop")


def _runnable(service: Service) -> Iterator[Check]:
    """The checks that can be made from here; of the others the list of what has no effect tells."""
    return (check for check in service.checks if check.type.lower() in {"tcp", "http"})


def _leads_to(service: Service, check: Check, tasks: Sequence[TaskPlan]) -> TaskPlan:
    label = check.port or service.port
    leading = (task for task in tasks if any(each.label == label for each in task.launch.forwards))
    main = (task for task in tasks if task.task.lifecycle is None)
    return next(leading, None) or next(main, None) or tasks[0]


def _plan(
    task: TaskPlan, service: Service, check: Check, diagnostics: Diagnostics, *, whole_group: bool
) -> CheckPlan:
    text = task.inputs.environment.interpolate
    label = text(check.port or service.port)
    port = next((each for each in task.inputs.ports if each.port.label == label), None)
    forward = next((each for each in task.launch.forwards if each.label == label), None)
    if forward is None:
        _warn(task, check, label, diagnostics)
    ip, number = _address(text(service.address), label, port, forward)
    name = text(check.name) or text(service.name)
    kind: Kind = "http" if check.type.lower() == "http" else "tcp"
    written = check.canonical
    return CheckPlan(
        name=name,
        kind=kind,
        ip=ip,
        port=number,
        guest_port=forward.guest_port if forward is not None else None,
        http=_request(task, check, f"{ip}:{number}") if kind == "http" else None,
        interval_seconds=check.interval.total_seconds(),
        timeout_seconds=check.timeout.total_seconds(),
        passes_after=max(1, _number(written.get("SuccessBeforePassing"))),
        fails_after=max(1, _number(written.get("FailuresBeforeCritical"))),
        restart=_restart_rule(check, whole_group=whole_group),
        counts_for_readiness=check.on_update != "ignore",
        span=check.at(),
    )


def _restart_rule(check: Check, *, whole_group: bool) -> RestartRule | None:
    rule = check.restart
    if rule is None or rule.limit <= 0:
        return None
    return RestartRule(limit=rule.limit, grace_seconds=rule.grace.total_seconds(), whole_group=whole_group)


def _address(custom: str, label: str, port: HostPort | None, forward: Forward | None) -> tuple[str, int]:
    """Where a check connects: the service's own address, or the host's, and the label's port on the host."""
    number = forward.host_port if forward else port.number if port else int(label) if label.isdecimal() else 0
    ip = custom or (forward.host_ip if forward else port.ip if port else LOOPBACK)
    return (LOOPBACK if ip == ANY_ADDRESS else ip), number


def _request(task: TaskPlan, check: Check, address: str) -> HttpRequest:
    text = task.inputs.environment.interpolate
    path = text(check.path)
    server_name = check.canonical.get("TLSServerName")
    return HttpRequest(
        url=f"{text(check.protocol) or 'http'}://{address}{path if path.startswith('/') else f'/{path}'}",
        method=(text(check.method) or "GET").upper(),
        headers=tuple((name, text(value)) for name, values in check.headers.items() for value in values),
        body=check.body,
        verify=not check.tls_skip_verify,
        server_name=server_name if isinstance(server_name, str) else "",
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _warn(task: TaskPlan, check: Check, label: str, diagnostics: Diagnostics) -> None:
    args = task.task.config.get("args")
    if isinstance(args, Sequence) and _OWN_NETWORK & {f"{each}".replace("--", "-", 1) for each in args}:
        return  # the job forwards its ports by hand
    diagnostics.warning(
        f'no guest is behind port "{label}"',
        check.at(),
        "this check can only fail",
        hints=(f'port "{label}" {{ to = ... }} in the network names the guest\'s port',),
    )
