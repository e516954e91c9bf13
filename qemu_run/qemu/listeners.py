"""Who listens where: forwards that a job writes by hand, and QEMU's own sockets.

Source: QEMU's manual page; `slirp_hostfwd` of its `net/slirp.c`; `vnc_display_get_addresses` of `ui/vnc.c`.
"""

import re
from collections.abc import Iterator
from typing import Literal

from qemu_run.qemu.arguments import Option
from qemu_run.qemu.chardevs import (
    ANYWHERE,
    CharDevice,
    Protocol,
    bare_address,
    port_number,
    read_chardev,
    read_short,
)
from qemu_run.qemu.properties import Properties
from qemu_run.records import record

_VNC_PORTS, _VNC_WEBSOCKET_PORTS = 5900, 5700
_GDB_SHORTHAND = "tcp::1234"
_DISPLAY = r"(\[[^\]]*\]|[^:]*):(\d+)"
_RULE = r"(?a)(tcp|udp|):([^:]*):(\d+)-([^:]*):(\d+)"
_EVERYWHERE = frozenset({ANYWHERE, "::", "*", ""})


@record(kw_only=True)
class HostForward:
    """A forward that a job writes itself: `hostfwd=tcp:127.0.0.1:2222-:22`."""

    protocol: Literal["tcp", "udp"]
    host_ip: str
    host_port: int
    """0: QEMU takes a free one."""
    guest_ip: str
    """Empty for the guest's own first address."""
    guest_port: int
    index: int
    """Which of the arguments it stands in."""

    @property
    def is_public(self) -> bool:
        """Whether every network of the host reaches it."""
        return self.host_ip in _EVERYWHERE


@record(kw_only=True)
class Listener:
    """A socket on which QEMU itself listens."""

    what: str
    """The option it comes from: vnc, spice, serial, monitor, gdb, chardev, netdev."""
    protocol: Protocol
    address: str
    """The path of a unix socket."""
    port: int | None
    """None of a unix socket, and where the text is not a number."""
    index: int
    last_port: int | None = None
    """QEMU takes the first free port up to this one."""
    waits_for_client: bool = False
    """The guest does not start before someone has connected."""
    label: str = ""
    """The id of a chardev."""

    @property
    def is_public(self) -> bool:
        """Whether every network of the host reaches it."""
        return self.protocol != "unix" and self.address in _EVERYWHERE


def read_forwards(option: Option) -> tuple[tuple[HostForward, ...], tuple[str, ...]]:
    """The forwards in a network option, and rules in it that are not one.

    QEMU 10 takes what stands behind a port for nothing, so that a slip of the pen goes unseen there.
    """
    if option.name not in {"netdev", "nic", "net"}:
        return (), ()
    found: list[HostForward] = []
    wrong: list[str] = []
    for rule in option.properties.all("hostfwd"):
        match = re.fullmatch(_RULE, rule)
        if match is None or int(match[3]) > 65535 or not 0 < int(match[5]) < 65536:
            wrong += [] if rule.startswith("unix:") else [rule]
            continue
        protocol: Literal["tcp", "udp"] = "udp" if match[1] == "udp" else "tcp"
        found.append(
            HostForward(
                protocol=protocol,
                host_ip=match[2] or ANYWHERE,
                host_port=int(match[3]),
                guest_ip=match[4],
                guest_port=int(match[5]),
                index=option.index,
            )
        )
    return tuple(found), tuple(wrong)


def read_listeners(option: Option) -> Iterator[Listener]:
    """The sockets that QEMU listens on because of one option."""
    if option.name == "vnc":
        yield from _vnc(option.properties, option.index)
    elif option.name == "display" and (option.value or "").startswith("vnc="):
        yield from _vnc_display(option)
    elif option.name == "spice":
        yield from _spice(option.properties, option.index)
    elif option.name == "s" or (option.name == "gdb" and option.value):
        device = read_short(option.value or _GDB_SHORTHAND, is_server=True, waits=False)
        yield from _of_device("gdb", device, option.index)
    elif option.name in {"serial", "parallel", "debugcon", "monitor", "qmp", "qmp-pretty"}:
        yield from _of_device(option.name, read_short(option.value or ""), option.index)
    elif option.name == "chardev":
        yield from _of_device(
            "chardev", read_chardev(option.properties), option.index, option.properties.get("id")
        )
    elif option.name in {"netdev", "nic", "net"}:
        yield from _network(option.properties, option.index)


