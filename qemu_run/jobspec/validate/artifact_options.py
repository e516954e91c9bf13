"""What can be said of an artifact before it is fetched: its address, its options, its headers.

A cluster looks at most of this only when the task starts, and fails it then.
"""

from collections.abc import Mapping
from pathlib import Path

from qemu_run.artifacts.archives import FOLDERS, KINDS, NEVER
from qemu_run.artifacts.checksum import Checksum, ChecksumFile, parse
from qemu_run.artifacts.location import Base, Location, locate
from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import NAME, Artifact
from qemu_run.source import Span

CHECKSUM_IS_WRONG = "the checksum cannot be right"
CHECKSUM_FORM = 'write it as "sha256:" and 64 hexadecimal digits'
"""A plan, which knows the variables, says it in the same words: one mistake is told once."""
_SUMS = "file:"
_ANYWHERE = Base(folder=Path())
_ALWAYS = frozenset({"true", "1", "t", "T", "TRUE", "True", ""})


def check_artifact(artifact: Artifact, diagnostics: Diagnostics) -> None:
    """Tell of an artifact that can never be fetched, as far as its texts are known already."""
    if artifact.source and "${" not in artifact.source:
        try:
            location = locate(artifact.source, Base(folder=Path()))
        except ValueError as error:
            summary = "the artifact's source cannot be fetched"
            diagnostics.error(summary, artifact.at("GetterSource"), str(error))
        else:
            known = {key: value for key, value in artifact.options.items() if "${" not in value}
            check_options(artifact, location, {**known, **location.options}, diagnostics)
            check_sums_agree(artifact, location.options, known, diagnostics)
            if "checksum" in location.options:
                read_checksum(artifact, location.options, diagnostics)
    known = {key: value for key, value in artifact.headers.items() if "${" not in key + value}
    check_headers(artifact, known, diagnostics)


def check_options(
    artifact: Artifact,
    location: Location,
    options: Mapping[str, str],
    diagnostics: Diagnostics,
    base: Base = _ANYWHERE,
) -> None:
    """Tell of options with values that mean nothing."""
    said = options.get("archive")
    if said is not None and said not in NEVER | _ALWAYS and said not in KINDS:
        place = _place(artifact, "archive")
        diagnostics.error(f'no archives of kind "{said}"', place, f"there are {', '.join(KINDS)}, and false")
    name = options.get("filename", "")
    if name in {".", ".."} or "\0" in name or "/" in name:
        place = _place(artifact, "filename")
        diagnostics.error("filename is not the name of a file", place, "a name without slashes")
    sums = options.get("checksum", "").strip()
    if sums.startswith(_SUMS) and (trouble := _no_file_of_sums(sums.removeprefix(_SUMS), base)):
        place = _place(artifact, "checksum")
        diagnostics.error("the checksum file cannot be fetched", place, trouble)
    if location.subfolder and location.kind != "git" and not _has_parts(location, said):
        label = f'"//{location.subfolder}" is a part of an archive or repository, and this is neither'
        hint = 'write one slash; or say in options what it is, as in archive = "tar.gz"'
        diagnostics.error("there is no part of one file", artifact.at("GetterSource"), label, hints=(hint,))
    if location.kind == "git":
        from qemu_run.artifacts.git import option_problem

        if sums:
            place = _place(artifact, "checksum")
            label = "a checksum is one of a file; a ref that is a whole commit hash says what must come"
            diagnostics.error("a repository has no checksum", place, label)

        if trouble := option_problem(options):
            place = artifact.at("GetterOptions") or artifact.at("GetterSource")
            diagnostics.error("the repository cannot be fetched so", place, trouble)


def check_sums_agree(
    artifact: Artifact, in_source: Mapping[str, str], in_options: Mapping[str, str], diagnostics: Diagnostics
) -> None:
    """Tell of two checksums that cannot both be right, one of which would be passed over."""
    one, other = in_source.get("checksum", ""), in_options.get("checksum", "")
    if one and other and one.strip().lower() != other.strip().lower():
        place = artifact.at("GetterOptions", "checksum")
        diagnostics.error("the artifact has two checksums", place, "its source has another in its query")


def _place(artifact: Artifact, option: str) -> Span | None:
    """Where an option stands: in `options`, else in the query of the source."""
    return artifact.at(*(("GetterOptions", option) if option in artifact.options else ("GetterSource",)))


def _has_parts(location: Location, said: str | None) -> bool:
    """Whether a file is an archive of others, by the job's word or by its name."""
    kind = said if said in KINDS else None if said in NEVER else location.archive_suffix
    return kind in FOLDERS


def _no_file_of_sums(source: str, base: Base) -> str:
    """Why a file of checksums cannot come from there, in a few words; empty when it can."""
    if not source:
        return ""  # said of the checksum
    try:
        location = locate(source, base)
    except ValueError as error:
        return str(error)
    return "it comes by http, https or from this machine" if location.kind == "git" else ""


def read_checksum(
    artifact: Artifact, options: Mapping[str, str], diagnostics: Diagnostics
) -> Checksum | ChecksumFile | None:
    """The checksum of an artifact; None where there is none, or it is malformed and that is told."""
    if not options.get("checksum"):
        return None
    try:
        return parse(options["checksum"])
    except ValueError as error:
        place = _place(artifact, "checksum")
        diagnostics.error(CHECKSUM_IS_WRONG, place, str(error), hints=(CHECKSUM_FORM,))
        return None


def check_headers(artifact: Artifact, headers: Mapping[str, str], diagnostics: Diagnostics) -> None:
    """Tell of headers that cannot be sent."""
    if not headers:
        return
    from qemu_run.artifacts.web import header_problem

    for name, value in headers.items():
        if trouble := header_problem(name, value):
            diagnostics.error("a header cannot be sent", artifact.at("GetterHeaders", name, NAME), trouble)


def leaves(artifact: Artifact) -> str:
    """What is said of a destination outside."""
    return f'the destination "{artifact.destination}" leaves the allocation'


def tell_no_file(artifact: Artifact, why: str, diagnostics: Diagnostics) -> None:
    """Tell of a destination that cannot become the file that the artifact is to be."""
    hint = 'with mode = "file" the destination ends with the name of the file'
    summary = f'the artifact cannot become the file "{artifact.destination}"'
    diagnostics.error(summary, artifact.at("RelativeDest"), why, hints=(hint,))


def known_elsewhere(checksum: str) -> str:
    """How to write a checksum that only a cluster refuses in `options`; else nothing."""
    try:
        parsed = parse(checksum)
    except ValueError:
        return ""
    if isinstance(parsed, ChecksumFile):
        return f"write it into the source: ?checksum=file:{parsed.source}"
    return f'write it as "{parsed}"' if str(parsed) != checksum else ""
