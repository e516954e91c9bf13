"""The monitor's end: nothing that QEMU said is lost, however it ends."""

import asyncio
import json
import socket

from qemu_run.runtime.monitor import Monitor


def test_an_event_that_came_before_a_reset_is_heard():
    async def listen():
        ours, qemus = socket.socketpair()
        monitor = Monitor(ours)
        ours.sendall(b'{"execute": "query-status"}\n')  # QEMU never reads it: its end is a reset
        qemus.sendall(
            json.dumps({"event": "SHUTDOWN", "data": {"reason": "guest-shutdown"}}).encode() + b"\n"
        )
        qemus.close()
        await asyncio.wait_for(monitor.listen(), 10)
        assert await monitor.execute("query-status") is None
        heard = [await monitor.next_event(), await monitor.next_event()]
        monitor.close()
        return heard

    event, end = asyncio.run(listen())
    assert event is not None
    assert (event.name, event.data) == ("SHUTDOWN", {"reason": "guest-shutdown"})
    assert end is None


def test_a_line_in_pieces_is_one_message():
    async def listen():
        ours, qemus = socket.socketpair()
        monitor = Monitor(ours)
        listening = asyncio.ensure_future(monitor.listen())
        for piece in (b'{"ev', b'ent": "STOP"}\n{"event": "RESUME"}', b"\n"):
            qemus.sendall(piece)
            await asyncio.sleep(0)
        qemus.close()
        await asyncio.wait_for(listening, 10)
        heard = [await monitor.next_event() for _ in range(3)]
        monitor.close()
        return [event and event.name for event in heard]

    assert asyncio.run(listen()) == ["STOP", "RESUME", None]
