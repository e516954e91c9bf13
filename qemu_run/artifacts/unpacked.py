"""What is in a fetched archive, kept in the cache under the digest of what it came from."""

import shutil
from pathlib import Path

from qemu_run.artifacts.archives import PACKED
from qemu_run.artifacts.cache import Cache, Held
from qemu_run.artifacts.checksum import Checksum
from qemu_run.artifacts.contents import remove_tree
from qemu_run.artifacts.failures import FetchError, StorageError, storing_error
from qemu_run.artifacts.local import local_digest
from qemu_run.artifacts.request import Fetched
from qemu_run.artifacts.terms import Terms
from qemu_run.artifacts.unpack import LONE_FILE, unpack
from qemu_run.artifacts.words import clean, masked


def unpacked(fetched: Fetched, kind: str, cache: Cache, terms: Terms) -> Fetched:
    """What is in a fetched archive: a folder, or the one file that was packed; kept in the cache as well.

    Raises:
        FetchError: it is damaged, too large, or would leave its folder.
        StorageError: this host cannot keep it.
        StoppedError: all is to end.
    """
    source = fetched.key or "sha256-" + local_digest(fetched.path, Checksum("sha256", ""), cache, terms)
    key = f"{source}.{kind}"
    held = cache.find(key, terms.stop)
    if held is None:
        with cache.alone(key, terms.stop, folder=True) as (part, descriptor):
            held = cache.find(key, terms.stop)
            if held is None:
                held = _unpack(fetched, kind, cache, key, (part, descriptor), terms)
    modes = held.record.get("modes")
    return Fetched(
        path=held.path / LONE_FILE if kind in PACKED else held.path,
        size_bytes=held.size_bytes,
        was_cached=fetched.was_cached,
        checksum=fetched.checksum,
        may_be_cut=fetched.may_be_cut,
        key=key,
        held=held,
        is_folder=kind not in PACKED,
        modes=modes if isinstance(modes, dict) else {},
    )


def _with_what_came(error: FetchError, fetched: Fetched) -> FetchError:
    """The same, told with what it was that could not be unpacked, and what to do."""
    algorithm, _, digest = fetched.key.partition("-")
    came = [f"size    {fetched.size_bytes} bytes", *([f"{algorithm:7} {digest}"] if digest else [])]
    came.append(f"from    {fetched.source or masked(str(fetched.path))}")
    hint = "a checksum in the artifact tells whether the right file came, and all of it"
    if fetched.checksum is not None:
        hint = "it is the file that its checksum names: the archive has to be made anew at its source"
    return FetchError(
        error.summary, detail="\n".join(filter(None, (error.detail, *came))), hints=error.hints or (hint,)
    )


def _unpack(
    fetched: Fetched, kind: str, cache: Cache, key: str, opened: tuple[Path, int], terms: Terms
) -> Held:
    part, descriptor = opened
    for leftover in part.iterdir():
        remove_tree(leftover)
    try:
        result = unpack(fetched.path, kind, part, terms.bounds, terms.stop)
    except BaseException as error:
        shutil.rmtree(part, ignore_errors=True)
        if isinstance(error, FetchError) and not isinstance(error, StorageError):
            raise _with_what_came(error, fetched) from error
        raise
    about = {
        "name": clean(f"{fetched.name or fetched.path.name} unpacked"),
        "size": result.total_bytes,
        "modes": result.modes,
        "from": fetched.key,
    }
    try:
        cache.adopt(part, descriptor, key, about)
    except OSError as error:
        raise storing_error("keep what was unpacked", error) from error
    held = cache.find(key, terms.stop)
    if held is None:
        raise FetchError("what was unpacked is gone already", hints=("run it again",))
    return held
