"""The checksum that a job states, itself or by a file of checksums that is fetched for it."""

import codecs
from pathlib import Path

from qemu_run.artifacts.address import may_take_secrets
from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.checksum import Checksum, ChecksumFile, find_in
from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.folders import read_record
from qemu_run.artifacts.location import Base, Location, locate
from qemu_run.artifacts.request import Request
from qemu_run.artifacts.stream import read_small
from qemu_run.artifacts.terms import Terms
from qemu_run.artifacts.web import WebRequest

_LARGEST_BYTES = 1 << 20


def stated(request: Request, cache: Cache, terms: Terms) -> Checksum | None:
    """What the job says the bytes hash to; a checksum file is fetched for it.

    Raises:
        FetchError: the checksum file did not come, or says nothing about this artifact.
    """
    wanted = request.checksum
    if not isinstance(wanted, ChecksumFile):
        return wanted
    location = _checksum_location(request, wanted)
    if terms.offline and location.path is None:
        if (known := remembered(request, cache)) is not None:
            return known
        raise FetchError(
            "the checksum file is not known yet, and --offline asks no server",
            hints=("run once without --offline",),
        )
    try:
        if location.path is not None:
            text = location.path.read_bytes()[:_LARGEST_BYTES]
        else:
            asked = WebRequest(
                url=location.url,
                headers=request.headers if _same_host(location, request.location) else {},
                insecure=request.insecure,
            )
            text, _ = read_small(asked, _LARGEST_BYTES, terms.patience, terms.stop)
        found = find_in(_text(text), _path(request.location))
    except OSError as error:
        where = location.printable
        raise FetchError("cannot read the checksum file", detail=f"{where}: {error.strerror}") from error
    except ValueError as error:
        raise FetchError(
            f"the checksum file does not help: {error}", detail=f"from {location.printable}"
        ) from error
    except FetchError as error:
        detail = f"{error}\n{error.detail}"
        raise FetchError("cannot fetch the checksum file", detail=detail, hints=error.hints) from error
    cache.ready()
    cache.point(_pointer(request, location, cache), {"checksum": str(found)})
    return found


def remembered(request: Request, cache: Cache) -> Checksum | None:
    """What the job says itself, or the checksum file said the last time; None when that is not known."""
    wanted = request.checksum
    if not isinstance(wanted, ChecksumFile):
        return wanted
    location = _checksum_location(request, wanted)
    said = read_record(_pointer(request, location, cache)).get("checksum", "")
    algorithm, _, digest = str(said).partition(":")
    return Checksum(algorithm, digest) if digest else None


def _pointer(request: Request, location: Location, cache: Cache) -> Path:
    """Where it is kept what a checksum file said of an artifact."""
    return cache.pointer("checksum file", location.url or str(location.path), _path(request.location))


def _path(location: Location) -> str:
    """Where an artifact lies at its source, with the name that it has there."""
    from urllib.parse import unquote, urlsplit

    path = str(location.path) if location.path is not None else unquote(urlsplit(location.url).path)
    return f"{path.rpartition('/')[0]}/{location.file_name}"


def _text(content: bytes) -> str:
    """The text of a checksum file, also of one that Windows wrote."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def _checksum_location(request: Request, wanted: ChecksumFile) -> Location:
    try:
        location = locate(wanted.source, request.base or Base(folder=Path.cwd()))
    except ValueError as error:
        raise FetchError("the address of the checksum file is malformed", detail=str(error)) from error
    if location.kind == "git":
        raise FetchError("a checksum file comes by http, https or from this host", detail=location.printable)
    return location


def _same_host(one: Location, other: Location) -> bool:
    return bool(one.url and other.url) and may_take_secrets(other.url, one.url)
