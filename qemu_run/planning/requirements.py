"""What a task needs of this machine besides its constraints, as rows of the placement table."""

from collections.abc import Iterable, Iterator
from os.path import relpath
from pathlib import Path

from qemu_run.errors import did_you_mean
from qemu_run.jobspec.model import Task
from qemu_run.jobspec.qemu_config import QemuConfig
from qemu_run.node.addresses import NO_ADDRESS
from qemu_run.node.node import Node
from qemu_run.planning.contained import Look, is_within
from qemu_run.planning.host import Host
from qemu_run.planning.launch import Launched, accelerator_obstacle
from qemu_run.planning.plan import Forward, Requirement, TaskPlan
from qemu_run.qemu.architectures import interface_mistake
from qemu_run.qemu.arguments import Option, read_args
from qemu_run.source import Span

_MOST_NAMED = 5
_WIDEST_FINDING = 32
"""More does not stand in the table, where a cell is narrow."""
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
        *_accelerator(plan, launched),
        *_machine_type(task, launched, host),
        *_firmware(task, launched),
        *_memory(task, launched, host),
        *contained(plan, launched),
        *_image(plan, config, launched),
        *_allowed_args(task, config, node),
        *_host_networks(plan, node, host),
        *_ports(launched.listening.all, host, binds=bool(plan.inputs.options.bind)),
    ]


def other_driver(task: Task, group: Iterable[Task]) -> Requirement:
    """The row of a task that is not for QEMU; those of its group that are can run without it."""
    ours = [f"--task {other.name}" for other in group if other.driver == "qemu"]
    way_out = f"; without it: {' '.join(ours)}" if ours else ""
    others = f'qemu-run runs qemu tasks; a task of driver "{task.driver}" needs a Nomad cluster{way_out}'
    detail = did_you_mean(task.driver.lower(), ["qemu"]) or others
    return row(
        task.at("Driver"), f'driver of task "{task.name}"', "qemu", task.driver, met=False, detail=detail
    )


def row(span: Span | None, what: str, wanted: str, found: str, *, met: bool, detail: str = "") -> Requirement:
    """A row, with the line of the job that it is about."""
    line = span.first.line if span else None
    return Requirement(line=line, what=what, wanted=wanted, found=found, met=met, detail=detail, span=span)


def _emulator(task: Task, config: QemuConfig, emulator: Path | None, node: Node) -> Iterator[Requirement]:
    span = task.at("Config", "emulator")
    if emulator is None:
        architecture = config.emulator.removeprefix("qemu-system-")
        package = next((name for name, emulated in _PACKAGES.items() if architecture in emulated), "misc")
        detail = f"apt install qemu-system-{package} (Debian, Ubuntu), or this system's package for it"
        yield row(span, "emulator", f"qemu-system-{architecture}", "not installed", met=False, detail=detail)
    allowed = node.config.emulators_allowlist
    if allowed and config.emulator not in allowed:
        yield row(
            span,
            "emulators_allowlist",
            ", ".join(allowed),
            config.emulator,
            met=False,
            detail="the client configuration says so",
        )


def _accelerator(plan: TaskPlan, launched: Launched) -> Iterator[Requirement]:
    """The accelerator that was chosen must work, and a processor that is the host's own needs one."""
    task, own, name = plan.task, launched.args.own, launched.args.accelerator
    span = task.at("Config", "accelerator")
    if own.accelerators_index is not None:
        span = _arg(task, own.accelerators_index) or span
    way_out = 'use accelerator = "tcg", or --accelerator tcg for this run'
    obstacle = accelerator_obstacle(name, plan.inputs, launched.emulator)
    if obstacle:
        found, _, why = obstacle.partition(": ")
        detail = "; ".join(filter(None, (why, way_out)))
        yield row(span, "accelerator", name, found, met=False, detail=detail)
    elif own.cpu.split(",")[0] == "host" and name == "tcg":
        detail = 'args = ["-cpu", "max"] is everything that QEMU can do without KVM'
        span = _arg(task, own.cpu_index)
        yield row(span, "-cpu host", "kvm", name, met=False, detail=detail)
    elif name == "kvm":
        yield row(span, "accelerator", name, "usable", met=True)


