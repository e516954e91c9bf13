"""Rules of networks and ports.

Source: Nomad's server (`validateNetworks` in `nomad/structs/structs.go`), version 2.0.
"""

import ipaddress
from collections.abc import Callable, Iterable, Mapping

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.model import Job, Network, Port, TaskGroup
from qemu_run.jobspec.wording import first_is

MODES = ("", "host", "bridge", "none")
"""The network modes; `cni/NAME` is one too."""


def check_group(group: TaskGroup, _job: Job, diagnostics: Diagnostics) -> None:
    """Check the networks of a group and its tasks."""
    for network in _networks(group):
        _network(network, diagnostics)
    _ports(group, diagnostics)


def _network(network: Network, diagnostics: Diagnostics) -> None:
    if network.mode not in MODES and not network.mode.startswith("cni/") and "${" not in network.mode:
        diagnostics.warning(
            f'"{network.mode}" is not a network mode',
            network.at("Mode"),
            "one of host, bridge, none, cni/NAME",
        )
    name = network.hostname
    if name and "${" not in name and not is_domain_name(name):
        diagnostics.error(
            f'"{name}" is not a host name',
            network.at("Hostname"),
            "parts of at most 63 letters, with a dot between two",
        )
    for port in network.ports:
        if port.ignore_collision and network.mode not in {"", "host"}:
            diagnostics.error(
                "ignore_collision is for the host's network",
                port.at("IgnoreCollision"),
                f'not in mode "{network.mode}"',
            )
    for index, server in enumerate(network.dns_servers):
        if "${" not in server and not _is_address(server):
            diagnostics.warning(
                f'"{server}" is not the address of a DNS server',
                network.at("DNS", "Servers", index),
                "an IP address is wanted when the task starts",
            )


def is_domain_name(name: str) -> bool:
    """Whether a text is a DNS name for Nomad, which looks at the lengths alone."""
    encoded = name.removesuffix(".").encode()
    return len(encoded) <= 253 and all(0 < len(label) <= 63 for label in encoded.split(b"."))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _ports(group: TaskGroup, diagnostics: Diagnostics) -> None:
    """Labels are unique in a group's networks, and its tasks may not have them too.

    Of two equal labels in a task's networks Nomad takes the last, without a word.
    """
    of_group = _labels(_ports_in(group.networks), {}, diagnostics.error, diagnostics)
    for task in group.tasks:
        _labels(_ports_in(task.resources.networks), of_group, diagnostics.warning, diagnostics)
    taken: dict[tuple[str, int], Port] = {}
    for port in ports_of(group):
        if port.static > 0:
            place = port.host_network or "default", port.static
            if place in taken and not port.ignore_collision:
                diagnostics.error(
                    f"port {port.static} is taken twice",
                    port.at("Value"),
                    f'the port "{taken[place].label}" has it already',
                )
            taken.setdefault(place, port)


def _labels(
    ports: list[Port], of_group: Mapping[str, Port], again: Callable[..., None], diagnostics: Diagnostics
) -> dict[str, Port]:
    """The ports by label; `again` tells of a label that comes twice."""
    labels: dict[str, Port] = {}
    for port in ports:
        if not port.label:
            diagnostics.error("a port without a label", port.at(), "a label is required")
        elif (first := of_group.get(port.label) or labels.get(port.label)) is not None:
            tell = diagnostics.error if port.label in of_group else again
            tell(f'a second port "{port.label}"', port.at(), first_is(first.at(), port.at()))
        labels.setdefault(port.label, port)
    return labels


def _ports_in(networks: Iterable[Network]) -> list[Port]:
    return [port for network in networks for port in network.ports]


def ports_of(group: TaskGroup) -> list[Port]:
    """All ports of a group: its own networks' and its tasks'."""
    return _ports_in(_networks(group))


def _networks(group: TaskGroup) -> tuple[Network, ...]:
    """The group's own networks and its tasks'."""
    return (*group.networks, *(network for task in group.tasks for network in task.resources.networks))
