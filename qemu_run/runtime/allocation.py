"""The directories of a run: made private, removed at its end, and cleaned up after a run that was killed.

    {allocations}/                 0700
      {id}/                        one allocation; locked while its run lives
        alloc/{data,logs,tmp}/     shared by its tasks
        {task}/                    QEMU's working directory
          local/ secrets/ tmp/

Source: Nomad's client, `client/allocdir`.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qemu_run.errors import Diagnostic, HostError

_SHARED = ("alloc/data", "alloc/logs", "alloc/tmp")
_PER_TASK = ("local", "secrets", "tmp")
_KEPT = ".kept"
"""NotedPlaces a directory that its user asked to keep."""


def folder() -> Path:
    """The folder that holds all allocations of this user."""
    from platformdirs import user_state_path

    return user_state_path("qemu-run") / "allocations"


@contextmanager
def allocation(directory: Path, tasks: list[str], *, keep: bool = False) -> Iterator[None]:
    """The directory tree of one allocation, gone again at the end unless it is to be kept.

    Raises:
        HostError: it cannot be made.
    """
    try:
        directory.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone_in(directory.parent):
            directory.mkdir(mode=0o700)
            lock = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for name in (*_SHARED, *(f"{task}/{part}" for task in tasks for part in _PER_TASK)):
            (directory / name).mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise HostError(
            Diagnostic(f'cannot make the allocation directory "{directory}": {error.strerror}')
        ) from error
    try:
        yield
    finally:
        if keep:
            (directory / _KEPT).touch()
        else:
            shutil.rmtree(directory, ignore_errors=True)
        os.close(lock)


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
        if not (directory / _KEPT).exists():
            shutil.rmtree(directory, ignore_errors=True)
    except OSError:
        pass  # its run lives
    finally:
        os.close(lock)
