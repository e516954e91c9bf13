"""The cache of artifacts of this user, and which of its files guests stand on."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from qemu_run import folders
from qemu_run.images.formats import inspect
from qemu_run.images.problems import ImageError

_IMAGES = (".qcow2",)


def in_use() -> Iterator[Path]:
    """What running tasks, and those whose directory was kept, have linked or stand on with an overlay."""
    for directory, inside, files in os.walk(folders.allocations()):
        for name in (*files, *inside):
            path = Path(directory, name)
            if path.is_symlink():
                yield path.resolve()
            elif name.endswith(_IMAGES):
                yield from _below(path)


def _below(overlay: Path) -> Iterator[Path]:
    with suppress(OSError, ImageError):
        image = inspect(overlay)
        if image.backing_file is not None:
            yield overlay.parent / image.backing_file
