"""Addresses of this machine, and ports that are taken, on real sockets."""

import os
import socket

import pytest

from qemu_run.node.addresses import (
    host_network_address,
    interface_addresses,
    port_obstacle,
    primary_address,
    who_holds,
)
from qemu_run.node.client_config import HostNetwork

LOOPBACK = "127.0.0.1"


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("address", [LOOPBACK, "0.0.0.0"])
def test_a_taken_port_names_its_holder(protocol, address):
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind((address, 0))
        if protocol == "tcp":
            holder.listen()
        port = holder.getsockname()[1]
        assert who_holds(LOOPBACK, port, protocol).endswith(f"(pid {os.getpid()})")
        assert port_obstacle(LOOPBACK, port, protocol).startswith("taken by ")
        assert who_holds(LOOPBACK, port, "udp" if protocol == "tcp" else "tcp") is None
    assert who_holds(LOOPBACK, port, protocol) is None
    assert port_obstacle(LOOPBACK, port, protocol) is None


def test_a_port_of_another_address_is_free():
    with socket.create_server((LOOPBACK, 0)) as holder:
        port = holder.getsockname()[1]
        assert who_holds("127.0.0.2", port, "tcp") is None


def test_an_address_of_another_machine_is_no_place_to_listen():
    assert port_obstacle("192.0.2.77", 8080, "tcp") == "192.0.2.77 is no address of this machine"


def test_addresses_of_an_interface():
    assert LOOPBACK in interface_addresses()
    assert interface_addresses("nonsense0") == []
    assert primary_address() in {"", *interface_addresses()}


@pytest.mark.parametrize(
    ("network", "address"),
    [
        (HostNetwork(cidr="127.0.0.0/8"), LOOPBACK),
        (HostNetwork(cidr="198.51.100.0/24"), None),
        (HostNetwork(interface="nonsense0"), None),
        (HostNetwork(interface="nonsense0", cidr="127.0.0.0/8"), None),
    ],
)
def test_a_host_network_is_its_first_address(network, address):
    assert host_network_address(network) == address
