"""One guest from start to end, against QEMU alone with the arguments that `plan --json` prints."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qemu_run.planning.plan import CONSOLE_FD, MONITOR_FD
from tests.bench.table import QEMU_RUN, Measured, Place, against, median

_DESCRIPTORS = (CONSOLE_FD, MONITOR_FD)
NOT_COMPILED = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/dev/null"}
"""As in an installation that cannot be written to and was never compiled."""

WRAPPER = """#!/bin/bash
echo "$EPOCHREALTIME" >>"{folder}/starts"
"{qemu}" "$@" &
trap 'kill $!' TERM
wait $!
code=$?
echo "$EPOCHREALTIME" >>"{folder}/ends"
exit $code
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
    to_start, to_end = _around(place, {})
    yield against("from start to QEMU's", to_start, python, wanted=3)
    cold, _ = _around(place, {}, cold=True)
    yield against("from start to QEMU's, cold", cold, python)
    bare, _ = _around(place, NOT_COMPILED)
    yield against("from start to QEMU's, nothing compiled", bare, python)
    yield Measured(what="from QEMU's end to ours", value=to_end * 1000, wanted=15)


def _around(place: Place, environment: dict[str, str], *, cold: bool = False) -> tuple[float, float]:
    """The median seconds from our start to QEMU's, and from its end to ours."""
    programs = place.folder / "programs"
    programs.mkdir(exist_ok=True)
    wrapper = programs / "qemu-system-x86_64"
    qemu = shutil.which("qemu-system-x86_64") or "qemu-system-x86_64"
    wrapper.write_text(WRAPPER.format(folder=programs, qemu=qemu))
    wrapper.chmod(0o755)
    path = {"PATH": f"{programs}:{place.environment['PATH']}", **environment}
    place.run(QEMU_RUN, "job.hcl", **path)
    before, after = [], []
    for number in range(place.times):
        if cold:
            path["XDG_CACHE_HOME"] = str(place.folder / f"cold-start-{number}")
        (programs / "starts").write_text("")
        (programs / "ends").write_text("")
        start = time.time()
        place.run(QEMU_RUN, "job.hcl", **path)
        end = time.time()
        before.append(_last(programs / "starts") - start)
        after.append(end - _last(programs / "ends"))
    return statistics.median(before), statistics.median(after)


def _last(file: Path) -> float:
    """The last moment in a file: earlier ones are of questions to QEMU about itself."""
    return float(file.read_text().split()[-1])
