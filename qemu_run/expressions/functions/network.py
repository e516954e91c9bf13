"""Functions of networks in CIDR notation, IPv4 and IPv6."""

import re
from typing import TYPE_CHECKING, TypeAlias

from qemu_run.expressions.functions.arguments import number, string, whole
from qemu_run.expressions.scope import Function
from qemu_run.expressions.types import STRING
from qemu_run.expressions.values import ExpressionError, ListValue, Number, Value

if TYPE_CHECKING:
    import ipaddress

Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"
MOST_NEW_BITS = 32


def _network(prefix: str) -> Network:
    import ipaddress

    if not re.fullmatch(r"[0-9a-fA-F.:]+/[0-9]{1,3}", prefix):
        raise ExpressionError(f'"{prefix[:60]}" is not a network such as 10.0.0.0/24', 0)
    try:
        return ipaddress.ip_network(prefix, strict=False)
    except ValueError:
        raise ExpressionError(f'"{prefix[:60]}" is not a network such as 10.0.0.0/24', 0) from None


def _address(network: Network, value: int) -> str:
    import ipaddress

    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    return str(kind(value))


def host(prefix: str, host_number: Number) -> str:
    """The address of a host in a network; negative numbers count from its end."""
    network, place = _network(prefix), whole(host_number, 1)
    if not -network.num_addresses <= place < network.num_addresses:
        raise ExpressionError(f"{network} has {network.num_addresses} addresses, none numbered {place}", 1)
    return _address(network, int(network.network_address) + place % network.num_addresses)


def netmask(prefix: str) -> str:
    """The mask of a network as an address."""
    return str(_network(prefix).netmask)


def subnet(prefix: str, new_bits: Number, net_number: Number) -> str:
    """A part of a network: its prefix is longer by some bits, which hold its number."""
    network, bits, place = _network(prefix), whole(new_bits, 1), whole(net_number, 2)
    length = _longer(network, bits, 1)
    if not 0 <= place < 1 << bits:
        raise ExpressionError(f"{bits} bits number the networks 0 to {(1 << bits) - 1}", 2)
    start = int(network.network_address) + (place << (network.max_prefixlen - length))
    return f"{_address(network, start)}/{length}"


def _longer(network: Network, bits: int, argument: int) -> int:
    """The length of a prefix extended by some bits."""
    if not 0 <= bits <= MOST_NEW_BITS:
        raise ExpressionError(f"a prefix can be extended by 0 to {MOST_NEW_BITS} bits", argument)
    length = network.prefixlen + bits
    if length > network.max_prefixlen:
        msg = f"a prefix of {length} bits is too long for IPv{network.version}"
        raise ExpressionError(msg, argument)
    return length


def subnets(prefix: str, *new_bits: Number) -> ListValue:
    """Parts of a network, one after the other, their prefixes longer by so many bits each."""
    network = _network(prefix)
    end = int(network.broadcast_address)
    free = int(network.network_address)
    made: list[Value] = []
    for argument, added in enumerate(new_bits, start=1):
        bits = whole(added, argument)
        if bits < 1:
            msg = "a prefix must be extended by one bit at least"
            raise ExpressionError(msg, argument)
        length = _longer(network, bits, argument)
        size = 1 << (network.max_prefixlen - length)
        start = -(-free // size) * size
        if start > end:
            raise ExpressionError(f"no room is left in {network} for a prefix of {length} bits", argument)
        made.append(f"{_address(network, start)}/{length}")
        free = start + size
    return ListValue(STRING, tuple(made))


FUNCTIONS = {
    "cidrhost": Function(host, (string("prefix"), number("hostnum"))),
    "cidrnetmask": Function(netmask, (string("prefix"),)),
    "cidrsubnet": Function(subnet, (string("prefix"), number("newbits"), number("netnum"))),
    "cidrsubnets": Function(subnets, (string("prefix"),), number("newbits")),
}
