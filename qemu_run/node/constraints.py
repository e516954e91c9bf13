"""Constraints and affinities judged on this machine: a verdict each, with all that a table can say.

Source: Nomad 2.0, `scheduler/feasible/feasible.go` and `rank.go`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from qemu_run.errors import did_you_mean
from qemu_run.golang.text import FALSE_WORDS
from qemu_run.golang.versions import parse_semver_constraint, parse_version, parse_version_constraint
from qemu_run.jobspec.model import Constraint, Job, TaskGroup
from qemu_run.jobspec.spellings import canonical_target, spelling_note
from qemu_run.node.comparison import OPERATORS, ORDERINGS, check, parse_float64
from qemu_run.node.fingerprint import AGENT_ONLY, NAMES
from qemu_run.node.node import Node
from qemu_run.node.targets import attribute_name, reference, shown
from qemu_run.records import record

Level = Literal["job", "group", "task"]

_DOTTED = re.compile(r"v?[0-9]+(\.[0-9]+)*", re.ASCII)


@record(kw_only=True)
class Verdict:
    """One constraint (or affinity), what this machine has, and whether that will do."""

    constraint: Constraint
    level: Level
    owner: str
    """The name of the job, group or task it was written in."""
    left: str | None
    """What this machine has; None: nothing."""
    right: str | None
    """What the job wants, references resolved; None: the value refers to something that is not there."""
    met: bool
    warning: str | None = None
    """Where a cluster would answer otherwise, and what to write instead."""
    note: str | None = None
    """The spelling that a cluster takes."""
    hint: str | None = None
    """Why it does not hold, where the two values don't show it."""

    @property
    def attribute(self) -> str:
        """The left side as a table shows it: `attr.cpu.arch`."""
        return shown(canonical_target(self.constraint.ltarget)) if self.constraint.ltarget else ""

    @property
    def wanted(self) -> str:
        """The right side in words, for operators that have none besides."""
        match self.constraint.operand:
            case "is_set":
                return "any value"
            case "is_not_set":
                return "no value"
            case _:
                return self.right if self.right is not None else shown(self.constraint.rtarget)

    @property
    def found(self) -> str:
        """The value found, in words if there is none; some have no left side at all."""
        is_empty = not self.left and bool(self.constraint.ltarget)
        return "not set" if self.left is None or is_empty else self.left


def judge(constraint: Constraint, node: Node, level: Level = "job", owner: str = "") -> Verdict:
    """Whether the constraint holds on this machine.

    It is Nomad's answer, except where `<`, `<=`, `>` or `>=` compare an attribute named `...version` with a
    version: they compare as versions, with a warning if a cluster, which compares texts, would say otherwise.
    """
    left, right = node.find(constraint.ltarget), node.find(constraint.rtarget)
    met = on_cluster = check(constraint.operand, left, right)
    warning = None
    if (as_versions := _versions_hold(constraint, left, right)) is not None:
        met = as_versions
        if met != on_cluster:
            warning = _version_warning(constraint, left, right, on_cluster=on_cluster)
    return Verdict(
        constraint=constraint,
        level=level,
        owner=owner,
        left=left,
        right=right,
        met=met,
        warning=warning,
        note=spelling_note(constraint.ltarget) or spelling_note(constraint.rtarget),
        hint=None if met else _why_not(constraint, node, left, right),
    )


def _versions_hold(constraint: Constraint, left: str | None, right: str | None) -> bool | None:
    """The answer of a comparison of versions, or None if this is not one."""
    name = attribute_name(constraint.ltarget)
    holds = ORDERINGS.get(constraint.operand)
    if holds is None or name is None or not name.endswith("version"):
        return None
    if not (left and right and _DOTTED.fullmatch(left) and _DOTTED.fullmatch(right)):
        return None
    from packaging.version import Version

    return bool(holds(Version(left), Version(right)))


def _version_warning(constraint: Constraint, left: str | None, right: str | None, *, on_cluster: bool) -> str:
    numbers = all(parse_float64(text or "") is not None for text in (left, right))
    kind = "numbers" if numbers else "texts"
    return (
        f'compared as versions; a cluster compares "{left}" and "{right}" as {kind}, '
        f"and there it {'holds' if on_cluster else 'does not hold'}: "
        f'write operator = "version", value = "{constraint.operand} {right}"'
    )


