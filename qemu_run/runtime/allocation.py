"""The directories of a run: made private, removed at its end, and cleaned up after a run that was killed."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qemu_run.errors import Diagnostic, HostError
from qemu_run.folders import INSTEAD_OF_STATE, make_private
from qemu_run.planning.layout import AllocationLayout
from qemu_run.planning.plan import Allocation


@contextmanager
def directories(
    allocation: Allocation, *, keep: bool = False, made_ahead: Callable[[str], int | None] = lambda _: None
) -> Iterator[None]:
    """The directory tree of one allocation, gone again at the end unless it is to be kept.

    `made_ahead`: gives the lock on its directory, where that is there already.

    Raises:
        HostError: it cannot be made.
    """
    layout = allocation.layout
    lock, is_whole = -1, False
    try:
        with _told_of(layout.directory):
            ahead = made_ahead(f"{layout.directory}")
            lock = _made(layout.directory) if ahead is None else ahead
            inside = (folder for task in allocation.tasks for folder in task.layout.folders)
            for folder in (*layout.folders, *inside):
                make_private(folder)
        is_whole = True
        yield
    finally:  # also where a signal ends the making
        if keep and is_whole:
            os.close(os.open(layout.kept_marker, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        else:
            shutil.rmtree(layout.directory, ignore_errors=True)
        if lock >= 0:
            os.close(lock)


@contextmanager
def _told_of(directory: Path) -> Iterator[None]:
    """Tell of a directory that cannot be made.

    Raises:
        HostError: it cannot.
    """
    try:
        yield
    except OSError as error:
        summary = f'cannot make the allocation directory "{directory}": {error.strerror}'
        raise HostError(Diagnostic(summary, hints=(INSTEAD_OF_STATE,))) from error


def _made(directory: Path) -> int:
    """Make a directory that no other run sweeps; the lock on it.

    Raises:
        OSError: it cannot be made, or is there already.
    """
    make_private(directory.parent)
    with _alone_in(directory.parent):
        directory.mkdir(mode=0o700)
        lock = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def remove(allocation: Allocation) -> None:
    """Remove the directory, kept or not, of an allocation that is to be made anew."""
    shutil.rmtree(allocation.layout.directory, ignore_errors=True)


@contextmanager
def _alone_in(allocations: Path) -> Iterator[None]:
    """Keep other runs from sweeping while a directory is made and not locked yet, and the other way round."""
    lock = os.open(allocations, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def remove_leftovers(allocations: Path) -> None:
    """Remove the directories of runs that were killed: those whose lock nobody holds."""
    if allocations.is_dir():
        with _alone_in(allocations):
            for directory in allocations.glob("*-*-*-*-*"):
                _remove_if_left(directory)


def _remove_if_left(directory: Path) -> None:
    try:
        lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not AllocationLayout(directory).kept_marker.exists():
            shutil.rmtree(directory, ignore_errors=True)
    except OSError:
        pass  # its run lives
    finally:
        os.close(lock)
