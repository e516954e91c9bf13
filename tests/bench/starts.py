"""One guest from start to end, against QEMU alone with the arguments that `plan --json` prints."""

import json
import os
import select
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

from qemu_run.planning.descriptors import CONSOLE_FD, MONITOR_FD
from tests.bench.table import QEMU_RUN, Measured, Place, against, median

_DESCRIPTORS = (CONSOLE_FD, MONITOR_FD)
_ROOM_BYTES = 1 << 20
"""As much as qemu-run gives: a guest spins while nobody reads what it says."""
NOT_COMPILED = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/dev/null"}
"""As in an installation that cannot be written to and was never compiled."""

WRAPPER = """#!/bin/bash
echo "$EPOCHREALTIME" >>"{folder}/starts"
exec "{qemu}" "$@"
"""


def planned(place: Place, job: str = "job.hcl") -> list[list[str]]:
    """The commands of a job's tasks."""
    done = subprocess.run(
        [QEMU_RUN, "plan", "--json", job],
        cwd=place.folder,
        env=dict(place.environment),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [task["command"] for task in json.loads(done.stdout)["tasks"]]


@dataclass(frozen=True)
class Alone:
    """A QEMU without qemu-run, and our ends of the sockets that its arguments speak of."""

    process: "subprocess.Popen[bytes]"
    console: socket.socket
    monitor: socket.socket

    @classmethod
    def start(cls, place: Place, command: list[str]) -> "Alone":
        """Start what `plan --json` prints."""
        ends = [socket.socketpair() for _ in _DESCRIPTORS]
        for number, (_, its) in zip(_DESCRIPTORS, ends, strict=True):
            its.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM_BYTES)
            os.dup2(its.fileno(), number)
            its.close()
        process = subprocess.Popen(
            command,
            cwd=place.folder,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=_DESCRIPTORS,
        )
        for number in _DESCRIPTORS:
            os.close(number)
        return cls(process, *(ours for ours, _ in ends))

    def close(self) -> None:
        """End it, if it has not ended."""
        self.process.kill()
        self.process.wait()
        self.console.close()
        self.monitor.close()


def alone(place: Place, command: list[str]) -> None:
    """A guest's whole life without qemu-run."""
    started = Alone.start(place, command)
    while started.console.recv(4096):
        pass
    started.process.wait()
    started.close()


def measure(place: Place, python: Measured) -> Iterator[Measured]:
    """The lines about one guest that ends as soon as it is up."""
    command = planned(place)[0]
    raw = Measured(what="QEMU alone", value=median(lambda: alone(place, command), place.times) * 1000)
    yield raw
    yield against("qemu-run job.hcl", place.seconds(QEMU_RUN, "job.hcl"), raw, wanted=1.5)
    yield against("qemu-run job.hcl, cold", place.cold_seconds(QEMU_RUN, "job.hcl"), raw, wanted=4)
    yield against("from start to QEMU's", _before_qemu(place), python, wanted=3)
    cold = _before_qemu(place, cold=True)
    yield against("from start to QEMU's, cold", cold, python)
    yield against("from start to QEMU's, nothing compiled", _before_qemu(place, NOT_COMPILED), python)
    yield Measured(what="from QEMU's end to ours", value=_after_qemu(place) * 1000, wanted=15)


def _before_qemu(
    place: Place, environment: Mapping[str, str] = MappingProxyType({}), *, cold: bool = False
) -> float:
    """The median seconds from our start to QEMU's."""
    programs = place.folder / "programs"
    programs.mkdir(exist_ok=True)
    wrapper, starts = programs / "qemu-system-x86_64", programs / "starts"
    qemu = shutil.which("qemu-system-x86_64") or "qemu-system-x86_64"
    wrapper.write_text(WRAPPER.format(folder=programs, qemu=qemu))
    wrapper.chmod(0o755)
    changed = {"PATH": f"{programs}:{place.environment['PATH']}", **environment}
    place.run(QEMU_RUN, "job.hcl", **changed)
    taken = []
    for number in range(place.times):
        if cold:
            changed["XDG_CACHE_HOME"] = str(place.folder / f"cold-start-{number}")
        start = time.time()
        place.run(QEMU_RUN, "job.hcl", **changed)
        taken.append(_last(starts) - start)
    return statistics.median(taken)


def _after_qemu(place: Place) -> float:
    """The median seconds from QEMU's end to ours, of a guest that lives a second."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    taken = []
    for _ in range(place.times):
        with subprocess.Popen(
            [QEMU_RUN, "second.hcl"], cwd=place.folder, env=dict(place.environment), **quiet
        ) as run:
            while not (machines := psutil.Process(run.pid).children()):
                os.sched_yield()
            descriptor = os.pidfd_open(machines[0].pid)
            select.select([descriptor], [], [])
            start = time.perf_counter()
            run.wait()
            taken.append(time.perf_counter() - start)
            os.close(descriptor)
    return statistics.median(taken)


def _last(file: Path) -> float:
    """The last moment in a file: earlier ones are of questions to QEMU about itself."""
    return float(file.read_text().split()[-1])
