"""What Nomad warns of: settings that are accepted and better written otherwise.

Source: the `Warnings` methods of Nomad's server (`nomad/structs`), version 2.0.
"""

import signal
from collections.abc import Mapping

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job, Network, Task, TaskGroup
from qemu_run.jobspec.qemu_args import has_reference

REPLACED: Mapping[str, tuple[str, str]] = {
    "StopAfterClientDisconnect": ("stop_after_client_disconnect", "disconnect { stop_on_client_after }"),
    "MaxClientDisconnect": ("max_client_disconnect", "disconnect { lost_after }"),
    "PreventRescheduleOnLost": ("prevent_reschedule_on_lost", "disconnect { replace }"),
}
"""By field of a group: its name in a file, and what took its place."""


def check_group(group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Add Nomad's warnings of a group."""
    part = Part.of(group)
    _replaced(part, diagnostics)
    _services(group, diagnostics)
    _update(group, part, diagnostics)
    for network in group.networks:
        _mbits(network, diagnostics)


def check_task(task: Task, _group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Add Nomad's warnings of a task."""
    for network in task.resources.networks:
        diagnostics.warning(
            "a network in a task's resources is deprecated", network.at(), "now a block of the group"
        )
        _mbits(network, diagnostics)
    _kill_signal(task, diagnostics)
    if Part.of(task.resources).maybe_integer("IOPS"):
        diagnostics.warning("iops is deprecated", task.resources.at("IOPS"), "without effect")
    for template in task.templates:
        if Part.of(template).integer("VaultGrace"):
            diagnostics.warning("vault_grace is deprecated", template.at("VaultGrace"), "without effect")


def _kill_signal(task: Task, diagnostics: Diagnostics) -> None:
    """Nomad takes any word, and finds only when it stops the task that there is no such signal."""
    name = task.kill_signal
    if name and name not in signal.Signals.__members__ and not has_reference(name):
        close = did_you_mean(name, list(signal.Signals.__members__))
        label = "a cluster could not stop the task; SIGTERM is sent here"
        diagnostics.warning(
            f'"{name}" is not a signal', task.at("KillSignal"), label, hints=(close,) if close else ()
        )


def _mbits(network: Network, diagnostics: Diagnostics) -> None:
    if Part.of(network).maybe_integer("MBits"):
        diagnostics.warning("mbits is deprecated", network.at("MBits"), "without effect")


def _replaced(group: Part, diagnostics: Diagnostics) -> None:
    for field, (name, instead) in REPLACED.items():
        if group.value.get(field) is not None:
            diagnostics.warning(
                f"{name} is deprecated", group.at(field), f"without effect here; on a cluster now {instead}"
            )


def _services(group: TaskGroup, diagnostics: Diagnostics) -> None:
    """A group that registers services and stops without a pause still gets requests while it goes."""
    if group.services and not group.shutdown_delay:
        diagnostics.warning(
            f'group "{group.name}" has services and no shutdown_delay',
            group.services[0].at(),
            "requests may still arrive while it stops",
            hints=('add shutdown_delay = "5s" to the group, say',),
        )


def _update(group: TaskGroup, part: Part, diagnostics: Diagnostics) -> None:
    parallel = part.inner("Update").integer("MaxParallel")
    if parallel > group.count > 0 and ("TaskGroups", *group.location[1:], "Update") in group.places:
        diagnostics.warning(
            f"max_parallel {parallel} is more than the count {group.count}",
            part.at("Update", "MaxParallel"),
            "an update replaces all at once",
        )
