"""What a run leaves for the head start of the next one of its command line.

Left is what starts in the same way each time: a job of this host that needs nothing fetched, rendered or
copied, names no files of its own for QEMU and says nothing secret.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from qemu_run.files import replace_file
from qemu_run.planning.plan import Allocation, Launch, Plan, TaskPlan
from qemu_run.qemu.arguments import read_args
from qemu_run.qemu.files import FileReference, file_references
from qemu_run.runtime.child import Start
from qemu_run.runtime.head_start import HeadStart, facts_of, place
from qemu_run.workflow.choices import Choices
from qemu_run.workflow.job_cache import is_secret, make_room
from qemu_run.workflow.job_file import JobFile

_ANY = FileReference("", "output")
_HARMLESS = "NOMAD_SECRETS_DIR"
"""The name of a folder, whatever it sounds like."""
_TAKES_MEMORY = "prealloc"
"""What planning would miss for the guest that has it already."""


def keep(head_start: HeadStart, file: JobFile, plan: Plan, choices: Choices, starts: Sequence[Start]) -> None:
    """Keep what a run has started, if a later one may start so.

    Args:
        head_start: That of the run, which was not what the plan asked for.
        file: The job, as the command line names it.
        plan: What the run was planned to do.
        choices: What was chosen at random for it.
        starts: The processes that it has started before any other.
    """
    if not starts or not file.is_local or not all(map(_starts_alike, plan.tasks)):
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
            replace_file(path, kept.encode())
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
    takes_memory = any(_TAKES_MEMORY in argument for argument in launch.own_args)
    return not (is_made or has_overlay or listens_itself or takes_memory or _is_told_to_write(launch))


def _is_told_to_write(launch: Launch) -> bool:
    """Whether the job's own args name anything but files and folders that are there to be read."""
    for option in read_args(launch.own_args):
        named = file_references(option)
        for each in (_ANY,) if named is None else named:
            is_there = os.path.isfile(each.path) or os.path.isdir(each.path)  # noqa: PTH112, PTH113  # any name
            if each.kind not in {"file", "folder"} or not is_there:
                return True
    return False


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
