"""Rules of constraints, affinities and spreads.

Source: Nomad's server (`Constraint.Validate`, `nomad/structs/constraint.go`), version 2.0.
"""

from collections.abc import Callable, Iterable, Mapping

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.golang.regexps import as_bytes, compile_regexp
from qemu_run.golang.versions import parse_semver_constraint, parse_version_constraint
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Constraint, Job, Task, TaskGroup
from qemu_run.jobspec.spellings import canonical_target, spelling_note
from qemu_run.jobspec.wording import a

COMPARISONS = ("=", "==", "is", "!=", "not", "<", "<=", ">", ">=")
SETS = ("set_contains", "set_contains_all", "set_contains_any")
PRESENCE = ("is_set", "is_not_set")
DISTINCT = ("distinct_hosts", "distinct_property")
OPERATORS = (*COMPARISONS, "version", "semver", "regexp", *SETS, *PRESENCE, *DISTINCT)
AFFINITY_OPERATORS = (*COMPARISONS, "version", "semver", "regexp", *SETS)

OFTEN_MEANT = {
    "=>": ">=",
    "=<": "<=",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "=~": "regexp",
    "~=": "regexp",
    "!==": "!=",
    "===": "=",
    "<>": "!=",
    "equals": "=",
    "eq": "=",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "lte": "<=",
    "gt": ">",
    "ge": ">=",
    "gte": ">=",
    "regex": "regexp",
    "~": "regexp",
    "exists": "is_set",
    "is not": "not",
    "in": "set_contains_any",
    "contains": "set_contains",
    "matches": "regexp",
}
"""What people write for an operator, and what it is called."""

NODE_TARGETS = (
    "${node.unique.id}",
    "${node.datacenter}",
    "${node.unique.name}",
    "${node.class}",
    "${node.pool}",
)
TARGET_PREFIXES = ("${attr.", "${meta.", "${device.")


def check_job(job: Job, diagnostics: Diagnostics) -> None:
    """Check the conditions of the job itself."""
    _conditions(job, diagnostics)


def check_group(group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check the conditions of a group."""
    _conditions(group, diagnostics)


def check_task(task: Task, _group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check the conditions of a task."""
    _conditions(task, diagnostics)
    for constraint in task.constraints:
        if constraint.operand in DISTINCT:
            diagnostics.error(
                f'a task cannot have a "{constraint.operand}" constraint',
                constraint.at("Operand"),
                "move it to the group or the job",
            )


def _conditions(owner: Job | TaskGroup | Task, diagnostics: Diagnostics) -> None:
    _constraints(owner.constraints, diagnostics)
    _affinities(owner.affinities, diagnostics)
    _spreads(Part.of(owner), diagnostics)


def _constraints(constraints: Iterable[Constraint], diagnostics: Diagnostics) -> None:
    for constraint in constraints:
        if _operator(constraint, OPERATORS, "constraint", diagnostics):
            _left(constraint, diagnostics)
            _right(constraint, diagnostics)
            _spelling(constraint, diagnostics)


def _affinities(affinities: Iterable[Constraint], diagnostics: Diagnostics) -> None:
    for affinity in affinities:
        if _operator(affinity, AFFINITY_OPERATORS, "affinity", diagnostics):
            _right(affinity, diagnostics)
            _spelling(affinity, diagnostics)
            if not affinity.ltarget:
                diagnostics.error("an affinity without an attribute", affinity.at(), "attribute is required")
        if affinity.weight == 0:
            diagnostics.error(
                "an affinity with no weight", affinity.at("Weight"), "from -100 to 100, and not 0"
            )


def _operator(constraint: Constraint, known: tuple[str, ...], what: str, diagnostics: Diagnostics) -> bool:
    operand = constraint.operand
    if operand in known:
        return True
    meant = OFTEN_MEANT.get(operand.lower(), "")
    close = f'did you mean "{meant}"?' if meant else did_you_mean(operand.lower(), list(known))
    diagnostics.error(
        f'"{operand}" is not an operator of {a(what)}',
        constraint.at("Operand"),
        close or "not known",
        hints=(f"operators: {' '.join(known)}",),
    )
    return False


def _left(constraint: Constraint, diagnostics: Diagnostics) -> None:
    target = constraint.ltarget
    if not target:
        if constraint.operand != "distinct_hosts":
            summary = "a constraint without an attribute"
            diagnostics.error(summary, constraint.at(), "attribute is required", cluster_only=True)
        return
    target = canonical_target(target)
    if not target.startswith("$"):
        return
    if target in NODE_TARGETS or (target.startswith(TARGET_PREFIXES) and target.endswith("}")):
        return
    diagnostics.error(
        f'a constraint cannot compare "{target}"',
        constraint.at("LTarget"),
        "this is not an attribute of a node",
        hints=(f"attributes are ${{attr.NAME}}, ${{meta.NAME}} and {', '.join(NODE_TARGETS)}",),
    )


def _spelling(constraint: Constraint, diagnostics: Diagnostics) -> None:
    for target, field in ((constraint.ltarget, "LTarget"), (constraint.rtarget, "RTarget")):
        if note := spelling_note(target):
            diagnostics.warning(note, constraint.at(field))


def _right(constraint: Constraint, diagnostics: Diagnostics) -> None:
    operand, value = constraint.operand, constraint.rtarget
    if operand in PRESENCE:
        if value:
            summary = f'"{operand}" takes no value'
            diagnostics.error(summary, constraint.at("RTarget"), "leave the value out", cluster_only=True)
    elif operand == "distinct_hosts":
        return
    elif operand == "distinct_property":
        if value and not (value.isdecimal() and int(value) > 0):
            diagnostics.error(
                f'"{value}" is not a count', constraint.at("RTarget"), "a whole number, 1 or more"
            )
    elif not value and operand in (*COMPARISONS, *SETS):
        summary = f'"{operand}" has nothing to compare with'
        diagnostics.error(summary, constraint.at("RTarget"), "add a value", cluster_only=True)
    elif operand in READERS and (problem := _problem(READERS[operand], value)):
        noun = {
            "regexp": "regular expression",
            "version": "version constraint",
            "semver": "version constraint",
        }
        diagnostics.error(
            f'"{value}" is not {a(noun[operand])}', constraint.at("RTarget"), problem, hints=(HINTS[operand],)
        )


def _problem(read: Callable[[str], object], text: str) -> str:
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return ""


READERS: Mapping[str, Callable[[str], object]] = {
    "version": parse_version_constraint,
    "semver": parse_semver_constraint,
    "regexp": lambda text: compile_regexp(as_bytes(text)),
}
HINTS = {
    "version": 'write it as ">= 8.0, < 11"',
    "semver": 'write it as ">= 8.0.0"',
    "regexp": "RE2 is the dialect: it has no look-around and no back-references",
}


def _spreads(owner: Part, diagnostics: Diagnostics) -> None:
    for spread in owner.parts("Spreads"):
        if not spread.text("Attribute"):
            diagnostics.error("a spread without an attribute", spread.at(), "attribute is required")
        targets = spread.parts("SpreadTarget")
        total = sum(target.integer("Percent") for target in targets)
        if total > 100:
            diagnostics.error(
                f"the targets of a spread add up to {total} percent", spread.at(), "at most 100"
            )
        seen: set[str] = set()
        for target in targets:
            if target.text("Value") in seen:
                diagnostics.error(
                    f'a second target "{target.text("Value")}"', target.at(), "name each value once"
                )
            seen.add(target.text("Value"))
