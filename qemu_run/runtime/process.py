"""A QEMU process: started apart from our terminal, dying with us, always reaped."""

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from qemu_run.errors import Diagnostic, HostError, PlacementError, QemuError, QemuRunError
from qemu_run.planning.plan import CONSOLE_FD, MONITOR_FD, Launch
from qemu_run.runtime.disk import open_command

NEGOTIATION_ID = "at start"
_NEGOTIATION = json.dumps({"execute": "qmp_capabilities", "id": NEGOTIATION_ID}).encode() + b"\n"
"""What opens the monitor. Until it is read QEMU sends no events, not even that the guest has ended."""
START_ID = "go"
_START = json.dumps({"execute": "cont", "id": START_ID}).encode() + b"\n"
"""What lets a guest run that stands still at first (`-S`), so that none ends before the monitor is open."""
_PR_SET_PDEATHSIG = 1
_REAP_SECONDS = 10
_LEAST_FILES = 1024
_HELD = ("-S",)
"""A guest of a few instructions has powered off before the monitor is open, and nobody would know."""
_OOM_SCORE = "500"
"""Half the way to being the first that the kernel ends."""
_libc = ctypes.CDLL(None)
_prctl = _libc.prctl if hasattr(_libc, "prctl") else None


@dataclass(slots=True)
class Process:
    """A running QEMU and our ends of what connects us."""

    popen: "subprocess.Popen[bytes]"
    console: socket.socket
    monitor: socket.socket
    started_at: float = field(default_factory=time.monotonic)

    @property
    def lived_seconds(self) -> float:
        """Time since the start."""
        return time.monotonic() - self.started_at

    @property
    def stdout(self) -> int:
        """What QEMU writes on its standard output can be read here."""
        return self._pipe(self.popen.stdout)

    @property
    def stderr(self) -> int:
        """The same for its standard error."""
        return self._pipe(self.popen.stderr)

    @staticmethod
    def _pipe(stream: "IO[bytes] | None") -> int:
        if stream is None:
            raise ValueError("QEMU was not started with pipes")
        return stream.fileno()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to QEMU, which may be gone already."""
        with contextlib.suppress(ProcessLookupError):
            self.popen.send_signal(number)

    def close(self) -> None:
        """Leave nothing: kill what still lives of QEMU's process group, reap it, close our descriptors."""
        if self.popen.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.popen.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(_REAP_SECONDS)
        self.console.close()
        self.monitor.close()
        for pipe in (self.popen.stdout, self.popen.stderr):
            if pipe is not None:
                pipe.close()


def spawn(launch: Launch, directory: Path) -> Process:
    """Start QEMU in `directory`. Call it on the main thread: QEMU dies with the thread that started it.

    Raises:
        QemuError: the emulator cannot be executed.
        PlacementError: too few files may be open, or the image is not what was planned.
        HostError: no descriptors or memory are left.
    """
    _raise_limit()
    try:
        console, guest_console = socket.socketpair()
        monitor, guest_monitor = socket.socketpair()
        monitor.sendall(_NEGOTIATION if launch.stands_still else _NEGOTIATION + _START)
        given = [_at(guest_console, CONSOLE_FD), _at(guest_monitor, MONITOR_FD)]
    except OSError as error:
        raise HostError(Diagnostic(f"cannot connect to a new process: {error.strerror}")) from error
    try:
        with open_command(launch) as command:
            popen = subprocess.Popen(
                (*command.arguments, *_HELD),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=directory,
                env=dict(launch.environment),
                pass_fds=(*given, *command.descriptors),
                start_new_session=True,
                preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509  # it only makes system calls
                bufsize=0,
            )
    except OSError as error:
        console.close()
        monitor.close()
        raise QemuError(Diagnostic(f"cannot start {launch.command[0]}: {error.strerror}")) from error
    except QemuRunError:
        console.close()
        monitor.close()
        raise
    finally:
        for descriptor in given:
            os.close(descriptor)
    _offer_to_the_kernel(popen.pid)
    return Process(popen, console, monitor)


def _raise_limit() -> None:
    """Let us, and QEMU after us, have as many descriptors as the system allows.

    Raises:
        HostError: they are too few.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    if soft != resource.RLIM_INFINITY and soft <= MONITOR_FD:
        summary = f"this session may have {soft} files open; qemu-run needs {_LEAST_FILES}"
        raise PlacementError(Diagnostic(summary, hints=(f"ulimit -n {_LEAST_FILES} before the start",)))


def _offer_to_the_kernel(pid: int) -> None:
    """Where memory runs out, the guest goes before what watches it."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(_OOM_SCORE)


def _at(end: socket.socket, number: int) -> int:
    """Move a socket to descriptor `number`, which the command line names."""
    descriptor = fcntl.fcntl(end.fileno(), fcntl.F_DUPFD_CLOEXEC, number)
    end.close()
    if descriptor != number:
        os.close(descriptor)
        raise HostError(Diagnostic(f"descriptor {number} is in use"))
    return descriptor


def _die_with_parent(parent: int) -> Callable[[], None]:
    """What the child does before it becomes QEMU: ask the kernel for a SIGKILL when we die (Linux)."""

    def ask() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # we died in between
                os._exit(1)

    return ask
