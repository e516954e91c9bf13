"""Files that are private to the user and never seen half written."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path`: written beside it first, so that a reader finds the old file or the new one.

    The file may be read and written by its owner only, as may the folder where it is made for the file.

    Raises:
        OSError: it cannot be written; what was at `path` is still there.
    """
    from tempfile import mkstemp

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, beside = mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
