"""Rendered templates become files of the allocation.

Nothing outside it is written or read: every step of a path is opened without following links, for what an
artifact brought may be one.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from qemu_run.errors import Diagnostic, Diagnostics, HostError, JobError
from qemu_run.planning.templates import TemplatePlan, render

LARGEST_FILE_BYTES = 4 << 20
"""What a template may read of one file."""
_KEEP = -1
"""No other owner."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_templates(templates: tuple[TemplatePlan, ...], allocation: Path) -> tuple[TemplatePlan, ...]:
    """Write every template of a task below `allocation`, rendering now what had to wait for the task's files.

    Returns:
        The templates, each with its text.

    Raises:
        JobError: a template that could not be rendered before cannot be rendered now either.
        HostError: a file cannot be written.
    """
    written = []
    for each in templates:
        text = _rendered(each, allocation) if each.text is None else each.text
        try:
            _write(each, allocation, text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            label = f"{each.destination.relative_to(allocation)}: {error.strerror}"
            raise HostError(Diagnostic("cannot write the template's file", each.span, label)) from error
        written.append(replace(each, text=text))
    return tuple(written)


def _rendered(plan: TemplatePlan, allocation: Path) -> str:
    found = Diagnostics()
    text = render(
        plan.template,
        plan.known,
        plan.directory,
        plan.now,
        found,
        lambda path: read_inside(allocation, path),
    )
    if text is None:
        raise JobError(*found)
    return text


@contextmanager
def _folder(root: Path, steps: tuple[str, ...], *, make: bool) -> Iterator[int]:
    """A folder below `root` held open; no step of the way to it is a link."""
    descriptor = os.open(root, _FOLDER)
    try:
        for step in steps:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(step, 0o700, dir_fd=descriptor)
            inner = os.open(step, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _write(plan: TemplatePlan, root: Path, data: bytes) -> None:
    """Put a file in its place whole; what stands there already, a link too, gives way."""
    *folders, name = plan.destination.relative_to(root).parts
    temporary = f".{name[:200]}.rendering"
    with _folder(root, tuple(folders), make=True) as folder:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        descriptor = os.open(temporary, _NEW, 0o600, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                if os.geteuid() == 0 and (plan.uid is not None or plan.gid is not None):
                    os.fchown(
                        file.fileno(),
                        _KEEP if plan.uid is None else plan.uid,
                        _KEEP if plan.gid is None else plan.gid,
                    )
                os.fchmod(file.fileno(), plan.mode)
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise


def read_inside(root: Path, path: Path) -> str:
    """The text of a file below `root`, reached without following a link.

    Raises:
        OSError: it cannot be, or it is not a plain file, or too large.
    """
    *folders, name = path.relative_to(root).parts
    with _folder(root, tuple(folders), make=False) as folder:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(0, "it is not a plain file")
            data = file.read(LARGEST_FILE_BYTES + 1)
    if len(data) > LARGEST_FILE_BYTES:
        raise OSError(0, f"it is larger than {LARGEST_FILE_BYTES >> 20} MiB")
    return data.decode("utf-8", "surrogateescape")
