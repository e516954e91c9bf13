"""What an ended QEMU leaves to judge it by: its last words, and what its guest wrote to the result port."""

import contextlib
import os

from qemu_run.planning.plan import TaskPlan
from qemu_run.qemu.blame import blamed
from qemu_run.qemu.words import explain

_LONGEST_RESULT = 4096


def result(plan: TaskPlan) -> int | None:
    """The number that the guest wrote to its result port, if it has one."""
    with contextlib.suppress(OSError, ValueError):
        words = plan.layout.result.read_bytes()[:_LONGEST_RESULT].decode("ascii", "replace").split()
        return int(words[-1]) if words else None
    return None


def missing(plan: TaskPlan, said: tuple[str, ...]) -> frozenset[str]:
    """The files that QEMU, which runs in the task directory, speaks of and nobody has."""
    named = {each.subject for each in explain("\n".join(said))}
    directory = plan.layout.directory
    return frozenset(name for name in named if not os.path.exists(directory / name))  # noqa: PTH110  # any name


def taken(plan: TaskPlan) -> str:
    """The first port of the guest that somebody else has now, and who; empty when there is none."""
    obstacle = plan.inputs.host.port_obstacle
    for each in plan.launch.forwards:
        who = obstacle(each.host_ip, each.host_port, each.protocols) if not each.may_move else None
        if who is not None and who.startswith("taken"):
            return f"port {each.host_port} ({each.label}) was free a moment ago and is {who}"
    return ""


def place(plan: TaskPlan, said: tuple[str, ...]) -> tuple[str, ...]:
    """A line with the place in the job of what QEMU's words are about."""
    index = blamed(said, plan.launch.own_args)
    span = None if index is None else plan.task.at("Config", "args", index)
    return () if span is None else (f"from args at {span.source.name}:{span.first.line}",)
