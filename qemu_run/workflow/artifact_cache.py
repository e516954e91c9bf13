"""The cache of artifacts of this user, and which of its files guests stand on."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run import folders
from qemu_run.errors import ExitCode
from qemu_run.images.formats import inspect
from qemu_run.images.problems import ImageError
from qemu_run.planning.plan import ArtifactPlan

if TYPE_CHECKING:
    from qemu_run.artifacts.known import Known
    from qemu_run.workflow.make_plan import Planning

_IMAGES = (".qcow2",)


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
    """The same, with an error for each artifact of this host that is not there: a run would not begin."""
    if planning.plan is None or planning.code is not ExitCode.OK:
        return planning
    every = (artifact for task in planning.plan.tasks for artifact in task.artifacts)
    gone = [artifact for artifact in every if known(artifact).where == "missing"]
    if not gone:
        return planning
    from qemu_run.artifacts.local import not_there

    for artifact in gone:
        failure = not_there(artifact.request.location.path or artifact.destination)
        planning.diagnostics.error(failure.summary, artifact.span, hints=failure.hints)
    return replace(planning, code=ExitCode.ARTIFACT)


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
