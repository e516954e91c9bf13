"""The plan of a run, for a person to read: what `qemu-run plan` prints."""

import shlex
import sys
from collections.abc import Iterator

from qemu_run.planning.plan import ArtifactPlan, Plan, TaskPlan
from qemu_run.terminal.placement import preference_table, table
from qemu_run.terminal.screen import plain

_LABEL_WIDTH = 14


def show_plan(plan: Plan, *, with_environment: bool) -> None:
    """Print the plan to standard output."""
    for line in lines(plan, with_environment=with_environment):
        sys.stdout.write(line.rstrip() + "\n")


def lines(plan: Plan, *, with_environment: bool) -> Iterator[str]:
    """The plan's lines: the table of constraints, then each task."""
    yield f"job {plan.job.name}, " + ("runs here" if plan.fits else "cannot run here")
    if plan.verdicts or plan.requirements:
        yield ""
        yield from (plain(pieces) for pieces in table(plan))
    for preferences in plan.preferences:
        yield ""
        yield f"affinities of group {preferences.group}: score {preferences.score:+.2f}"
        yield from (plain(pieces) for pieces in preference_table(preferences))
    for task in plan.tasks:
        yield ""
        yield from _task(task, with_environment=with_environment)


def _task(task: TaskPlan, *, with_environment: bool) -> Iterator[str]:
    yield f"group {task.group}, task {task.task.name}" + (f", allocation {task.index}" if task.index else "")
    yield from _labelled("artifacts", [_artifact(task, artifact) for artifact in task.artifacts])
    if task.disk is not None:
        kind = "overlay (the image stays as it is)" if task.disk.base else "written in place"
        missing = "" if task.disk.is_artifact or task.disk.is_there else "; there is no such file now"
        image = task.disk.base or task.disk.path
        shown = image.relative_to(task.allocation) if task.disk.is_artifact else image
        yield from _labelled("disk", [f"{shown}, {kind}{missing}"])
    ports = [f"{each.label}  {each.address} -> guest {each.guest_port}" for each in task.forwards]
    yield from _labelled("ports", ports)
    variables = [f"{name}={value}" for name, value in task.environment.items()]
    count = [f"{len(variables)} variables (--env shows them)"]
    yield from _labelled("environment", variables if with_environment else count)
    yield from _labelled("command", list(_command(task)))
    if task.gave_way:
        yield from _labelled("", [f"your args replace ours: {' '.join(task.gave_way)}"])


def _labelled(label: str, rows: list[str]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"  {label if not number else '':<{_LABEL_WIDTH}}{row}"


def _artifact(task: TaskPlan, artifact: ArtifactPlan) -> str:
    checksum = artifact.request.checksum
    verified = f" ({checksum.algorithm})" if checksum else " (no checksum)"
    destination = artifact.destination.relative_to(task.directory.parent)
    folder = "/" if artifact.fills_folder else ""
    unpacked = ", unpacked" if artifact.unpack else ""
    return f"{artifact.request.location.printable} -> {destination}{folder}{unpacked}{verified}"


def _command(task: TaskPlan) -> Iterator[str]:
    """The command for a shell, an option with its value on each line."""
    grouped: list[list[str]] = []
    for argument in task.command:
        starts_option = argument.startswith("-") or not grouped or len(grouped[-1]) == 2 or len(grouped) == 1
        if starts_option:
            grouped.append([argument])
        else:
            grouped[-1].append(argument)
    for number, group in enumerate(grouped):
        end = "" if number == len(grouped) - 1 else " \\"
        yield ("  " if number else "") + shlex.join(group) + end
