"""Ending a machine: the power button, then quit, SIGTERM and SIGKILL, each with its time.

A guest that hears the button has the task's `kill_timeout`; what follows is between QEMU and us and is given
seconds. A second request to stop skips what is left of the guest's time.
"""

import asyncio
import signal
from collections.abc import Callable

from qemu_run.runtime.events import GuestStopped, Report, Stopping, StopStep
from qemu_run.runtime.monitor import Monitor
from qemu_run.runtime.process import Process

_QUIT_SECONDS = 2.0
_TERMINATE_SECONDS = 2.0


async def stop(
    process: Process, monitor: Monitor, gone: asyncio.Event, hurry: asyncio.Event, report: Report
) -> None:
    """End the machine, telling each step.

    `gone` is set when the process has ended, `hurry` when nothing is to be waited for any longer.
    """
    told_at = process.lived_seconds
    by_itself = await _ask_guest(process, monitor, gone, hurry, report)
    if not by_itself:
        await _end(process, monitor, gone, report)
    seconds = process.lived_seconds - told_at
    report(GuestStopped(task=process.plan, by_itself=by_itself, seconds=seconds))


async def _ask_guest(
    process: Process, monitor: Monitor, gone: asyncio.Event, hurry: asyncio.Event, report: Report
) -> bool:
    """Press the power button and give the guest its time; whether it made use of it."""
    seconds = process.plan.kill_timeout.total_seconds()
    if not process.plan.power_button or seconds <= 0 or hurry.is_set():
        return False
    report(Stopping(task=process.plan, step="power button", seconds_left=seconds))
    if not await monitor.press_power_button():
        return False
    waits = [asyncio.ensure_future(gone.wait()), asyncio.ensure_future(hurry.wait())]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    return gone.is_set()


async def _end(process: Process, monitor: Monitor, gone: asyncio.Event, report: Report) -> None:
    """End QEMU itself, harder with each step."""
    steps: list[tuple[StopStep, Callable[[], None] | None, float]] = [
        ("quit", None, _QUIT_SECONDS),
        ("terminate", lambda: process.signal(signal.SIGTERM), _TERMINATE_SECONDS),
        ("kill", lambda: process.signal(signal.SIGKILL), float("inf")),
    ]
    for step, act, seconds in steps:
        report(Stopping(task=process.plan, step=step, seconds_left=seconds))
        if act is not None:
            act()
        elif not await monitor.quit():
            continue  # no monitor, no quit: the next step does not need one
        if await _within(gone, seconds):
            return


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), None if seconds == float("inf") else seconds)
    except TimeoutError:
        return False
    return True
