"""A task's artifacts: what to fetch, and which file each becomes.

Source: Nomad's artifact block; go-getter's options in a source's query.
"""

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from qemu_run.artifacts.checksum import parse as parse_checksum
from qemu_run.artifacts.fetch import Request
from qemu_run.artifacts.location import Location, locate
from qemu_run.errors import Diagnostics
from qemu_run.golang.text import FALSE_WORDS
from qemu_run.jobspec.model import Artifact, Task
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.planning.plan import ArtifactPlan

_GETTER_OPTIONS = frozenset({"archive", "checksum", "filename"})


def plan_artifacts(
    task: Task, environment: TaskEnvironment, directory: Path, folder: Path, diagnostics: Diagnostics
) -> tuple[ArtifactPlan, ...]:
    """The task's artifacts in order; mistakes are told to `diagnostics`.

    `directory` is the task directory; `folder` the one that relative sources start from.
    """
    planned = (_plan(each, environment, directory, folder, diagnostics) for each in task.artifacts)
    return tuple(each for each in planned if each is not None)


def _plan(
    artifact: Artifact, environment: TaskEnvironment, directory: Path, folder: Path, diagnostics: Diagnostics
) -> ArtifactPlan | None:
    address, options = _split_options(environment.interpolate(artifact.source))
    options |= {key: environment.interpolate(value) for key, value in artifact.options.items()}
    source_span = artifact.at("GetterSource")
    if "\0" in address + artifact.destination + options.get("filename", ""):
        diagnostics.error("an artifact has a NUL character in it", source_span, "no file can be named so")
        return None
    try:
        location = locate(address, folder)
    except ValueError as error:
        diagnostics.error("unknown kind of artifact source", source_span, str(error))
        return None
    checksum = None
    if "checksum" in options:
        try:
            checksum = parse_checksum(options["checksum"])
        except ValueError as error:
            diagnostics.error("malformed checksum", artifact.at("GetterOptions", "checksum"), str(error))
            return None
    destination = _destination(artifact, location, options, environment, directory)
    if not destination.is_relative_to(directory.parent):
        diagnostics.error(
            "an artifact may not leave the allocation", artifact.at("RelativeDest"), f"this is {destination}"
        )
        return None
    return ArtifactPlan(
        request=Request(
            location=location,
            checksum=checksum,
            headers={key: environment.interpolate(value) for key, value in artifact.headers.items()},
            insecure=artifact.insecure,
        ),
        destination=destination,
        unpack=location.archive_suffix if options.get("archive") not in FALSE_WORDS else None,
        span=source_span,
    )


def _split_options(source: str) -> tuple[str, dict[str, str]]:
    """The address without go-getter's own query parameters, and those parameters."""
    parts = urlsplit(source)
    if not parts.query:
        return source, {}
    query = parse_qsl(parts.query, keep_blank_values=True)
    own = {key: value for key, value in query if key in _GETTER_OPTIONS}
    rest = urlencode([(key, value) for key, value in query if key not in _GETTER_OPTIONS])
    return (urlunsplit(parts._replace(query=rest)), own) if own else (source, {})


def _destination(
    artifact: Artifact,
    location: Location,
    options: dict[str, str],
    environment: TaskEnvironment,
    directory: Path,
) -> Path:
    """The file an artifact becomes; an absolute destination outside the task lands below it, as on Nomad."""
    wanted = Path(environment.interpolate(artifact.destination))
    if wanted.is_absolute() and not wanted.is_relative_to(directory.parent):
        wanted = Path(*wanted.parts[1:])
    target = directory / wanted
    if artifact.mode != "file":
        target /= options.get("filename") or location.file_name
    return _normal(target)


def _normal(path: Path) -> Path:
    """`path` with `..` folded textually: nothing on disk is asked, for nothing is there yet."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and len(parts) > 1:
            parts.pop()
        elif part != "..":
            parts.append(part)
    return Path(*parts)
