"""Which tasks of a group start and stop when: pure functions of what state each task is in.

Source: Nomad's client, `client/allocrunner/tasklifecycle` and `alloc_runner.go`.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from qemu_run.jobspec.model import Task
from qemu_run.verdict.cause import Cause, LeaderEnded, OnlySidecarsLeft, TaskFailed

TaskState: TypeAlias = Literal["pending", "running", "ended", "failed"]
States: TypeAlias = Mapping[str, TaskState]

_DEAD = frozenset({"ended", "failed"})


def _hook(task: Task) -> str:
    return task.lifecycle.hook if task.lifecycle is not None else "main"


def is_poststop(task: Task) -> bool:
    """Whether it runs after all others."""
    return _hook(task) == "poststop"


def _is_sidecar(task: Task) -> bool:
    return task.lifecycle is not None and task.lifecycle.sidecar


def to_start(tasks: Sequence[Task], states: States, *, stopping: bool) -> list[Task]:
    """The tasks that may start now. While the group is being stopped only poststop tasks do."""
    open_hooks = _open_hooks(tasks, states, stopping=stopping)
    return [task for task in tasks if states[task.name] == "pending" and _hook(task) in open_hooks]


def _open_hooks(tasks: Sequence[Task], states: States, *, stopping: bool) -> set[str]:
    before = [task for task in tasks if _hook(task) == "prestart"]
    mains = [task for task in tasks if _hook(task) == "main"]
    others = [task for task in tasks if _hook(task) != "poststop"]
    if all(states[task.name] in _DEAD for task in others) or (
        stopping and not any(states[task.name] == "running" for task in others)
    ):
        return {"poststop"}
    if stopping:
        return set()
    hooks = {"prestart"}
    if all(states[task.name] == ("running" if _is_sidecar(task) else "ended") for task in before):
        hooks.add("main")
        if all(states[task.name] != "pending" for task in mains):
            hooks.add("poststart")
    return hooks


def to_stop(tasks: Sequence[Task], states: States) -> Cause | None:
    """Why the group's state brings its tasks to an end; None: it does not.

    A failed task fails the group, a leader's end is the group's end, and sidecars end with what they are for.
    """
    counted = [task for task in tasks if _hook(task) != "poststop"]
    if failed := next((task for task in counted if states[task.name] == "failed"), None):
        return TaskFailed(failed.name)
    if leader := next((task for task in counted if task.leader and states[task.name] in _DEAD), None):
        return LeaderEnded(leader.name)
    mains = [task for task in counted if not _is_sidecar(task)]
    if mains and all(states[task.name] in _DEAD for task in mains):
        return OnlySidecarsLeft()
    return None


def first_to_stop(tasks: Sequence[Task], states: States) -> list[Task]:
    """Who is asked to end first: the leader, when it has gone all others, and the sidecars last.

    Poststop tasks are there for afterwards, and not among them.
    """
    alive = [task for task in tasks if states[task.name] == "running" and _hook(task) != "poststop"]
    ranks = {task.name: (not task.leader, _is_sidecar(task)) for task in alive}
    return [task for task in alive if ranks[task.name] == min(ranks.values())]


def restarts_success(task: Task, job_type: str) -> bool:
    """Whether a cluster starts the task again after a good end."""
    if task.lifecycle is not None:
        return task.lifecycle.sidecar and task.lifecycle.hook != "poststop"
    return job_type in {"service", "system"}
