"""Ending a guest: the power button, then quit, SIGTERM and SIGKILL, each with its time.

A guest that hears the button has the task's `kill_timeout`; what follows is between QEMU and us and is given
seconds. A request to hasten skips what is left of the guest's time. Nothing here waits without a limit.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from typing import Any, TypeAlias

from qemu_run.runtime.events import StopStep
from qemu_run.runtime.monitor import Monitor
from qemu_run.runtime.process import Process

_PRESS_AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Until the button is pressed again: a system that boots does not hear it yet, one that goes down no more."""
_SILENT_SECONDS = 4.0
"""After a pause as long as this, a further press is told: whoever waits sees how much time is left."""
_LAST_MOMENT_SECONDS = 0.5
_QUIT_SECONDS = 2.0
_TERMINATE_SECONDS = 2.0
_KILL_SECONDS = 10.0
"""A process that the kernel holds in a device may take a while; more is the host's trouble."""

Tell: TypeAlias = Callable[[StopStep, float], None]
"""Says which step was taken and how many seconds there are until the next."""


class Ladder:
    """The steps from a running guest to none."""

    def __init__(
        self,
        process: Process,
        monitor: Monitor,
        gone: asyncio.Event,
        hurry: asyncio.Event,
        *,
        terminate: signal.Signals = signal.SIGTERM,
    ) -> None:
        """`gone` is set when the process has ended, `hurry` when the guest's time is to be skipped.

        `terminate` is the signal that the job wants in SIGTERM's place.
        """
        self._terminate = terminate
        self._process = process
        self._monitor = monitor
        self._gone = gone
        self._hurry = hurry
        self.pressed = False
        """The guest's power button was pressed, or QEMU did not even take the press."""

    async def delay(self, seconds: float, tell: Tell) -> None:
        """Let the guest go on for a while, as its job wants it."""
        if seconds > 0 and not self._hurry.is_set():
            tell("delay", seconds)
            await self._first_of(asyncio.ensure_future(self._gone.wait()), seconds)

    async def ask_guest(self, seconds: float, tell: Tell) -> bool:
        """Press the power button and give the guest `seconds`; whether it made use of them.

        No press waits for a guest to hear it: what comes before its system has enabled the button is lost.
        """
        if self._hurry.is_set() or seconds <= 0 or not self._monitor.stood.is_set():
            return False
        tell("power button", seconds)
        self.pressed = True
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        for pause in (*_PRESS_AGAIN_SECONDS, seconds):
            pressing = asyncio.ensure_future(self._monitor.press_power_button())
            if not await self._first_of(pressing, until - loop.time()):
                # Nobody takes it any more where QEMU is ending by itself, which takes a moment.
                await self._first_of(asyncio.ensure_future(self._gone.wait()), _LAST_MOMENT_SECONDS)
                break
            left = until - loop.time()
            await self._first_of(asyncio.ensure_future(self._gone.wait()), min(pause, left))
            if self._gone.is_set() or self._hurry.is_set() or loop.time() >= until:
                break
            if pause >= _SILENT_SECONDS:
                tell("power button again", until - loop.time())
        return self._gone.is_set()

    async def end_qemu(self, tell: Tell) -> None:
        """End QEMU itself, harder with each step."""
        tell("quit", _QUIT_SECONDS)
        if await self._first_of(asyncio.ensure_future(self._monitor.quit()), _QUIT_SECONDS, hurried=True):
            await self._wait(_QUIT_SECONDS)
        steps: tuple[tuple[StopStep, signal.Signals, float], ...] = (
            ("terminate", self._terminate, _TERMINATE_SECONDS),
            ("kill", signal.SIGKILL, _KILL_SECONDS),
        )
        for step, number, seconds in steps:
            if self._gone.is_set():
                return
            tell(step, seconds)
            self._process.signal(number)
            await self._wait(seconds)

    async def _wait(self, seconds: float) -> None:
        """Wait for the end of the process, but not longer."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._gone.wait(), seconds)

    async def _first_of(
        self, wanted: "asyncio.Future[bool]", seconds: float, *, hurried: bool = False
    ) -> bool:
        """The result of `wanted`; False when the time is over or the process gone before.

        Unless it is `hurried` already, a request to hasten ends it as well.
        """
        others: list[asyncio.Future[Any]] = [] if hurried else [asyncio.ensure_future(self._hurry.wait())]
        others.append(asyncio.ensure_future(self._gone.wait()))
        try:
            await asyncio.wait(
                {wanted, *others}, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED
            )
            return wanted.done() and wanted.result()
        finally:
            for each in (wanted, *others):
                each.cancel()
