"""The qemu driver's `config`: its keys, what their values may be, and how they are read.

A key is a field of `QemuConfig`, with its type beside it; checking, reading and every message go by that.
A text with a run-time reference in it cannot be judged before that is replaced: `check` lets it pass, and
`decode`, which replaces it, judges again.

Source: the task configuration of Nomad's qemu driver (`drivers/qemu/driver.go`), version 2.0.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, fields, replace
from typing import Any, TypeAlias, cast

from qemu_run.errors import Diagnostic, Diagnostics, did_you_mean
from qemu_run.jobspec import qemu_args, qemu_image, qemu_names, qemu_slips
from qemu_run.jobspec.model import NAME, Json, Step, Task
from qemu_run.jobspec.qemu_args import has_reference
from qemu_run.records import record
from qemu_run.source import Span

Interpolate = Callable[[str, Span | None], str]
"""Replaces run-time references in a text, whose place is given for messages."""

Value: TypeAlias = str | bool | tuple[str, ...] | dict[str, int]
"""What a key of the config becomes."""

Finding: TypeAlias = tuple[tuple[Step, ...], Diagnostic]
"""Something wrong within a value: the steps from the value to it, and what to say there."""

LARGEST_PORT = 65535


@record
class Type:
    """What the value of a key must be."""

    wanted: str
    """In words, for messages."""
    fits: Callable[[Json], bool]
    read: Callable[[Json], Value]
    """Gives a value that fits its type."""
    cure: Callable[[Json], str] = lambda _: ""
    """What to write instead of a value that does not fit; may be empty."""


@record
class Key:
    """What is known of a key beside its name and default."""

    type: Type
    judge: Callable[[Any], Iterator[Finding]] = lambda _: iter(())
    """Finds what is wrong within a value of the right type."""


class Open(str):
    """A text of the job file with a reference in it that is yet to be replaced."""

    __slots__ = ()


def _is_text(value: Json) -> bool:
    return isinstance(value, str | bool | int | float)


def _text(value: Json) -> str:
    """A string; numbers and booleans as HCL writes them, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _is_flag(value: Json) -> bool:
    return isinstance(value, bool) or value in ("true", "false", "1", "0") or isinstance(value, Open)


def _flag(value: Json) -> bool:
    return value in {True, "true", "1"}


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(item is None or _is_text(item) for item in value)


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(map(_text, value)) if isinstance(value, Sequence) else ()


