"""The events of a run as lines on standard error, one line an event.

web.vm  debian-12.qcow2 verified (sha256), 312 MB
web.vm  x86_64, tcg, 512 MB, 1 core
        http  127.0.0.1:24871 -> guest 80
        Ctrl-C presses the power button, kills after 5s
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from qemu_run.artifacts.words import size_in_words
from qemu_run.runtime.events import (
    ArtifactReady,
    Downloading,
    Event,
    GuestStopped,
    HealthChanged,
    Noticed,
    PortLost,
    QemuSaid,
    Ready,
    Restarting,
    SinkClosed,
    Started,
    Stopping,
    Waiting,
)
from qemu_run.terminal.keyboard import ConsoleMode
from qemu_run.terminal.progress import Downloads
from qemu_run.terminal.screen import Screen
from qemu_run.terminal.wrapping import Piece, Whole
from qemu_run.verdict.durations import duration, limit
from qemu_run.verdict.outcome import Outcome
from qemu_run.verdict.signatures import WAITS_FOR_EVER

_STEPS = {
    "quit": "QEMU told to quit",
    "terminate": "QEMU does not quit: SIGTERM",
    "kill": "QEMU does not end: SIGKILL",
}


_TYPED_TO: Mapping[ConsoleMode, str] = {
    "interactive": "type to it",
    "raw": "type to it, Ctrl-C too",
}
"""The modes in which the guest gets what is typed."""


class Reporter:
    """Draws events. Safe to call from any thread."""

    def __init__(self, screen: Screen, *, quiet: bool, is_asked: Callable[[], bool]) -> None:
        """`is_asked`: whether a person has asked for the end, so that the next Ctrl-C is one more."""
        self._screen = screen
        self._is_asked = is_asked
        self._quiet = quiet
        self._lock = threading.Lock()
        self._progress = Downloads(screen)
        self.console_mode: ConsoleMode = "follow"
        """Who gets what is typed."""
        self._width = 0
        """Of the names that lines begin with: two blanks behind the longest."""
        self._has_said = False
        """Whether there is a line that the last one stands below."""
        self._told_of_stopping: set[str] = set()
        """What Ctrl-C does, said once for all guests that it does the same to."""

    def make_room(self, names: Iterable[str]) -> None:
        """Let all lines begin in the column behind the longest of these names, if that leaves them room."""
        wanted = max(self._width, *(len(name) + 2 for name in names))
        self._width = min(wanted, max(self._width, self._screen.width // 3))

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
        if isinstance(event, Started):
            self._start(event)
        elif pieces := _words(event, self.console_mode, is_asked=self._is_asked()):
            self.say(event.task.name, *pieces)

    def say(self, name: str, *pieces: Piece) -> None:
        """A line about a task, or the job."""
        self._has_said = True
        self._screen.line((f"{name + '  ':<{self._width}}", "strong"), *pieces)

    def _start(self, event: Started) -> None:
        name = event.task.name
        cores = f"{event.cores} core" + ("s" if event.cores > 1 else "")
        again = (f"attempt {event.attempt}",) if event.attempt > 1 else ()
        facts = (*again, event.emulator, event.accelerator, f"{event.memory_mb} MB", cores)
        self.say(name, ", ".join(facts))
        indent = " " * max(self._width, len(name) + 2)
        if event.written_in_place is not None:
            in_place = f"{event.written_in_place} is written in place (--snapshot keeps it as it is)"
            self._screen.line(indent, in_place)
        for note in event.notes:
            self._screen.line(indent, note)
        width = max((len(forward.label) for forward in event.forwards), default=0)
        for forward in event.forwards:
            address = f"{forward.label:<{width}}  {forward.shown}"
            self._screen.line(indent, address)
        if event.restarts and event.attempt == 1:
            self._screen.line(indent, event.restarts)
        stop = _stop_words(event, mode=self.console_mode)
        if stop not in self._told_of_stopping:
            self._told_of_stopping.add(stop)
            self._screen.line(indent, stop)

    def close(self) -> None:
        """Leave the terminal as it was."""
        with self._lock:
            self._progress.clear()

    def outcome(self, job: str, outcome: Outcome, evidence: Sequence[str] = ()) -> None:
        """The last line of a run; below it stands only what it rests on."""
        logs = () if outcome.logs is None else (f"logs: {outcome.logs}",)
        with self._lock:
            self._progress.clear()
            self.make_room([job])
            width = self._width if self._has_said else len(job) + 2
            code = Whole(f"(exit {outcome.code})")
            self._screen.line((f"{job:<{width}}", "strong"), *_outcome(outcome), "  ", (code, "faint"))
            for detail in (*outcome.details, *logs, *evidence):
                self._screen.line(" " * width, detail)


def _words(event: Event, mode: ConsoleMode, *, is_asked: bool) -> tuple[Piece, ...]:  # noqa: C901, PLR0911, PLR0912  # one for each kind of event
    """What an event's one line says; nothing for events that have none."""
    match event:
        case ArtifactReady():
            return (_artifact(event),)
        case Ready():
            return ("ready",)
        case HealthChanged(check=check, why=why):
            return (f'check "{check}" is {f"unhealthy: {why}" if why else "healthy"}',)
        case Noticed(signature=name, what=what, line=line) if mode in _TYPED_TO and name in WAITS_FOR_EVER:
            return (f'{what} ("{line}")' + ("" if is_asked else f"; {_stop_key(mode)} ends it"),)
        case Noticed(what=what, line=line):
            return (f"{what}: {line}",)
        case Waiting(what=what):
            return (what,)
        case PortLost(label=label, host_port=port):
            return (f"another program took port {port} ({label}) meanwhile: starting again with another",)
        case QemuSaid(line=line):
            return (f"qemu: {line}",)
        case SinkClosed(what=what, why=why):
            return _sink_closed(what, why, _stop_key(mode))
        case Stopping(step="delay", seconds_left=seconds):
            return (f"stopping after its shutdown_delay of {limit(seconds)}",)
        case Stopping(step="power button" | "power button again" as step, seconds_left=seconds):
            again = " again" if step == "power button again" else ""
            kill = Whole(f"({_stop_key(mode)}{' again' if is_asked else ''}: kill now)")
            return (f"power button pressed{again}, {limit(seconds)} to go  ", (kill, "faint"))
        case Stopping(step=step):
            return (_STEPS[step],)
        case GuestStopped(by_itself=by_itself, seconds=seconds):
            return (f"{'guest powered off' if by_itself else 'ended'} after {duration(seconds)}",)
        case Restarting(outcome=outcome, attempt=attempt, delay_seconds=delay):
            return (f"{outcome.words}; attempt {attempt} in {duration(delay)}",)
        case _:
            return ()


