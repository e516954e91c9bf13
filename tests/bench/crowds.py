"""Many guests of one job: up, in memory, and down."""

import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from tests.bench.starts import Alone, planned
from tests.bench.table import QEMU_RUN, Measured, Place, against

MANY = 50
_MIB = 1 << 20


def measure(place: Place) -> Iterator[Measured]:
    """The lines about many guests. Each measure is taken once: it has many in it already."""
    commands = planned(place, "many.hcl")
    raw = Measured(what=f"{MANY} guests up, QEMU alone", value=_raw(place, commands) * 1000)
    yield raw
    one = _run(place, "one.hcl", 1)
    first = _run(place, "many.hcl", MANY)
    many = _run(place, "many.hcl", MANY)
    yield against(f"{MANY} guests of one job up, the first time", first.up_seconds, raw)
    yield against(f"{MANY} guests of one job up", many.up_seconds, raw, wanted=1.3)
    yield Measured(what=f"{MANY} guests down by the power button", value=many.down_seconds * 1000, wanted=400)
    yield Measured(what="memory of qemu-run beside a guest", value=one.memory_mib, unit="MiB", wanted=25)
    more = (many.memory_mib - one.memory_mib) / (MANY - 1)
    yield Measured(what="memory for each guest more", value=more * 1024, unit="KiB", wanted=102.4)


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """What was seen of a run."""

    up_seconds: float
    down_seconds: float
    memory_mib: float


def _raw(place: Place, commands: Sequence[list[str]]) -> float:
    """The seconds until as many guests are up without qemu-run."""
    start = time.perf_counter()
    started = [Alone.start(place, command) for command in commands]
    with selectors.DefaultSelector() as selector:
        said = {each.console: b"" for each in started}
        for console in said:
            selector.register(console, selectors.EVENT_READ)
        while not all(b"ready" in text for text in said.values()):
            for key, _ in selector.select():
                said[key.fileobj] += key.fileobj.recv(4096)  # type: ignore[index,union-attr]  # a socket
    up = time.perf_counter() - start
    for each in started:
        each.close()
    return up


def _run(place: Place, job: str, guests: int) -> Crowd:
    """A run that is ended by Ctrl-C when all its guests are up."""
    place.run(QEMU_RUN, "plan", job)  # what is learnt once is learnt
    start = time.perf_counter()
    with subprocess.Popen(
        [QEMU_RUN, job],
        cwd=place.folder,
        env=dict(place.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as run:
        if run.stdout is None:
            raise ValueError("no standard output")
        said = b""
        while said.count(b"ready") < guests:
            said += run.stdout.read1()  # type: ignore[attr-defined]  # a buffered reader
        up = time.perf_counter()
        memory = psutil.Process(run.pid).memory_info().rss / _MIB
        pressed = time.perf_counter()
        run.send_signal(signal.SIGINT)
        run.stdout.read()
        run.wait()
        return Crowd(up_seconds=up - start, down_seconds=time.perf_counter() - pressed, memory_mib=memory)
