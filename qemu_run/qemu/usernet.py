"""What QEMU's user network says of itself: `info usernet` of the human monitor.

Hub -1 (user.0):
Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
TCP[HOST_FORWARD]  13       127.0.0.1 45321       10.0.2.15    22     0     0
"""

import re
from collections.abc import Iterator
from typing import Literal

from qemu_run.records import record

_RULE = r"(?m)^\s*(TCP|UDP)\[HOST_FORWARD\]\s+\d+\s+(\S+)\s+(\d+)\s+\S+\s+(\d+)\s"
_EVERYWHERE = "0.0.0.0"  # noqa: S104  # what is read, not what is listened on


@record
class ForwardRule:
    """A forward that QEMU has made."""

    protocol: Literal["tcp", "udp"]
    host_ip: str
    host_port: int
    guest_port: int


def read_forward_rules(text: str) -> Iterator[ForwardRule]:
    """The forwards in QEMU's words."""
    for protocol, address, host_port, guest_port in re.findall(_RULE, text):
        yield ForwardRule(
            "tcp" if protocol == "TCP" else "udp",
            _EVERYWHERE if address == "*" else address,
            int(host_port),
            int(guest_port),
        )
