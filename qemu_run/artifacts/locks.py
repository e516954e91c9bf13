"""Locks on the files and folders of the cache, between threads and between processes.

A lock belongs to an open descriptor, and ends with it, however its process ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qemu_run.artifacts.folders import create_private
from qemu_run.artifacts.stop import Stop

AGAIN_SECONDS = 0.1
"""How soon a lock that somebody else has is asked for again."""


def share(descriptor: int, stop: Stop) -> None:
    """Wait until nobody removes or writes what is open, and keep it so.

    Raises:
        StoppedError: while somebody did.
        OSError: it cannot be locked.
    """
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            stop.wait(AGAIN_SECONDS)
        else:
            return


def let_share(descriptor: int) -> None:
    """Let others read what is open and was ours alone."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def made_alone(path: Path, *, folder: bool) -> int:
    """A file or folder, made if need be, as an open descriptor that nobody else holds; -1 when somebody does.

    Raises:
        OSError: it cannot be made.
    """
    if folder:
        path.mkdir(mode=0o700, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            return -1
    else:
        descriptor = create_private(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass  # held, or made whole in the meantime
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return -1


@contextmanager
def held_alone(path: Path) -> Iterator[bool]:
    """Whether nobody else holds a file or folder; nobody can while this is entered."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        is_ours = False
    else:
        is_ours = True
    try:
        yield is_ours
    finally:
        os.close(descriptor)
