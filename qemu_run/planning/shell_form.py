"""The command of a plan as a person can paste it into a shell: QEMU alone, without qemu-run around it.

A run gives QEMU what a shell has not: descriptors for console and monitor, and files that are made at start.
Here the console is QEMU's standard output and input, and nothing listens for a monitor. In place of a file
that a run makes of another stands that other one; what the guest writes goes to a file that QEMU throws away
(`snapshot=on`), so that it stays as it is here, too. Other files are looked for in the folder of the shell.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from qemu_run.planning.descriptors import CONSOLE_FD, MONITOR_FD
from qemu_run.planning.host import ImageWanted
from qemu_run.planning.plan import Disk, TaskPlan
from qemu_run.qemu.properties import quote

_CONSOLE = f"socket,id=qemu-run.console,fd={CONSOLE_FD}"
_MONITOR = (
    ("-chardev", f"socket,id=qemu-run.monitor,fd={MONITOR_FD}"),
    ("-qmp", "chardev:qemu-run.monitor"),
)
_FORMATS = {".qcow2": "qcow2", ".vmdk": "vmdk", ".vdi": "vdi", ".vhdx": "vhdx", ".qed": "qed"}
"""What an image that is not here yet will most likely be, by its suffix."""


def in_a_shell(task: TaskPlan) -> tuple[list[list[str]], list[str]]:
    """The command of a task for a shell.

    Returns:
        Its words, an option together with its value; and what is to be said of files that only a run makes.
    """
    in_place, notes = _in_place(task)
    groups = [group for group in _grouped(task.launch.command) if tuple(group) not in _MONITOR]
    stdio_is_taken = any("stdio" in word for group in groups for word in group[1:])
    # Two devices cannot share standard input and output; where the job's own args take it, ours only writes.
    console = "file,id=qemu-run.console,path=/dev/stdout" if stdio_is_taken else "stdio,id=qemu-run.console"
    words = [
        [_word(word, console, in_place) if number else word for number, word in enumerate(group)]
        for group in groups
    ]
    return words, notes


def _grouped(command: Sequence[str]) -> Iterator[list[str]]:
    """The emulator, then each option with its value."""
    group: list[str] = []
    for number, word in enumerate(command):
        if group and (number == 1 or len(group) == 2 or word.startswith("-")):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _word(word: str, console: str, in_place: Mapping[str, str]) -> str:
    return console if word == _CONSOLE else _replaced(word, in_place)


def _replaced(word: str, in_place: Mapping[str, str]) -> str:
    for ours, theirs in in_place.items():
        word = word.replace(ours, theirs)
    return word


def _in_place(task: TaskPlan) -> tuple[dict[str, str], list[str]]:
    """What stands in place of texts of a run's command, in the order to look for them; what to say of it."""
    disk, launch, is_file = task.launch.disk, task.launch, task.inputs.host.is_file
    in_place, notes = dict[str, str](), list[str]()
    if disk is not None and disk.base is not None and (disk.is_artifact or not is_file(disk.path)):
        base, fitting, notes = _base(task, disk, disk.base)
        overlay = f"file={quote(str(disk.path))},format=qcow2"
        in_place[overlay] = f"file={quote(base)},format={fitting},snapshot=on"
        if disk.size_bytes is not None:
            notes.append("the disk is as large as its image")
    template, variables = launch.variables_template, launch.variables_copy
    if template is not None and variables is not None and not is_file(variables):
        in_place[f"file={quote(str(variables))}"] = f"file={quote(str(template))},snapshot=on"
    written = _written(task, [_replaced(word, in_place) for word in launch.command])
    notes += [f"needs {', '.join(written)} in this folder, which a run writes"] if written else []
    return {**in_place, f"{task.layout.directory}/": ""}, notes


def _written(task: TaskPlan, words: Sequence[str]) -> list[str]:
    """Files and folders in a task's directory that `words` name, the image aside."""
    folder = task.layout.directory
    named = {name for word in words for name in re.findall(rf"{re.escape(str(folder))}/([^,\"]+)", word)}
    made = [each.destination for each in task.templates] + [each.destination for each in task.artifacts]
    for path in (path.relative_to(folder) for path in made if path.is_relative_to(folder)):
        inside = [str(each) for each in (path, *path.parents) if len(each.parts) > 1]
        named |= {name for name in inside if any(name in word for word in words)}
    disk = task.launch.disk
    images = [] if disk is None else [disk.base or disk.path]
    return sorted(named - {str(each.relative_to(folder)) for each in images if each.is_relative_to(folder)})


def _base(task: TaskPlan, disk: Disk, base: Path) -> tuple[str, str, list[str]]:
    """The image below a run's overlay, as a shell finds it; its format; what a shell has to have for it."""
    image = _local_source(task, base) if disk.is_artifact else base
    if image is None:
        name = str(base.relative_to(task.layout.directory))
        fitting = disk.said_format or _FORMATS.get(base.suffix)
        guess = "" if fitting else "; its format is seen then, raw is a guess"
        return name, fitting or "raw", [f"needs {name} in this folder, which a run fetches{guess}"]
    wanted = ImageWanted(path=image, format=disk.said_format, is_artifact=False)
    layers = task.inputs.host.inspect_image(wanted).layers
    return str(image), layers[0].format if layers else "raw", []


def _local_source(task: TaskPlan, image: Path) -> Path | None:
    """The file of this host that becomes the image, unless it comes from the web or out of an archive."""
    for artifact in task.artifacts:
        if artifact.destination == image and artifact.unpack is None:
            return artifact.request.location.path
    return None
