"""What a task needs of this machine besides its constraints, as rows of the placement table."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from qemu_run.jobspec.model import Task
from qemu_run.jobspec.qemu_config import QemuConfig
from qemu_run.node.node import Node
from qemu_run.planning.host import Host, ImageFinding
from qemu_run.planning.launch import Launched
from qemu_run.planning.plan import Allocation, Disk, Forward, Requirement, TaskPlan
from qemu_run.source import Span

_PACKAGES = {
    "x86": ("i386", "x86_64"),
    "arm": ("aarch64", "arm"),
    "ppc": ("ppc", "ppc64"),
    "mips": ("mips", "mips64", "mips64el", "mipsel"),
    "sparc": ("sparc", "sparc64"),
    "s390x": ("s390x",),
}
"""Debian's packages `qemu-system-...` by what they emulate; all others are in `misc`."""


def requirements(plan: TaskPlan, launched: Launched, node: Node, host: Host) -> list[Requirement]:
    """Every row for one task that is not met; what goes without saying is left out while it holds."""
    task, config, emulator = plan.task, launched.config, launched.emulator
    return [
        *_emulator(task, config, emulator, node),
        *_accelerator(task, config, node),
        *_machine_type(task, config, emulator, host),
        *_image_path(launched.launch.disk, node, host),
        *_image(config, launched.launch.disk, launched.image),
        *_allowed_args(task, config, node),
        *_ports(launched.launch.forwards, host),
    ]


def conflicts(allocations: Iterable[Allocation]) -> list[Requirement]:
    """What the tasks of one job would take from each other: host ports, and images written in place."""
    plans = [task for allocation in allocations for task in allocation.tasks]
    return [*_shared_ports(plans), *_shared_images(plans)]


def _shared_ports(plans: Sequence[TaskPlan]) -> Iterator[Requirement]:
    holders: dict[tuple[str, int], TaskPlan] = {}
    for plan in plans:
        for forward in plan.launch.forwards:
            first = holders.setdefault((forward.host_ip, forward.host_port), plan)
            if first is not plan:
                yield _row(
                    forward.span,
                    f'port "{forward.label}"',
                    forward.address,
                    f"wanted by {first.name} too",
                    met=False,
                    detail="two guests cannot have one port of the host; leave static out, "
                    "or name the task that forwards it with port_map",
                )


def _shared_images(plans: Sequence[TaskPlan]) -> Iterator[Requirement]:
    writers: dict[Path, TaskPlan] = {}
    for plan in plans:
        disk = plan.launch.disk
        if disk is None or disk.base is not None:
            continue
        first = writers.setdefault(disk.path, plan)
        if first is not plan:
            yield _row(
                disk.span,
                "image",
                disk.path.name,
                f"written by {first.name} too",
                met=False,
                detail="--snapshot gives each guest an overlay of its own",
            )


def other_driver(task: Task) -> Requirement:
    """The row of a task that is not for QEMU."""
    detail = f'qemu-run runs qemu tasks; a task of driver "{task.driver}" needs a Nomad cluster'
    return _row(
        task.at("Driver"), f'driver of task "{task.name}"', "qemu", task.driver, met=False, detail=detail
    )


def _row(
    span: Span | None, what: str, wanted: str, found: str, *, met: bool, detail: str = ""
) -> Requirement:
    line = span.first.line if span else None
    return Requirement(line=line, what=what, wanted=wanted, found=found, met=met, detail=detail, span=span)


def _emulator(task: Task, config: QemuConfig, emulator: Path | None, node: Node) -> Iterator[Requirement]:
    span = task.at("Config", "emulator")
    if emulator is None:
        architecture = config.emulator.removeprefix("qemu-system-")
        package = next((name for name, emulated in _PACKAGES.items() if architecture in emulated), "misc")
        detail = f"apt install qemu-system-{package} (Debian, Ubuntu), or this system's package for it"
        yield _row(span, "emulator", f"qemu-system-{architecture}", "not installed", met=False, detail=detail)
    allowed = node.config.emulators_allowlist
    if allowed and config.emulator not in allowed:
        yield _row(
            span,
            "emulators_allowlist",
            ", ".join(allowed),
            config.emulator,
            met=False,
            detail="the client configuration says so",
        )


def _accelerator(task: Task, config: QemuConfig, node: Node) -> Iterator[Requirement]:
    if config.accelerator != "kvm":
        return
    state = node.attributes.get("driver.qemu.kvm", "no emulator to ask")
    found, _, why = state.partition(": ")
    way_out = 'use accelerator = "tcg", or --accelerator tcg for this run'
    yield _row(
        task.at("Config", "accelerator"),
        "accelerator",
        "kvm",
        found,
        met=state == "usable",
        detail="" if state == "usable" else "; ".join(filter(None, (why, way_out))),
    )


def _machine_type(task: Task, config: QemuConfig, emulator: Path | None, host: Host) -> Iterator[Requirement]:
    """Asked of QEMU only when the job names a type, since asking takes a moment."""
    if emulator is None or "machine_type" not in task.config:
        return
    known = host.machine_types(emulator)
    name = config.machine_type.partition(",")[0]
    if known and name not in known:
        detail = f"{emulator.name} -machine help lists them"
        yield _row(
            task.at("Config", "machine_type"), "machine type", name, "unknown", met=False, detail=detail
        )


def _image_path(disk: Disk | None, node: Node, host: Host) -> Iterator[Requirement]:
    """An image of this host must lie in the folders that its owner allows, links followed."""
    allowed = node.config.image_paths
    if disk is None or disk.is_artifact or not allowed:
        return
    real = host.resolve(disk.base or disk.path)
    if not any(real.is_relative_to(host.resolve(Path(folder))) for folder in allowed):
        detail = "the client configuration allows only these folders"
        yield _row(disk.span, "image_paths", ", ".join(allowed), str(real), met=False, detail=detail)


def _image(config: QemuConfig, disk: Disk | None, finding: ImageFinding | None) -> Iterator[Requirement]:
    """An image of this host must be there, and fit to be given to QEMU."""
    if disk is None or finding is None or finding.image is not None:
        return
    detail = "; ".join(filter(None, (finding.detail, finding.hint)))
    yield _row(disk.span, "image", config.image_path, finding.problem, met=False, detail=detail)


def _allowed_args(task: Task, config: QemuConfig, node: Node) -> Iterator[Requirement]:
    allowed = node.config.args_allowlist
    if not allowed:
        return
    for index, argument in enumerate(config.args):
        flag = argument.strip()
        if flag.startswith("-") and flag not in allowed:
            yield _row(
                task.at("Config", "args", index),
                "args_allowlist",
                ", ".join(allowed),
                flag,
                met=False,
                detail="the client configuration allows only these",
            )


def _ports(forwards: tuple[Forward, ...], host: Host) -> Iterator[Requirement]:
    for forward in forwards:
        if not forward.static:
            continue
        obstacle = host.port_obstacle(forward.host_ip, forward.host_port)
        if obstacle is not None:
            detail = "choose another static port, or leave static out and let qemu-run choose"
            yield _row(
                forward.span, f'port "{forward.label}"', forward.address, obstacle, met=False, detail=detail
            )
