"""Files that are private to the user and never seen half written."""

import os
import stat
from pathlib import Path
from typing import Any

from qemu_run.folders import make_private

_OF_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def read_private(path: Path) -> bytes:
    """What a file says that nobody but its owner, this user, can have written.

    Raises:
        OSError: it cannot be read.
        ValueError: others could have written it.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & _OF_OTHERS:
            raise ValueError(path)
        return file.read()


def read_private_json(path: Path) -> Any:  # noqa: ANN401  # whatever lies there
    """The same of a file in JSON.

    Raises:
        OSError: it cannot be read.
        ValueError: others could have written it, or it is damaged.
    """
    import json

    try:
        return json.loads(read_private(path))
    except RecursionError as error:
        raise ValueError(path) from error


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path`: written beside it first, so that a reader finds the old file or the new one.

    The file and its folder, which is one of ours, are for their owner only.

    Raises:
        OSError: it cannot be written; what was at `path` is still there.
    """
    from tempfile import mkstemp

    make_private(path.parent)
    descriptor, beside = mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
