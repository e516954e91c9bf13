"""Why a run is brought to its end: one cause, the first. Later requests can only hasten it.

Each cause knows its exit code and its words. What it has no code for is judged by the facts of the end.
"""

import signal
from typing import ClassVar, Literal, TypeAlias

from qemu_run.endings import code_of, name_of
from qemu_run.errors import ExitCode
from qemu_run.records import record
from qemu_run.verdict.durations import limit

Phase: TypeAlias = Literal["boot", "run", "silence", "max_run_duration"]


@record
class Signalled:
    """A person or a program asked for the end."""

    number: int
    key: str = ""
    """What was typed, if it was not Ctrl-C."""

    @property
    def code(self) -> int:
        """As shells have it: 128 and the signal's number; a closed terminal is a termination."""
        return code_of(self.number)

    @property
    def is_impatient(self) -> bool:
        """Whether it leaves the guest no time."""
        return self.number == signal.SIGQUIT

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f"stopped by {self.spoken} {after}".rstrip()

    @property
    def spoken(self) -> str:
        """The signal as people call it."""
        return self.key or "Ctrl-C" if self.number == signal.SIGINT else name_of(self.number)


@record
class Expected:
    """All that `--expect` waits for was seen on the console."""

    code: ClassVar[int] = ExitCode.OK
    pattern: str

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f'the console said "{self.pattern}" {after}'


@record
class Forbidden:
    """The console said what it must not say."""

    code: ClassVar[int] = ExitCode.FORBIDDEN_OUTPUT
    pattern: str
    line: str

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f'the console said what is forbidden ("{self.pattern}") {after}: "{self.line}"'


_LIMITS: dict[Phase, str] = {
    "boot": "the guest was not ready within {} (--boot-timeout)",
    "run": "the run took longer than {} (--timeout)",
    "silence": "the console was silent for {} (--silence-timeout)",
    "max_run_duration": "the group ran for {}, its max_run_duration",
}


@record
class TimeLimit:
    """The time of a phase ran out."""

    code: ClassVar[int] = ExitCode.TIME_LIMIT
    phase: Phase
    seconds: float

    def words(self, after: str) -> str:  # the limit says more
        """What is said of the end."""
        return _LIMITS[self.phase].format(limit(self.seconds))


@record
class Unhealthy:
    """A check with `check_restart` kept failing."""

    code: ClassVar[int] = ExitCode.TASK_FAILED
    check: str

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f'check "{self.check}" kept failing {after}'


@record
class Broken:
    """QEMU stopped the guest in a state from which it cannot go on: internal-error, io-error."""

    run_state: str
    why: str = ""
    """What the host said of a disk."""

    @property
    def code(self) -> int:
        """A disk that cannot be written is the host's trouble, anything else QEMU's."""
        return ExitCode.HOST if self.run_state == "io-error" else ExitCode.QEMU

    def words(self, after: str) -> str:
        """What is said of the end."""
        if self.run_state == "io-error":
            return f"the guest's disk failed on the host {after}" + (f": {self.why}" if self.why else "")
        return f"QEMU's accelerator broke {after} ({self.run_state})"


@record
class NothingToBoot:
    """The firmware said that there is nothing to start."""

    code: ClassVar[int] = ExitCode.NO_BOOT
    firmware: str

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f"nothing to boot: {self.firmware} {after}"


@record
class Panicked:
    """The guest's kernel gave up."""

    code: ClassVar[int] = ExitCode.PANIC
    said: str = ""
    """What it said, if it said it."""

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f"the guest panicked {after}" + (f': "{self.said}"' if self.said else "")


@record
class RebootLimit:
    """The guest has reset itself too often."""

    code: ClassVar[int] = ExitCode.REBOOT_LOOP
    resets: int

    def words(self, after: str) -> str:
        """What is said of the end."""
        times = "once" if self.resets == 1 else f"{self.resets} times"
        return f"the guest reset itself {times}: stopped {after}"


@record
class CommandEnded:
    """The command that was run beside the guest has ended."""

    code: int

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f"the command ended with {self.code} {after}"


@record
class LeaderEnded:
    """The group's leader has ended, and with it the group."""

    code: ClassVar[int] = ExitCode.OK
    task: str

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f"stopped with its leader {self.task} {after}"


@record
class TaskFailed:
    """Another task of the group failed, and a group fails as a whole."""

    code: ClassVar[int] = ExitCode.OK
    task: str

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f"stopped {after}, since {self.task} had failed"


@record
class OnlySidecarsLeft:
    """All that the sidecars were there for has ended."""

    code: ClassVar[int] = ExitCode.OK

    def words(self, after: str) -> str:
        """What is said of the end."""
        return f"stopped {after}, as a sidecar is"


Cause: TypeAlias = (
    Signalled
    | Expected
    | Forbidden
    | TimeLimit
    | Unhealthy
    | Broken
    | NothingToBoot
    | Panicked
    | RebootLimit
    | CommandEnded
    | LeaderEnded
    | TaskFailed
    | OnlySidecarsLeft
)

FOLLOWS_OTHERS = (LeaderEnded, TaskFailed, OnlySidecarsLeft)
"""Causes that are another task's end: they never decide how the job ended."""
OF_THE_ATTEMPT = (Panicked, NothingToBoot, RebootLimit, Broken, Unhealthy)
"""Causes that are a failure of the guest itself: its restart policy says whether it gets another attempt."""
IS_EVIDENCE = (Forbidden, Panicked)
"""Causes that the guest's own words are: they count although it may have ended meanwhile."""
HAS_NO_EAR = (Broken, Panicked, NothingToBoot, RebootLimit)
"""Causes that leave no guest to hear a power button."""


@record(kw_only=True)
class StopRequest:
    """The wish for an end."""

    cause: Cause
    at_once: bool = False
    """Whether what is left of the guest's time is to be skipped."""
    group_has_waited: bool = False
    """The group's `shutdown_delay` is over."""
