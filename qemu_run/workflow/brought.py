"""What artifacts brought into a task's directory, for a job that names another file there as its image."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from qemu_run import folders
from qemu_run.artifacts.words import clean
from qemu_run.jobspec.validate.artifact_rules import OF_FILES

_MOST_LOOKED_AT = 10_000
_MOST_NAMED = 5


def instead_of(image: Path) -> str:
    """The files that may be meant, those that look like images first; empty when there is none."""
    directory = _task_directory(image)
    if directory is None or image.exists():
        return ""
    names = sorted(islice(_files(directory), _MOST_LOOKED_AT))
    images = [name for name in names if name.lower().endswith(OF_FILES)]
    wanted = str(image.relative_to(directory))
    best = sorted(images or names, key=lambda name: -_likeness(name, wanted))
    if not best:
        return ""
    more = f" and {len(best) - _MOST_NAMED} more" if len(best) > _MOST_NAMED else ""
    said = ", ".join(f'"{clean(name)}"' for name in best[:_MOST_NAMED])
    return f"the artifacts brought {said}{more}" if images else f"no artifact brought an image: {said}{more}"


def _task_directory(image: Path) -> Path | None:
    with suppress(ValueError):
        inside = image.relative_to(folders.allocations()).parts
        return folders.allocations().joinpath(*inside[:2]) if len(inside) > 2 else None
    return None


def _files(directory: Path) -> Iterator[str]:
    for folder, _, files in os.walk(directory):
        for name in files:
            yield str(Path(folder, name).relative_to(directory))


def _likeness(name: str, wanted: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name, wanted).ratio()
