"""What planning is told: the host's answers, and what the command line says over the job."""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from os.path import isdir
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from qemu_run.planning.ports import ChoosePort
from qemu_run.records import record

if TYPE_CHECKING:
    from qemu_run.artifacts.location import Base
    from qemu_run.images.block_options import NamedLayer
    from qemu_run.qemu.firmware import Firmware


@record(kw_only=True)
class ImageWanted:
    """A file that is to be a disk."""

    path: Path
    format: str | None = None
    """What somebody said that it is."""
    folders: tuple[Path, ...] | None = None
    """Where images below it may lie; None: beside it."""
    is_written: bool = False
    """The guest writes to it, with no overlay between."""
    is_artifact: bool = False
    """It came from elsewhere: it must lie where artifacts do, links followed."""
    sources: tuple[Path, ...] = ()
    """The local files that artifacts of the task are."""


@record(kw_only=True)
class ImageFinding:
    """What the host says of a file that is to be a disk."""

    layers: tuple["NamedLayer", ...] = ()
    """It and what lies below it, the guest's first; none: it is not fit to be given to QEMU."""
    virtual_bytes: int = 0
    """The size of the disk that the guest sees."""
    identity: str = ""
    """What stays the same as long as it is this file, whatever its name."""
    is_cd: bool = False
    """It is the image of a CD."""
    needs_uefi: bool = False
    """A BIOS finds nothing on it to start."""
    has_no_loader: bool = False
    """A BIOS starts from it what is not there, and hangs in silence."""
    in_use: bool = False
    """A running QEMU keeps another from using it."""
    brought_none: bool = False
    """It lies where artifacts land, and is not there or is no disk."""
    problem: str = ""
    """In a few words, why not."""
    detail: str = ""
    hint: str = ""
    """What to do about it."""


InspectImage: TypeAlias = Callable[[ImageWanted], ImageFinding]
"""Looks at a file."""


def _new_id() -> str:
    from uuid import uuid4

    return f"{uuid4()}"


@record(kw_only=True)
class Host:
    """What planning asks of the host; the answers come from elsewhere."""

    allocations: Path
    """The folder that holds allocation directories."""
    job_folder: Path
    """Where relative images and artifact sources start from."""
    choose_port: ChoosePort
    port_obstacle: Callable[[str, int, tuple[str, ...]], str | None]
    """Why a guest cannot have an address and port by these protocols, in words; None: it can."""
    find_emulator: Callable[[str], Path | None]
    inspect_image: InspectImage
    memory_bytes: Callable[[], int]
    """The memory of the machine."""
    swap_bytes: Callable[[], int]
    available_bytes: Callable[[], int]
    """What a guest can have now: less where a cgroup limits us."""
    resolve: Callable[[Path], Path]
    """A path with all links followed."""
    machine_types: Callable[[Path], tuple[str, ...]]
    """The boards an emulator knows; empty when it does not say."""
    accelerators: Callable[[Path], tuple[str, ...]]
    """The same of accelerators."""
    version: Callable[[Path], str]
    """An emulator's version; empty when it does not say."""
    has_sandbox: Callable[[Path], bool]
    """Whether an emulator can shut itself in."""
    firmware: Callable[[], "tuple[Firmware, ...]"]
    """The firmware that is installed, by QEMU's descriptors."""
    is_file: Callable[[Path], bool]
    firmware_variables: Path
    """The folder for what firmware remembers of images that are written in place."""
    job_url: str = ""
    """Where the job came from, when it came from the web: relative artifacts start from there."""
    may_name_files: bool = True
    """Whether the job may name files of this host."""
    is_folder: Callable[[Path], bool] = isdir
    environment: Mapping[str, str] = field(default_factory=dict)
    """Our own environment."""
    network_addresses: Mapping[str, str] = field(default_factory=dict)
    """The client configuration's `host_network` blocks: name -> address."""
    new_id: Callable[[], str] = _new_id
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """What templates are told the time is."""

    @property
    def base(self) -> "Base":
        """What relative artifact sources start from."""
        from qemu_run.artifacts.location import Base

        return Base(folder=self.job_folder, url=self.job_url, may_name_files=self.may_name_files)


@record(kw_only=True)
class Options:
    """What the command line says over the job."""

    accelerator: str | None = None
    image_format: str | None = None
    """Of the images that `image_path` names, whatever they look like."""
    disk_bytes: int | None = None
    """The size of the disk that a guest sees."""
    overlay: Path | None = None
    """A file of the user's that keeps the guest's writes."""
    bind: str | None = None
    snapshot: bool = False
    ignore_constraints: bool = False
    wants_result: bool = False
    """The guest is given a port to report a number through."""
    tasks: frozenset[str] = field(default_factory=frozenset)
    """Only these tasks; empty: all."""
    meta: Mapping[str, str] = field(default_factory=dict)
    """What a parameterized job is dispatched with."""
    payload: bytes | None = None
    """The same: a file for its tasks."""
    offline: bool = False
    """Use artifacts that are in the cache; ask no server."""
    max_download_bytes: int | None = None
    """The largest artifact; None: as on Nomad."""
