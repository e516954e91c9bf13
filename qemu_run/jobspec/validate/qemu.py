"""Rules of the qemu driver's `config`, which Nomad checks only when a task starts.

Source: the task configuration of Nomad's qemu driver (`drivers/qemu/driver.go`), version 2.0. A value with a
run-time reference in it cannot be judged before the run, and is left to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeGuard

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec.model import NAME, Job, Json, Task, TaskGroup
from qemu_run.source import Span

DRIVE_INTERFACES = ("ide", "scsi", "sd", "mtd", "floppy", "pflash", "virtio", "none")
SMALLEST_MEMORY, LARGEST_MEMORY = 128, 4_000_000
"""What the driver gives a machine, in MB."""
LARGEST_PORT = 65535
SMALLEST_ANYWHERE = 10
"""Less is refused whatever the driver, in MB."""


def _is_text(value: Json, *, later: bool) -> bool:
    return isinstance(value, str | bool | int | float)


def _is_flag(value: Json, *, later: bool) -> bool:
    return (
        isinstance(value, bool) or value in ("true", "false", "1", "0") or (later and _has_reference(value))
    )


def _is_texts(value: Json, *, later: bool) -> bool:
    return isinstance(value, list) and all(item is None or _is_text(item, later=later) for item in value)


def _are_labels(value: Json) -> TypeGuard[Sequence[Mapping[str, Json]]]:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _is_port_map(value: Json, *, later: bool) -> bool:
    return _are_labels(value)


def _is_port(value: Json, *, later: bool) -> bool:
    if isinstance(value, str):
        return (later and _has_reference(value)) or (value.isdecimal() and 0 < int(value) <= LARGEST_PORT)
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_PORT


def _has_reference(value: Json) -> bool:
    return isinstance(value, str) and "${" in value


def _texts_in(value: Json) -> Iterator[str]:
    """Every string in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in _texts_in(each))
    elif isinstance(value, Sequence):
        yield from (text for each in value for text in _texts_in(each))


class Judge(Protocol):
    """Tells whether a value will do for a key."""

    def __call__(self, value: Json, *, later: bool) -> bool:
        """Whether it will; `later`: references for run time in it are yet to be replaced."""


TEXT = "a string"
FLAG = "true or false"
TEXTS = "a list of strings"
PORT_MAP = "a block of labels with guest ports"

KEYS: Mapping[str, tuple[str, Judge]] = {
    "accelerator": (TEXT, _is_text),
    "args": (TEXTS, _is_texts),
    "drive_interface": (TEXT, _is_text),
    "emulator": (TEXT, _is_text),
    "graceful_shutdown": (FLAG, _is_flag),
    "guest_agent": (FLAG, _is_flag),
    "image_path": (TEXT, _is_text),
    "machine_type": (TEXT, _is_text),
    "port_map": (PORT_MAP, _is_port_map),
}
"""Every key of the driver: what its value must be, and whether a value is that."""

ELSEWHERE: Mapping[str, str] = {
    "image": 'the disk is image_path = "local/disk.img"',
    "memory": "memory is an attribute of the resources block",
    "cpu": "cpu is an attribute of the resources block",
    "cores": "cores is an attribute of the resources block",
    "env": "env is a block of the task, beside config",
    "network": "network is a block of the group",
    "command": "the emulator's name is emulator, its options are args",
    "dynamic": "config cannot hold dynamic blocks; use a for expression",
}
"""Keys that people write in config, and where they belong."""


def check(job: Job, diagnostics: Diagnostics) -> None:
    """Check the config of every task with the qemu driver."""
    for group in job.groups:
        for task in group.tasks:
            if task.driver == "qemu":
                _config(task, group, diagnostics)


def _config(task: Task, group: TaskGroup, diagnostics: Diagnostics) -> None:
    for key, value in task.config.items():
        if key in KEYS:
            check_value(task, key, value, diagnostics, later=True)
        else:
            _unknown_key(task, key, diagnostics)
    _image(task, diagnostics)
    _memory(task, diagnostics)
    _port_labels(task, group, diagnostics)


def check_value(task: Task, key: str, value: Json, diagnostics: Diagnostics, *, later: bool) -> bool:
    """Whether `value` will do for a known key; if not, that is told at the key's place in the job.

    Null is as good as nothing. `later`: a text with a reference for run time in it will do for now.
    """
    wanted, is_right = KEYS[key]
    place = task.at("Config", key)
    if key == "port_map" and _are_labels(value):
        return _check_ports(task, value, diagnostics, later=later)
    if value is not None and not is_right(value, later=later):
        diagnostics.error(f'"{key}" must be {wanted}', place, _kind(value), hints=_hints(key, value))
        return False
    if any("\0" in text for text in _texts_in(value)):
        diagnostics.error(f'"{key}" has a NUL character in it', place, "no program can be given one")
        return False
    if key == "drive_interface" and isinstance(value, str) and not (later and _has_reference(value)):
        return _check_interface(task, value, diagnostics)
    return True