def _are_port_maps(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _ports(value: Json) -> dict[str, int]:
    """Guest ports by label; of a label in several maps the last counts."""
    maps = value if isinstance(value, Sequence) else ()
    labels = (item.items() for item in maps if isinstance(item, Mapping))
    return {label: int(_text(port)) for items in labels for label, port in items}


def _bracketed(value: Json) -> str:
    """One line of options as a list, one element a word."""
    if not isinstance(value, str):
        return ""
    elements = qemu_slips.in_quotes(qemu_slips.split_words(value))
    return f"put it in brackets, one element a word: [{elements}]"


def _listed(value: Json) -> str:
    is_object = isinstance(value, Mapping)
    return (
        "put the object in brackets, as in [local.ports], or write port_map { ssh = 22 }" if is_object else ""
    )


TEXT = Type("a string", _is_text, _text)
FLAG = Type("true or false", _is_flag, _flag)
TEXTS = Type("a list of strings", _are_texts, _texts, _bracketed)
PORT_MAP = Type("a block of labels with guest ports", _are_port_maps, _ports, _listed)


def _judge_interface(value: Json) -> Iterator[Finding]:
    if not isinstance(value, Open) and (found := qemu_names.unknown_interface(_text(value))):
        yield (), found


def _judge_accelerator(value: Json) -> Iterator[Finding]:
    if not isinstance(value, Open) and (found := qemu_names.unknown_accelerator(_text(value))):
        yield (), found


def _judge_image_path(value: Json) -> Iterator[Finding]:
    if found := qemu_image.problem(_text(value)):
        yield (), found


def _judge_args(value: Json) -> Iterator[Finding]:
    args = _texts(value)
    found_in_args = (*qemu_slips.refused(args), *qemu_slips.slips(args), *qemu_slips.replaced(args))
    yield from (((index,), found) for index, found in found_in_args)
    for index, name in qemu_args.accelerators(args):
        if not has_reference(name) and (found := qemu_names.unknown_accelerator(name)):
            yield (index,), found


def _judge_ports(value: Sequence[Mapping[str, Json]]) -> Iterator[Finding]:
    for index, labels in enumerate(value):
        for label, port in labels.items():
            if not _is_port(port):
                shown = port if isinstance(port, str | int | float) else "this"
                summary = f'the guest\'s port of "{label}" cannot be {shown}'
                yield (index, label), Diagnostic(summary, None, f"a port from 1 to {LARGEST_PORT}")


def _is_port(value: Json) -> bool:
    if isinstance(value, str):
        return isinstance(value, Open) or (value.isdecimal() and 0 < int(value) <= LARGEST_PORT)
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_PORT


def _key(key: Key, default: Value | None) -> Any:  # noqa: ANN401 - a field is declared with its own type
    return field(default=default, metadata={Key: key})


@record(kw_only=True)
class QemuConfig:
    """A task's `config`, decoded. A key that is added here is known everywhere."""

    image_path: str = _key(Key(TEXT, _judge_image_path), "")
    args: tuple[str, ...] = _key(Key(TEXTS, _judge_args), ())
    emulator: str = _key(Key(TEXT), "x86_64")
    machine_type: str = _key(Key(TEXT), "pc")
    accelerator: str = _key(Key(TEXT, _judge_accelerator), "tcg")
    drive_interface: str = _key(Key(TEXT, _judge_interface), "ide")
    graceful_shutdown: bool | None = _key(Key(FLAG), None)
    """None when the job does not say: then a stop presses the power button, as if true."""
    guest_agent: bool = _key(Key(FLAG), default=False)
    port_map: Mapping[str, int] | None = _key(Key(PORT_MAP, _judge_ports), None)


KEYS: Mapping[str, Key] = {one.name: one.metadata[Key] for one in fields(QemuConfig)}

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


def check(task: Task, diagnostics: Diagnostics) -> None:
    """Say what is wrong with a task's config before it runs; what only a reference decides passes."""
    for key, value in task.config.items():
        _tell(task, key, _findings(key, _opened(value)), diagnostics)


def _opened(value: Json) -> Json:
    """`value` with every string that has a reference in it marked as open."""
    return _mapped(value, lambda text: Open(text) if has_reference(text) else text)


def decode(task: Task, interpolate: Interpolate, diagnostics: Diagnostics) -> QemuConfig | None:
    """The task's config with run-time references replaced; None when it has errors, which are then told.

    Null is as good as nothing. What `check` warns of is not told again.
    """
    before = len(diagnostics.errors)
    right: dict[str, Json] = {}
    for key, raw in task.config.items():
        value = _interpolated(raw, task.at("Config", key), interpolate) if key in KEYS else raw
        found = list(_findings(key, value))
        warned = {steps for steps, _ in _findings(key, _opened(raw))}
        new = [each for each in found if each[1].severity == "error" or each[0] not in warned]
        _tell(task, key, new, diagnostics)
        if value is not None:
            right[key] = value
    if len(diagnostics.errors) > before:
        return None
    return QemuConfig(**cast("dict[str, Any]", {key: KEYS[key].type.read(right[key]) for key in right}))


def _interpolated(value: Json, place: Span | None, interpolate: Interpolate) -> Json:
    return _mapped(value, lambda text: interpolate(text, place))


def _mapped(value: Json, change: Callable[[str], str]) -> Json:
    """`value` with every string in it changed; the keys of objects stay as they are."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _mapped(each, change) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_mapped(each, change) for each in value]
    return value


def _tell(task: Task, key: str, found: Iterable[Finding], diagnostics: Diagnostics) -> None:
    for steps, diagnostic in found:
        diagnostics.items.append(replace(diagnostic, span=task.at("Config", key, *steps)))


def _findings(name: str, value: Json) -> Iterator[Finding]:
    key = KEYS.get(name)
    if key is None:
        yield (NAME,), _unknown(name)
    elif value is None:
        return
    elif not key.type.fits(value):
        hint = key.type.cure(value)
        summary = f'"{name}" must be {key.type.wanted}'
        yield (), Diagnostic(summary, None, _described(value), hints=(hint,) if hint else ())
    elif any("\0" in text for text in _strings_in(value)):
        yield (), Diagnostic(f'"{name}" has a NUL character in it', None, "no program can be given one")
    else:
        yield from key.judge(value)


def _unknown(name: str) -> Diagnostic:
    """Nomad takes a job with such a key and fails its task at start."""
    meant = ELSEWHERE.get(name) or did_you_mean(name, list(KEYS))
    return Diagnostic(
        f'unknown key "{name}" in the qemu driver\'s config',
        None,
        meant or "a task with it never starts",
        hints=() if meant else (f"the keys are {', '.join(sorted(KEYS))}",),
    )


def _strings_in(value: Json) -> Iterator[str]:
    """Every string in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in _strings_in(each))
    elif isinstance(value, Sequence):
        yield from (text for each in value for text in _strings_in(each))


def _described(value: Json) -> str:
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
