"""Rules of tasks with the qemu driver, which Nomad checks only when a task starts.

Source: Nomad's qemu driver (`drivers/qemu/driver.go`), version 2.0.
"""

import re
from collections.abc import Sequence

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec import qemu_config
from qemu_run.jobspec.model import NAME, Job, Task, TaskGroup
from qemu_run.jobspec.qemu_args import brings_something_to_boot, has_reference
from qemu_run.jobspec.variable_names import variable_name
from qemu_run.source import Span

SMALLEST_MEMORY, LARGEST_MEMORY = 128, 4_000_000
"""What the driver gives a guest, in MB."""
SMALLEST_ANYWHERE = 10
"""Less is refused whatever the driver, in MB."""
_HOST_SIDE = re.compile(r"hostfwd=(?:tcp|udp)?:[^:,]*:\$\{NOMAD_PORT_([\w.]+)\}-")
"""A forward written by hand, with a variable where the host's port belongs."""


def check_task(task: Task, group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check the config of a task with the qemu driver, and what else the driver asks of it."""
    if task.driver == "qemu":
        qemu_config.check(task, diagnostics)
        _image(task, diagnostics)
        _memory(task, diagnostics)
        _port_labels(task, group, diagnostics)
        _forwarded_ports(task, group, diagnostics)


def _image(task: Task, diagnostics: Diagnostics) -> None:
    """A guest boots from an image, or from what its args bring."""
    known = list(qemu_config.KEYS)
    if any("image_path" in did_you_mean(key, known) for key in task.config.keys() - qemu_config.KEYS.keys()):
        return  # misspelt, which is an error already
    if task.config.get("image_path") not in (None, ""):
        return
    args = task.config.get("args")
    texts = [text for text in args if isinstance(text, str)] if isinstance(args, Sequence) else []
    if any(map(has_reference, texts)) or brings_something_to_boot(texts):
        return
    diagnostics.error(
        f'task "{task.name}" has no image_path',
        task.at("Config", "image_path"),
        "nothing to boot from",
        hints=(
            'add image_path = "local/disk.img" to its config block',
            "or to its args a disk, a kernel or a boot from the network",
        ),
    )


def _memory(task: Task, diagnostics: Diagnostics) -> None:
    memory = task.resources.memory_mb + task.resources.secrets_mb
    if memory < SMALLEST_ANYWHERE:
        return
    if not SMALLEST_MEMORY <= memory <= LARGEST_MEMORY:
        diagnostics.error(
            f"the qemu driver cannot give a guest {memory} MB of memory",
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
        for label in labels if isinstance(labels, dict) else ():
            if label not in known:
                unknown_label(label, known, task.at("Config", "port_map", index, label, NAME), diagnostics)


def _forwarded_ports(task: Task, group: TaskGroup, diagnostics: Diagnostics) -> None:
    """A port with `to` has two numbers, and NOMAD_PORT_ is the guest's: forwarded, it is the wrong one."""
    ports = [port for network in group.networks for port in network.ports if port.to > 0]
    guest_ports = {variable_name(port.label): port.to for port in ports if port.to != port.static}
    args = task.config.get("args")
    for index, text in enumerate(args if isinstance(args, Sequence) and not isinstance(args, str) else ()):
        for label in _HOST_SIDE.findall(text) if isinstance(text, str) else ():
            if label in guest_ports:
                diagnostics.warning(
                    f"NOMAD_PORT_{label} is the guest's port {guest_ports[label]}",
                    task.at("Config", "args", index),
                    "not this machine's",
                    hints=(f"write ${{NOMAD_HOST_PORT_{label}}}",),
                )


def unknown_label(label: str, known: list[str], span: Span | None, diagnostics: Diagnostics) -> None:
    """Say that no network around has a port with this label, and which there are."""
    close = did_you_mean(label, known)
    diagnostics.error(
        f'no network has a port "{label}"',
        span,
        f"known ports: {', '.join(known)}" if known else "the group has no ports",
        hints=(close or f'add port "{label}" {{}} to the network block of the group',),
    )
