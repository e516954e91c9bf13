"""The plan of a run, for a person to read: what `qemu-run plan` prints."""

import shlex
from collections.abc import Iterator

from qemu_run.planning.plan import Allocation, ArtifactPlan, Plan, TaskPlan
from qemu_run.planning.templates import TemplatePlan
from qemu_run.terminal.output import say_line
from qemu_run.terminal.placement import preference_table, table
from qemu_run.terminal.screen import plain

_LABEL_WIDTH = 14


def show_plan(plan: Plan, *, with_environment: bool) -> None:
    """Print the plan to standard output."""
    for line in lines(plan, with_environment=with_environment):
        say_line(line.rstrip())


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
    for allocation in plan.allocations:
        for task in allocation.tasks:
            yield ""
            yield from _task(allocation, task, with_environment=with_environment)


def _task(allocation: Allocation, task: TaskPlan, *, with_environment: bool) -> Iterator[str]:
    copy = f", allocation {allocation.index}" if allocation.index else ""
    yield f"group {allocation.group.name}, task {task.task.name}{copy}"
    yield from _labelled("artifacts", [_artifact(task, artifact) for artifact in task.artifacts])
    yield from _labelled("templates", [_template(task, template) for template in task.templates])
    disk = task.launch.disk
    if disk is not None:
        kind = "overlay (the image stays as it is)" if disk.base else "written in place"
        kind = "a CD" if disk.is_cd else f"changes are kept in {disk.path}" if disk.keeps_overlay else kind
        image = disk.base or disk.path
        shown = image.relative_to(task.layout.directory.parent) if disk.is_artifact else image
        yield from _labelled("disk", [f"{shown}, {kind}"])
    ports = [f"{each.label}  {each.shown}" for each in task.launch.forwards]
    yield from _labelled("ports", ports)
    variables = [f"{name}={value}" for name, value in task.environment.items()]
    count = [f"{len(variables)} variables (--env shows them)"]
    yield from _labelled("environment", variables if with_environment else count)
    yield from _labelled("command", list(_command(task)))
    if task.launch.gave_way:
        yield from _labelled("", [f"your args replace ours: {' '.join(task.launch.gave_way)}"])


def _labelled(label: str, rows: list[str]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"  {label if not number else '':<{_LABEL_WIDTH}}{row}"


def _artifact(task: TaskPlan, artifact: ArtifactPlan) -> str:
    checksum = artifact.request.checksum
    verified = f" ({checksum.algorithm})" if checksum else " (no checksum)"
    destination = artifact.destination.relative_to(task.layout.directory.parent)
    folder = "/" if artifact.fills_folder else ""
    unpacked = ", unpacked" if artifact.unpack else ""
    return f"{artifact.request.location.printable} -> {destination}{folder}{unpacked}{verified}"


def _template(task: TaskPlan, template: TemplatePlan) -> str:
    size = "rendered at start" if template.text is None else f"{len(template.text.splitlines())} lines"
    size = size.removesuffix("s") if size == "1 lines" else size
    use = ", variables of the task" if template.environment else ""
    return f"{template.destination.relative_to(task.layout.directory.parent)}, {size}{use}"


def _command(task: TaskPlan) -> Iterator[str]:
    """The command for a shell, an option with its value on each line."""
    grouped: list[list[str]] = []
    for argument in task.launch.command:
        starts_option = argument.startswith("-") or not grouped or len(grouped[-1]) == 2 or len(grouped) == 1
        if starts_option:
            grouped.append([argument])
        else:
            grouped[-1].append(argument)
    for number, group in enumerate(grouped):
        end = "" if number == len(grouped) - 1 else " \\"
        yield ("  " if number else "") + shlex.join(group) + end
