"""Everything a machine needs on disk before it starts: artifacts, checked images, overlays."""

from pathlib import Path

from qemu_run.errors import Diagnostic, HostError, PlacementError
from qemu_run.images.formats import Image, inspect
from qemu_run.images.overlay import write_overlay
from qemu_run.planning.plan import Disk, TaskPlan
from qemu_run.runtime.artifacts import Supply, bring
from qemu_run.runtime.events import Report


def prepare(plan: TaskPlan, supply: Supply, report: Report) -> None:
    """Fetch the task's artifacts into its directory and make its disk.

    Raises:
        ArtifactError: an artifact did not come, or is not what its checksum says.
        PlacementError: the image is missing, is no disk, or refers to other files.
        HostError: the disk cannot be written.
    """
    bring(plan, supply, report)
    if plan.disk is not None:
        _make_disk(plan.disk)


def _make_disk(disk: Disk) -> None:
    base = disk.base or disk.path
    image = _checked(disk, base)
    if disk.base is None:
        return
    if image.virtual_bytes is None:
        hint = "qemu-img convert -O qcow2 makes one that can"
        raise PlacementError(
            Diagnostic(
                f"a {image.format} image cannot have an overlay", disk.span, f'"{base}"', hints=(hint,)
            )
        )
    try:
        write_overlay(disk.path, base.resolve(), image.qemu_format, image.virtual_bytes)
    except (OSError, ValueError) as error:
        raise HostError(Diagnostic(f"cannot make the overlay: {error}", disk.span)) from error


def _checked(disk: Disk, base: Path) -> Image:
    """The image at `base`, found fit to give to QEMU."""
    try:
        image = inspect(base)
    except FileNotFoundError as error:
        hint = "a relative image_path is looked for among the task's artifacts, then beside the job file"
        raise PlacementError(
            Diagnostic("image not found", disk.span, f"no file {base}", hints=(hint,))
        ) from error
    except OSError as error:
        raise PlacementError(
            Diagnostic("cannot read the image", disk.span, f"{base}: {error.strerror}")
        ) from error
    if image.is_packed:
        hint = f"unpack it first: it is packed with {image.format}"
        raise PlacementError(Diagnostic("the image is not a disk", disk.span, str(base), hints=(hint,)))
    if image.has_external_data or (
        image.backing_file is not None and not _may_refer(disk, base, image.backing_file)
    ):
        refers = image.backing_file or "an external data file"
        hints = ("an image may read only files beside it; qemu-img convert makes one file of the chain",)
        raise PlacementError(
            Diagnostic("the image refers to another file of this host", disk.span, f'"{refers}"', hints=hints)
        )
    return image


def _may_refer(disk: Disk, base: Path, backing_file: str) -> bool:
    """Whether an image may have this backing file: one of the host's own, beside it, that stands alone."""
    if disk.is_artifact:
        return False
    folder = base.resolve().parent
    backing = (folder / backing_file).resolve()
    if not backing.is_relative_to(folder) or not backing.is_file():
        return False
    below = inspect(backing)
    return below.backing_file is None and not below.has_external_data
