"""The machine's attributes in Nomad's words, each family looked up when one of its names is asked for.

Source: Nomad 2.0's fingerprinters and its qemu driver. Ours besides are `driver.qemu.machine_types`,
`driver.qemu.accelerators` and `driver.qemu.kvm`.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from qemu_run.node import system
from qemu_run.node.client_config import ClientConfig
from qemu_run.node.probe_cache import ProbeCache, user_cache

if TYPE_CHECKING:
    from qemu_run.node.qemu import Qemu

NAMES = (
    *("cpu.arch", "cpu.frequency", "cpu.frequency.efficiency", "cpu.frequency.performance", "cpu.modelname"),
    *("cpu.numcores", "cpu.numcores.efficiency", "cpu.numcores.performance", "cpu.reservablecores"),
    *("cpu.totalcompute", "cpu.usablecompute"),
    *("driver.qemu", "driver.qemu.accelerators", "driver.qemu.emulators", "driver.qemu.kvm"),
    *("driver.qemu.machine_types", "driver.qemu.version"),
    *("kernel.arch", "kernel.landlock", "kernel.name", "kernel.version"),
    *("memory.totalbytes", "numa.node.count", "numa.node0.cores"),
    *("os.cgroups.version", "os.name", "os.signals", "os.version"),
    *("unique.host_id", "unique.hostname", "unique.network.ip-address"),
    *("unique.storage.bytestotal", "unique.storage.volume"),
)
"""All attributes a machine may have, to guess what a misspelt one was meant to be."""
AGENT_ONLY = ("consul.", "nomad.", "platform.", "plugins.", "unique.advertise.", "unique.consul.", "vault.")
"""How the names begin that only an agent of a cluster, or its surroundings, give a machine."""


def memory_total(config: ClientConfig) -> int:
    """The memory of the machine in bytes, or what the configuration says it is."""
    return config.memory_total_mb << 20 or system.memory_total()


def _address(config: ClientConfig) -> str:
    from qemu_run.node.addresses import interface_addresses, primary_address

    if not config.network_interface:
        return primary_address()
    return next(iter(interface_addresses(config.network_interface)), "")


def _ability(qemu: "Qemu", name: str) -> Mapping[str, str]:
    return {f"driver.qemu.{name}": qemu.abilities(qemu.host_emulator).get(name, "")}


class Fingerprint(Mapping[str, str]):
    """Attributes by name, without `attr.`; one that this machine does not have is absent.

    Looking at one name probes its family and no more; going through all of them probes all families.
    """

    def __init__(
        self,
        config: ClientConfig,
        environment: Mapping[str, str] = os.environ,
        cache: ProbeCache | None = None,
    ) -> None:
        self.config = config
        self._environment = environment
        self._cache = cache
        self._families: dict[str, Mapping[str, str]] = {}

    @cached_property
    def qemu(self) -> "Qemu":
        """QEMU's part of it."""
        from qemu_run.node.qemu import Qemu

        return Qemu(self._environment.get("PATH", ""), self._cache or user_cache())

    def __getitem__(self, name: str) -> str:
        prefix = next((prefix for prefix in _PROBES if f"{name}.".startswith(f"{prefix}.")), None)
        if prefix is None:
            raise KeyError(name)
        return self._family(prefix)[name]

    def __iter__(self) -> Iterator[str]:
        with self.qemu.asking_everything():
            names = [name for prefix in _PROBES for name in self._family(prefix)]
        return iter(sorted(names))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _family(self, prefix: str) -> Mapping[str, str]:
        if prefix not in self._families:
            found = _PROBES[prefix](self)
            self._families[prefix] = {name: value for name, value in found.items() if value}
        return self._families[prefix]


_PROBES: Mapping[str, Callable[[Fingerprint], Mapping[str, str]]] = {
    "cpu": lambda machine: system.cpu(machine.config.cpu_total_compute),
    "numa": lambda _: system.numa(),
    "memory": lambda machine: {"memory.totalbytes": str(memory_total(machine.config))},
    "kernel": lambda _: system.kernel(),
    "os": lambda _: system.operating_system(),
    "unique.hostname": lambda _: {"unique.hostname": os.uname().nodename},
    "unique.host_id": lambda _: {"unique.host_id": system.host_id()},
    "unique.network": lambda machine: {"unique.network.ip-address": _address(machine.config)},
    "unique.storage": lambda _: system.storage(),
    "driver.qemu.version": lambda machine: {"driver.qemu.version": machine.qemu.version},
    "driver.qemu.emulators": lambda machine: {"driver.qemu.emulators": ",".join(machine.qemu.emulators)},
    "driver.qemu.machine_types": lambda machine: _ability(machine.qemu, "machine_types"),
    "driver.qemu.accelerators": lambda machine: _ability(machine.qemu, "accelerators"),
    "driver.qemu.kvm": lambda machine: {"driver.qemu.kvm": machine.qemu.kvm},
    "driver.qemu": lambda machine: {"driver.qemu": "1" if machine.qemu.version else ""},
}
"""By the beginning of the names; the first that fits is asked. KVM comes late: its proof takes longest."""
