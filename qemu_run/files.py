"""Files that are private to the user and never seen half written."""

import os
from pathlib import Path

from qemu_run.folders import make_private


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
