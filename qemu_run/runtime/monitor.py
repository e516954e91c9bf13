"""QEMU's machine monitor over the socket that it inherited from us.

The protocol is lines of JSON: a greeting, then replies, each with the id of its command, and events. It is
spoken here rather than by a library because an outcome depends on its details: that the reply to what was
sent before QEMU started is the proof that QEMU took its options, and that no event before the end is lost.
Source: QEMU's `docs/interop/qmp-spec.rst` and its QMP reference.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import Mapping
from pathlib import Path

from qemu_run.records import record
from qemu_run.runtime.child import NEGOTIATION_ID
from qemu_run.runtime.process import START_ID

_LONGEST_LINE = 16 << 20
_CHUNK_BYTES = 1 << 16
_PICTURE_SECONDS = 1.0
_REPLY_SECONDS = 5.0
"""QEMU answers in a millisecond; it does not while it is stopped or hangs."""


@record
class MonitorEvent:
    """An event of the machine."""

    name: str
    data: Mapping[str, object]


class Monitor:
    """The monitor of one QEMU. Losing it is no failure: the process is the truth."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._is_open = False
        self._waiting: dict[str, asyncio.Future[Mapping[str, object] | None]] = {}
        self._sent = 0
        self._events: asyncio.Queue[MonitorEvent | None] = asyncio.Queue()
        self.stood = asyncio.Event()
        """QEMU has answered what was sent before its start: it took its options and made the machine."""
        self.refusal = ""
        """Why QEMU does not let the guest run."""

    async def listen(self) -> None:
        """Read until the connection ends; replies go to who waits for them, events to `next_event`."""
        self._connection.settimeout(0.0)
        self._is_open = True
        loop, rest = asyncio.get_running_loop(), b""
        try:
            # Not by a StreamReader: where the connection is reset it forgets what had come before, and a QEMU
            # that ends with a command of ours unread resets it, its last event just sent.
            while len(rest) < _LONGEST_LINE and (
                data := await loop.sock_recv(self._connection, _CHUNK_BYTES)
            ):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._take(line)
        except OSError:
            pass  # a lost connection: there will be no more to learn
        finally:
            self._is_open = False
            self._events.put_nowait(None)
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_result(None)

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        if "event" in message:
            data = message.get("data")
            event = MonitorEvent(str(message["event"]), data if isinstance(data, dict) else {})
            self._events.put_nowait(event)
        elif message.get("id") == NEGOTIATION_ID:
            self.stood.set()
        elif message.get("id") == START_ID:
            error = message.get("error")
            self.refusal = str(error.get("desc", "")) if isinstance(error, dict) else ""
        elif (waiting := self._waiting.pop(str(message.get("id")), None)) is not None and not waiting.done():
            waiting.set_result(message if "return" in message else None)

    async def next_event(self) -> MonitorEvent | None:
        """The next event; None after the last one, when the connection has ended."""
        return await self._events.get()

    async def execute(self, command: str, **arguments: object) -> object:
        """What QEMU returns for a command; None when it refuses, does not answer in time, or is gone."""
        if not self._is_open:
            return None
        self._sent += 1
        id_ = f"{self._sent}"
        reply = asyncio.get_running_loop().create_future()
        self._waiting[id_] = reply
        request: dict[str, object] = {"execute": command, "id": id_}
        if arguments:
            request["arguments"] = arguments
        line = json.dumps(request).encode() + b"\n"
        try:
            async with asyncio.timeout(_REPLY_SECONDS):
                await asyncio.get_running_loop().sock_sendall(self._connection, line)
                answer = await reply
        except (TimeoutError, OSError):
            return None
        finally:
            self._waiting.pop(id_, None)
        return None if answer is None else answer["return"]

    async def press_power_button(self) -> bool:
        """Press it once; whether the machine took the press."""
        return await self.execute("system_powerdown") is not None

    async def quit(self) -> bool:
        """Ask QEMU to end at once; whether it will."""
        return await self.execute("quit") is not None

    async def run_state(self) -> str:
        """QEMU's word for what the guest does: running, paused, internal-error, io-error, ...; or empty."""
        status = await self.execute("query-status")
        return str(status.get("status", "")) if isinstance(status, Mapping) else ""

    async def draw_screen(self, file: Path) -> None:
        """Make a picture of the guest's screen, as PNG, if it has one and QEMU can (from 7.1 on)."""
        with contextlib.suppress(TimeoutError):
            drawn = self.execute("screendump", filename=str(file), format="png")
            await asyncio.wait_for(drawn, _PICTURE_SECONDS)

    async def human(self, command: str) -> str:
        """What the human monitor prints for a command; empty when it does not answer."""
        answer = await self.execute("human-monitor-command", **{"command-line": command})
        return answer if isinstance(answer, str) else ""

    def close(self) -> None:
        """Let go of the connection, without waiting for anything."""
        self._is_open = False
        self._connection.close()
