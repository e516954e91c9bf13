"""The driver's `config` at start: the second evaluation, and the keys with their types.

Source: the task configuration of Nomad's qemu driver.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec.model import NAME, Json, Task
from qemu_run.source import Span

Interpolate = Callable[[str, Span | None], str]
"""Replaces run-time references in a text, whose place is given for messages."""

Value: TypeAlias = str | bool | tuple[str, ...] | dict[str, int]

DRIVE_INTERFACES = ("ide", "scsi", "sd", "mtd", "floppy", "pflash", "virtio", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class QemuConfig:
    """A task's `config`, decoded."""

    image_path: str
    args: tuple[str, ...] = ()
    emulator: str = "x86_64"
    machine_type: str = "pc"
    accelerator: str = "tcg"
    drive_interface: str = "ide"
    graceful_shutdown: bool | None = None
    """None when the job does not say: then a stop presses the power button, as if true."""
    guest_agent: bool = False
    port_map: Mapping[str, int] | None = None


def _string(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    raise ValueError("wants a string")


def _bool(value: Json) -> bool:
    match value:
        case True | "true" | "1":
            return True
        case False | "false" | "0":
            return False
        case _:
            raise ValueError("wants true or false")


def _strings(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('wants a list of strings: ["...", "..."]')  # noqa: TRY004  # one kind for every reader
    return tuple("" if item is None else _string(item) for item in value)


def _port_map(value: Json) -> dict[str, int]:
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise ValueError("wants labels with guest ports: port_map { ssh = 22 }")
    ports: dict[str, int] = {}
    for each in value:
        if isinstance(each, Mapping):
            ports.update({label: _port(number) for label, number in each.items()})
    return ports


def _port(value: Json) -> int:
    text = _string(value)
    if not re.fullmatch(r"\d{1,5}", text) or not 0 < int(text) < 65536:
        raise ValueError(f'wants ports from 1 to 65535, not "{text}"')
    return int(text)


KEYS: Mapping[str, Callable[[Json], Value]] = {
    "accelerator": _string,
    "args": _strings,
    "drive_interface": _string,
    "emulator": _string,
    "graceful_shutdown": _bool,
    "guest_agent": _bool,
    "image_path": _string,
    "machine_type": _string,
    "port_map": _port_map,
}
"""Every key of the driver, with what reads it."""


def decode(task: Task, interpolate: Interpolate, diagnostics: Diagnostics) -> QemuConfig | None:
    """The task's config with run-time references replaced; None when it has errors, which are then told."""
    before = len(diagnostics.errors)
    values: dict[str, Value] = {}
    for key, raw in task.config.items():
        span = task.at("Config", key)
        if key not in KEYS:
            name = task.at("Config", key, NAME)
            meant = did_you_mean(key, list(KEYS))
            diagnostics.error(f'unknown key "{key}" in the qemu driver\'s config', name, meant)
        elif raw is not None:
            try:
                values[key] = KEYS[key](_interpolated(raw, span, interpolate))
            except ValueError as error:
                diagnostics.error(f'wrong value for "{key}"', span, str(error))
    if values.get("drive_interface", "ide") not in DRIVE_INTERFACES:
        known = ", ".join(DRIVE_INTERFACES)
        diagnostics.error("unknown drive_interface", task.at("Config", "drive_interface"), f"one of {known}")
    if not values.get("image_path") and "image_path" not in task.config:
        diagnostics.error(
            f'task "{task.name}" has no image_path',
            task.at("Config"),
            "the disk image is missing",
            hints=('add image_path = "disk.img" to the config block',),
        )
    if len(diagnostics.errors) > before:
        return None
    return QemuConfig(**values)  # type: ignore[arg-type]  # each reader in KEYS returns its field's type


def _interpolated(value: Json, span: Span | None, interpolate: Interpolate) -> Json:
    """`value` with every string in it evaluated; keys stay as they are."""
    if isinstance(value, str):
        return interpolate(value, span)
    if isinstance(value, Mapping):
        return {key: _interpolated(each, span, interpolate) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_interpolated(each, span, interpolate) for each in value]
    return value
