"""What a run leaves for the head start of the next one of its command line.

Left is what starts in the same way each time: a job of this host that needs nothing fetched, rendered or
copied, whose args are plain, and which says nothing secret.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from qemu_run.files import replace_file
from qemu_run.planning.plan import Allocation, Plan, TaskPlan
from qemu_run.qemu.arguments import Option, read_args
from qemu_run.runtime.child import Start
from qemu_run.runtime.head_start import HeadStart, facts_of, place, sealed
from qemu_run.workflow.choices import Choices
from qemu_run.workflow.job_cache import is_secret, is_told_aside, make_room
from qemu_run.workflow.job_file import JobFile

_PLAIN = frozenset(
    {
        *("cpu", "smp", "m", "rtc", "name", "uuid", "k", "smbios", "vga"),
        *("nographic", "no-reboot", "no-shutdown", "no-acpi", "no-hpet", "boot"),
    }
)
"""Options that make QEMU open, write or reserve nothing before its guest runs, whatever the plan says."""
_PLAIN_DEVICES = (
    *("isa-debug-exit", "pvpanic", "i6300esb", "virtio-rng", "virtio-balloon"),
    *("usb-kbd", "usb-mouse", "usb-tablet"),
)
"""How devices begin that are nothing but themselves."""
_HARMLESS = "NOMAD_SECRETS_DIR"
"""The name of a folder, whatever it sounds like."""


def keep(head_start: HeadStart, file: JobFile, plan: Plan, choices: Choices, starts: Sequence[Start]) -> None:
    """Keep what a run has started, if a later one may start so.

    Args:
        head_start: That of the run, which was not what the plan asked for.
        file: The job, as the command line names it.
        plan: What the run was planned to do.
        choices: What was chosen at random for it.
        starts: The processes that it has started before any other.
    """
    if (
        is_told_aside(os.environ)
        or not starts
        or not file.is_local
        or not all(map(_starts_alike, plan.tasks))
    ):
        return
    with suppress(OSError, ValueError):
        kept = json.dumps(
            {
                "ids": choices.ids,
                "ports": choices.ports,
                "stands_on": {path: facts_of(path) for path in _stands_on(file, starts)},
                "listens": [
                    (forward.host_ip, forward.host_port)
                    for task in plan.tasks
                    for forward in task.launch.forwards
                ],
                "directories": {
                    f"{each.layout.directory}": list(_folders(each)) for each in plan.allocations
                },
                "starts": [_kept(start) for start in starts],
            }
        )
        said = [kept.replace(_HARMLESS, ""), *map(_as_in_a_job, head_start.key)]
        if not is_secret(plan.job, "\n".join(said)):
            path = Path(place(head_start.key))
            replace_file(path, sealed(kept))
            make_room(path.parent)


def _as_in_a_job(word: str) -> str:
    """A variable of the command line or the environment, as a job would assign it."""
    name, _, value = word.partition("=")
    return f'{name} = "{value}"'


def _starts_alike(task: TaskPlan) -> bool:
    """Whether a task starts in the same way each time, and nothing but its own files is touched by that."""
    launch, disk = task.launch, task.launch.disk
    is_made = task.artifacts or task.templates or task.inputs.options.payload
    has_overlay = disk is not None and disk.base is not None
    listens_itself = any(each.is_own or not each.host_port for each in launch.forwards)
    has_plain_args = all(map(_is_plain, read_args(launch.own_args)))
    return has_plain_args and not (is_made or has_overlay or listens_itself)


def _is_plain(option: Option) -> bool:
    """Whether an option of the job's says what the guest is, and makes QEMU touch nothing of the host."""
    value = option.value or ""
    is_known = option.name in _PLAIN or (option.name == "device" and value.startswith(_PLAIN_DEVICES))
    return is_known and "/" not in value


def _stands_on(file: JobFile, starts: Sequence[Start]) -> Iterator[str]:
    """The files that have a say in what is started, as far as they can be told apart at a glance."""
    yield from (file.name, *file.variable_files)
    for start in starts:
        yield start.arguments[0]


def _folders(allocation: Allocation) -> Iterator[str]:
    """The folders in an allocation's directory, each after the one it lies in."""
    layout = allocation.layout
    inside = [*layout.folders, *(folder for task in allocation.tasks for folder in task.layout.folders)]
    found = {each for folder in inside for each in (folder, *folder.parents)}
    for folder in sorted(found):
        if layout.directory in folder.parents:
            yield f"{folder.relative_to(layout.directory)}"


def _kept(start: Start) -> dict[str, object]:
    return {
        "arguments": start.arguments,
        "environment": dict(start.environment),
        "directory": start.directory,
        "files": {number: (file.path, file.flags, *file.inode) for number, file in start.files.items()},
    }
