"""The driver's `config` at start: evaluated once more, its values checked again and given their types.

Source: the task configuration of Nomad's qemu driver.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec.model import NAME, Json, Task
from qemu_run.jobspec.validate.qemu import KEYS, check_value
from qemu_run.records import record
from qemu_run.source import Span

Interpolate = Callable[[str, Span | None], str]
"""Replaces run-time references in a text, whose place is given for messages."""

Value: TypeAlias = str | bool | tuple[str, ...] | dict[str, int]


@record(kw_only=True)
class QemuConfig:
    """A task's `config`, decoded."""

    image_path: str = ""
    args: tuple[str, ...] = ()
    emulator: str = "x86_64"
    machine_type: str = "pc"
    accelerator: str = "tcg"
    drive_interface: str = "ide"
    graceful_shutdown: bool | None = None
    """None when the job does not say: then a stop presses the power button, as if true."""
    guest_agent: bool = False
    port_map: Mapping[str, int] | None = None


def decode(task: Task, interpolate: Interpolate, diagnostics: Diagnostics) -> QemuConfig | None:
    """The task's config with run-time references replaced; None when it has errors, which are then told."""
    before = len(diagnostics.errors)
    values: dict[str, Value] = {}
    for key, raw in task.config.items():
        if key not in KEYS:
            summary = f'unknown key "{key}" in the qemu driver\'s config'
            diagnostics.error(summary, task.at("Config", key, NAME), did_you_mean(key, list(KEYS)))
            continue
        value = _interpolated(raw, task.at("Config", key), interpolate)
        if check_value(task, key, value, diagnostics, later=False) and value is not None:
            values[key] = _READERS.get(key, _text)(value)
    if len(diagnostics.errors) > before:
        return None
    return QemuConfig(**values)  # type: ignore[arg-type]  # each reader gives its field's type


def _interpolated(value: Json, span: Span | None, interpolate: Interpolate) -> Json:
    """`value` with every string in it evaluated; keys stay as they are."""
    if isinstance(value, str):
        return interpolate(value, span)
    if isinstance(value, Mapping):
        return {key: _interpolated(each, span, interpolate) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_interpolated(each, span, interpolate) for each in value]
    return value


def _text(value: Json) -> str:
    """A string; numbers and booleans as HCL writes them, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _flag(value: Json) -> bool:
    return value in {True, "true", "1"}


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(map(_text, value)) if isinstance(value, Sequence) else ()


def _ports(value: Json) -> dict[str, int]:
    """Guest ports by label; of a label in several maps the last counts."""
    maps = value if isinstance(value, Sequence) else ()
    return {
        label: int(_text(port))
        for ports in maps
        if isinstance(ports, Mapping)
        for label, port in ports.items()
    }


_READERS: Mapping[str, Callable[[Json], Value]] = {
    "args": _texts,
    "graceful_shutdown": _flag,
    "guest_agent": _flag,
    "port_map": _ports,
}
"""What gives a value its type, for the keys that are not texts."""
