"""The disk that a guest boots from: an overlay over an artifact, or the host's own file."""

from dataclasses import replace
from pathlib import Path

from qemu_run.images.block_options import NamedLayer
from qemu_run.jobspec.model import Task
from qemu_run.planning.host import ImageFinding, ImageWanted, InspectImage, Options
from qemu_run.planning.layout import AllocationLayout, TaskLayout
from qemu_run.planning.paths import normal
from qemu_run.planning.plan import Disk
from qemu_run.records import record


@record(kw_only=True)
class DiskInputs:
    """What decides about a disk."""

    image_path: str
    task: Task
    layout: AllocationLayout
    brought_image: Path | None
    """The image that an artifact of the task brings."""
    artifact_sources: tuple[Path, ...]
    job_folder: Path
    image_folders: tuple[Path, ...]
    """Those that the owner of this host allows; none: all."""
    format: str | None
    """What somebody said that the image is."""
    size_bytes: int | None
    options: Options
    inspect: InspectImage
    are_here: bool
    """Artifacts are in their places."""
    may_be_cd: bool
    """Nothing says otherwise."""


_LANDING_PLACES = ("local", "secrets", "tmp")


def _may_still_come(inputs: DiskInputs, task: TaskLayout, in_task: Path) -> bool:
    """Whether the image is looked for where artifacts land, and only they can tell whether it is there."""
    lands = any(in_task.is_relative_to(task.directory / folder) for folder in _LANDING_PLACES)
    if not inputs.task.artifacts or not lands:
        return False
    on_host = ImageWanted(
        path=inputs.job_folder / inputs.image_path,
        format=inputs.format,
        folders=inputs.image_folders or None,
        is_written=False,
        is_artifact=False,
        sources=inputs.artifact_sources,
    )
    return not inputs.inspect(on_host).layers


def plan_disk(inputs: DiskInputs) -> tuple[Disk | None, ImageFinding | None]:
    """The disk, and what was found of its image; None of an image that is not here yet."""
    if not inputs.image_path:
        return None, None
    task = inputs.layout.task(inputs.task.name)
    in_task = inputs.brought_image or normal(task.directory / inputs.image_path)
    # What lies in the allocation came from an artifact, if not of this task then of one beside it.
    is_inside = Path(inputs.image_path).is_absolute() and in_task.is_relative_to(inputs.layout.directory)
    is_artifact = is_inside or inputs.brought_image is not None or _may_still_come(inputs, task, in_task)
    base = in_task if is_artifact else inputs.job_folder / inputs.image_path
    has_overlay = is_artifact or inputs.options.snapshot or inputs.options.overlay is not None
    folders = () if is_artifact else inputs.image_folders or None
    wanted = ImageWanted(
        path=base,
        format=inputs.format,
        folders=folders,
        is_written=not has_overlay and inputs.size_bytes is None,
        is_artifact=is_artifact,
        sources=inputs.artifact_sources,
    )
    finding = inputs.inspect(wanted) if inputs.are_here or not is_artifact else None
    has_overlay = has_overlay or inputs.size_bytes is not None
    disk = Disk(
        path=base,
        format=inputs.format or "raw",
        base=None,
        is_artifact=is_artifact,
        span=inputs.task.at("Config", "image_path"),
        folders=folders,
        size_bytes=inputs.size_bytes,
        said_format=inputs.format,
    )
    below = finding.layers if finding is not None else ()
    shown = below or (NamedLayer(filename=str(base), format=inputs.format or "raw"),)
    disk = replace(disk, format=shown[0].format, layers=shown)
    if finding is not None and finding.is_cd and inputs.may_be_cd:
        return replace(disk, is_cd=True), finding
    if not has_overlay:
        return disk, finding
    path = inputs.options.overlay or task.overlay
    layers = (NamedLayer(filename=str(path), format="qcow2"), *below)
    keeps = inputs.options.overlay is not None
    return replace(disk, path=path, format="qcow2", base=base, layers=layers, keeps_overlay=keeps), finding
