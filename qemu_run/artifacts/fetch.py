"""Bring an artifact here: verified before anyone sees it, kept by its digest, never half there."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.artifacts.checksum import Checksum
from qemu_run.artifacts.location import Location

if TYPE_CHECKING:
    import requests

_CHUNK_BYTES = 1 << 20
_CONNECT_SECONDS = 15
_STALL_SECONDS = 60

Progress = Callable[[int, int | None], None]
"""Called with the bytes so far and the bytes in all, if the server said."""


class FetchError(Exception):
    """An artifact that did not come, or not as it should."""

    def __init__(self, summary: str, *, detail: str = "", hints: tuple[str, ...] = ()) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.hints = hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is wanted."""

    location: Location
    checksum: Checksum | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    insecure: bool = False
    """Do not verify the server's certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Where it is now. The file belongs to its owner or to the cache: read it, never write it."""

    path: Path
    size_bytes: int
    was_cached: bool


def fetch(request: Request, cache: Path, scratch: Path, progress: Progress) -> Fetched:
    """The file that `request` asks for.

    A download with a checksum is kept in the folder `cache` under its digest and found there the next
    time; without one it goes to the folder `scratch`. A local file stays where it is.

    Raises:
        FetchError: it is not there, not whole, or not what its checksum says.
    """
    if request.location.path is not None:
        return _local(request, request.location.path)
    if request.checksum is None:
        path = _download(request, scratch, progress)
        return Fetched(path=path, size_bytes=path.stat().st_size, was_cached=False)
    from filelock import FileLock

    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    entry = cache / f"{request.checksum.algorithm}-{request.checksum.digest}"
    with FileLock(f"{entry}.lock"):
        if entry.exists() and request.checksum.of_file(entry) == request.checksum.digest:
            return Fetched(path=entry, size_bytes=entry.stat().st_size, was_cached=True)
        partial = _download(request, cache, progress)
        partial.replace(entry)
    return Fetched(path=entry, size_bytes=entry.stat().st_size, was_cached=False)


def _local(request: Request, path: Path) -> Fetched:
    try:
        if not path.is_file():
            kind = "a directory" if path.is_dir() else "not there"
            raise FetchError(f'artifact "{path}" is {kind}')
        size = path.stat().st_size
        if request.checksum is not None:
            _compare(request, request.checksum, request.checksum.of_file(path), size)
    except OSError as error:
        raise FetchError(f'cannot read artifact "{path}": {error.strerror}') from error
    return Fetched(path=path, size_bytes=size, was_cached=False)


def _compare(request: Request, checksum: Checksum, found: str, size_bytes: int) -> None:
    if found != checksum.digest:
        raise FetchError(
            f"wrong {checksum.algorithm} checksum",
            detail=(
                f"wanted  {checksum.digest}\nfound   {found}\n"
                f"size    {size_bytes} bytes\nfrom    {request.location.printable}"
            ),
            hints=("the file changed at its source, or the checksum in the job belongs to another file",),
        )


def _download(request: Request, folder: Path, progress: Progress) -> Path:
    """Stream the address into a file of `folder`, hashing on the way; the file is complete and verified."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix="fetching-", dir=folder)
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file, _response(request) as response:
            _stream(request, response, file.write, progress)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise FetchError(f"cannot store the artifact: {error.strerror or error}") from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return partial


@contextmanager
def _response(request: Request) -> "Iterator[requests.Response]":
    """The server's answer, with what `requests` can throw turned into our words."""
    import requests

    where = request.location.printable
    try:
        with requests.get(
            request.location.url,
            headers={"Accept-Encoding": "identity", **request.headers},
            stream=True,
            timeout=(_CONNECT_SECONDS, _STALL_SECONDS),
            verify=not request.insecure,
        ) as response:
            if response.status_code != requests.codes.ok:
                raise FetchError(
                    f"the server answered {response.status_code} {response.reason}", detail=f"from {where}"
                )
            yield response
    except requests.exceptions.SSLError as error:
        hints = ("insecure = true in the artifact skips this check",)
        raise FetchError(
            "the server's certificate is not trusted", detail=f"from {where}", hints=hints
        ) from error
    except requests.exceptions.ConnectionError as error:
        raise FetchError(
            "cannot reach the artifact's server", detail=f"{where}: {_root_cause(error)}"
        ) from error
    except requests.exceptions.Timeout as error:
        raise FetchError("the artifact's server does not answer", detail=where) from error
    except requests.exceptions.RequestException as error:
        raise FetchError("the download failed", detail=f"{where}: {_root_cause(error)}") from error


def _stream(
    request: Request, response: "requests.Response", write: Callable[[bytes], object], progress: Progress
) -> None:
    length = response.headers.get("Content-Length", "")
    total = int(length) if length.isdigit() and "Content-Encoding" not in response.headers else None
    hasher = request.checksum.hasher() if request.checksum else None
    received = 0
    for chunk in response.iter_content(_CHUNK_BYTES):
        write(chunk)
        if hasher is not None:
            hasher.update(chunk)
        received += len(chunk)
        progress(received, total)
    if total is not None and received != total:
        raise FetchError(
            f"the download broke off: {received} of {total} bytes came", detail=request.location.printable
        )
    if request.checksum is not None and hasher is not None:
        _compare(request, request.checksum, hasher.hexdigest(), received)


def _root_cause(error: BaseException) -> str:
    """The innermost reason of an exception that libraries wrapped several times."""
    seen: BaseException = error
    while True:
        inner = getattr(seen, "reason", None) or seen.__cause__ or (seen.args[0] if seen.args else None)
        if not isinstance(inner, BaseException) or inner is seen:
            break
        seen = inner
    text = getattr(seen, "strerror", None) or str(seen)
    return text.rpartition(": ")[2]
