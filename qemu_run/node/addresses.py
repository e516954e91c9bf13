"""The addresses of this machine, and who listens on them already."""

import errno
import socket
from contextlib import suppress

from qemu_run.node.client_config import HostNetwork

_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
NO_ADDRESS = "is no address of this machine"
"""The end of what is said of an address that nothing here can listen on."""
_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - listened on by others, not by us


def _family(ip: str) -> socket.AddressFamily:
    """The family of an address, or of `::` and `0.0.0.0`."""
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def primary_address() -> str:
    """The address that talks to the world; empty if there is no way out.

    Connecting a datagram socket sends nothing; it only makes the kernel choose the way and so the address.
    """
    for family, far_away in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far_away, 9))
            return str(probe.getsockname()[0])
    return ""


def interface_addresses(interface: str = "") -> list[str]:
    """The addresses of one interface, or of all: IPv4 first, then IPv6 without its zone."""
    import psutil

    cards = psutil.net_if_addrs()
    chosen = cards.values() if not interface else [cards.get(interface, [])]
    return [
        address.address.partition("%")[0]
        for family in (socket.AF_INET, socket.AF_INET6)
        for addresses in chosen
        for address in addresses
        if address.family == family
    ]


def host_network_address(network: HostNetwork) -> str | None:
    """The first address that the `host_network` names; None if this machine has none such."""
    from ipaddress import ip_address, ip_network

    addresses = interface_addresses(network.interface)
    if network.cidr:
        allowed = ip_network(network.cidr, strict=False)
        addresses = [address for address in addresses if ip_address(address) in allowed]
    return next(iter(addresses), None)


_LARGEST_PORT = 65535


def port_obstacle(ip: str, port: int, protocol: str) -> str | None:
    """Why a guest can't have the port, in words; None: it is free.

    Args:
        ip: the address to listen on, `0.0.0.0` or `::` for all.
        port: 1 to 65535.
        protocol: `tcp` or `udp`.
    """
    if not 0 <= port <= _LARGEST_PORT:
        return "no port has this number"
    with socket.socket(_family(ip), _KINDS[protocol]) as trial:
        if protocol == "tcp":
            # As QEMU does: connections of an earlier run that linger don't count.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((ip, port))
            if protocol == "tcp":
                trial.listen()
        except PermissionError:
            return "ports below 1024 need more rights"
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return f"{ip} {NO_ADDRESS}"
            return f"taken by {who_holds(ip, port, protocol) or 'another program'}"
    return None


def who_holds(ip: str, port: int, protocol: str) -> str | None:
    """The program that listens on the port already, `nginx (pid 812)`, as far as we may know it; else None.

    Args:
        ip: the address wanted; one that listens on all addresses is in its way, too.
        port: 1 to 65535.
        protocol: `tcp` or `udp`.
    """
    import psutil

    with suppress(psutil.Error):
        for connection in psutil.net_connections(protocol):
            local = connection.laddr
            if connection.raddr or not local or local.port != port or not connection.pid:
                continue
            if local.ip == ip or {local.ip, ip} & _EVERYWHERE:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None
