"""What a person should know about a guest before it starts, and what keeps nothing from running."""

import re

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Task
from qemu_run.jobspec.variable_names import variable_name
from qemu_run.planning.host import Host
from qemu_run.planning.launch import Launched
from qemu_run.source import Span


def remark(launched: Launched, task: Task, host: Host, diagnostics: Diagnostics) -> None:
    """Put warnings about one guest into `diagnostics`, and errors for what its QEMU cannot read."""
    _options(launched, task, diagnostics)
    _memory(launched, task, host, diagnostics)
    _ports(launched, task, diagnostics)
    _firmware(launched, diagnostics)


def _arg(task: Task, index: int | None) -> Span | None:
    return None if index is None else task.at("Config", "args", index) or task.at("Config", "args")


def _options(launched: Launched, task: Task, diagnostics: Diagnostics) -> None:
    """Options that this QEMU lacks, or has under another name."""
    for words, index in launched.args.translated.warnings:
        summary, _, label = words.partition("; ")
        diagnostics.warning(summary, _arg(task, index), label)
    for fact, cure, index in launched.args.translated.problems:
        diagnostics.error(fact, _arg(task, index), hints=(cure,) if cure else ())
    for rule, index in launched.args.own.wrong_forwards:
        label = "a forward is tcp:127.0.0.1:8080-:80"
        diagnostics.error(f'"{rule}" is not a forward', _arg(task, index + 1), label)


def _memory(launched: Launched, task: Task, host: Host, diagnostics: Diagnostics) -> None:
    """A guest that is larger than what is free starts, and then the host swaps or kills it.

    One that is larger than memory and swap does not start: the table of requirements says so.
    """
    span = _arg(task, launched.args.own.memory_index) or task.resources.at("MemoryMB")
    host_mb, free_mb = host.memory_bytes() >> 20, host.available_bytes() >> 20
    if launched.launch.memory_mb > host_mb + (host.swap_bytes() >> 20):
        return
    if launched.launch.memory_mb > host_mb:
        diagnostics.warning(f"the guest may use more memory than this machine has ({host_mb} MB)", span)
    elif launched.launch.memory_mb > free_mb:
        summary = f"the guest may use more memory than this machine has free ({free_mb} MB)"
        diagnostics.warning(summary, span)


def _ports(launched: Launched, task: Task, diagnostics: Diagnostics) -> None:
    for each in launched.listening.own:
        if each.is_public:
            what = f"QEMU's {each.label}" if each.guest_port is None else f'port "{each.label}"'
            where = each.address if each.host_port else f"{each.host_ip}, on a port that QEMU chooses"
            diagnostics.warning(
                f"{what} is open to every network of this machine",
                each.span,
                f"{where}; 127.0.0.1 keeps it here",
            )
    own = launched.args.own
    for each in launched.listening.without_effect:
        if not _is_named(each.label, task):
            why = "args bring a network of their own" if own.has_network else 'the network\'s mode is "none"'
            diagnostics.warning(f'port "{each.label}" has no effect', each.span, why)


def _is_named(label: str, task: Task) -> bool:
    """Whether the task's args do something with a port."""
    name = re.escape(variable_name(label))
    return re.search(rf"NOMAD_(HOST_)?(PORT|ADDR)_{name}\b", f"{task.config.get('args')}") is not None


def _firmware(launched: Launched, diagnostics: Diagnostics) -> None:
    """A disk for UEFI alone hangs in silence on a BIOS."""
    disk = launched.launch.disk
    if disk is not None and launched.launch.wants_uefi:
        diagnostics.warning(
            "the disk starts by UEFI only, and the machine has a BIOS",
            disk.span,
            "it would hang in silence",
            hints=('meta { qemu_run_firmware = "uefi" } in the job gives it UEFI',),
        )
