"""Whether a guest answers on its forwarded ports.

QEMU's user-mode network accepts a connection long before the guest does, so that connecting proves nothing:
the network itself is asked whether the guest's side is established. A probe connects, and no more.
Source: QEMU's `info usernet`.
"""

import asyncio
import contextlib
import re

from qemu_run.planning.checks import has_to_pass
from qemu_run.planning.plan import Forward, TaskPlan
from qemu_run.runtime.monitor import Monitor

_BETWEEN_SECONDS = 0.25
_TRIES = 12
"""How often one connection is looked at before a new one is made."""


def probed(plan: TaskPlan) -> tuple[Forward, ...]:
    """The forwards by which a guest tells that it is ready, where neither words nor checks do."""
    if has_to_pass(plan):
        return ()
    forwards = plan.launch.forwards
    return tuple(each for each in forwards if "tcp" in each.protocols and each.guest_port is not None)


def never_answered(forward: Forward) -> str:
    """Why a guest was not ready."""
    return f'port "{forward.label}" never answered'


async def until_port_answers(monitor: Monitor, forward: Forward) -> None:
    """Wait until the guest has answered on a forwarded tcp port."""
    while not await port_answers(monitor, forward):  # noqa: ASYNC110  # the guest tells nobody
        await asyncio.sleep(_BETWEEN_SECONDS)


async def port_answers(monitor: Monitor, forward: Forward) -> bool:
    """Whether the guest takes a connection at this port now."""
    try:
        async with asyncio.timeout(_TRIES * _BETWEEN_SECONDS):
            return not await guest_takes(monitor, forward.host_ip, forward.host_port, forward.guest_port)
    except TimeoutError:
        return False


async def guest_takes(monitor: Monitor, ip: str, port: int, guest_port: int | None) -> str:
    """Connect, and wait until the guest has taken the connection: why it will not, or nothing when it has.

    `guest_port` is None where the job forwards the port by hand.
    """
    try:
        reader, writer = await asyncio.open_connection(ip, port)
    except OSError as error:
        return error.strerror or "no connection"
    try:
        while True:
            closed = await _closes(reader)
            if _is_established(await monitor.human("info usernet"), port, guest_port):
                return ""
            if closed is not None:
                return "" if closed else "refused by the guest"
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _closes(reader: asyncio.StreamReader) -> bool | None:
    """What comes within a moment: True for words of the guest, False for the end, None for nothing."""
    try:
        return bool(await asyncio.wait_for(reader.read(1), _BETWEEN_SECONDS))
    except TimeoutError:
        return None
    except OSError:
        return False


def _is_established(connections: str, host_port: int, guest_port: int | None) -> bool:
    """Whether QEMU's network has a connection through the forward that the guest has taken."""
    guest = r"\d+" if guest_port is None else guest_port
    pattern = rf"TCP\[(?:ESTABLISHED|CLOSE_WAIT)\]\s+\d+\s+\S+\s+{host_port}\s+\S+\s+{guest}\s"
    return re.search(pattern, connections) is not None
