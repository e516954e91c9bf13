"""What planning is told: the host's answers, and what the command line says over the job."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from qemu_run.artifacts.location import Base
from qemu_run.images.formats import Image
from qemu_run.planning.ports import ChoosePort
from qemu_run.records import record


@record(kw_only=True)
class ImageFinding:
    """What the host says of a file that is to be a disk."""

    image: Image | None = None
    """None: it is not fit to be given to QEMU."""
    problem: str = ""
    """In a few words, why not."""
    detail: str = ""
    hint: str = ""
    """What to do about it."""


InspectImage: TypeAlias = Callable[[Path, bool], ImageFinding]
"""Looks at the file at a path; the second argument: it came from elsewhere, and is trusted less."""


@record(kw_only=True)
class Host:
    """What planning asks of the host; the answers come from elsewhere."""

    allocations: Path
    """The folder that holds allocation directories."""
    job_folder: Path
    """Where relative images and artifact sources start from."""
    choose_port: ChoosePort
    port_obstacle: Callable[[str, int], str | None]
    """Why a guest cannot have an address and port, in words; None: it can."""
    find_emulator: Callable[[str], Path | None]
    inspect_image: InspectImage
    memory_bytes: Callable[[], int]
    """The memory of the machine."""
    resolve: Callable[[Path], Path]
    """A path with all links followed."""
    machine_types: Callable[[Path], tuple[str, ...]]
    """The boards an emulator knows; empty when it does not say."""
    job_url: str = ""
    """Where the job came from, when it came from the web: relative artifacts start from there."""
    may_name_files: bool = True
    """Whether the job may name files of this host."""
    is_folder: Callable[[Path], bool] = Path.is_dir
    environment: Mapping[str, str] = field(default_factory=dict)
    """Our own environment."""
    network_addresses: Mapping[str, str] = field(default_factory=dict)
    """The client configuration's `host_network` blocks: name -> address."""
    new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """What templates are told the time is."""

    @property
    def base(self) -> Base:
        """What relative artifact sources start from."""
        return Base(folder=self.job_folder, url=self.job_url, may_name_files=self.may_name_files)


@record(kw_only=True)
class Options:
    """What the command line says over the job."""

    accelerator: str | None = None
    bind: str | None = None
    snapshot: bool = False
    ignore_constraints: bool = False
    wants_result: bool = False
    """The guest is given a port to report a number through."""
    tasks: frozenset[str] = field(default_factory=frozenset)
    """Only these tasks; empty: all."""
    offline: bool = False
    """Use artifacts that are in the cache; ask no server."""
    max_download_bytes: int | None = None
    """The largest artifact; None: as on Nomad."""