def _sink_closed(what: str, why: str, key: str) -> tuple[Piece, ...]:
    """A reader who has had enough of the console does not end its guest."""
    goes_on = f"; the guest goes on: {key} ends it" if what == "standard output" else ""
    return (f"nothing more is written to {what}: {why}{goes_on}",)


def _artifact(event: ArtifactReady) -> str:
    if event.was_cached and not event.algorithm and not event.was_asked_for:
        return f"{event.file_name} from the cache (offline, nobody was asked whether it changed)"
    if event.was_cached:
        return f"{event.file_name} " + ("verified (cached)" if event.algorithm else "unchanged (cached)")
    unsure = "no checksum to verify" + (", no length: it may have been cut" if event.may_be_cut else "")
    verified = f"verified ({event.algorithm})" if event.algorithm else f"fetched ({unsure})"
    return f"{event.file_name} {verified}, {size_in_words(event.size_bytes)}"


def _stop_words(event: Started, *, mode: ConsoleMode) -> str:
    """How it is stopped, and who gets what is typed."""
    is_typed_to = mode in _TYPED_TO
    key, seconds = _stop_key(mode), limit(event.kill_seconds)
    if not event.power_button:
        why = "graceful_shutdown = false" if event.has_button else "there is no power button"
        stop = f"{key} ends QEMU at once ({why})"
    elif is_typed_to:
        stop = f"{key}: power button, kill after {seconds}"
    else:
        stop = f"{key} presses the power button, kills after {seconds}"
    return f"{_TYPED_TO[mode]}; {stop}; Ctrl-] for more" if is_typed_to else stop


def _stop_key(mode: ConsoleMode) -> str:
    return "Ctrl-] q" if mode == "raw" else "Ctrl-C"


def _outcome(outcome: Outcome) -> tuple[Piece, ...]:
    if outcome.is_good:
        return ("ended well: ", outcome.words)
    if outcome.is_stop or (outcome.is_own and not outcome.of_command):
        return (outcome.words,)
    return (("FAILED: ", "error"), outcome.words)
