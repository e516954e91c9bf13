"""What the events of QEMU tell of a machine: how it ended, what broke it, and why it stands still."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from qemu_run.runtime.monitor import MonitorEvent
from qemu_run.runtime.resets import ResetCount
from qemu_run.verdict.cause import Broken, Panicked, RebootLimit, StopRequest

BROKEN_STATES = frozenset({"internal-error", "io-error"})
WAITING_STATES = frozenset({"prelaunch", "paused", "inmigrate"})
ENDED_STATES = frozenset({"shutdown", "guest-panicked"})
"""In which `-no-shutdown` and `-action` keep a QEMU whose guest has ended."""

AskState: TypeAlias = Callable[[], Awaitable[str]]
"""Asks QEMU for its word for what the guest does."""


class Machine:
    """The course of one machine, event by event."""

    def __init__(
        self,
        *,
        stop: Callable[[StopRequest], None],
        over: Callable[[], None],
        waits: Callable[[], None],
        most_resets: int | None,
    ) -> None:
        """Nothing has happened yet.

        Args:
            stop: Is asked for the end, with its cause.
            over: Is told when the guest has ended and QEMU stays.
            waits: Is told when somebody lets the guest stand still.
            most_resets: As ResetCount has it.
        """
        self.shutdown_reason: str | None = None
        """Of the first SHUTDOWN event."""
        self.panicked = False
        self._stop = stop
        self._over = over
        self._waits = waits
        self._resets = ResetCount(most_resets)
        self._disk_failure = ""

    async def learn(self, event: MonitorEvent, at_seconds: float, ask_state: AskState) -> None:
        """Take what an event says, `at_seconds` of the machine's life."""
        match event.name:
            case "SHUTDOWN":
                self.shutdown_reason = self.shutdown_reason or str(event.data.get("reason", ""))
            case "GUEST_PANICKED":
                self.panicked = True
                self._stop(StopRequest(cause=Panicked(), at_once=True))
            case "RESET" if event.data.get("guest") is True:
                if self._resets.is_loop(at_seconds):
                    self._stop(StopRequest(cause=RebootLimit(self._resets.count)))
            case "BLOCK_IO_ERROR":
                self._disk_failure = str(event.data.get("reason", ""))
            case "STOP":
                self._learn_why_it_stands(await ask_state())
            case _:
                pass

    def _learn_why_it_stands(self, state: str) -> None:
        """The guest's processors were stopped: it is over, it is broken, or somebody wanted it so."""
        if state in BROKEN_STATES:
            self._stop(StopRequest(cause=Broken(state, self._disk_failure), at_once=True))
        elif state in ENDED_STATES:
            self._over()
        elif state in WAITING_STATES:
            self._waits()
