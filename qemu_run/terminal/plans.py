r"""The plan of a run, for a person to read: what `qemu-run plan` prints.

job web, runs here

constraints   2 of 2 hold
  line  constraint    wanted  found
     9  attr.cpu.arch  amd64   amd64  yes

group web, task vm
disk          local/debian-12.qcow2, overlay (the image stays as it is)
ports         http  127.0.0.1:dynamic -> guest 80  (24871 in the command)
environment   24 variables (--env shows them)

command
  /usr/bin/qemu-system-x86_64 \
    -m 512M
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from qemu_run.artifacts.words import size_in_words
from qemu_run.planning import cluster
from qemu_run.planning.plan import ArtifactPlan, Forward, Plan, TaskPlan
from qemu_run.planning.shell_form import in_a_shell
from qemu_run.planning.templates import TemplatePlan
from qemu_run.terminal.output import columns as stdout_columns
from qemu_run.terminal.output import say_line
from qemu_run.terminal.placement import preference_table, table
from qemu_run.terminal.tables import columns
from qemu_run.terminal.wrapping import Piece, Whole

if TYPE_CHECKING:
    from qemu_run.artifacts.known import Known

KnownOf: TypeAlias = "Callable[[ArtifactPlan], Known]"
"""What is here of an artifact, without asking its server."""
Line: TypeAlias = Sequence[Piece]
Facts: TypeAlias = Mapping[str, Sequence[str]]
"""The rows of a task's plan, by their labels."""
_LABEL_WIDTH = 14
_HERE = {
    "cache": "in the cache",
    "changed": "in the cache, to be verified again",
    "host": "on this host",
    "nowhere": "not here yet",
    "missing": "not there",
}


def show_plan(plan: Plan, known: "KnownOf", *, runs: bool, with_environment: bool) -> None:
    """Print the plan to standard output; `runs`: a run would begin."""
    width = stdout_columns()
    for line in lines(plan, known, runs=runs, with_environment=with_environment, width=width):
        say_line(*line)


def lines(plan: Plan, known: "KnownOf", *, runs: bool, with_environment: bool, width: int) -> Iterator[Line]:
    """The plan's lines: the table of constraints, then each task. `known` says what is here of artifacts."""
    why_not = "cannot run" if plan.fits else "cannot run here"
    yield (f"job {plan.job.name}, {'runs here' if runs else why_not}",)
    if plan.once:
        yield (plan.once,)
    if plan.verdicts or plan.requirements:
        yield ("",)
        met = [*(each.met for each in plan.verdicts), *(each.met for each in plan.requirements)]
        yield from _labelled("constraints", [f"{sum(met)} of {len(met)} hold"])
        yield from table(plan, width)
    for preferences in plan.preferences:
        yield ("",)
        yield (f"affinities of group {preferences.group}: score {preferences.score:+.2f}",)
        yield from preference_table(preferences, width)
    first: dict[tuple[str, str], Facts] = {}
    for allocation in plan.allocations:
        for task in allocation.tasks:
            yield ("",)
            facts = _facts(task, known, with_environment=with_environment)
            before = first.setdefault((allocation.group.name, task.task.name), facts)
            copy = f", allocation {allocation.index}" if allocation.group.count > 1 else ""
            name = f"group {allocation.group.name}, task {task.task.name}{copy}"
            yield from _task(name, task, facts) if before is facts else _further(name, facts, before)
    if notes := cluster.notes(plan):
        yield ("",)
        yield ("on a cluster",)
        for note in notes:
            place = f" (line {note.span.first.line})" if note.span else ""
            yield "  ", f"{note.text}{place}"


def _facts(task: TaskPlan, known: "KnownOf", *, with_environment: bool) -> Facts:
    """What there is to say of a task, by its label."""
    variables = [Whole(f"{name}={value}") for name, value in task.environment.items()]
    return {
        "artifacts": [_artifact(task, each, known(each)) for each in task.artifacts],
        "templates": [_template(task, template) for template in task.templates],
        "disk": _disk(task),
        "ports": columns(map(_port, task.launch.forwards)),
        "environment": variables if with_environment else [f"{len(variables)} variables (--env shows them)"],
    }


def _disk(task: TaskPlan) -> list[str]:
    disk = task.launch.disk
    if disk is None:
        return []
    kind = "overlay (the image stays as it is)" if disk.base else "written in place"
    kind = "a CD" if disk.is_cd else f"changes are kept in {disk.path}" if disk.keeps_overlay else kind
    image = disk.base or disk.path
    shown = image.relative_to(task.layout.directory.parent) if disk.is_artifact else image
    return [f"{shown}, {kind}"]


def _task(name: str, task: TaskPlan, facts: Facts) -> Iterator[Line]:
    yield (name,)
    for label, rows in facts.items():
        yield from _labelled(label, rows)
    yield ("",)
    yield from _command(task)
    if task.launch.gave_way:
        yield ("",)
        yield (f"your args replace ours: {' '.join(task.launch.gave_way)}",)


def _further(name: str, facts: Facts, first: Facts) -> Iterator[Line]:
    """A further allocation of a group: only what is otherwise than in the first."""
    yield (f"{name}: as allocation 0 (--json has its command)",)
    for label, rows in facts.items():
        if rows != first[label]:
            yield from _labelled(label, rows)


def _labelled(label: str, rows: Sequence[str]) -> Iterator[Line]:
    for number, row in enumerate(rows):
        yield f"{label if not number else '':<{_LABEL_WIDTH}}", row


def _artifact(task: TaskPlan, artifact: ArtifactPlan, known: "Known") -> str:
    checksum = artifact.request.checksum
    verified = f" ({checksum.algorithm})" if checksum else " (no checksum)"
    destination = artifact.destination.relative_to(task.layout.directory.parent)
    folder = "/" if artifact.fills_folder else ""
    unpacked = ", unpacked" if artifact.unpack else ""
    source, here = artifact.request.location.printable, _here(known)
    return f"{source} -> {destination}{folder}{unpacked}{verified}, {here}"


def _here(known: "Known") -> str:
    """What is here of an artifact, in a few words."""
    words, big = _HERE[known.where], known.size_bytes
    return words if big is None else f"{words}, {size_in_words(big)}"


def _template(task: TaskPlan, template: TemplatePlan) -> str:
    size = "rendered at start" if template.text is None else f"{len(template.text.splitlines())} lines"
    size = size.removesuffix("s") if size == "1 lines" else size
    use = ", variables of the task" if template.environment else ""
    return f"{template.destination.relative_to(task.layout.directory.parent)}, {size}{use}"


def _port(forward: Forward) -> tuple[str, str, str]:
    if forward.static or not forward.host_port:
        return forward.label, forward.shown, "" if forward.static else "(QEMU chooses it at start)"
    shown = replace(forward, host_port=0).shown
    return forward.label, shown, f"({forward.host_port} in the command)"


def _command(task: TaskPlan) -> Iterator[Line]:
    """The command for a shell, an option with its value on each line."""
    groups, notes = in_a_shell(task)
    yield f"{'command':<{_LABEL_WIDTH}}", "; ".join(notes)
    for number, group in enumerate(groups):
        end = "" if number == len(groups) - 1 else " \\"
        yield (Whole(("    " if number else "  ") + shlex.join(group) + end),)
