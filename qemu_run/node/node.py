"""This machine as a Nomad client node: its configuration and its fingerprint, by name."""

from collections.abc import Mapping

from qemu_run.node.client_config import ClientConfig
from qemu_run.node.targets import reference
from qemu_run.records import record


@record(slots=False)
class Node:
    """What constraints, interpolation and placement know of this machine."""

    config: ClientConfig
    attributes: Mapping[str, str]
    """Nomad's names without `attr.`; each looked up on the machine when it is asked for."""

    @property
    def meta(self) -> Mapping[str, str]:
        """The client configuration's `meta`."""
        return self.config.meta

    @property
    def id(self) -> str:
        """The machine's own UUID, so that it is the same for every run; zeros where there is none."""
        return self.attributes.get("unique.host_id") or "00000000-0000-0000-0000-000000000000"

    @property
    def values(self) -> Mapping[str, str]:
        """What Nomad resolves below `node.`; the region is not among it."""
        return {
            "node.unique.id": self.id,
            "node.unique.name": self.config.name,
            "node.datacenter": self.config.datacenter,
            "node.class": self.config.node_class,
            "node.pool": self.config.node_pool,
        }

    def find(self, target: str) -> str | None:
        """What a constraint's target stands for: a literal text is itself, an unknown reference None.

        Source: Nomad 2.0, `scheduler/feasible/feasible.go` (resolveTarget).
        """
        name = reference(target)
        if name is None:
            return target
        kind, _, key = name.partition(".")
        if kind == "attr":
            return self.attributes.get(key)
        if kind == "meta":
            return self.meta.get(key)
        return self.values.get(name) if target.endswith("}") else None

    def resolve(self, target: str) -> tuple[str, bool]:
        """The same as Nomad has it: the value, empty when missing, and whether it was found."""
        value = self.find(target)
        return value or "", value is not None
