"""Rules of groups: their tasks, volumes and scaling."""

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job, Task, TaskGroup
from qemu_run.jobspec.wording import first_is


def check_group(group: TaskGroup, job: Job, diagnostics: Diagnostics) -> None:
    """Check a group as a whole."""
    part = Part.of(group)
    _name(group, diagnostics)
    _tasks(group, diagnostics)
    if job.type == "system" and group.count > 1:
        diagnostics.error(
            f'group "{group.name}" of a system job has a count',
            group.at("Count"),
            "a system job runs once a node",
        )
    _scaling(part, diagnostics)
    _volumes(part, diagnostics)
    _mounts(group, part, diagnostics)
    _disconnect(part, diagnostics)


def _name(group: TaskGroup, diagnostics: Diagnostics) -> None:
    if not group.name or "\0" in group.name:
        diagnostics.error("a group without a proper name", group.at(), "a name, without null characters")


def _tasks(group: TaskGroup, diagnostics: Diagnostics) -> None:
    if not group.tasks:
        diagnostics.error(
            f'group "{group.name}" has no task',
            group.at(),
            "nothing to run",
            hints=('add a task "name" { ... } block',),
        )
    elif not any(_is_main(task) for task in group.tasks):
        diagnostics.error(
            f'group "{group.name}" has only helpers',
            group.at(),
            "one task without lifecycle is needed",
            hints=("tasks with a lifecycle run before, beside or after a main task",),
        )
    _unique([(task.name, task) for task in group.tasks], diagnostics)
    leaders = [task for task in group.tasks if task.leader]
    for task in leaders[1:]:
        diagnostics.error(
            f'group "{group.name}" has a second leader',
            task.at("Leader"),
            f'task "{leaders[0].name}" is leader already',
        )


def _is_main(task: Task) -> bool:
    return task.lifecycle is None or not task.lifecycle.hook


def _unique(tasks: list[tuple[str, Task]], diagnostics: Diagnostics) -> None:
    first: dict[str, Task] = {}
    for name, task in tasks:
        if name in first:
            diagnostics.error(
                f'a second task "{name}" in the group', task.at(), first_is(first[name].at(), task.at())
            )
        first.setdefault(name, task)


def _scaling(group: Part, diagnostics: Diagnostics) -> None:
    scaling = group.part("Scaling")
    if scaling is None:
        return
    smallest, largest, count = scaling.integer("Min"), scaling.maybe_integer("Max"), group.integer("Count")
    if largest is None:
        diagnostics.error("scaling has no max", scaling.at(), "max is required", hints=("add max = 3, say",))
        return
    if smallest > largest:
        diagnostics.error(
            f"min {smallest} is more than max {largest}", scaling.at("Min"), f"{largest} or less"
        )
    elif not smallest <= count <= largest:
        diagnostics.error(
            f"the count {count} is outside its scaling", group.at("Count"), f"from {smallest} to {largest}"
        )


def _volumes(group: Part, diagnostics: Diagnostics) -> None:
    for label, volume in group.labelled("Volumes").items():
        kind = volume.text("Type")
        if not kind:
            diagnostics.error(f'volume "{label}" has no type', volume.at(), 'type = "host" or "csi"')
        if not volume.text("Source"):
            diagnostics.error(f'volume "{label}" has no source', volume.at(), "source is required")
        if kind == "csi":
            for field, name in (("AccessMode", "access_mode"), ("AttachmentMode", "attachment_mode")):
                if not volume.text(field):
                    diagnostics.error(
                        f'volume "{label}" has no {name}', volume.at(), f"csi volumes need {name}"
                    )


def _mounts(group: TaskGroup, part: Part, diagnostics: Diagnostics) -> None:
    known = list(part.labelled("Volumes"))
    for task in group.tasks:
        for mount in task.volume_mounts:
            if not mount.volume:
                diagnostics.warning("volume_mount names no volume", mount.at(), "volume is missing")
            elif mount.volume not in known:
                close = did_you_mean(mount.volume, known)
                diagnostics.error(
                    f'group "{group.name}" has no volume "{mount.volume}"',
                    mount.at("Volume"),
                    f"its volumes: {', '.join(known)}" if known else "it has none",
                    hints=(close,) if close else (),
                )


def _disconnect(group: Part, diagnostics: Diagnostics) -> None:
    disconnect = group.part("Disconnect")
    if disconnect is None:
        return
    if disconnect.maybe_integer("LostAfter") and disconnect.maybe_integer("StopOnClientAfter"):
        diagnostics.error(
            "both lost_after and stop_on_client_after are set",
            disconnect.at("StopOnClientAfter"),
            "one of the two",
        )
    for field, name in (
        ("StopAfterClientDisconnect", "stop_after_client_disconnect"),
        ("MaxClientDisconnect", "max_client_disconnect"),
        ("PreventRescheduleOnLost", "prevent_reschedule_on_lost"),
    ):
        if group.value.get(field):
            diagnostics.error(
                f"both disconnect and {name} are set", group.at(field), "disconnect replaces it"
            )
