"""Bring an artifact here: verified before anyone sees it, kept by its digest, never half there."""

import os
from collections.abc import Mapping
from pathlib import Path

from qemu_run.artifacts import download as downloading
from qemu_run.artifacts.cache import Cache, Held
from qemu_run.artifacts.checksum import Checksum
from qemu_run.artifacts.cloned import cloned
from qemu_run.artifacts.download import Download, Received, fetch_into
from qemu_run.artifacts.failures import FetchError, storing_error
from qemu_run.artifacts.folders import read_record
from qemu_run.artifacts.housekeeping import sweep
from qemu_run.artifacts.local import local
from qemu_run.artifacts.request import Fetched, Request, not_here
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.sums import stated
from qemu_run.artifacts.terms import Terms
from qemu_run.artifacts.web import WebRequest
from qemu_run.artifacts.words import clean


def fetch(request: Request, cache: Cache, terms: Terms) -> Fetched:
    """What `request` asks for, verified.

    A download or repository is kept in `cache` and found there the next time; a local file or folder stays
    where it is.

    Raises:
        FetchError: it is not there, not whole, or not what its checksum says.
        StorageError: this host cannot keep it.
        StoppedError: all is to end.
    """
    if request.location.kind == "git":
        return cloned(request, cache, terms)
    if request.location.path is not None:
        return local(request, request.location.path, cache, terms)
    checksum = stated(request, cache, terms)
    if checksum is None:
        return _unverified(request, cache, terms)
    key = checksum.key
    if (held := cache.find(key, terms.stop)) is not None:
        return _from_cache(request, held, checksum)
    if terms.offline:
        raise not_here(request)
    with cache.alone(key, terms.stop) as (part, descriptor):
        if (held := cache.find(key, terms.stop)) is not None:  # another run was quicker
            _drop(part)
            return _from_cache(request, held, checksum)
        received = _download(request, checksum, part, descriptor, terms, {})
        if received is None or received.digest != checksum.digest:
            _drop(part)
            raise _wrong(request, checksum, received)
        return _adopted(cache, (part, descriptor), key, request, received, checksum)


def _from_cache(request: Request, held: Held, checksum: Checksum | None) -> Fetched:
    return Fetched(
        name=str(held.record.get("name", "")),
        source=clean(request.location.printable),
        path=held.path,
        size_bytes=held.size_bytes,
        was_cached=True,
        checksum=checksum,
        key=held.key,
        held=held,
    )


def _drop(part: Path) -> None:
    """Remove a part for good; whoever waits for it makes a new one."""
    downloading.forget(part)
    part.unlink(missing_ok=True)


def _download(
    request: Request,
    checksum: Checksum | None,
    part: Path,
    descriptor: int,
    terms: Terms,
    conditions: Mapping[str, str],
) -> Received | None:
    """Fetch into a part; one that nobody can go on with does not stay."""
    from qemu_run.artifacts.cloud import web_address

    url, more = web_address(request.location, request.options)
    wanted = Download(
        request=WebRequest(
            url=url,
            headers={**more, **request.headers},
            conditions=conditions,
            insecure=request.insecure,
            is_verified=checksum is not None,
        ),
        hasher=(checksum or Checksum("sha256", "")).hasher,
        stop=terms.stop,
        progress=terms.progress,
        patience=terms.patience,
        most_bytes=terms.most_bytes,
    )
    try:
        return fetch_into(wanted, part, descriptor)
    except BaseException:
        if not os.fstat(descriptor).st_size or not downloading.may_go_on(part):
            _drop(part)
        raise


def _adopted(
    cache: Cache,
    part: tuple[Path, int],
    key: str,
    request: Request,
    received: Received,
    checksum: Checksum | None,
) -> Fetched:
    """A whole part becomes content of the cache."""
    about = {
        "name": clean(request.location.file_name),
        "source": clean(request.location.printable),
        "size": received.size_bytes,
    }
    try:
        cache.adopt(*part, key, about)
        downloading.forget(part[0])
    except OSError as error:
        raise storing_error("store the artifact", error) from error
    sweep(cache)
    return Fetched(
        name=str(about["name"]),
        source=str(about["source"]),
        path=cache.content(key),
        size_bytes=received.size_bytes,
        was_cached=False,
        checksum=checksum,
        key=key,
        held=cache.find(key, Stop()),
    )


def _wrong(request: Request, checksum: Checksum, received: Received | None) -> FetchError:
    """What to say of bytes that are not what they should be."""
    found, size = (received.digest, received.size_bytes) if received else ("nothing", 0)
    lines = [f"wanted  {checksum.digest}", f"found   {found}", f"size    {size} bytes"]
    lines.append(f"from    {request.location.printable}")
    if received is not None:
        if received.answer.content_type:
            lines.append(f"type    {received.answer.content_type}")
        if received.answer.printable != request.location.printable:
            lines.append(f"in the end from {received.answer.printable}")
    hint = "the file changed at its source, or the checksum in the job belongs to another file"
    if received is not None and received.answer.content_type.startswith("text/html"):
        hint = "a web page came: open the address in a browser, it may ask to log in or lead to the file"
    return FetchError(f"wrong {checksum.algorithm} checksum", detail="\n".join(lines), hints=(hint,))


def _unverified(request: Request, cache: Cache, terms: Terms) -> Fetched:
    """A download without a checksum: the server is asked whether what is here is still what it has."""
    pointer = pointer_of(request, cache)
    if terms.offline:
        held = _pointed(read_record(pointer), cache, terms)
        if held is None:
            raise not_here(request)
        return _from_cache(request, held, None)
    with cache.alone(f"url-{pointer.name}", terms.stop) as (part, descriptor):
        record = read_record(pointer)
        held = _pointed(record, cache, terms)
        received = _download(request, None, part, descriptor, terms, _conditions(record) if held else {})
        if received is None and held is not None:
            _drop(part)
            return _from_cache(request, held, None)
        if received is None:
            raise FetchError("the server sent nothing", detail=f"from {request.location.printable}")
        if held is not None:
            held.release()
        key = f"sha256-{received.digest}"
        if (held := cache.find(key, terms.stop)) is not None:
            _drop(part)
            fetched = _from_cache(request, held, None)
            fetched.was_cached = False
        else:
            fetched = _adopted(cache, (part, descriptor), key, request, received, None)
    fetched.may_be_cut = received.answer.may_be_cut
    headers = received.answer.headers
    cache.point(pointer, {"key": key, "etag": headers.get("etag"), "modified": headers.get("last-modified")})
    return fetched


def pointer_of(request: Request, cache: Cache) -> Path:
    """Where it is kept what an address had without a checksum, when it was asked with these headers."""
    sent = sorted(f"{name.lower()}: {value}" for name, value in request.headers.items())
    return cache.pointer(request.location.url, *sent)


def _pointed(record: Mapping[str, object], cache: Cache, terms: Terms) -> Held | None:
    """The content that an address had, if it is there and verified."""
    key = record.get("key")
    return cache.find(key, terms.stop) if isinstance(key, str) and "/" not in key else None


def _conditions(record: Mapping[str, object]) -> Mapping[str, str]:
    names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
    return {header: str(record[name]) for name, header in names.items() if record.get(name)}
