"""Character devices: where a serial port, a monitor or a debugger's line leads.

Source: `qemu_chr_parse_compat` of QEMU's `chardev/char.c`; its manual page, "Character device options".
"""

import re
from typing import Literal

from qemu_run.qemu.properties import Properties, read_properties
from qemu_run.records import record

Protocol = Literal["tcp", "udp", "unix"]
ANYWHERE = "0.0.0.0"  # noqa: S104 - what QEMU does with an address that is left out
_SOCKET = r"(?s)(tcp|telnet|tn3270|websocket):(\[[^\]]*\]|[^:,]*):([^,]*)(?:,(.*))?"
_UDP = r"(?s)udp:(\[[^\]]*\]|[^:,@]*):([^,@]*)(?:@(\[[^\]]*\]|[^:,]*):([^,]*))?(?:,.*)?"
_UNIX = r"(?s)unix:([^,]*(?:,,[^,]*)*)(?:,(.*))?"
_STDIO = {"stdio", "console"}


@record(kw_only=True)
class Endpoint:
    """A socket that QEMU opens for a character device."""

    protocol: Protocol
    address: str
    """The host's side; the path of a unix socket."""
    port: int | None
    """None where it is not a number, or of a unix socket."""
    is_server: bool
    waits: bool
    """QEMU does not start its guest before someone has connected."""
    last_port: int | None = None
    """QEMU listens at the first free port up to this one."""


@record(kw_only=True)
class CharDevice:
    """A character device as a job describes it."""

    backend: str
    """QEMU's name: socket, udp, file, pipe, pty, stdio, null, vc, ..."""
    path: str = ""
    """The file it reads or writes."""
    endpoint: Endpoint | None = None
    chardev: str = ""
    """The id of a `-chardev` that it uses."""
    is_monitor_too: bool = False
    """Shared with QEMU's monitor: `mon:stdio`."""

    @property
    def is_stdio(self) -> bool:
        """Whether it takes QEMU's own input and output."""
        return self.backend in _STDIO


def read_short(text: str, *, is_server: bool = False, waits: bool = True) -> CharDevice:
    """The device in `-serial`, `-monitor`, `-gdb` and the like.

    Args:
        text: Their value.
        is_server: Whether a socket listens though the text does not say so (`-gdb`).
        waits: Whether a server waits for a client when the text does not say.
    """
    if text.startswith("mon:"):
        inner = read_short(text.removeprefix("mon:"), is_server=is_server, waits=waits)
        return CharDevice(
            backend=inner.backend,
            path=inner.path,
            endpoint=inner.endpoint,
            chardev=inner.chardev,
            is_monitor_too=True,
        )
    if (match := re.fullmatch(_SOCKET, text)) is not None:
        properties = read_properties(match[4] or "")
        server = properties.is_on("server", default=is_server)
        return CharDevice(
            backend="socket",
            endpoint=_inet(
                match[2], match[3], server, server and properties.is_on("wait", default=waits), properties
            ),
        )
    if (match := re.fullmatch(_UDP, text)) is not None:
        return CharDevice(backend="udp", endpoint=_udp(match[3], match[4]))
    if (match := re.fullmatch(_UNIX, text)) is not None:
        properties = read_properties(match[2] or "")
        server = properties.is_on("server", default=is_server)
        waits = server and properties.is_on("wait", default=waits)
        return CharDevice(
            backend="socket", path=match[1].replace(",,", ","), endpoint=_unix(match[1], server, waits)
        )
    return _simple(text)


def _simple(text: str) -> CharDevice:
    head, colon, rest = text.partition(":")
    name = text.partition(",")[0]
    if head == "chardev" and colon:
        return CharDevice(backend="chardev", chardev=rest)
    if head in {"file", "pipe"} and colon:
        return CharDevice(backend=head, path=read_properties(rest, "path").get("path"))
    if head in {"con", "vc"}:
        return CharDevice(backend="vc")
    if name.startswith("/"):
        return CharDevice(backend="serial", path=name)
    return CharDevice(backend=name)


def read_chardev(properties: Properties) -> CharDevice:
    """The device in the pairs of a `-chardev`, also in JSON (`backend.type`, `backend.data....`)."""
    if properties.is_json:
        properties = Properties(tuple((_without_nesting(key), value) for key, value in properties.pairs))
    backend, path = properties.get("backend"), properties.get("path")
    endpoint: Endpoint | None = None
    if backend == "socket":
        server = properties.is_on("server", default=False)
        waits = server and properties.is_on("wait", default=True)
        if properties.has("path"):
            endpoint = _unix(path, server, waits)
        elif properties.has("port"):
            endpoint = _inet(properties.get("host"), properties.get("port"), server, waits, properties)
    elif backend == "udp":
        endpoint = _udp(properties.get("localaddr"), properties.get("localport"))
    return CharDevice(backend=backend, path=path, endpoint=endpoint)


def _without_nesting(key: str) -> str:
    if key == "backend.type":
        return "backend"
    last = key.rsplit(".", 1)[-1]
    return {"out": "path", "in": "input-path", "device": "path"}.get(last, last)


def _inet(host: str, port: str, is_server: bool, waits: bool, properties: Properties) -> Endpoint:  # noqa: FBT001
    last = properties.get("to")
    return Endpoint(
        protocol="tcp",
        address=bare_address(host),
        port=port_number(port),
        is_server=is_server,
        waits=waits,
        last_port=port_number(last) if last else None,
    )


def _unix(path: str, is_server: bool, waits: bool) -> Endpoint:  # noqa: FBT001
    return Endpoint(
        protocol="unix", address=path.replace(",,", ","), port=None, is_server=is_server, waits=waits
    )


def _udp(address: str | None, port: str | None) -> Endpoint | None:
    """The socket that QEMU binds; None where it takes any free port to send from."""
    number = port_number(port or "")
    if not number:
        return None
    return Endpoint(
        protocol="udp", address=bare_address(address or ""), port=number, is_server=True, waits=False
    )


def bare_address(text: str) -> str:
    """An address without the brackets of IPv6; everywhere, where it is left out."""
    return text.removeprefix("[").removesuffix("]") or ANYWHERE


def port_number(text: str) -> int | None:
    """A port, or None for what is not one."""
    return int(text) if text.isascii() and text.isdecimal() and int(text) < 65536 else None
