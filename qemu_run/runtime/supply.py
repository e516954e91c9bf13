"""Where artifacts are kept, and on which terms they are fetched: all that a task without any asks of them."""

from pathlib import Path

from qemu_run.records import record


@record(kw_only=True)
class Supply:
    """The cache, and what may be asked of servers."""

    cache: Path
    offline: bool = False
    most_bytes: int | None = None
    """The largest artifact; None: as on Nomad."""
