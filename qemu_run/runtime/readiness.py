"""Whether a guest answers on its forwarded ports.

QEMU's user-mode network accepts a connection long before the guest does, so that connecting proves nothing:
the network itself is asked whether the guest's side is established. A probe connects, and no more.
Source: QEMU's `info usernet`.
"""

import asyncio
import contextlib
import re

from qemu_run.planning.plan import Forward
from qemu_run.runtime.monitor import Monitor

_BETWEEN_SECONDS = 0.25
_TRIES = 12
"""How often one connection is looked at before a new one is made."""


async def until_ports_answer(monitor: Monitor, forwards: tuple[Forward, ...]) -> None:
    """Wait until the guest has answered on each forwarded tcp port."""
    for forward in forwards:
        while not await port_answers(monitor, forward):  # noqa: ASYNC110  # the guest tells nobody
            await asyncio.sleep(_BETWEEN_SECONDS)


async def port_answers(monitor: Monitor, forward: Forward) -> bool:
    """Whether the guest takes a connection at this port now."""
    try:
        _, writer = await asyncio.open_connection(forward.host_ip, forward.host_port)
    except OSError:
        return False
    try:
        for _ in range(_TRIES):
            if _is_established(await monitor.human("info usernet"), forward):
                return True
            await asyncio.sleep(_BETWEEN_SECONDS)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return False


def _is_established(connections: str, forward: Forward) -> bool:
    pattern = rf"TCP\[ESTABLISHED\]\s+\d+\s+\S+\s+{forward.host_port}\s+\S+\s+{forward.guest_port}\s"
    return re.search(pattern, connections) is not None
