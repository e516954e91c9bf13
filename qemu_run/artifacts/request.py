"""What is wanted of an artifact, and what came of it."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.artifacts.checksum import Checksum, ChecksumFile
from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.location import Base, Location
from qemu_run.records import mutable, record

if TYPE_CHECKING:
    from qemu_run.artifacts.cache import Held


@record(kw_only=True)
class Request:
    """What is wanted."""

    location: Location
    checksum: Checksum | ChecksumFile | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    """go-getter's, for repositories and clouds."""
    insecure: bool = False
    """Do not verify the server's certificate."""
    base: Base | None = None
    """What the address of a checksum file is relative to."""


@mutable(kw_only=True)
class Fetched:
    """Where it is now. It belongs to its owner or to the cache: read it, never write it."""

    name: str = ""
    """What the source calls it."""
    source: str = ""
    """Where it came from, without secrets."""
    path: Path
    size_bytes: int
    was_cached: bool
    checksum: Checksum | None = None
    """What the job says it is, and it is."""
    may_be_cut: bool = False
    """Neither a checksum nor its server tells whether it is whole."""
    key: str = ""
    """The cache's name for the content, where it has one."""
    held: "Held | None" = None
    is_folder: bool = False
    modes: Mapping[str, int] = field(default_factory=dict)
    """The permissions that an archive or a repository gives its entries."""

    def release(self) -> None:
        """Whoever asked has taken what they need."""
        if self.held is not None:
            self.held.release()


def not_here(request: Request) -> FetchError:
    """What is said of what is wanted offline and was never fetched."""
    return FetchError(
        "the artifact is not in the cache, and --offline asks no server",
        detail=f"from {request.location.printable}",
        hints=("run once without --offline",),
    )
