"""Rules between the settings of a policy: restart, reschedule, update, migrate.

Source: the `Validate` methods of Nomad's server (`nomad/structs/structs.go`), version 2.0.
"""

from collections.abc import Callable

from qemu_run.errors import Diagnostics
from qemu_run.golang.durations import SECOND, format_duration
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job, Task, TaskGroup


def check_group(group: TaskGroup, job: Job, diagnostics: Diagnostics) -> None:
    """Check the policies of a group; they are merged over those of the job."""
    part = Part.of(group)
    if Part.written(group, job).part("RestartPolicy"):
        _restart(part.inner("RestartPolicy"), diagnostics.error)
    if (reschedule := part.part("ReschedulePolicy")) and job.type in {"service", "batch"}:
        _reschedule(_placed(job, reschedule, "Reschedule"), diagnostics)
    if (update := part.part("Update")) and job.type in {"service", "system"}:
        _update(_placed(job, update, "Update"), diagnostics)
    if (migrate := part.part("Migrate")) and job.type == "service":
        _migrate(_placed(job, migrate, "Migrate"), diagnostics)


def check_task(task: Task, _group: TaskGroup, job: Job, diagnostics: Diagnostics) -> None:
    """Check a restart policy of the task's own. Nomad does not look at it, so a slip is only warned of."""
    if Part.written(task, job).part("RestartPolicy"):
        _restart(Part.of(task).inner("RestartPolicy"), diagnostics.warning)


def _placed(job: Job, policy: Part, at_job: str) -> Part:
    """The policy at the place where it was written: in the group, or else in the job."""
    if policy.location in policy.places or (at_job,) not in job.places:
        return policy
    return Part(policy.value, policy.places, (at_job,))


def _restart(policy: Part, tell: Callable[..., None]) -> None:
    attempts, interval, delay = (
        policy.integer("Attempts"),
        policy.integer("Interval"),
        policy.integer("Delay"),
    )
    if attempts == 0 and policy.text("Mode") == "delay":
        tell('no restart attempts in mode "delay"', policy.at("Attempts"), '0 needs mode = "fail"')
    if attempts * delay > interval:
        tell(
            f"{attempts} restarts do not fit in {format_duration(interval)}",
            policy.at("Attempts"),
            f"with a delay of {format_duration(delay)} they take {format_duration(attempts * delay)}",
            hints=(f'set interval = "{format_duration(attempts * delay)}" or more',),
        )


def _reschedule(policy: Part, diagnostics: Diagnostics) -> None:
    attempts, unlimited = policy.integer("Attempts"), policy.flag("Unlimited")
    if attempts <= 0 and not unlimited:
        return
    delay, longest = policy.integer("Delay"), policy.integer("MaxDelay")
    if attempts > 0 and unlimited:
        diagnostics.error(
            f"{attempts} attempts and unlimited at once",
            policy.at("Attempts"),
            "one of the two",
            hints=("set unlimited = false to count attempts",),
        )
        return
    if delay < 5 * SECOND:
        diagnostics.error(f'"delay" cannot be {format_duration(delay)}', policy.at("Delay"), "5s or more")
        return
    constant = policy.text("DelayFunction") == "constant"
    if not constant and longest < delay:
        diagnostics.error(
            "max_delay is shorter than delay", policy.at("MaxDelay"), f"{format_duration(delay)} or more"
        )
    elif not unlimited:
        _counted(policy, diagnostics)


def _counted(policy: Part, diagnostics: Diagnostics) -> None:
    """Whether a number of attempts, with the delays between them, fits in the interval."""
    attempts, interval = policy.integer("Attempts"), policy.integer("Interval")
    delay, longest = policy.integer("Delay"), policy.integer("MaxDelay")
    if interval < 15 * SECOND:
        diagnostics.error(
            f'"interval" cannot be {format_duration(interval)}', policy.at("Interval"), "15s or more"
        )
    elif (needed := _needed(policy.text("DelayFunction"), attempts, delay, longest)) > interval:
        seconds = -(-needed // SECOND) * SECOND
        diagnostics.error(
            f"{attempts} attempts do not fit in {format_duration(interval)}",
            policy.at("Attempts"),
            f"they take {format_duration(seconds)}",
            hints=(f'set interval = "{format_duration(seconds)}" or more',),
        )


def _needed(function: str, attempts: int, delay: int, longest: int) -> int:
    """The shortest interval that Nomad accepts for `attempts`, in nanoseconds."""
    if function == "constant" or attempts > 10_000:
        return attempts * delay
    reckon = _exponential if function == "exponential" else _fibonacci
    return reckon(attempts, delay, longest)


def _exponential(attempts: int, delay: int, longest: int) -> int:
    """Nomad adds up only the delays that have reached the longest one, and wants more than that."""
    needed = 0
    for attempt in range(attempts):
        step = delay << attempt
        needed = needed + longest if step > longest else step
    return needed + 1


def _fibonacci(attempts: int, delay: int, longest: int) -> int:
    """As above, and the first delay to reach the longest is not added either."""
    before, needed, capped = delay, delay, False
    for _ in range(2, attempts):
        step = needed + (longest if capped else before)
        if step > longest and not capped:
            step, capped = longest, True
        before, needed = needed, step
    return needed


def _update(policy: Part, diagnostics: Diagnostics) -> None:
    healthy, deadline = policy.integer("MinHealthyTime"), policy.integer("HealthyDeadline")
    progress = policy.integer("ProgressDeadline")
    if policy.flag("AutoPromote") and policy.integer("Canary") == 0:
        diagnostics.error(
            "auto_promote without canaries", policy.at("AutoPromote"), "canary must be 1 or more"
        )
    if healthy >= deadline > 0:
        diagnostics.error(
            "min_healthy_time is not shorter than healthy_deadline",
            policy.at("MinHealthyTime"),
            f"less than {format_duration(deadline)}",
        )
    if 0 < progress <= deadline:
        diagnostics.error(
            "healthy_deadline is not shorter than progress_deadline",
            policy.at("HealthyDeadline"),
            f"less than {format_duration(progress)}",
        )


def _migrate(policy: Part, diagnostics: Diagnostics) -> None:
    if policy.integer("MinHealthyTime") > policy.integer("HealthyDeadline"):
        diagnostics.error(
            "min_healthy_time is longer than healthy_deadline",
            policy.at("MinHealthyTime"),
            f"at most {format_duration(policy.integer('HealthyDeadline'))}",
        )
