"""A task's artifacts: what to fetch, and which file or folder each becomes.

Source: Nomad's artifact block; go-getter's options in a source's query; the driver's page on images.
"""

from collections.abc import Mapping
from os.path import relpath
from pathlib import Path

from qemu_run.artifacts import archives
from qemu_run.artifacts.location import CLOUD_OPTIONS, OPTIONS, Location, locate, with_parameters
from qemu_run.artifacts.request import Request
from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Artifact, Task
from qemu_run.jobspec.validate.artifact_options import (
    check_headers,
    check_options,
    check_sums_agree,
    leaves,
    read_checksum,
    tell_no_file,
)
from qemu_run.jobspec.validate.destinations import why_no_file
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.planning.host import Host
from qemu_run.planning.plan import ArtifactPlan
from qemu_run.records import record
from qemu_run.source import Span

_LOCAL = "local"
_LONGEST_NAME_BYTES = 255
_APART = "filename in options gives one of them another name, destination another folder"


@record(kw_only=True)
class _Spot:
    """Where the artifacts of one task land, and which image its guest boots from."""

    environment: TaskEnvironment
    directory: Path
    host: Host
    image_path: str


def plan_artifacts(
    task: Task,
    environment: TaskEnvironment,
    directory: Path,
    host: Host,
    image_path: str,
    diagnostics: Diagnostics,
) -> tuple[ArtifactPlan, ...]:
    """The task's artifacts in order; mistakes are told to `diagnostics`.

    `directory` is the task directory; `image_path` what the driver's config says, empty when it is not known.
    """
    spot = _Spot(environment=environment, directory=directory, host=host, image_path=image_path)
    every = (_plan(each, spot, diagnostics) for each in task.artifacts)
    planned = tuple(each for each in every if each is not None)
    _warn_of_two_in_one_place(planned, directory, diagnostics)
    return planned


def _warn_of_two_in_one_place(
    planned: tuple[ArtifactPlan, ...], directory: Path, diagnostics: Diagnostics
) -> None:
    """They come at the same time: nobody knows which of them stays."""
    first: dict[Path, ArtifactPlan] = {}
    for each in planned:
        if each.fills_folder or first.setdefault(each.destination, each).request == each.request:
            continue
        place = each.destination.relative_to(directory.parent)
        label = "and another one, too: the last that comes stays, whichever that is"
        diagnostics.warning(f"an artifact becomes {place}", each.span, label, hints=(_APART,))


def _plan(artifact: Artifact, spot: _Spot, diagnostics: Diagnostics) -> ArtifactPlan | None:
    interpolate, span = spot.environment.interpolate, artifact.at("GetterSource")
    before = len(diagnostics.errors)
    try:
        location = locate(interpolate(artifact.source), spot.host.base)
    except ValueError as error:
        diagnostics.error("the artifact's source cannot be fetched", span, str(error))
        return None
    named = {key: interpolate(value) for key, value in artifact.options.items()}
    check_sums_agree(artifact, location.options, named, diagnostics)
    location, options = _with_options(location, named)
    headers = {key: interpolate(value) for key, value in artifact.headers.items()}
    check_options(artifact, location, options, diagnostics, spot.host.base)
    check_headers(artifact, headers, diagnostics)
    checksum = read_checksum(artifact, options, diagnostics)
    if artifact.insecure and location.url.startswith("https:"):
        diagnostics.warning(
            "the server's certificate is not verified", artifact.at("GetterInsecure"), "insecure = true"
        )
    fills = _fills_a_folder(artifact, location, options, spot.host)
    if not fills and len(diagnostics.errors) == before:
        _check_name(artifact, location, options, span, diagnostics)
    if len(diagnostics.errors) > before:
        return None
    destination = _destination(artifact, location, options, spot, fills=fills)
    if not destination.is_relative_to(spot.directory.parent):
        diagnostics.error(leaves(artifact), artifact.at("RelativeDest"), f"this is {destination}")
        return None
    if not fills and (why := why_no_file(relpath(destination, spot.directory))):
        tell_no_file(artifact, why, diagnostics)
        return None
    return ArtifactPlan(
        request=Request(
            location=location,
            checksum=checksum,
            headers=headers,
            options=options,
            insecure=artifact.insecure,
            base=spot.host.base,
        ),
        destination=destination,
        unpack=_unpacked_as(location, options),
        fills_folder=fills,
        image=_image(destination, spot, fills=fills),
        chown=artifact.chown,
        span=span,
    )


