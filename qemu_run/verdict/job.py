"""How a job ended: the outcomes of its tasks become one."""

from collections.abc import Sequence

from qemu_run.errors import ExitCode
from qemu_run.records import record
from qemu_run.verdict.cause import FOLLOWS_OTHERS, Cause, Signalled
from qemu_run.verdict.durations import duration
from qemu_run.verdict.outcome import Outcome, stopped_early


@record(kw_only=True)
class RunEnd:
    """What is known when all guests of a run have ended."""

    tasks: tuple["TaskOutcome", ...]
    unseen: tuple[str, ...] = ()
    """Expected patterns that no console has shown."""
    was_ready: bool = True
    """Whether all guests were ready, or nobody asked."""
    waited_for: str = ""
    """What would have told that they are, as far as it is known."""
    command_code: int | None = None
    """Of the command beside the guests, if it ran to its end."""
    stopped_by: Signalled | None = None
    """The first signal that came; it may have been faster than the first task."""


@record(kw_only=True)
class TaskOutcome:
    """How a task ended, with all its attempts behind it."""

    name: str
    """What its lines on the terminal begin with."""
    outcome: Outcome
    cause: Cause | None
    """Why it was stopped; None: its end was its own."""
    ended_at: float
    """By the clock that only runs forward, in seconds."""
    lived_seconds: float
    attempts: int = 1


def of_job(tasks: Sequence[TaskOutcome]) -> Outcome:
    """The outcome of a job: of several tasks the one that failed first, and not because of another, decides.

    Where a stop that was asked for had to kill a guest, that is told rather than the stop.
    """
    if len(tasks) == 1:
        return tasks[0].outcome
    causes = {task.cause for task in tasks}
    if len(causes) == 1 and None not in causes and len({task.outcome.code for task in tasks}) == 1:
        return tasks[0].outcome  # the run was ended as a whole
    by_end = sorted(tasks, key=lambda task: task.ended_at)
    own = [task for task in by_end if not isinstance(task.cause, FOLLOWS_OTHERS)]
    bad = [task for task in own if not task.outcome.is_good]
    killed = [task for task in bad if task.outcome.code == ExitCode.KILLED]
    first = next(iter(killed), None) if bad and bad[0].cause is not None else None
    first = first or next(iter(bad), None)
    if first is not None:
        return Outcome(
            code=first.outcome.code,
            words=f"{first.name}: {first.outcome.words}",
            details=first.outcome.details,
        )
    return Outcome(code=ExitCode.OK, words=_together(own or tasks, followers=len(tasks) - len(own or tasks)))


def _together(own: Sequence[TaskOutcome], *, followers: int) -> str:
    """How tasks ended well, and how many others were stopped because of them."""
    longest = max(task.lived_seconds for task in own)
    words = {task.outcome.words.partition(" after ")[0] for task in own}
    what = words.pop().removeprefix("the guest ") if len(words) == 1 else "ended as asked"
    who = own[0].name if len(own) == 1 else f"{len(own)} guests"
    others = {0: "", 1: ", 1 more was stopped"}.get(followers, f", {followers} more were stopped")
    return f"{who} {what} after {duration(longest)}{others}"


def of_run(end: RunEnd) -> Outcome:
    """The outcome of a whole run: that of its job, held against what was asked for.

    A guest that fails decides even over the command that was run beside it.
    """
    if not end.tasks and end.stopped_by is not None:
        return stopped_early(end.stopped_by)
    outcome = of_job(end.tasks)
    if not outcome.is_good:
        return outcome
    if end.unseen:
        missing = ", ".join(f'"{pattern}"' for pattern in end.unseen)
        return Outcome(
            code=ExitCode.NO_RESULT, words=f"{outcome.words}, and the console never said {missing}"
        )
    if not end.was_ready:
        why = f": {end.waited_for}" if end.waited_for else ""
        return Outcome(code=ExitCode.NO_BOOT, words=f"{outcome.words}, and was never ready{why}")
    if end.command_code:
        words = f"the command ended with {end.command_code}"
        return Outcome(code=end.command_code, words=words, of_command=True)
    return outcome
