"""Rules about a single value, as data: what it may be, how small, how large.

They are checked on what was written, so that a value inherited from a group or a default is told of once.
"""

from collections.abc import Mapping

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.golang.durations import format_duration
from qemu_run.jobspec.api.defaults import SECOND
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job
from qemu_run.jobspec.schema.job import JOB
from qemu_run.jobspec.schema.words import Attribute, Kind, Nested, Repeat, Schema

CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "job": {"type": ("service", "batch", "system", "sysbatch")},
    "parameterized": {"payload": ("optional", "required", "forbidden")},
    "restart": {"mode": ("fail", "delay")},
    "reschedule": {"delay_function": ("constant", "exponential", "fibonacci")},
    "update": {"health_check": ("checks", "task_states", "manual")},
    "migrate": {"health_check": ("checks", "task_states")},
    "disconnect": {"reconcile": ("best_score", "keep_original", "keep_replacement", "longest_running")},
    "volume": {"type": ("host", "csi")},
    "lifecycle": {"hook": ("prestart", "poststart", "poststop")},
    "artifact": {"mode": ("any", "file", "dir")},
    "template": {"change_mode": ("restart", "signal", "script", "noop")},
    "vault": {"change_mode": ("restart", "signal", "noop")},
    "identity": {"change_mode": ("restart", "signal", "noop")},
    "volume_mount": {
        "propagation_mode": ("private", "host-to-task", "bidirectional"),
        "selinux_label": ("z", "Z"),
    },
    "numa": {"affinity": ("none", "prefer", "require")},
    "csi_plugin": {"type": ("controller", "node", "monolith")},
    "service": {
        "provider": ("nomad", "consul"),
        "address_mode": ("auto", "host", "driver", "alloc", "alloc_ipv6"),
        "on_update": ("require_healthy", "ignore_warnings", "ignore"),
    },
    "check": {
        "address_mode": ("host", "driver", "alloc", "alloc_ipv6"),
        "initial_status": ("passing", "warning", "critical"),
        "on_update": ("require_healthy", "ignore_warnings", "ignore"),
    },
}
"""What a string may be, by block and attribute; an empty one is as if unset."""

SHORT = frozenset({"mode", "type", "hook", "affinity", "payload"})
"""Attributes whose name says little without their block's."""

Bounds = tuple[int | None, int | None]

BOUNDS: Mapping[str, Mapping[str, Bounds]] = {
    "job": {"priority": (1, 100)},
    "group": {"count": (0, None), "shutdown_delay": (0, None), "max_run_duration": (1, None)},
    "task": {"kill_timeout": (0, None), "shutdown_delay": (0, None)},
    "resources": {
        "cpu": (0, None),
        "cores": (0, None),
        "memory": (10, None),
        "memory_max": (-1, None),
        "secrets": (0, None),
        "disk": (0, 0),
        "iops": (0, None),
    },
    "device": {"count": (1, None)},
    "ephemeral_disk": {"size": (10, None)},
    "logs": {"max_files": (1, None), "max_file_size": (1, None)},
    "restart": {"interval": (5 * SECOND, None), "attempts": (0, None), "delay": (0, None)},
    "reschedule": {"attempts": (0, None)},
    "update": {
        "max_parallel": (0, None),
        "canary": (0, None),
        "min_healthy_time": (0, None),
        "healthy_deadline": (1, None),
        "progress_deadline": (0, None),
        "stagger": (1, None),
    },
    "migrate": {"max_parallel": (0, None), "min_healthy_time": (0, None), "healthy_deadline": (0, None)},
    "affinity": {"weight": (-100, 100)},
    "spread": {"weight": (1, 100)},
    "target": {"percent": (0, 100)},
    "scaling": {"min": (0, None), "max": (0, None)},
    "port": {"static": (0, 65535), "to": (-1, 65535)},
    "template": {"splay": (0, None)},
    "wait": {"min": (0, None)},
    "check": {
        "success_before_passing": (0, None),
        "failures_before_critical": (0, None),
        "failures_before_warning": (0, None),
    },
    "check_restart": {"limit": (0, None), "grace": (0, None)},
    "disconnect": {"lost_after": (0, None), "stop_on_client_after": (0, None)},
}
"""The smallest and largest number, by block and attribute; durations in nanoseconds."""


def check(job: Job, diagnostics: Diagnostics) -> None:
    """Check every written value against its choices and bounds."""
    _walk(JOB, Part(job.api, job.places), diagnostics)


def _walk(schema: Schema, part: Part, diagnostics: Diagnostics) -> None:
    choices, bounds = CHOICES.get(schema.name, {}), BOUNDS.get(schema.name, {})
    for field in schema.fields:
        if isinstance(field, Attribute):
            if field.name in choices:
                _choice(part, schema, field, choices[field.name], diagnostics)
            if field.name in bounds:
                _bounds(part, field, bounds[field.name], diagnostics)
        elif isinstance(field, Nested):
            for inner in _inner(part, field):
                _walk(field.schema, inner, diagnostics)


def _inner(part: Part, field: Nested) -> list[Part]:
    if field.repeat is Repeat.MANY:
        return part.parts(field.field)
    if field.repeat is Repeat.BY_LABEL:
        return list(part.labelled(field.field).values())
    inner = part.part(field.field)
    return [inner] if inner else []


def _choice(
    part: Part, schema: Schema, attribute: Attribute, allowed: tuple[str, ...], diagnostics: Diagnostics
) -> None:
    value = part.text(attribute.field)
    if not value or value in allowed or "${" in value:
        return
    close = did_you_mean(value.lower(), list(allowed))
    what = f"{schema.name} {attribute.name}" if attribute.name in SHORT else attribute.name.replace("_", " ")
    diagnostics.error(
        f'"{value}" is no {what}',
        part.at(attribute.field),
        f"one of {', '.join(allowed)}",
        hints=(close,) if close else (),
    )


def _bounds(part: Part, attribute: Attribute, bounds: Bounds, diagnostics: Diagnostics) -> None:
    value = part.maybe_integer(attribute.field)
    smallest, largest = bounds
    if value is None:
        return
    show = format_duration if attribute.kind is Kind.DURATION else str
    if smallest is not None and value < smallest:
        wanted = (
            "more than 0"
            if smallest == 1 and attribute.kind is Kind.DURATION
            else f"{show(smallest)} or more"
        )
    elif largest is not None and value > largest:
        wanted = f"{show(largest)} or less" if largest else "leave it out"
    else:
        return
    if smallest is not None and largest:
        wanted = f"from {show(smallest)} to {show(largest)}"
    diagnostics.error(f'"{attribute.name}" cannot be {show(value)}', part.at(attribute.field), wanted)