def _with_options(location: Location, named: Mapping[str, str]) -> tuple[Location, dict[str, str]]:
    """go-getter's options, those in the source's query first; what it does not know goes to the server."""
    from dataclasses import replace

    own = OPTIONS[location.kind] | (CLOUD_OPTIONS if location.cloud else frozenset())
    options = {**{key: value for key, value in named.items() if key in own}, **location.options}
    others = {key: value for key, value in named.items() if key not in own}
    if others and location.kind == "web":
        location = replace(location, url=with_parameters(location.url, others))
    return location, options


def _unpacked_as(location: Location, options: Mapping[str, str]) -> str | None:
    """The kind of archive it is, by the job's word or by its name."""
    said = options.get("archive", "")
    if location.kind == "git" or said in archives.NEVER:
        return None
    return said if said in archives.KINDS else location.archive_suffix


def _fills_a_folder(artifact: Artifact, location: Location, options: Mapping[str, str], host: Host) -> bool:
    """Whether it becomes a folder with files in it rather than one file."""
    unpack = _unpacked_as(location, options)
    if artifact.mode == "file":
        return False
    if location.kind == "git":
        return True
    if unpack is not None:
        return unpack in archives.FOLDERS
    return location.path is not None and host.is_folder(location.path)


def _check_name(
    artifact: Artifact,
    location: Location,
    options: Mapping[str, str],
    span: Span | None,
    diagnostics: Diagnostics,
) -> None:
    """Tell of what cannot become one file."""
    if artifact.mode == "dir":
        label = 'mode = "dir" is for archives, repositories and folders'
        diagnostics.error("the artifact is one file", artifact.at("GetterMode") or span, label)
    elif artifact.mode != "file" and not options.get("filename") and _nameless(location.file_name):
        label = "the source ends without the name of a file"
        diagnostics.error("the artifact has no name", span, label)


def _nameless(name: str) -> bool:
    """Whether no file can, or should, have such a name."""
    too_long = len(name.encode(errors="replace")) > _LONGEST_NAME_BYTES
    return name in {"", ".", ".."} or "/" in name or not name.isprintable() or too_long


def _destination(
    artifact: Artifact, location: Location, options: Mapping[str, str], spot: _Spot, *, fills: bool
) -> Path:
    """What an artifact becomes; an absolute destination outside the task lands below it, as on Nomad."""
    wanted = Path(spot.environment.interpolate(artifact.destination))
    if wanted.is_absolute() and not wanted.is_relative_to(spot.directory.parent):
        wanted = Path(*wanted.parts[1:])
    target = spot.directory / wanted
    if artifact.mode == "file" or fills:
        return _normal(target)
    if options.get("filename"):
        return _normal(target / options["filename"])
    return _without_suffix(_normal(target / location.file_name), _unpacked_as(location, options), spot)


def _without_suffix(destination: Path, kind: str | None, spot: _Spot) -> Path:
    """The name of a packed file once it is unpacked; the whole name where the image is named so."""
    if kind not in archives.PACKED or (
        spot.image_path and _normal(spot.directory / spot.image_path) == destination
    ):
        return destination
    shorter = destination.name[: -len(kind or "") - 1]
    fits = destination.name.lower().endswith(f".{kind}") and not _nameless(shorter)
    return destination.with_name(shorter) if fits else destination


def _image(destination: Path, spot: _Spot, *, fills: bool) -> Path | None:
    """The file the guest boots from, if this artifact brings it.

    The driver's page names an image by its path in the archive, and lone ones by their name: then it is
    looked for in `local/`, where artifacts land.
    """
    if not spot.image_path:
        return None
    in_task = _normal(spot.directory / spot.image_path)
    in_local = _normal(spot.directory / _LOCAL / spot.image_path)
    if not fills:
        return destination if destination in {in_task, in_local} else None
    is_on_host = spot.host.is_file(spot.host.job_folder / spot.image_path)
    candidates = [in_task] + ([] if is_on_host else [in_local])
    return next((each for each in candidates if each.is_relative_to(destination)), None)


def _normal(path: Path) -> Path:
    """`path` with `..` folded textually: nothing on disk is asked, for nothing is there yet."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and len(parts) > 1:
            parts.pop()
        elif part != "..":
            parts.append(part)
    return Path(*parts)