def _arg(task: Task, index: int | None) -> Span | None:
    """The place of one of the job's args."""
    return None if index is None else task.at("Config", "args", index) or task.at("Config", "args")


def _machine_type(task: Task, launched: Launched, host: Host) -> Iterator[Requirement]:
    """Asked of QEMU only when the job names a type, since asking takes a moment."""
    span = task.at("Config", "machine_type")
    if launched.args.own.machine_index is not None and launched.args.own.machine_type:
        span = _arg(task, launched.args.own.machine_index)
    is_named = "machine_type" in task.config or launched.args.own.machine_type
    name = launched.machine_type.partition(",")[0]
    if launched.emulator is not None and is_named:
        known = host.machine_types(launched.emulator)
        if known and name not in known:
            listed = f"{launched.emulator.name} -machine help lists them"
            detail = "; ".join(filter(None, (did_you_mean(name, list(known)), listed)))
            yield row(span, "machine type", name, "unknown", met=False, detail=detail)
            return
    disk = launched.launch.disk
    if disk is not None and (known := interface_mistake(launched.machine_type, launched.drive_interface)):
        detail = f"machine {name} has {', '.join(known)}"
        span = task.at("Config", "drive_interface") or span
        yield row(span, "drive interface", launched.drive_interface, "not there", met=False, detail=detail)


def _firmware(task: Task, launched: Launched) -> Iterator[Requirement]:
    if launched.firmware.missing and launched.emulator is not None:
        detail = f"apt install {launched.firmware.missing} (Debian, Ubuntu), or this system's package for it"
        wanted = f"for {launched.launch.emulator}, {launched.machine_type}"
        span = task.at("Meta", "qemu_run_firmware") or task.at()
        yield row(span, "firmware", wanted, "not installed", met=False, detail=detail)


def _memory(task: Task, launched: Launched, host: Host) -> Iterator[Requirement]:
    """A guest that is larger than memory and swap cannot run; a warning of a tighter fit is elsewhere."""
    has_mb = (host.memory_bytes() + host.swap_bytes()) >> 20
    if launched.launch.memory_mb > has_mb:
        span = _arg(task, launched.args.own.memory_index) or task.resources.at("MemoryMB")
        wanted = f"{launched.launch.memory_mb} MB"
        detail = "memory and swap of this machine together"
        yield row(span, "memory", wanted, f"{has_mb} MB", met=False, detail=detail)


def contained(plan: TaskPlan, launched: Launched) -> Iterator[Requirement]:
    """Every file of this host that the guest could reach must lie in the folders that its owner allows.

    Links are followed, also those in the task directory.
    """
    inputs = plan.inputs
    allowed = inputs.node.config.image_paths
    if not allowed:
        return
    folders = [inputs.host.resolve(Path(folder)) for folder in allowed]
    shown = ", ".join(allowed)
    detail = "the client configuration allows only these folders"
    disk = launched.launch.disk
    if disk is not None and not disk.is_artifact:
        real = inputs.host.resolve(disk.base or disk.path)
        if not is_within(real, folders):
            yield row(disk.span, "image_paths", shown, str(real), met=False, detail=detail)
    for artifact in plan.artifacts:
        local = artifact.request.location.path
        if local is not None and not is_within(real := inputs.host.resolve(local), folders):
            yield row(artifact.span, "image_paths", shown, str(real), met=False, detail=detail)
    own_folder = inputs.allocation.layout.directory
    places = [*folders, own_folder, inputs.host.resolve(own_folder)]
    look = Look(inputs.host, plan.layout.directory, places)
    # What stands behind a comma in machine_type are properties of -machine, on Nomad too.
    machine = Option("machine", f"type={launched.machine_type}", 0)
    for _, found in look.at_all((), (machine,)):
        span = plan.task.at("Config", "machine_type")
        yield row(span, "image_paths", shown, found, met=False, detail=detail)
    for index, found in look.at_all(launched.args.own.options, launched.args.options):
        yield row(_arg(plan.task, index), "image_paths", shown, found, met=False, detail=detail)


