"""What artifacts brought into a task's directory, for a job whose image is not there, or is none."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from qemu_run import folders
from qemu_run.artifacts.words import clean
from qemu_run.images import not_disks
from qemu_run.jobspec.validate.artifact_rules import OF_FILES

_MOST_LOOKED_AT = 10_000
_MOST_NAMED = 5
_HEAD_BYTES = 4096
_STAYS_PACKED = (
    'a download is unpacked by its name, or by archive = "gz", "tar.gz", ... in options; '
    "what lies packed in an archive stays so"
)
_INSTEAD = {
    **dict.fromkeys(not_disks.PACKED, _STAYS_PACKED),
    "tar": 'archive = "tar", "tar.gz", ... in options has it unpacked; image_path names the disk inside',
    "zip": 'archive = "zip" in options has it unpacked; image_path names the disk inside',
    "empty": "what came has no bytes at all: look at its source",
}
"""What to do about an artifact that is no disk, by what it is."""


def from_task(words: str, image: Path) -> str:
    """The words with paths as the job names them: where a task's directory is says nothing to anybody."""
    directory = _task_directory(image)
    return words if directory is None else words.replace(f"{directory}/", "")


def is_no_disk(image: Path) -> bool:
    """Whether there is no such file, or it is plainly something else."""
    with suppress(OSError):  # no file can have such a name
        return not image.is_file() or bool(_kind(image))
    return True


def cure(image: Path) -> str:
    """What to do about an image that is missing or is no disk; empty when nothing more is known."""
    directory = _task_directory(image)
    if directory is None:
        return ""
    with suppress(OSError):
        if image.exists():
            return _INSTEAD.get(_kind(image), "")
    return _instead_of(image, directory)


def _kind(path: Path) -> str:
    with suppress(OSError), path.open("rb") as file:
        return not_disks.recognise(file.read(_HEAD_BYTES), path.stat().st_size) or ""
    return ""


def _instead_of(image: Path, directory: Path) -> str:
    """The files that may be meant, those that look like images first; empty when there is none."""
    names = sorted(islice(_files(directory), _MOST_LOOKED_AT))
    images = [name for name in names if name.lower().endswith(OF_FILES)]
    wanted = str(image.relative_to(directory))
    best = sorted(images or names, key=lambda name: -_likeness(name, wanted))
    if not best:
        return ""
    more = f" and {len(best) - _MOST_NAMED} more" if len(best) > _MOST_NAMED else ""
    said = ", ".join(f'"{clean(name)}"' for name in best[:_MOST_NAMED])
    if images:
        return f"the artifacts brought {said}{more}"
    cures = filter(None, (_INSTEAD.get(_kind(directory / name)) for name in best[:_MOST_NAMED]))
    return "; ".join((f"no artifact brought an image: {said}{more}", *islice(cures, 1)))


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
