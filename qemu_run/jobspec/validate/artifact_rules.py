"""Rules of artifacts: sources, destinations, checksums, and a file that would become a directory.

Source: Nomad's server (`TaskArtifact.Validate` in `nomad/structs/structs.go`), version 2.0; go-getter for
what a destination becomes.
"""

from collections.abc import Sequence

from qemu_run.errors import Diagnostics
from qemu_run.golang.paths import base, clean
from qemu_run.jobspec.model import Artifact, Job, Task, TaskGroup
from qemu_run.jobspec.validate.destinations import escapes, why_no_file

OF_FILES = (
    ".bin",
    ".efi",
    ".fd",
    ".img",
    ".iso",
    ".qcow",
    ".qcow2",
    ".raw",
    ".rom",
    ".vdi",
    ".vhd",
    ".vhdx",
    ".vmdk",
)
"""Endings of names that are hardly directories'."""
_ONLY_HERE = "Nomad takes no checksum in this form"
HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


def check_task(task: Task, _group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check the artifacts of a task."""
    for artifact in task.artifacts:
        _artifact(artifact, diagnostics)
        if task.driver == "qemu":
            _forgotten_mode(artifact, task, diagnostics)


def _artifact(artifact: Artifact, diagnostics: Diagnostics) -> None:
    from qemu_run.jobspec.validate import artifact_options
    from qemu_run.jobspec.validate.artifact_options import known_elsewhere

    artifact_options.check_artifact(artifact, diagnostics)
    if not artifact.source:
        diagnostics.error("an artifact without a source", artifact.at(), "source is required")
    if escapes(artifact.destination):
        diagnostics.error(
            artifact_options.leaves(artifact),
            artifact.at("RelativeDest"),
            "a path below the task's directory",
        )
    elif "\0" in artifact.destination:
        diagnostics.error("no place has such a name", artifact.at("RelativeDest"), "it has a NUL in it")
    elif artifact.mode == "file" and (why := why_no_file(_in_task(artifact.destination))):
        artifact_options.tell_no_file(artifact, why, diagnostics)
    checksum = artifact.options.get("checksum")
    if checksum is not None and (problem := checksum_problem(checksum)):
        diagnostics.error(
            _ONLY_HERE if known_elsewhere(checksum) else artifact_options.CHECKSUM_IS_WRONG,
            artifact.at("GetterOptions", "checksum"),
            problem,
            hints=(known_elsewhere(checksum) or artifact_options.CHECKSUM_FORM,),
            cluster_only=bool(known_elsewhere(checksum)),
        )


def checksum_problem(checksum: str) -> str:
    """What Nomad does not like about a checksum, in a few words; empty when nothing.

    One with a run-time reference is not looked at.
    """
    from qemu_run.artifacts.checksum import HEX_DIGITS

    if "${" in checksum:
        return ""
    kind, colon, digits = checksum.strip().partition(":")
    if not colon:
        return "its type is missing"
    if kind not in HEX_DIGITS:
        return f'"{kind}" is not one of {", ".join(HEX_DIGITS)}'
    if not digits or not set(digits) <= HEXADECIMAL:
        return "hexadecimal digits are wanted after the colon"
    if len(digits) != HEX_DIGITS[kind]:
        return f"{kind} has {HEX_DIGITS[kind]} digits, not {len(digits)}"
    return ""


def _forgotten_mode(artifact: Artifact, task: Task, diagnostics: Diagnostics) -> None:
    """Without `mode = "file"` a destination is a directory: wrong where the job wants a file."""
    if artifact.mode == "file":
        return
    destination = _in_task(artifact.destination).lstrip("/")
    image = task.config.get("image_path")
    is_image = isinstance(image, str) and _in_task(image) == destination
    is_meant = isinstance(image, str) and f"local/{clean(image)}" == destination
    if is_image or (destination.endswith(OF_FILES) and (is_meant or destination in _words(task))):
        name = artifact.options.get("filename") or file_name(artifact.source)
        tell = diagnostics.error if is_image else diagnostics.warning
        tell(
            f"the artifact becomes {destination}/{name}",
            artifact.at("RelativeDest"),
            "the name of a directory, unless the mode is file",
            hints=(f'add mode = "file" to make {destination} the file',),
        )


def _in_task(path: str) -> str:
    """A path as seen from the task's directory; an absolute one stays so."""
    return clean(path.replace("${NOMAD_TASK_DIR}", "local", 1)) if path else ""


def _words(task: Task) -> set[str]:
    """All that may name a file in the task's args."""
    args = task.config.get("args")
    elements = args if isinstance(args, Sequence) and not isinstance(args, str) else ()
    parts = (part for element in elements if isinstance(element, str) for part in element.split(","))
    return {_in_task(part.rpartition("=")[2]) for part in parts}


def file_name(source: str) -> str:
    """The name that an artifact's file has at its source."""
    from urllib.parse import unquote

    address = source.rpartition("::")[2].partition("?")[0].partition("#")[0]
    return unquote(base(address)) if "://" in address else base(address)