def _why_not(constraint: Constraint, node: Node, left: str | None, right: str | None) -> str | None:
    """What the two values alone don't show."""
    if constraint.operand not in OPERATORS:
        return did_you_mean(constraint.operand, list(OPERATORS)) or "there is no such operator"
    if left is None and constraint.operand not in {"!=", "not", "is_not_set"}:
        return _missing(constraint.ltarget, node)
    if right is None:
        return _missing(constraint.rtarget, node)
    if constraint.operand in {"version", "semver"}:
        return _version_trap(constraint.operand, left or "", right)
    return None


def _missing(target: str, node: Node) -> str:
    """Whether a name is misspelt or just not there."""
    name = reference(target) or target
    kind, _, key = name.partition(".")
    if kind == "attr" and key.startswith(AGENT_ONLY):
        return f"only a cluster's agent has {name}"
    if kind == "meta":
        return did_you_mean(key, list(node.meta)) or f"the client configuration's meta has no {key}"
    known = [f"attr.{attribute}" for attribute in NAMES] if kind == "attr" else list(node.values)
    guess = "" if name in known else did_you_mean(name, known)
    return guess or f"this machine has no {name}"


def _version_trap(operand: str, left: str, right: str) -> str | None:
    """A text that is no version, or the rule that a prerelease is not ordered among finished versions."""
    try:
        version = parse_version(left)
        parse = parse_version_constraint if operand == "version" else parse_semver_constraint
        parse(right)
    except ValueError as error:
        return str(error)
    if operand == "version" and version.prerelease and check("semver", left, right):
        return f'"-{version.prerelease}" makes it a prerelease, which "version" never orders; "semver" does'
    return None


def judge_job(job: Job, node: Node) -> tuple[Verdict, ...]:
    """All constraints of the job, of its groups and of their tasks, in this order."""
    return tuple(
        _crowded(judge(constraint, node, level, owner), count)
        for level, owner, constraint, count in _constraints(job)
    )


def _constraints(job: Job) -> Iterator[tuple[Level, str, Constraint, int]]:
    """Each with the number of allocations it speaks of; a task's speak of none."""
    everything = sum(group.count for group in job.groups)
    yield from (("job", job.id, constraint, everything) for constraint in job.constraints)
    for group in job.groups:
        yield from (("group", group.name, constraint, group.count) for constraint in group.constraints)
        for task in group.tasks:
            yield from (("task", task.name, constraint, 1) for constraint in task.constraints)


def _crowded(verdict: Verdict, count: int) -> Verdict:
    """`distinct_hosts` and `distinct_property` limit how many allocations one machine may run."""
    constraint = verdict.constraint
    if constraint.operand == "distinct_hosts":
        limit = count if constraint.rtarget in FALSE_WORDS else 1
    elif constraint.operand == "distinct_property":
        limit = int(constraint.rtarget) if constraint.rtarget.isdecimal() else 1
    else:
        return verdict
    if count <= limit:
        return verdict
    from dataclasses import replace

    hint = f"all {count} allocations would run on this one machine; it may have {limit}"
    return replace(verdict, met=False, hint=hint)


def judge_affinities(job: Job, group: TaskGroup, node: Node) -> tuple[Verdict, ...]:
    """What the job, the group and its tasks would rather have: it never keeps a group from running."""
    return (
        *(judge(affinity, node, "job", job.id) for affinity in job.affinities),
        *(judge(affinity, node, "group", group.name) for affinity in group.affinities),
        *(judge(affinity, node, "task", task.name) for task in group.tasks for affinity in task.affinities),
    )


def affinity_score(verdicts: Iterable[Verdict]) -> float:
    """The weights of those met, over the sum of all weights' amounts: -1 to 1, and 0 without any."""
    weights = [(verdict.constraint.weight, verdict.met) for verdict in verdicts]
    total = sum(abs(weight) for weight, _ in weights)
    return sum(weight for weight, met in weights if met) / total if total else 0.0
