"""What the measures share: a line of the table, and how a time is taken."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

QEMU_RUN = str(Path(sys.executable).with_name("qemu-run"))


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One line of the table."""

    what: str
    value: float
    unit: str = "ms"
    against: str = ""
    ratio: float | None = None
    wanted: float | None = None
    """The ratio, or without one the value, that it is to keep below."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder to measure in, with the environment of a user of its own."""

    folder: Path
    environment: Mapping[str, str]
    times: int

    @classmethod
    def at(cls, folder: Path, times: int) -> "Place":
        """A place in an empty folder; each measure is taken `times` times."""
        own = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return cls(folder=folder, environment={**inherited, **own}, times=times)

    def run(self, *command: str, **environment: str) -> None:
        """A run of a program, quietly."""
        subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )

    def seconds(self, *command: str, **environment: str) -> float:
        """The median time of a run of a program, after one run that warms up."""
        return median(lambda: self.run(*command, **environment), self.times)

    def cold_seconds(self, *command: str, **environment: str) -> float:
        """The median time of a run of a program that finds nothing in its cache."""
        taken = []
        for _ in range(self.times):
            cold = {"XDG_CACHE_HOME": tempfile.mkdtemp(prefix="cold-", dir=self.folder), **environment}
            taken.append(timed(lambda cold=cold: self.run(*command, **cold)))
        return statistics.median(taken)


def timed(run: Callable[[], object]) -> float:
    """The seconds that a call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def median(run: Callable[[], object], times: int) -> float:
    """The median seconds of a call, after one that warms up."""
    run()
    return statistics.median(timed(run) for _ in range(times))


def against(what: str, seconds: float, base: Measured, *, wanted: float | None = None) -> Measured:
    """A time as a line, told as a ratio to another line's."""
    milliseconds = seconds * 1000
    return Measured(
        what=what, value=milliseconds, against=base.what, ratio=milliseconds / base.value, wanted=wanted
    )


def lines(rows: Sequence[Measured]) -> list[str]:
    """The table as text."""
    return [
        f"{row.what:<44}{row.value:10.1f} {row.unit:<4}"
        + (f"{row.ratio:7.2f} x {row.against}" if row.ratio is not None else "")
        + (f"  (wanted <= {row.wanted:g})" if row.wanted is not None else "")
        for row in rows
    ]
