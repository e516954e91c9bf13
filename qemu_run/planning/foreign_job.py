"""A job from elsewhere names no files of this host, neither as an image nor in QEMU's options."""

import re
from pathlib import Path

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Task
from qemu_run.planning.launch import Launched
from qemu_run.planning.layout import TaskLayout

_PATH_IN_ARGUMENT = re.compile(r"(?:^|[=:,])((?:/|~|\.\.?/)[^,]*)")
_SUMMARY = "a job from elsewhere names files of this host only with --allow-local"


def check_files(task: Task, launched: Launched, layout: TaskLayout, diagnostics: Diagnostics) -> None:
    """Tell of every file of this host that a task's config names."""
    disk = launched.launch.disk
    if disk is not None and not disk.is_artifact:
        diagnostics.error(_SUMMARY, disk.span, "no artifact brings this image")
    allocation = layout.directory.parent
    for argument in launched.config.args:
        for path in _PATH_IN_ARGUMENT.findall(argument):
            if ".." in Path(path).parts or not (allocation / path).is_relative_to(allocation):
                diagnostics.error(_SUMMARY, task.at("Config", "args"), f'"{path}"')
