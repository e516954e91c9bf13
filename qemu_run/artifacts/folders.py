"""Folders and files that are ours alone: 0700 and 0600, whatever the umask."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from qemu_run.artifacts.failures import StorageError, storage_error
from qemu_run.folders import INSTEAD_OF_CACHE

Identity = tuple[int, ...]
"""Device, inode, size, and the times of the last change of content and of anything, in nanoseconds."""


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; tighten one of ours that is too open.

    Raises:
        StorageError: it cannot be made, or belongs to somebody else.
    """
    try:
        if not folder.is_dir():
            _make(folder)
        found = folder.stat()
        if found.st_uid != os.geteuid():
            raise StorageError(
                f'the folder "{folder}" belongs to another user',
                hints=(INSTEAD_OF_CACHE,),
            )
        if found.st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise storage_error(f'make the folder "{folder}"', error) from error


def _make(folder: Path) -> None:
    missing = [folder]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for each in reversed(missing):
        with suppress(FileExistsError):  # another run was quicker
            each.mkdir(mode=0o700)
            each.chmod(0o700)


def create_private(path: Path, flags: int = 0) -> int:
    """Open a file of ours for reading and writing, making it if need be; gives its descriptor.

    Raises:
        OSError: it cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def identity(found: os.stat_result) -> Identity:
    """What changes when a file changes, also when its size and time are put back."""
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def read_record(path: Path) -> dict[str, object]:
    """A small JSON object; empty when there is none that can be read."""
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(path.read_bytes())
        if isinstance(found, dict):
            return found
    return {}


def write_record(path: Path, record: Mapping[str, object]) -> None:
    """Write a small JSON object, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    import threading

    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = create_private(draft, os.O_TRUNC)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(record).encode())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


@cache
def boot_id() -> str:
    """What tells this boot of the host from others; empty where nothing does."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""
