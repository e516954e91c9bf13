"""Rules of tasks: names, drivers, environment, resources, logs, lifecycle, payloads, secrets."""

from qemu_run.errors import Diagnostics
from qemu_run.golang.durations import format_duration
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job, Task, TaskGroup
from qemu_run.jobspec.validate.destinations import escapes

LONGEST_NAME = 255
"""The bytes that the name of a directory can have."""
RESERVED = "alloc"
"""No task may have this name: it is the shared directory's."""


def check_task(task: Task, group: TaskGroup, job: Job, diagnostics: Diagnostics) -> None:
    """Check a task as a whole."""
    part = Part.of(task)
    _name(task, diagnostics)
    _driver(task, diagnostics)
    _environment(task, diagnostics)
    _resources(task, diagnostics)
    _logs(task, group, diagnostics)
    _lifecycle(task, diagnostics)
    _timeouts(job, group, task, diagnostics)
    _payload(part, diagnostics)
    _secrets(part, diagnostics)


def _name(task: Task, diagnostics: Diagnostics) -> None:
    if not task.name:
        diagnostics.error("a task without a name", task.at(), "a name is required")
    for character in ("/", "\\", "\0"):
        if character in task.name:
            diagnostics.error(
                f'the task name "{task.name}" has "{character}" in it',
                task.at(),
                "it becomes a directory's name",
            )
    if len(task.name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        diagnostics.error(
            "the name of a task is too long", task.at(), f"at most {LONGEST_NAME} bytes, as of a directory"
        )
    if task.name in {".", ".."}:
        diagnostics.error(
            f'no task may be called "{task.name}"', task.at(), "its name is the name of its directory"
        )
    if task.name == RESERVED:
        diagnostics.error(
            f'no task may be called "{RESERVED}"', task.at(), "the shared directory has this name"
        )


def _driver(task: Task, diagnostics: Diagnostics) -> None:
    if not task.driver:
        diagnostics.error(
            f'task "{task.name}" has no driver',
            task.at(),
            "driver is required",
            hints=('add driver = "qemu"',),
        )


def _environment(task: Task, diagnostics: Diagnostics) -> None:
    for name, value in task.env.items():
        if "\0" in name + value:
            diagnostics.error(
                f'"{name}" has a NUL character in it', task.at("Env", name), "no program can be given one"
            )


def _resources(task: Task, diagnostics: Diagnostics) -> None:
    resources = task.resources
    if resources.cores and resources.cpu_mhz:
        diagnostics.error("both cores and cpu are set", resources.at("CPU"), "one of the two")
    if not resources.cores and resources.cpu_mhz == 0:
        diagnostics.error('"cpu" cannot be 0', resources.at("CPU"), "1 or more, in MHz")
    if 0 < resources.memory_max_mb < resources.memory_mb:
        diagnostics.error(
            f"memory_max {resources.memory_max_mb} is less than memory {resources.memory_mb}",
            resources.at("MemoryMaxMB"),
            f"{resources.memory_mb} or more, or -1 for no limit",
        )
    if resources.secrets_mb > resources.memory_mb:
        diagnostics.error(
            f"secrets {resources.secrets_mb} are more than memory {resources.memory_mb}",
            resources.at("SecretsMB"),
            f"{resources.memory_mb} or less",
        )
    for device in Part.of(resources).parts("Devices"):
        if not device.text("Name"):
            diagnostics.error("a device without a name", device.at(), "type, vendor/type or vendor/type/name")


def _logs(task: Task, group: TaskGroup, diagnostics: Diagnostics) -> None:
    used = task.logs.max_files * task.logs.max_file_size_mb
    if used >= group.disk_mb:
        diagnostics.error(
            f'the logs of task "{task.name}" may take {used} MB',
            task.at("LogConfig"),
            f"ephemeral_disk has {group.disk_mb} MB",
            hints=("make max_files or max_file_size smaller, or ephemeral_disk's size larger",),
        )


def _lifecycle(task: Task, diagnostics: Diagnostics) -> None:
    if task.leader and task.lifecycle and task.lifecycle.hook == "poststop":
        diagnostics.error(
            "a poststop task cannot lead", task.at("Leader"), "it starts when the others have ended"
        )


def _timeouts(job: Job, group: TaskGroup, task: Task, diagnostics: Diagnostics) -> None:
    deadline = Part.of(group).inner("Update").duration("ProgressDeadline")
    if job.type == "service" and deadline and task.kill_timeout > deadline:
        diagnostics.error(
            f'kill_timeout of task "{task.name}" is longer than progress_deadline',
            task.at("KillTimeout"),
            f"{format_duration(round(deadline.total_seconds() * 1e9))} or less",
        )


def _payload(part: Part, diagnostics: Diagnostics) -> None:
    payload = part.part("DispatchPayload")
    if payload is None:
        return
    if not payload.text("File"):
        diagnostics.error("dispatch_payload names no file", payload.at(), "file is required")
    elif escapes(f"local/{payload.text('File')}"):
        diagnostics.error(
            f'the file "{payload.text("File")}" leaves the allocation',
            payload.at("File"),
            "a path below local/",
        )


def _secrets(part: Part, diagnostics: Diagnostics) -> None:
    for secret in part.parts("Secrets"):
        for field, name in (("Name", "name"), ("Provider", "provider"), ("Path", "path")):
            if not secret.text(field):
                diagnostics.error(f"a secret without a {name}", secret.at(), f"{name} is required")
