"""The events of a run as lines on standard error, one line an event.

web.vm  debian-12.qcow2 verified (sha256), 312 MB
web.vm  x86_64, tcg, 512 MB, 1 core
        http  127.0.0.1:24871 -> guest 80
        Ctrl-C presses the power button; the guest has 5s, then it is killed
"""

import threading
import time

from qemu_run.errors import ExitCode
from qemu_run.runtime.events import (
    ArtifactReady,
    Downloading,
    Ended,
    Event,
    GuestStopped,
    MachineSaid,
    Started,
    Stopping,
)
from qemu_run.terminal.progress import Downloads, size
from qemu_run.terminal.screen import Piece, Screen
from qemu_run.verdict.outcome import Verdict, duration

_STEPS = {
    "quit": "QEMU told to quit",
    "terminate": "QEMU does not quit: SIGTERM",
    "kill": "QEMU does not end: SIGKILL",
}


class Reporter:
    """Draws events. Safe to call from any thread."""

    def __init__(self, screen: Screen, *, quiet: bool) -> None:
        self._screen = screen
        self._quiet = quiet
        self._lock = threading.Lock()
        self._progress = Downloads(screen)
        self._started = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Draw one event."""
        with self._lock:
            if isinstance(event, Downloading):
                if not self._quiet:
                    self._progress.show(event)
                return
            self._progress.clear()
            if not self._quiet:
                self._draw(event)

    def _draw(self, event: Event) -> None:
        name = event.task.name
        match event:
            case ArtifactReady():
                self._line(name, _artifact(event))
            case Started():
                self._start(event)
            case MachineSaid(line=line):
                self._line(name, "", ("qemu: " + line, "dim"))
            case Stopping(step="power button", seconds_left=seconds):
                again = ("  (Ctrl-C again: kill now)", "dim")
                self._line(name, f"power button pressed, {duration_left(seconds)} to go", again)
            case Stopping(step=step):
                self._line(name, _STEPS[step])
            case GuestStopped(by_itself=by_itself, seconds=seconds):
                what = "guest powered off" if by_itself else "ended"
                self._line(name, f"{what} after {duration(seconds)}")
            case Ended() | Downloading():
                pass

    def _line(self, name: str, *pieces: Piece) -> None:
        self._screen.line((name, "bold"), "  ", *pieces)

    def _start(self, event: Started) -> None:
        plan = event.task
        cores = f"{plan.cores} core" + ("s" if plan.cores > 1 else "")
        self._line(plan.name, ", ".join((plan.emulator, plan.accelerator, f"{plan.memory_mb} MB", cores)))
        indent = " " * (len(plan.name) + 2)
        if plan.disk is not None and plan.disk.base is None:
            self._screen.line(
                indent, f"{plan.disk.path.name} is written in place (--snapshot keeps it as it is)"
            )
        width = max((len(forward.label) for forward in plan.forwards), default=0)
        for forward in plan.forwards:
            address = f"{forward.label:<{width}}  {forward.address} -> guest {forward.guest_port}"
            self._screen.line(indent, address)
        self._screen.line(indent, (_stop_words(event), "dim"))

    def close(self) -> None:
        """Leave the terminal as it was."""
        with self._lock:
            self._progress.clear()

    def verdict(self, job: str, verdict: Verdict) -> None:
        """The last line of a run."""
        with self._lock:
            self._progress.clear()
            width = max(8, len(job) + 2)
            code = f"  (exit {verdict.code})" if verdict.code else ""
            self._screen.line((f"{job:<{width}}", "bold"), *_verdict(verdict), (code, "dim"))
            for detail in verdict.details:
                self._screen.line(" " * width, detail)


def _artifact(event: ArtifactReady) -> str:
    if event.was_cached:
        return f"{event.file_name} " + ("verified (cached)" if event.algorithm else "unchanged (cached)")
    verified = f"verified ({event.algorithm})" if event.algorithm else "fetched (no checksum to verify)"
    return f"{event.file_name} {verified}, {size(event.size_bytes)}"


def _stop_words(event: Started) -> str:
    if not event.task.power_button:
        return "Ctrl-C ends the machine at once (graceful_shutdown = false)"
    seconds = duration_left(event.task.kill_timeout.total_seconds())
    return f"Ctrl-C presses the power button; the guest has {seconds}, then it is killed"


def duration_left(seconds: float) -> str:
    """A time to come: whole seconds without a fraction."""
    return f"{seconds:.0f}s" if seconds < 60 and seconds == int(seconds) else duration(seconds)


def _verdict(verdict: Verdict) -> tuple[Piece, ...]:
    if verdict.is_good:
        return ("ended well: ", verdict.words)
    if verdict.code < ExitCode.TASK_FAILED or verdict.code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}:
        return (verdict.words,)
    return (("FAILED: ", "bold red"), verdict.words)
