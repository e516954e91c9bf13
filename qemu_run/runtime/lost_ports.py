"""Dynamic ports that another program took after they were chosen, and before QEMU had them."""

from collections.abc import Sequence

from qemu_run.errors import Diagnostic, PlacementError
from qemu_run.planning.plan import Forward, TaskPlan


class PortsLostError(PlacementError):
    """A guest could not be started for them; whoever can plans the run again, with others in their place."""

    def __init__(self, plan: TaskPlan, ports: Sequence[Forward]) -> None:
        super().__init__(
            *(
                Diagnostic(f"port {each.host_port} was taken before QEMU had it", each.span, f"{each.label}")
                for each in ports
            )
        )
        self.task = plan.id
        self.ports = tuple(ports)
        self.has_witnesses = len(plan.inputs.allocation.group.tasks) > 1
        """Other tasks have them in their environments."""


def lost_ports(plan: TaskPlan) -> tuple[Forward, ...]:
    """The ports of a task, chosen by us and not by its job, that somebody else has now."""
    chosen = {each.number for each in plan.inputs.ports if not each.port.static}
    taken = plan.inputs.host.port_obstacle
    return tuple(
        each
        for each in plan.launch.forwards
        if each.host_port in chosen and taken(each.host_ip, each.host_port, each.protocols) is not None
    )