def _address_hint(forward: Forward, *, binds: bool) -> str:
    """Who names the address that a port is wanted at."""
    who = "--bind" if binds else "the host_network of the client configuration"
    return f"{'args' if forward.is_own else who} may name only an address that this machine has"


def _image(plan: TaskPlan, config: QemuConfig, launched: Launched) -> Iterator[Requirement]:
    """An image of this host must be there, free, and fit to be given to QEMU."""
    disk, finding = launched.launch.disk, launched.image
    if disk is None or finding is None:
        return
    if not finding.layers:
        is_short = len(finding.problem) <= _WIDEST_FINDING
        found, why = (finding.problem, "") if is_short else ("not fit", finding.problem)
        said = (why, finding.detail, finding.hint, _what_artifacts_bring(plan))
        detail = "; ".join(filter(None, said))
        yield row(disk.span, "image", config.image_path, found, met=False, detail=detail)
    elif finding.in_use:
        way_out = "end the other run, or --snapshot, which writes to an overlay"
        if not disk.is_written_in_place:
            way_out = "end the other run: it writes to the image itself"
        yield row(disk.span, "image", config.image_path, "in use by another QEMU", met=False, detail=way_out)
    elif disk.size_bytes is not None and disk.size_bytes < finding.virtual_bytes:
        found = f"{finding.virtual_bytes} bytes already"
        detail = "a disk is never made smaller: the file systems on it would be cut off"
        yield row(disk.span, "disk size", f"{disk.size_bytes} bytes", found, met=False, detail=detail)


def _what_artifacts_bring(plan: TaskPlan) -> str:
    """Where a task's artifacts land: an image that is not on this host may be one of them."""
    places = [relpath(each.destination, plan.layout.directory) for each in plan.artifacts]
    more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
    return f"artifacts bring {', '.join(places[:_MOST_NAMED])}{more}" if places else ""


def _allowed_args(task: Task, config: QemuConfig, node: Node) -> Iterator[Requirement]:
    """An owner's list holds options, with one dash or two; a bare word is a disk, and stands in it whole.

    A value that begins with a dash is looked at as well, as Nomad does.
    """
    allowed = {_one_dash(each) for each in node.config.args_allowlist}
    if not allowed:
        return
    for option in read_args(config.args):
        words = [(option.index, f"-{option.name}" if option.name else option.value or "-")]
        if option.name and option.value is not None and option.value.strip().startswith("-"):
            words.append((option.index + 1, option.value.strip()))
        for index, word in words:
            if _one_dash(word) not in allowed:
                yield row(
                    _arg(task, index),
                    "args_allowlist",
                    ", ".join(node.config.args_allowlist),
                    word,
                    met=False,
                    detail="the client configuration allows only these"
                    + ("" if word.startswith("-") else "; QEMU takes a word without a dash as a disk"),
                )


def _one_dash(text: str) -> str:
    return text[1:] if text.startswith("--") else text


def _host_networks(plan: TaskPlan, node: Node, host: Host) -> Iterator[Requirement]:
    """A network of the host that a port names must be in the client configuration, and be here."""
    if plan.inputs.options.bind:
        return
    known = node.config.host_networks
    for each in plan.inputs.ports:
        name = each.port.host_network
        if name in {"", "default"} or name in host.network_addresses:
            continue
        found = "no address of this machine" if name in known else "not configured"
        names = ", ".join(known) or "none"
        detail = f"the client configuration defines: {names}; --bind ADDRESS forwards from one for this run"
        yield row(each.port.at(), "host_network", name, found, met=False, detail=detail)


def _ports(forwards: tuple[Forward, ...], host: Host, *, binds: bool) -> Iterator[Requirement]:
    for forward in forwards:
        if (not forward.static and not forward.is_own) or forward.may_move:
            continue
        obstacle = host.port_obstacle(forward.host_ip, forward.host_port, forward.protocols)
        if obstacle is not None:
            detail = "choose another static port, or leave static out and let qemu-run choose"
            if forward.is_own:
                detail = "choose another port in args"
            if obstacle.endswith(NO_ADDRESS):
                detail = _address_hint(forward, binds=binds)
            yield row(
                forward.span, f'port "{forward.label}"', forward.address, obstacle, met=False, detail=detail
            )
