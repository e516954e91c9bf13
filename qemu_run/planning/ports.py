"""Port labels become ports of the host, and ports of the host become forwards into the guest."""

from collections.abc import Callable, Iterable, Mapping

from qemu_run.jobspec.model import Network, Port, Task, TaskGroup
from qemu_run.planning.plan import Forward, HostPort
from qemu_run.records import record

LOOPBACK = "127.0.0.1"

ChoosePort = Callable[[str], int]
"""A free port of the host on the given address, another each time; PlacementError when none is left."""


@record(kw_only=True)
class HostAddresses:
    """Which address of the host a port listens on."""

    default: str = LOOPBACK
    networks: Mapping[str, str] | None = None
    """The client configuration's `host_network` blocks: name -> address."""

    def of(self, port: Port) -> str:
        """The address for this port."""
        return (self.networks or {}).get(port.host_network, self.default)


def assign(
    networks: Iterable[Network], *, is_task_level: bool, addresses: HostAddresses, choose: ChoosePort
) -> tuple[HostPort, ...]:
    """Give every label of the first of `networks` its port; only the first counts, as on Nomad."""
    first = next(iter(networks), None)
    if first is None:
        return ()
    assigned = []
    for port in first.ports:
        ip = addresses.of(port)
        number = port.static or choose(ip)
        assigned.append(HostPort(port=port, ip=ip, number=number, is_task_level=is_task_level))
    return tuple(assigned)


def assign_group(group: TaskGroup, addresses: HostAddresses, choose: ChoosePort) -> tuple[HostPort, ...]:
    """The ports of a group's network, which all its tasks share."""
    return assign(group.networks, is_task_level=False, addresses=addresses, choose=choose)


def assign_task(task: Task, addresses: HostAddresses, choose: ChoosePort) -> tuple[HostPort, ...]:
    """The ports of a task's own network, the deprecated form."""
    return assign(task.resources.networks, is_task_level=True, addresses=addresses, choose=choose)


def forwards(ports: Iterable[HostPort], port_map: Mapping[str, int]) -> tuple[Forward, ...]:
    """The forwards of a guest, by label: a label's guest port is in `port_map`, or else its `to`.

    A label with neither is no forward: the job forwards it by hand in `args`, or only wanted the number.
    """
    found = []
    for each in sorted(ports, key=lambda each: each.port.label):
        guest = port_map.get(each.port.label, each.guest)
        if guest is not None:
            found.append(
                Forward(
                    label=each.port.label,
                    host_ip=each.ip,
                    host_port=each.number,
                    guest_port=guest,
                    static=bool(each.port.static),
                    span=each.port.at(),
                )
            )
    return tuple(found)
