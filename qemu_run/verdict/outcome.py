"""The facts about a machine's end become one verdict.

QEMU's exit status proves nothing: power-off, reset under `-no-reboot`, SIGTERM and the monitor's
`quit` all exit with 0. The reason in the SHUTDOWN event, the panic event and the run state are the truth.
Source: QEMU's QMP reference, ShutdownCause and RunState.
"""

from dataclasses import field
from typing import Literal

from qemu_run.errors import ExitCode
from qemu_run.records import record

StoppedBy = Literal["SIGINT", "SIGTERM", "SIGHUP"]

_STOP_CODES: dict[str, ExitCode] = {
    "SIGINT": ExitCode.INTERRUPTED,
    "SIGTERM": ExitCode.TERMINATED,
    "SIGHUP": ExitCode.TERMINATED,
}
_LARGEST_RESULT = 99


@record(kw_only=True)
class MachineEnd:
    """What is known about a QEMU process that ended."""

    returncode: int
    """As `subprocess` has it: negative for a signal."""
    lived_seconds: float
    stood: bool
    """QEMU took its options and made the machine."""
    shutdown_reason: str | None = None
    """Of the last SHUTDOWN event: guest-shutdown, guest-reset, guest-panic, host-signal, ..."""
    panicked: bool = False
    run_state: str | None = None
    """A state in which the machine could not go on: internal-error, io-error."""
    stopped_by: StoppedBy | None = None
    """The signal with which a person or a program stopped the run."""
    expects_debug_exit: bool = False
    said: tuple[str, ...] = ()
    """The lines QEMU wrote on its standard error."""


@record(kw_only=True)
class Verdict:
    """How one machine's run ended."""

    code: int
    """An exit code: of ExitCode, or the guest's own number."""
    words: str
    details: tuple[str, ...] = field(default=())

    @property
    def is_good(self) -> bool:
        """Whether the task ended as asked."""
        return self.code == ExitCode.OK


def judge(end: MachineEnd) -> Verdict:
    """The verdict on one machine."""
    after = duration(end.lived_seconds)
    if end.run_state is not None:
        return _broken(end, after)
    if end.stopped_by is not None:
        return Verdict(
            code=_STOP_CODES[end.stopped_by], words=f"stopped by {_name(end.stopped_by)} after {after}"
        )
    if end.panicked or end.shutdown_reason == "guest-panic":
        return Verdict(code=ExitCode.PANIC, words=f"the guest panicked after {after}")
    if (reported := _reported(end)) is not None:
        code = reported if reported <= _LARGEST_RESULT else ExitCode.TASK_FAILED
        return Verdict(code=code, words=f"the guest reported {reported} after {after}")
    if not end.stood:
        return _refused(end)
    if end.shutdown_reason is None:
        return _silent_end(end, after)
    return _by_reason(end.shutdown_reason, end, after)


def stopped_early(by: StoppedBy) -> Verdict:
    """The verdict on a run that was stopped before it had a machine."""
    return Verdict(code=_STOP_CODES[by], words=f"stopped by {_name(by)} before the guest was started")


def _name(signal: StoppedBy) -> str:
    return "Ctrl-C" if signal == "SIGINT" else signal


def _broken(end: MachineEnd, after: str) -> Verdict:
    if end.run_state == "io-error":
        return Verdict(
            code=ExitCode.HOST, words=f"the guest's disk failed on the host after {after}", details=end.said
        )
    words = f"QEMU's accelerator broke after {after} ({end.run_state})"
    return Verdict(code=ExitCode.MACHINE, words=words, details=end.said)


def _reported(end: MachineEnd) -> int | None:
    """The number the guest wrote to isa-debug-exit; QEMU then exits with twice the number and one more.

    QEMU's own failures exit with 1 and with words.
    """
    is_ours = end.expects_debug_exit and end.shutdown_reason is None and end.returncode > 0
    if not is_ours or not end.returncode % 2 or (end.returncode == 1 and end.said):
        return None
    return end.returncode >> 1


def _refused(end: MachineEnd) -> Verdict:
    if end.returncode < 0:
        words = f"QEMU died of signal {-end.returncode} at its start"
        return Verdict(code=ExitCode.MACHINE, words=words, details=end.said)
    return Verdict(code=ExitCode.MACHINE, words="QEMU refused its options", details=end.said)


def _silent_end(end: MachineEnd, after: str) -> Verdict:
    """No SHUTDOWN event and no number: a crash, or a kill from outside."""
    if end.returncode < 0:
        words = f"QEMU was killed by signal {-end.returncode} after {after}"
    else:
        words = f"QEMU ended with status {end.returncode} after {after}"
    return Verdict(code=ExitCode.MACHINE, words=words, details=end.said)


def _by_reason(reason: str, end: MachineEnd, after: str) -> Verdict:
    match reason:
        case "guest-shutdown":
            return Verdict(code=ExitCode.OK, words=f"the guest powered off after {after}")
        case "guest-reset":
            words = f"the guest reset after {after}, and -no-reboot ended the run"
            return Verdict(code=ExitCode.REBOOT_LOOP, words=words)
        case "host-signal":
            return Verdict(
                code=ExitCode.MACHINE, words=f"QEMU was stopped from outside after {after}", details=end.said
            )
        case "host-error":
            return Verdict(code=ExitCode.HOST, words=f"QEMU met a host error after {after}", details=end.said)
        case _:
            return Verdict(
                code=ExitCode.MACHINE, words=f"QEMU ended after {after} ({reason})", details=end.said
            )


def duration(seconds: float) -> str:
    """A length of time as people say it: `0.3s`, `41s`, `2m05s`, `1h02m`."""
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"
