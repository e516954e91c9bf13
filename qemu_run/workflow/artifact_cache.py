"""The cache of artifacts of this user, and which of its files guests stand on."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run import folders
from qemu_run.errors import Diagnostics, ExitCode
from qemu_run.images.formats import inspect
from qemu_run.images.problems import ImageError
from qemu_run.planning.plan import ArtifactPlan, TaskPlan

if TYPE_CHECKING:
    from qemu_run.artifacts.known import Known
    from qemu_run.workflow.make_plan import Planning

_IMAGES = (".qcow2",)
_MOST_NAMED = 5


def trifles() -> Iterator[Path]:
    """Jobs that were read before, and how runs started: what takes no room, and is made again at once."""
    for folder in (folders.jobs(), folders.starts()):
        with suppress(OSError):
            yield from list(folder.iterdir())


def in_use() -> Iterator[Path]:
    """What running tasks, and those whose directory was kept, have linked or stand on with an overlay."""
    for directory, inside, files in os.walk(folders.allocations()):
        for name in (*files, *inside):
            path = Path(directory, name)
            if path.is_symlink():
                yield path.resolve()
            elif name.endswith(_IMAGES):
                yield from _below(path)


def tell_missing(planning: "Planning") -> "Planning":
    """The same, with an error for each artifact that is not on this host, and image that none can bring."""
    if planning.plan is None or planning.code is not ExitCode.OK:
        return planning
    before = len(planning.diagnostics.errors)
    for task in planning.plan.tasks:
        for artifact in task.artifacts:
            if known(artifact).where == "missing":
                _tell_gone(artifact, planning.diagnostics)
        if task.artifacts and _brings_no_image(task):
            _tell_no_image(task, planning.diagnostics)
    found_some = len(planning.diagnostics.errors) > before
    return replace(planning, code=ExitCode.ARTIFACT) if found_some else planning


def _tell_gone(artifact: ArtifactPlan, diagnostics: Diagnostics) -> None:
    from qemu_run.artifacts.local import not_there

    failure = not_there(artifact.request.location.path or artifact.destination)
    diagnostics.error(failure.summary, artifact.span, hints=failure.hints)


def _brings_no_image(task: TaskPlan) -> bool:
    """Whether a task's image lies where its artifacts land, and all that can come there is something else."""
    disk = task.launch.disk
    image = None if disk is None or not disk.is_artifact else disk.base or disk.path
    if image is None or task.task.dispatch_payload or not image.is_relative_to(task.layout.directory):
        return False
    lands = (
        each.destination == image or (each.fills_folder and image.is_relative_to(each.destination))
        for each in task.artifacts
    )
    return not any(lands) and all(each.destination != image for each in task.templates)


def _tell_no_image(task: TaskPlan, diagnostics: Diagnostics) -> None:
    brought = [f'"{relpath(each.destination, task.layout.directory)}"' for each in task.artifacts]
    disk = task.launch.disk
    diagnostics.error(
        "image not found",
        disk.span if disk is not None else None,
        hints=(f"the artifacts bring {', '.join(brought[:_MOST_NAMED])}",),
    )


def known(artifact: ArtifactPlan) -> "Known":
    """What is here of an artifact already; nobody is asked for it."""
    from qemu_run.artifacts.cache import Cache
    from qemu_run.artifacts.known import known as known_in

    return known_in(artifact.request, Cache(folders.artifacts()))


def _below(overlay: Path) -> Iterator[Path]:
    with suppress(OSError, ImageError):
        image = inspect(overlay)
        if image.backing_file is not None:
            yield overlay.parent / image.backing_file