def _of_device(what: str, device: CharDevice, index: int, label: str = "") -> Iterator[Listener]:
    end = device.endpoint
    if end is not None and end.is_server:
        yield Listener(
            what=what,
            protocol=end.protocol,
            address=end.address,
            port=end.port,
            index=index,
            last_port=end.last_port,
            waits_for_client=end.waits,
            label=label,
        )


def _vnc_display(option: Option) -> Iterator[Listener]:
    """`-display vnc=:1,...` and `-display vnc=:1` in its other spellings."""
    text = (option.value or "").partition("=")[2]
    yield from _vnc(Option("vnc", text, option.index).properties, option.index)


def _vnc(properties: Properties, index: int) -> Iterator[Listener]:
    name = properties.get("vnc")
    if properties.is_on("reverse"):
        return
    if name.startswith("unix:"):
        address = name.removeprefix("unix:")
        yield Listener(what="vnc", protocol="unix", address=address, port=None, index=index)
        return
    match = re.fullmatch(_DISPLAY, name)
    if match is None:
        return
    address, display = bare_address(match[1]), int(match[2])
    last = properties.get("to")
    yield Listener(
        what="vnc",
        protocol="tcp",
        address=address,
        port=_port(_VNC_PORTS + display),
        index=index,
        last_port=_port(_VNC_PORTS + int(last)) if last.isdecimal() else None,
    )
    websocket = properties.get("websocket")
    if websocket and websocket != "off":
        port = port_number(websocket) if websocket != "on" else _port(_VNC_WEBSOCKET_PORTS + display)
        yield Listener(what="vnc websocket", protocol="tcp", address=address, port=port, index=index)


def _port(number: int) -> int | None:
    return number if number < 65536 else None


def _spice(properties: Properties, index: int) -> Iterator[Listener]:
    address = properties.get("addr")
    if properties.is_on("unix"):
        yield Listener(what="spice", protocol="unix", address=address, port=None, index=index)
        return
    for key in ("port", "tls-port"):
        if properties.get(key, "0") != "0":
            port = port_number(properties.get(key))
            yield Listener(
                what="spice", protocol="tcp", address=bare_address(address), port=port, index=index
            )


def _network(properties: Properties, index: int) -> Iterator[Listener]:
    """Networks that are sockets themselves: `socket,listen=`, `stream,server=on`, `dgram`."""
    listen = properties.get("listen")
    kind = properties.get("type")
    if listen:
        host, _, port = listen.rpartition(":")
        address = bare_address(host)
        yield Listener(what="netdev", protocol="tcp", address=address, port=port_number(port), index=index)
    local = properties.get("localaddr")
    if properties.has("udp") and local:
        host, _, port = local.rpartition(":")
        address = bare_address(host)
        yield Listener(what="netdev", protocol="udp", address=address, port=port_number(port), index=index)
    side = {"stream": "addr", "dgram": "local"}.get(kind)
    if side is None or (kind == "stream" and not properties.is_on("server")):
        return
    family = properties.get(f"{side}.type")
    if family == "inet":
        yield Listener(
            what="netdev",
            protocol="tcp" if kind == "stream" else "udp",
            address=bare_address(properties.get(f"{side}.host")),
            port=port_number(properties.get(f"{side}.port")),
            index=index,
        )
    elif family == "unix":
        path = properties.get(f"{side}.path")
        yield Listener(what="netdev", protocol="unix", address=path, port=None, index=index)
