"""Artifacts that are files and folders of this host: verified in place, not read again while unchanged."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.checksum import Checksum
from qemu_run.artifacts.contents import digest_of, size_of
from qemu_run.artifacts.failures import FetchError, StorageError
from qemu_run.artifacts.folders import identity, read_record
from qemu_run.artifacts.request import Fetched, Request
from qemu_run.artifacts.sums import stated
from qemu_run.artifacts.terms import Terms
from qemu_run.artifacts.words import clean, masked

_MOST_NEIGHBOURS = 1000


def local(request: Request, path: Path, cache: Cache, terms: Terms) -> Fetched:
    """A file or folder of this host, verified where it is."""
    checksum = stated(request, cache, terms)
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            if checksum is not None:
                raise FetchError(f'artifact "{path}" is a folder, and a checksum is one of a file')
            return Fetched(path=path, size_bytes=size_of(path), was_cached=False, is_folder=True)
        if not stat.S_ISREG(found.st_mode):
            raise FetchError(f'artifact "{path}" is neither a file nor a folder')
        if checksum is not None:
            digest = local_digest(path, checksum, cache, terms)
            if digest != checksum.digest:
                raise _wrong_file(path, checksum, digest, found.st_size)
    except FileNotFoundError as error:
        raise not_there(path) from error
    except OSError as error:
        raise FetchError(f'cannot read artifact "{path}": {error.strerror}') from error
    key = checksum.key if checksum else ""
    return Fetched(path=path, size_bytes=found.st_size, was_cached=False, checksum=checksum, key=key)


def not_there(path: Path) -> FetchError:
    """What is said of a file or folder that is missing; with a neighbour whose name is close to its own."""
    from difflib import get_close_matches
    from itertools import islice

    hints: tuple[str, ...] = ("a source that is no address is a path beside the job file",)
    with suppress(OSError), os.scandir(path.parent) as neighbours:
        names = [each.name for each in islice(neighbours, _MOST_NEIGHBOURS)]
        if close := get_close_matches(path.name, names, n=1):
            hints = (f'did you mean "{clean(close[0])}"?',)
    return FetchError(f'artifact "{masked(str(path))}" is not there', hints=hints)


def _wrong_file(path: Path, checksum: Checksum, digest: str, size: int) -> FetchError:
    lines = (
        f"wanted  {checksum.digest}",
        f"found   {digest}",
        f"size    {size} bytes",
        f"from    {masked(str(path))}",
    )
    hint = "the file has changed, or the checksum in the job belongs to another file"
    return FetchError(f"wrong {checksum.algorithm} checksum", detail="\n".join(lines), hints=(hint,))


def local_digest(path: Path, checksum: Checksum, cache: Cache, terms: Terms) -> str:
    """The digest of a file of this host; one that has not changed since the last time is not read."""
    pointer = cache.pointer("file", str(path), checksum.algorithm)
    record = read_record(pointer)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        now = list(identity(os.fstat(descriptor)))
        known = record.get("digest")
        if record.get("looks") == now and isinstance(known, str):
            return known
        digest = digest_of(descriptor, checksum, terms.stop)
        unchanged = list(identity(os.fstat(descriptor))) == now
    finally:
        os.close(descriptor)
    with suppress(StorageError):  # the next run reads it again
        cache.ready()
        if unchanged:
            cache.point(pointer, {"looks": now, "digest": digest})
    return digest
