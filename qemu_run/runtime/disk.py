"""A guest's disk, made and opened: what was checked is what QEMU gets."""

import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from qemu_run import folders
from qemu_run.errors import Diagnostic, HostError, PlacementError
from qemu_run.images.block_options import named_layers
from qemu_run.images.chain import Chain, open_chain
from qemu_run.images.memory import FormatMemory
from qemu_run.images.overlay import make_overlay, open_overlay, reuse_overlay
from qemu_run.images.problems import ImageError
from qemu_run.planning.command_line import disk_arguments
from qemu_run.planning.plan import Disk, Launch
from qemu_run.records import record

if TYPE_CHECKING:
    from qemu_run.images.block_options import NamedLayer


@record(kw_only=True)
class OpenedCommand:
    """A command whose disk is open, and the descriptors that QEMU has to inherit."""

    arguments: tuple[str, ...]
    descriptors: tuple[int, ...]


def make_disk(disk: Disk) -> None:
    """Make the overlay that takes the guest's writes, or look at one that an earlier run kept.

    Raises:
        PlacementError: the image is not fit to be a disk, or not the one that the overlay was made for.
        HostError: the overlay cannot be written.
    """
    if disk.base is None:
        return
    try:
        with _opened_base(disk) as base:
            if disk.keeps_overlay and disk.path.exists():
                _reuse(disk, base)
            else:
                made = make_overlay(disk.path, base, size_bytes=disk.size_bytes, identity=_identity(disk))
                made.top.file.close()
    except ImageError as error:
        raise _refusal(error, disk) from error
    except OSError as error:
        raise HostError(_unwritten(disk, error)) from error


def look_at_overlay(disk: Disk) -> None:
    """See whether `make_disk` would have a kept overlay, as far as its base is here; nothing is made.

    Raises:
        PlacementError, HostError: as `make_disk` does.
    """
    try:
        if not disk.path.exists():
            disk.path.parent.stat()
        elif disk.base is not None and disk.base.exists():
            with _opened_base(disk) as base:
                _reuse(disk, base)
    except ImageError as error:
        raise _refusal(error, disk) from error
    except OSError as error:
        raise HostError(_unwritten(disk, error)) from error


def _reuse(disk: Disk, base: Chain) -> None:
    """See that the overlay of an earlier run is fit to go on with."""
    overlay = reuse_overlay(disk.path, base, size_bytes=disk.size_bytes, identity=_identity(disk))
    overlay.top.file.close()


def _unwritten(disk: Disk, error: OSError) -> Diagnostic:
    """Why there is no overlay; where a person named its file, the job is not to blame."""
    folder = disk.path.parent
    hints = () if folder.exists() else (f"mkdir -p {shlex.quote(str(folder))}",)
    summary = f'cannot make the overlay "{disk.path}": {error.strerror}'
    return Diagnostic(summary, None if disk.keeps_overlay else disk.span, hints=hints)


def _identity(disk: Disk) -> str | None:
    """What tells an artifact from another: its content, since it is made anew for each run."""
    if not (disk.is_artifact and disk.keeps_overlay and disk.base is not None):
        return None
    from hashlib import file_digest

    with disk.base.open("rb") as file:
        return f"sha256:{file_digest(file, 'sha256').hexdigest()}"


def make_firmware_variables(launch: Launch) -> None:
    """Give the guest's firmware its own variables; what it kept for a disk stays.

    Raises:
        HostError: they cannot be written.
    """
    template, copy = launch.variables_template, launch.variables_copy
    if template is None or copy is None or copy.exists():
        return
    try:
        folders.make_private(copy.parent)
        beside = copy.with_name(f".{copy.name}.{os.getpid()}")
        shutil.copyfile(template, beside)
        beside.chmod(0o600)
        beside.replace(copy)
    except OSError as error:
        summary = f'cannot keep the firmware\'s variables at "{copy}": {error.strerror}'
        raise HostError(Diagnostic(summary)) from error


@contextmanager
def open_command(launch: Launch) -> Iterator[OpenedCommand]:
    """The command with open files in the place of names, so that nobody can exchange them.

    Raises:
        PlacementError: the image is not there any more, or is not what was planned.
        HostError: what the image is cannot be remembered.
    """
    disk = launch.disk
    if disk is None:
        yield OpenedCommand(arguments=launch.command, descriptors=())
        return
    try:
        chain = _opened(disk)
    except ImageError as error:
        raise _refusal(error, disk) from error
    with chain:
        yield _with_descriptors(launch, disk, chain)


def _opened(disk: Disk) -> Chain:
    if disk.base is not None:
        base = _opened_base(disk)
        try:
            return open_overlay(disk.path, base)
        except BaseException:
            base.close()
            raise
    chain = open_chain(
        disk.path, said=disk.format, allowed_folders=disk.folders, writable=disk.is_written_in_place
    )
    if disk.is_written_in_place:
        _remember(chain)
    return chain


def _opened_base(disk: Disk) -> Chain:
    """The image below the overlay, as planned."""
    if disk.base is None:
        raise ValueError("the disk has no overlay")
    said = disk.layers[1].format if len(disk.layers) > 1 else None
    return open_chain(disk.base, said=said, allowed_folders=disk.folders)


def _remember(chain: Chain) -> None:
    try:
        FormatMemory(folders.image_formats()).keep(chain.top.file, chain.top.format)
    except OSError as error:
        chain.close()
        summary = f"cannot remember the image's format: {error.strerror}"
        raise HostError(Diagnostic(summary, detail=f"{folders.image_formats()}")) from error


def _with_descriptors(launch: Launch, disk: Disk, chain: Chain) -> OpenedCommand:
    """The command with `/dev/fd/N` for each file of the disk."""
    now = disk_arguments(replace(disk, layers=_planned_names(disk, chain)), launch.drive_interface)
    opened = named_layers(chain, by_descriptor=True)
    given = disk_arguments(replace(disk, layers=opened), launch.drive_interface)
    start = _find(launch.command, disk_arguments(disk, launch.drive_interface))
    if start is None or now != disk_arguments(disk, launch.drive_interface):
        summary = "the image has changed since the run was planned"
        raise PlacementError(Diagnostic(summary, disk.span, hints=("start again",)))
    end = start + len(given)
    arguments = (*launch.command[:start], *given, *launch.command[end:])
    return OpenedCommand(
        arguments=arguments, descriptors=tuple(layer.file.descriptor for layer in chain.layers)
    )


def _planned_names(disk: Disk, chain: Chain) -> "tuple[NamedLayer, ...]":
    """The layers as they are now; the first by the name that was planned for it, links or not."""
    names = list(named_layers(chain))
    names[0] = replace(names[0], filename=disk.layers[0].filename)
    return tuple(names)


def _find(command: Sequence[str], part: Sequence[str]) -> int | None:
    """Where a row of arguments stands."""
    size = len(part)
    return next((at for at in range(len(command)) if tuple(command[at : at + size]) == tuple(part)), None)


def _refusal(error: ImageError, disk: Disk) -> PlacementError:
    hints = (error.cure,) if error.cure else ()
    return PlacementError(Diagnostic(error.summary, disk.span, error.detail, hints=hints))
