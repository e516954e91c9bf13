"""What can go wrong with an artifact, in words for whoever wrote the job."""

from qemu_run.artifacts.words import clean
from qemu_run.folders import INSTEAD_OF_CACHE

MAKE_ROOM = (
    "make room: `qemu-run cache prune` empties the cache",
    "or let XDG_CACHE_HOME name a folder with more",
)


class FetchError(Exception):
    """An artifact that did not come, or not as it should."""

    def __init__(self, summary: str, *, detail: str = "", hints: tuple[str, ...] = ()) -> None:
        super().__init__(summary)
        self.summary = clean(summary)
        self.detail = "\n".join(map(clean, detail.splitlines()))
        self.hints = hints


class StorageError(FetchError):
    """This host cannot keep it: a full disk, a folder that cannot be written, one that is not ours."""


class StoppedError(Exception):
    """Whoever waits for the artifact has been told to stop."""


def is_artifacts_own(error: OSError) -> bool:
    """Whether a failure of the file system is about a name that the artifact has, not about this host."""
    from errno import EILSEQ, EINVAL, ELOOP, ENAMETOOLONG

    return error.errno in {EILSEQ, EINVAL, ELOOP, ENAMETOOLONG}


def storage_error(what: str, error: OSError) -> StorageError:
    """A failure of the host's own file system, with its words for it."""
    return StorageError(f"cannot {what}: {error.strerror or error}", hints=_CURES.get(error.errno or 0, ()))


def storing_error(what: str, error: OSError) -> StorageError:
    """The same where the cache's folders were there before."""
    if isinstance(error, FileNotFoundError):
        why, hint = "somebody removed the cache's folder meanwhile", "run it again: the folder is made anew"
        return StorageError(f"cannot {what}: {why}", hints=(hint,))
    return storage_error(what, error)


def _cures() -> dict[int, tuple[str, ...]]:
    from errno import EACCES, EDQUOT, EEXIST, EFBIG, ENOENT, ENOSPC, ENOTDIR, EPERM, EROFS

    writable = (INSTEAD_OF_CACHE,)
    larger = ("`ulimit -f` says how large a file may be here, if its file system does not",)
    not_there = dict.fromkeys((EROFS, EACCES, EPERM, ENOTDIR, ENOENT, EEXIST), writable)
    return {ENOSPC: MAKE_ROOM, EDQUOT: MAKE_ROOM, EFBIG: larger, **not_there}


_CURES = _cures()