def _check_ports(
    task: Task, maps: Sequence[Mapping[str, Json]], diagnostics: Diagnostics, *, later: bool
) -> bool:
    wrong = [
        (index, label, port)
        for index, ports in enumerate(maps)
        for label, port in ports.items()
        if not _is_port(port, later=later)
    ]
    for index, label, port in wrong:
        shown = port if isinstance(port, str | int | float) else "this"
        place = task.at("Config", "port_map", index, label)
        diagnostics.error(
            f'the guest\'s port of "{label}" cannot be {shown}', place, "a port from 1 to 65535"
        )
    return not wrong


def _check_interface(task: Task, interface: str, diagnostics: Diagnostics) -> bool:
    if interface in DRIVE_INTERFACES:
        return True
    close = did_you_mean(interface, list(DRIVE_INTERFACES))
    diagnostics.error(
        f'QEMU has no drive interface "{interface}"',
        task.at("Config", "drive_interface"),
        f"one of {', '.join(DRIVE_INTERFACES)}",
        hints=(close,) if close else (),
    )
    return False


def _unknown_key(task: Task, key: str, diagnostics: Diagnostics) -> None:
    """A key that is plainly meant otherwise is a mistake.

    Any other is a warning: Nomad takes such a job, and fails its task at start.
    """
    summary = f'unknown key "{key}" in the qemu driver\'s config'
    span = task.at("Config", key, NAME)
    if meant := ELSEWHERE.get(key) or did_you_mean(key, list(KEYS)):
        diagnostics.error(summary, span, meant)
    else:
        diagnostics.warning(summary, span, "the task will not start", hints=(f"there are {', '.join(KEYS)}",))


def _kind(value: Json) -> str:
    match value:
        case bool():
            return f"this is {str(value).lower()}"
        case int() | float():
            return f"this is the number {value}"
        case str():
            return "this is a string"
        case Mapping():
            return "this is an object"
        case _:
            return "this is a list of something else" if value else "this is an empty list"


def _hints(key: str, value: Json) -> tuple[str, ...]:
    if key == "args" and isinstance(value, str):
        return (f"put it in brackets, one element a word: {_as_list(value)}",)
    if key == "port_map" and isinstance(value, Mapping):
        return ("put the object in brackets, as in [local.ports]", "or write port_map { ssh = 22 }")
    return ()


def _as_list(text: str) -> str:
    words = [f'"{word}"' for word in text.split()]
    return f"[{', '.join(words)}]"


def _image(task: Task, diagnostics: Diagnostics) -> None:
    if any("image_path" in did_you_mean(key, list(KEYS)) for key in task.config if key not in KEYS):
        return  # misspelt, which is said already
    if task.config.get("image_path") in (None, ""):
        diagnostics.error(
            f'task "{task.name}" has no image_path',
            task.at("Config", "image_path"),
            "image_path is required",
            hints=('add image_path = "local/disk.img" to its config block',),
        )


def _memory(task: Task, diagnostics: Diagnostics) -> None:
    memory = task.resources.memory_mb + task.resources.secrets_mb
    if memory < SMALLEST_ANYWHERE:
        return
    if not SMALLEST_MEMORY <= memory <= LARGEST_MEMORY:
        diagnostics.error(
            f"the qemu driver cannot give a machine {memory} MB of memory",
            task.resources.at("MemoryMB"),
            f"from {SMALLEST_MEMORY} to {LARGEST_MEMORY}",
        )


def _port_labels(task: Task, group: TaskGroup, diagnostics: Diagnostics) -> None:
    maps = task.config.get("port_map")
    if not isinstance(maps, Sequence) or isinstance(maps, str):
        return
    networks = (*task.resources.networks, *group.networks)
    known = [port.label for network in networks for port in network.ports]
    for index, labels in enumerate(maps):
        for label in labels if isinstance(labels, Mapping) else ():
            if label not in known:
                _unknown_label(label, known, task.at("Config", "port_map", index, label, NAME), diagnostics)


def _unknown_label(label: str, known: list[str], span: Span | None, diagnostics: Diagnostics) -> None:
    close = did_you_mean(label, known)
    diagnostics.error(
        f'no network has a port "{label}"',
        span,
        f"known ports: {', '.join(known)}" if known else "the group has no ports",
        hints=(close or f'add port "{label}" {{}} to the network block of the group',),
    )
