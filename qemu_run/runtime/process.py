"""A QEMU of a guest: started, watched by our ends of its connections, and let go."""

import contextlib
import json
import os
import resource
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.errors import Diagnostic, HostError, PlacementError, QemuError
from qemu_run.planning.plan import Launch
from qemu_run.runtime.child import Child, OpenFile, Start, raise_limit, start
from qemu_run.runtime.disk import open_command

if TYPE_CHECKING:
    from qemu_run.runtime.head_start import HeadStart

START_ID = "go"
_START = json.dumps({"execute": "cont", "id": START_ID}).encode() + b"\n"
"""What lets a guest run that stands still at first (`-S`), so that none ends before the monitor is open."""
_REAP_SECONDS = 10
_LEAST_FILES = 1024
_HELD = ("-S",)
"""A guest of a few instructions has powered off before the monitor is open, and nobody would know."""
_OOM_SCORE = "500"
"""Half the way to being the first that the kernel ends."""


class Process:
    """A running QEMU and our ends of what connects us."""

    def __init__(self, child: Child, made_by: Start) -> None:
        """`made_by`: what it was started with."""
        self.child = child
        self.made_by = made_by
        self._started_at = time.monotonic()

    @property
    def lived_seconds(self) -> float:
        """Time since the start."""
        return time.monotonic() - self._started_at

    @property
    def console(self) -> socket.socket:
        """What the guest's console says, and what is typed there."""
        return self.child.console

    @property
    def monitor(self) -> socket.socket:
        """QEMU's monitor."""
        return self.child.monitor

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to QEMU, which may be gone already."""
        self.child.signal(number)

    def close(self) -> None:
        """Leave nothing: kill what still lives of QEMU's process group, reap it, close our descriptors."""
        self.child.end(_REAP_SECONDS)


def spawn(launch: Launch, directory: Path, begun: "HeadStart | None" = None) -> Process:
    """Start QEMU in `directory`. Call it on the main thread: QEMU dies with the thread that started it.

    `begun`: what was started ahead; the same is not started again.

    Raises:
        QemuError: the emulator cannot be executed.
        PlacementError: too few files may be open, or the image is not what was planned.
        HostError: no descriptors or memory are left.
    """
    _check_limit()
    with open_command(launch) as command:
        what = Start(
            (*command.arguments, *_HELD),
            launch.environment,
            f"{directory}",
            {number: OpenFile.at(number) for number in command.descriptors},
        )
        child = begun.take(what) if begun is not None else None
        if child is None:
            child = _started(what)
    if not launch.stands_still:
        with contextlib.suppress(OSError):  # it has ended already, and its end is told as others are
            child.monitor.sendall(_START)
    _offer_to_the_kernel(child.pid)
    return Process(child, what)


def _started(what: Start) -> Child:
    """A process of its own.

    Raises:
        QemuError, HostError: as `spawn` does.
    """
    try:
        child = start(what)
    except OSError as error:
        raise HostError(Diagnostic(f"cannot connect to a new process: {error.strerror}")) from error
    if failure := child.failure():
        child.end(_REAP_SECONDS)
        raise QemuError(Diagnostic(f"cannot start {what.arguments[0]}: {os.strerror(failure)}"))
    return child


def _check_limit() -> None:
    """See that there are descriptors enough.

    Raises:
        PlacementError: they are too few.
    """
    if not raise_limit():
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        summary = f"this session may have {soft} files open; qemu-run needs {_LEAST_FILES}"
        raise PlacementError(Diagnostic(summary, hints=(f"ulimit -n {_LEAST_FILES} before the start",)))


def _offer_to_the_kernel(pid: int) -> None:
    """Where memory runs out, the guest goes before what watches it."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(_OOM_SCORE)
