"""The cache of artifacts of this user, and which of its files guests stand on."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run import folders
from qemu_run.images.formats import inspect
from qemu_run.images.problems import ImageError
from qemu_run.planning.plan import ArtifactPlan

if TYPE_CHECKING:
    from qemu_run.artifacts.known import Known

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
