"""The terms on which artifacts are brought: how long, how much, and who may end it."""

from collections.abc import Callable
from dataclasses import field

from qemu_run.artifacts.stop import Stop
from qemu_run.records import record

Progress = Callable[[int, int | None], None]
"""Called with the bytes so far and the bytes in all, if the server said."""

MOST_BYTES = 100 * 10**9
"""As on Nomad: the largest download where nobody says otherwise."""


@record(kw_only=True)
class Patience:
    """How long a server may take."""

    connect_seconds: float = 10
    answer_seconds: float = 45
    """For all of its answer's head, redirects included."""
    stall_seconds: float = 30
    """Between two bytes."""
    floor_bytes: int = 60 << 10
    """What must come in each `floor_seconds`: 1 KiB/s."""
    floor_seconds: float = 60
    tries: int = 4
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 30


@record(kw_only=True)
class Bounds:
    """What an archive may become."""

    entries: int = 4096
    total_bytes: int = 100 * 10**9
    ratio: int = 200
    """How many times larger than the archive, once it is larger than `harmless_bytes`."""
    harmless_bytes: int = 1 << 30


@record(kw_only=True)
class Terms:
    """How it is brought, and who may end it."""

    stop: Stop = field(default_factory=Stop)
    progress: Progress = lambda _received, _total: None
    patience: Patience = field(default_factory=Patience)
    most_bytes: int = MOST_BYTES
    offline: bool = False
    """Use what is in the cache and verified; ask no server."""
    bounds: Bounds = field(default_factory=Bounds)
