"""The document of `plan --json`."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from qemu_run.errors import Diagnostic
from qemu_run.node.constraints import Verdict
from qemu_run.planning import cluster
from qemu_run.planning.plan import Allocation, Disk, Plan, Preferences, TaskPlan
from qemu_run.terminal.documents import Document, diagnostic_document, span_document

if TYPE_CHECKING:
    from qemu_run.terminal.plans import KnownOf


def plan_document(plan: Plan | None, diagnostics: Iterable[Diagnostic], known: "KnownOf") -> Document:
    """The whole plan, with what is to be said about its job; of a job that cannot be planned only that.

    `known` tells what is here of an artifact already.
    """
    diagnostics = tuple(diagnostics)
    said = [diagnostic_document(each) for each in diagnostics]
    if plan is None:
        nothing = ("constraints", "affinities", "requirements", "artifacts", "ports", "tasks", "on_a_cluster")
        return {"job": None, "fits": False, **{key: [] for key in nothing}, "diagnostics": said}
    return {
        "job": plan.job.parent_id or plan.job.id,
        "fits": plan.fits and all(each.severity == "warning" for each in diagnostics),
        "constraints": [_verdict(verdict) for verdict in plan.verdicts],
        "affinities": [_preferences(preferences) for preferences in plan.preferences],
        "requirements": [
            {"what": row.what, "wanted": row.wanted, "found": row.found, "met": row.met, "detail": row.detail}
            for row in plan.requirements
        ],
        "artifacts": [
            {**_of(each, task), **artifact}
            for each in plan.allocations
            for task in each.tasks
            for artifact in _artifacts(task, known)
        ],
        "ports": [
            {**_of(each, task), **port}
            for each in plan.allocations
            for task in each.tasks
            for port in _ports(task)
        ],
        "tasks": [_task(each, task) for each in plan.allocations for task in each.tasks],
        "on_a_cluster": [
            {"note": note.text, "range": span_document(note.span)} for note in cluster.notes(plan)
        ],
        "diagnostics": said,
    }


def _verdict(verdict: Verdict) -> Document:
    return {
        "attribute": verdict.constraint.ltarget,
        "operator": verdict.constraint.operand,
        "value": verdict.constraint.rtarget,
        "found": verdict.left,
        "met": verdict.met,
        "level": verdict.level,
        "warning": verdict.warning,
        "range": span_document(verdict.constraint.at()),
    }


def _preferences(preferences: Preferences) -> Document:
    return {
        "group": preferences.group,
        "score": preferences.score,
        "affinities": [
            {**_verdict(verdict), "weight": verdict.constraint.weight} for verdict in preferences.verdicts
        ],
    }


def _artifacts(task: TaskPlan, known: "KnownOf") -> Iterator[Document]:
    for artifact in task.artifacts:
        checksum, found = artifact.request.checksum, known(artifact)
        yield {
            "source": artifact.request.location.printable,
            "destination": str(artifact.destination.relative_to(task.layout.directory.parent)),
            "checksum": str(checksum) if checksum else None,
            "unpack": artifact.unpack,
            "is_cached": found.where == "cache",
            "size_bytes": found.size_bytes,
        }


def _ports(task: TaskPlan) -> Iterator[Document]:
    for forward in task.launch.forwards:
        for protocol in forward.protocols:
            yield {
                "label": forward.label,
                "host_ip": forward.host_ip,
                "host_port": forward.host_port,
                "guest_port": forward.guest_port,
                "protocol": protocol,
                "is_dynamic": not forward.static or not forward.host_port,
            }


def _of(allocation: Allocation, task: TaskPlan) -> Document:
    """Whose it is."""
    return {"group": allocation.group.name, "task": task.task.name, "index": allocation.index}


def _disk(disk: Disk) -> Document:
    return {
        "image": str(disk.base or disk.path),
        "overlay": None if disk.base is None else str(disk.path),
        "is_kept": disk.keeps_overlay or disk.is_written_in_place,
        "is_cd": disk.is_cd,
        "is_artifact": disk.is_artifact,
    }


def _task(allocation: Allocation, task: TaskPlan) -> Document:
    return {
        **_of(allocation, task),
        "disk": None if task.launch.disk is None else _disk(task.launch.disk),
        "command": list(task.launch.command),
        "replaced": list(task.launch.gave_way),
        "environment": dict(task.environment),
        "templates": [
            {
                "destination": str(template.destination.relative_to(allocation.layout.directory)),
                "text": None if template.text is None else _valid(template.text),
                "environment": template.environment,
            }
            for template in task.templates
        ],
    }


def _valid(text: str) -> str:
    """A text that JSON can hold: bytes that are not UTF-8 become the replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
