"""Rules of tasks: names, resources, logs, lifecycle, artifacts and templates."""

import re
from posixpath import normpath

from qemu_run.errors import Diagnostics
from qemu_run.golang.durations import format_duration
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Artifact, Job, Task, TaskGroup, Template
from qemu_run.jobspec.validate.checksums import checksum_problem
from qemu_run.jobspec.wording import first_is

RESERVED = "alloc"
"""No task may have this name: it is the shared directory's."""
PERMISSIONS = re.compile("0*[0-7]{1,4}")


def check(job: Job, diagnostics: Diagnostics) -> None:
    """Check every task of every group."""
    groups = Part(job.canonical, job.places).parts("TaskGroups")
    for group, group_part in zip(job.groups, groups, strict=True):
        for task, part in zip(group.tasks, group_part.parts("Tasks"), strict=True):
            _name(task, diagnostics)
            _driver(task, diagnostics)
            _resources(task, part.inner("Resources"), diagnostics)
            _logs(task, group, diagnostics)
            _lifecycle(task, diagnostics)
            _timeouts(job, group_part, task, diagnostics)
            for artifact in task.artifacts:
                _artifact(artifact, diagnostics)
            _templates(task, part, diagnostics)
            _payload(part, diagnostics)


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


def _resources(task: Task, part: Part, diagnostics: Diagnostics) -> None:
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
    for device in part.parts("Devices"):
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


def _timeouts(job: Job, group: Part, task: Task, diagnostics: Diagnostics) -> None:
    deadline = group.inner("Update").duration("ProgressDeadline")
    if job.type == "service" and deadline and task.kill_timeout > deadline:
        diagnostics.error(
            f'kill_timeout of task "{task.name}" is longer than progress_deadline',
            task.at("KillTimeout"),
            f"{format_duration(round(deadline.total_seconds() * 1e9))} or less",
        )


def escapes(path: str) -> bool:
    """Whether a relative path leads out of the task's directory and the allocation around it."""
    inside = normpath(f"alloc/task/{path.lstrip('/')}")
    return not (inside == "alloc" or inside.startswith("alloc/"))


def _artifact(artifact: Artifact, diagnostics: Diagnostics) -> None:
    from qemu_run.jobspec.validate.artifacts import check_artifact, known_elsewhere

    check_artifact(artifact, diagnostics)
    if not artifact.source:
        diagnostics.error("an artifact without a source", artifact.at(), "source is required")
    if escapes(artifact.destination):
        diagnostics.error(
            f'the destination "{artifact.destination}" leaves the allocation',
            artifact.at("RelativeDest"),
            "a path below the task's directory",
        )
    checksum = artifact.options.get("checksum")
    if checksum is not None and (problem := checksum_problem(checksum)):
        diagnostics.error(
            "the checksum cannot be right",
            artifact.at("GetterOptions", "checksum"),
            problem,
            hints=(known_elsewhere(checksum) or 'write it as "sha256:" and 64 hexadecimal digits',),
            cluster_only=bool(known_elsewhere(checksum)),
        )


def _templates(task: Task, part: Part, diagnostics: Diagnostics) -> None:
    first: dict[str, Template] = {}
    for template, inner in zip(task.templates, part.parts("Templates"), strict=True):
        _template(template, inner, diagnostics)
        if not template.destination:
            continue
        if template.destination in first:
            diagnostics.error(
                f'a second template for "{template.destination}"',
                template.at("DestPath"),
                first_is(first[template.destination].at("DestPath"), template.at("DestPath")),
            )
        first.setdefault(template.destination, template)


def _template(template: Template, part: Part, diagnostics: Diagnostics) -> None:
    if not template.source and not template.data:
        diagnostics.error("a template without a text", template.at(), "data or source is required")
    if not template.destination:
        diagnostics.error("a template without a destination", template.at(), "destination is required")
    elif escapes(template.destination):
        diagnostics.error(
            f'the destination "{template.destination}" leaves the allocation',
            template.at("DestPath"),
            "a path below the task's directory",
        )
    if template.perms and not PERMISSIONS.fullmatch(template.perms):
        diagnostics.error(
            f'"{template.perms}" are no permissions', template.at("Perms"), 'octal, such as "0644"'
        )
    if template.change_mode == "signal" and template.env:
        diagnostics.error(
            "a template for the environment cannot change by signal",
            template.at("ChangeMode"),
            "a running task cannot get new variables",
            hints=('use change_mode = "restart" or "noop"',),
        )
    _change_script(template, part.part("ChangeScript"), diagnostics)
    wait = part.part("Wait")
    if wait is not None and wait.integer("Min") > wait.integer("Max") > 0:
        diagnostics.error("wait has a min longer than its max", wait.at("Min"), "at most max")


def _change_script(template: Template, script: Part | None, diagnostics: Diagnostics) -> None:
    if template.change_mode != "script":
        return
    if script is None:
        diagnostics.error(
            'change_mode "script" has no script', template.at("ChangeMode"), "add a change_script block"
        )
    elif not script.text("Command"):
        diagnostics.error("change_script has no command", script.at(), "command is required")


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
