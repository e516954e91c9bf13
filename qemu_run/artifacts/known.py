"""What is here of an artifact before it is brought: no server is asked for it, and nothing is changed."""

from typing import Literal

from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.cloned import last_key
from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.fetch import pointer_of
from qemu_run.artifacts.folders import read_record
from qemu_run.artifacts.request import Request
from qemu_run.artifacts.sums import remembered
from qemu_run.records import record


@record(kw_only=True)
class Known:
    """Where it is, and its size."""

    where: Literal["cache", "changed", "host", "nowhere", "missing"]
    """In the cache and verified; there, to be verified again; a file or folder of this host; not here; not on
    this host, where it should be."""
    size_bytes: int | None = None
    """None: nobody knows without asking its server, or it is a folder of this host."""


def known(request: Request, cache: Cache) -> Known:
    """What is here of an artifact; without a checksum its server may have another by now."""
    try:
        if (path := request.location.path) is not None:
            if not path.exists():
                return Known(where="missing")
            return Known(where="host", size_bytes=path.stat().st_size if path.is_file() else None)
        key = _key(request, cache)
        found = cache.peek(key) if key else None
    except (OSError, FetchError):
        return Known(where="nowhere")
    if found is None:
        return Known(where="nowhere")
    size, is_right = found
    return Known(where="cache" if is_right else "changed", size_bytes=size)


def _key(request: Request, cache: Cache) -> str:
    """The content that it is by its checksum, or had the last time; empty when nobody knows."""
    if request.location.kind == "git":
        return last_key(request, cache)
    if request.checksum is not None:
        checksum = remembered(request, cache)
        return checksum.key if checksum else ""
    key = str(read_record(pointer_of(request, cache)).get("key", ""))
    return "" if "/" in key else key
