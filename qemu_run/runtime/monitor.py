"""QEMU's machine monitor over the socket that it inherited from us.

Source: QEMU's QMP reference; the library qemu.qmp speaks the protocol.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Mapping

from qemu.qmp import EventListener, Message, QMPClient, QMPError, Runstate

from qemu_run.records import record

_WATCHED = ("SHUTDOWN", "STOP", "GUEST_PANICKED", "RESET")


@record
class MonitorEvent:
    """An event of the machine."""

    name: str
    data: Mapping[str, object]


class Monitor:
    """The monitor of one machine. Losing it is no failure: the process is the truth."""

    def __init__(self, name: str) -> None:
        logging.getLogger("qemu.qmp").disabled = True  # a lost connection is expected, not news
        self._client = QMPClient(name)
        self._client.logger.disabled = True
        self._client.negotiate = False  # that was done before QEMU was started
        self._events = EventListener(_WATCHED)
        self._client.register_listener(self._events)

    async def open(self, connection: socket.socket) -> bool:
        """Wait until the machine stands; False when QEMU ended before.

        QEMU greets before it makes the machine, and answers after. A quick guest may have ended by then, at
        which the library stumbles; but then there is an event.
        """
        with contextlib.suppress(QMPError, OSError, EOFError, AssertionError):
            await self._client.connect(connection)
        return await self.run_state() != "" or not self._events.empty()

    async def events(self) -> AsyncIterator[MonitorEvent]:
        """Events as they come, until the connection ends; none that came before the end is lost."""
        closed = asyncio.ensure_future(self._closed())
        try:
            while not closed.done():
                following = asyncio.ensure_future(self._events.get())
                await asyncio.wait({following, closed}, return_when=asyncio.FIRST_COMPLETED)
                if following.done():
                    yield _event(following.result())
                else:
                    following.cancel()
            while not self._events.empty():
                yield _event(await self._events.get())
        finally:
            closed.cancel()

    async def _closed(self) -> None:
        while self._client.runstate == Runstate.RUNNING:
            await self._client.runstate_changed()

    async def press_power_button(self) -> bool:
        """Press it once; whether the machine took the press."""
        return await self._execute("system_powerdown")

    async def quit(self) -> bool:
        """Ask QEMU to end at once."""
        return await self._execute("quit")

    async def run_state(self) -> str:
        """QEMU's word for what the machine does: running, paused, internal-error, io-error, ...; or empty."""
        with contextlib.suppress(QMPError, OSError, EOFError):
            status = await self._client.execute("query-status")
            if isinstance(status, Mapping):
                return str(status.get("status", ""))
        return ""

    async def _execute(self, command: str) -> bool:
        try:
            await self._client.execute(command)
        except (QMPError, OSError, EOFError):
            return False
        return True

    async def close(self) -> None:
        """Let go of the connection."""
        with contextlib.suppress(QMPError, OSError, EOFError):
            await self._client.disconnect()


def _event(message: Message) -> MonitorEvent:
    data = message.get("data", {})
    return MonitorEvent(str(message["event"]), data if isinstance(data, Mapping) else {})
