"""A QEMU process: started apart from our terminal, dying with us, always reaped."""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from qemu_run.errors import Diagnostic, HostError, MachineError
from qemu_run.planning.plan import CONSOLE_FD, MONITOR_FD, TaskPlan

_PR_SET_PDEATHSIG = 1
_REAP_SECONDS = 10
_NEGOTIATION = b'{"execute": "qmp_capabilities", "id": "at start"}\n'
"""What opens the monitor. Until it is read QEMU sends no events, not even that the guest has ended."""

_libc = ctypes.CDLL(None)
_prctl = _libc.prctl if hasattr(_libc, "prctl") else None


@dataclass(slots=True)
class Process:
    """A running QEMU and our ends of what connects us."""

    plan: TaskPlan
    popen: "subprocess.Popen[bytes]"
    console: socket.socket
    monitor: socket.socket
    started_at: float = field(default_factory=time.monotonic)

    @property
    def lived_seconds(self) -> float:
        """Time since the start."""
        return time.monotonic() - self.started_at

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


def spawn(plan: TaskPlan) -> Process:
    """Start QEMU for a prepared task. Call it on the main thread: QEMU dies with the thread that started it.

    Raises:
        MachineError: the emulator cannot be executed.
        HostError: no descriptors or memory are left.
    """
    try:
        console, guest_console = socket.socketpair()
        monitor, guest_monitor = socket.socketpair()
        monitor.sendall(_NEGOTIATION)  # before QEMU starts: no guest is too quick for it
        given = [_at(guest_console, CONSOLE_FD), _at(guest_monitor, MONITOR_FD)]
    except OSError as error:
        raise HostError(Diagnostic(f"cannot connect to a new process: {error.strerror}")) from error
    try:
        popen = subprocess.Popen(
            plan.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=plan.directory,
            env={**plan.inherited, **plan.environment},
            pass_fds=given,
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509  # no thread runs yet, and it only makes system calls
            bufsize=0,
        )
    except OSError as error:
        console.close()
        monitor.close()
        raise MachineError(Diagnostic(f"cannot start {plan.command[0]}: {error.strerror}")) from error
    finally:
        for descriptor in given:
            os.close(descriptor)
    return Process(plan, popen, console, monitor)


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
