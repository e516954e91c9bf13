"""The facts about an attempt's end, and the cause that brought it about, become one outcome.

QEMU's exit status proves nothing: power-off, reset under `-no-reboot`, SIGTERM and the monitor's
`quit` all exit with 0. The reason in the SHUTDOWN event, the panic event and the run state are the truth.
Source: QEMU's QMP reference, ShutdownCause and RunState.
"""

import signal
from pathlib import Path

from qemu_run.endings import ENDING, code_of
from qemu_run.errors import ExitCode
from qemu_run.records import record
from qemu_run.verdict.cause import Broken, Cause, CommandEnded, Panicked, Signalled, TimeLimit
from qemu_run.verdict.durations import duration

_LARGEST_RESULT = 99
_SIGNAL_CODES = frozenset(map(code_of, ENDING))


@record(kw_only=True)
class AttemptEnd:
    """What is known about a QEMU process that ended."""

    returncode: int
    """As `subprocess` has it: negative for a signal."""
    lived_seconds: float
    asked_seconds: float | None = None
    """When its end was asked for; None: its end was its own."""
    stood: bool
    """QEMU took its options and made the machine: its monitor answered."""
    shutdown_reason: str | None = None
    """Of the first SHUTDOWN event: guest-shutdown, guest-reset, guest-panic, host-signal, ..."""
    panicked: bool = False
    ignored_press: bool = False
    """The power button was pressed, and the guest did not go in its time."""
    expects_debug_exit: bool = False
    exits_at_poweroff: bool = False
    """A guest that powers off may end this QEMU with status 0 and no event."""
    result: int | None = None
    """The number that the guest wrote to its result port."""
    reboot_is_end: bool = False
    """A reset under the job's own -no-reboot is a good end."""
    said: tuple[str, ...] = ()
    """The lines QEMU wrote on its standard error."""
    taken: str = ""
    """A port that somebody else has, in words."""
    missing: frozenset[str] = frozenset()
    """Files that they name and that do not exist."""


@record(kw_only=True)
class Outcome:
    """How one attempt, one task or a whole job ended."""

    code: int
    """An exit code: of ExitCode, or the guest's own number."""
    words: str
    details: tuple[str, ...] = ()
    logs: Path | None = None
    """The folder where the logs of a bad end stay."""
    of_command: bool = False
    """The code is that of the command beside the guests, whatever a guest or a shell would mean by it."""

    @property
    def is_good(self) -> bool:
        """Whether it ended as asked."""
        return self.code == ExitCode.OK

    @property
    def is_bad(self) -> bool:
        """Whether it ended in no way that anybody asked for; a stop by a signal was asked for."""
        return not self.is_good and not self.is_stop

    @property
    def is_own(self) -> bool:
        """Whether a guest ended as it wanted: well, or with a number of its own."""
        return self.code < ExitCode.TASK_FAILED

    @property
    def is_stop(self) -> bool:
        """Whether a signal ended it, as whoever sent it wanted."""
        return self.code in _SIGNAL_CODES and not self.of_command


def judge(end: AttemptEnd, cause: Cause | None) -> Outcome:
    """The outcome of one attempt; without a cause the guest's own end decides."""
    after = f"after {duration(end.lived_seconds)}"
    if cause is None:
        return _unasked(end, after)
    if not isinstance(cause, Signalled) and end.asked_seconds is not None:
        after = f"after {duration(end.asked_seconds)}"  # how long the guest then took is another matter
    if isinstance(cause, Signalled) and end.ignored_press:
        words = f"stopped by {cause.spoken}: the guest ignored its power button and was killed {after}"
        return Outcome(code=ExitCode.KILLED, words=words)
    details = _broken(cause, end) if isinstance(cause, Broken) else ()
    of_command = isinstance(cause, CommandEnded)
    return Outcome(code=cause.code, words=cause.words(after), details=details, of_command=of_command)


def _broken(cause: Broken, end: AttemptEnd) -> tuple[str, ...]:
    """What the words of QEMU mean, where they are known; registers, which few can read, stand in its log."""
    from qemu_run.qemu.words import explain

    explained = explain("\n".join((*end.said, cause.why)))
    words = tuple(each.words for each in explained if each.words in end.said) or end.said
    return (*words, *(f"{each.cause}: {each.cure}" for each in explained))


def stopped_early(cause: Signalled | TimeLimit) -> Outcome:
    """The outcome of a run that was stopped before it had a guest."""
    words = cause.words("before the guest was started")
    if isinstance(cause, TimeLimit):
        words += ": its guest was not started yet"
    return Outcome(code=cause.code, words=words)


def _unasked(end: AttemptEnd, after: str) -> Outcome:
    if end.panicked or end.shutdown_reason == "guest-panic":
        return Outcome(code=ExitCode.PANIC, words=Panicked().words(after))
    if (reported := reported_number(end)) is not None and end.result is None:
        code = reported if reported <= _LARGEST_RESULT else ExitCode.TASK_FAILED
        return Outcome(code=code, words=f"the guest reported {reported} {after}")
    if not end.stood:
        return _refused(end)
    if end.shutdown_reason is None:
        return _silent_end(end, after)
    return _by_reason(end.shutdown_reason, end, after)


def reported_number(end: AttemptEnd) -> int | None:
    """The number the guest has reported: to its result port, or through isa-debug-exit.

    For the latter QEMU exits with twice the number and one more.
    QEMU's own failures exit with 1, but before its monitor has answered. Whether there was a SHUTDOWN event
    tells nothing: QEMU 10 sends one, QEMU 7 does not.
    """
    if end.result is not None:
        return end.result
    if not end.expects_debug_exit or not end.stood or end.returncode <= 0 or not end.returncode % 2:
        return None
    return end.returncode >> 1


def _refused(end: AttemptEnd) -> Outcome:
    if end.returncode < 0:
        words = f"QEMU died of signal {-end.returncode} at its start"
        return Outcome(code=ExitCode.QEMU, words=words, details=(*end.said, *_sandbox(end)))
    from qemu_run.qemu.words import explain

    explained = explain("\n".join(end.said), lambda name: name not in end.missing)
    is_taken = bool(explained) and explained[0].is_taken
    code = ExitCode.PLACEMENT if is_taken else ExitCode.QEMU
    details = (*end.said, *(f"{each.cause}: {each.cure}" for each in explained))
    words = end.taken if is_taken and end.taken else "QEMU refused its options"
    return Outcome(code=code, words=words, details=details)


def _sandbox(end: AttemptEnd) -> tuple[str, ...]:
    """What to do when QEMU made a system call that it had forbidden itself."""
    if end.returncode != -signal.SIGSYS:
        return ()
    return ('its sandbox ended it: args = ["-sandbox", "off"] leaves the sandbox out',)


def _silent_end(end: AttemptEnd, after: str) -> Outcome:
    """No SHUTDOWN event and no number: a crash, or a kill from outside."""
    if end.exits_at_poweroff and end.returncode == 0:
        return _by_reason("guest-shutdown", end, after)
    if end.returncode < 0:
        words = f"QEMU was killed by signal {-end.returncode} {after}"
    else:
        words = f"QEMU ended with status {end.returncode} {after}"
    return Outcome(code=ExitCode.QEMU, words=words, details=(*end.said, *_sandbox(end)))


def _by_reason(reason: str, end: AttemptEnd, after: str) -> Outcome:
    match reason:
        case "guest-shutdown":
            return Outcome(code=ExitCode.OK, words=f"the guest powered off {after}")
        case "guest-reset" if end.reboot_is_end:
            return Outcome(code=ExitCode.OK, words=f"the guest rebooted {after}")
        case "guest-reset":
            words = f"the guest reset {after}, and -no-reboot ended the run"
            return Outcome(code=ExitCode.REBOOT_LOOP, words=words)
        case "host-signal":
            words = f"QEMU was stopped from outside {after}"
            return Outcome(code=ExitCode.QEMU, words=words, details=end.said)
        case "host-error":
            return Outcome(code=ExitCode.HOST, words=f"QEMU met a host error {after}", details=end.said)
        case _:
            words = f"QEMU ended {after} ({reason})"
            return Outcome(code=ExitCode.QEMU, words=words, details=end.said)
