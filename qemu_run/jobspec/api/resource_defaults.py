"""The defaults of a task's resources and of networks.

Source: the `Canonicalize` methods of Nomad's API package (`resources.go`), version 2.0.
"""

from qemu_run.jobspec.api.defaults import AFFINITY
from qemu_run.jobspec.api.objects import Object, each, each_filled, filled


def resources(given: Object) -> Object:
    """A task's `resources` with defaults: 100 MHz unless cores are reserved, and 300 MB."""
    result = filled(given, {"Cores": 0, "MemoryMB": 300})
    if result.get("CPU") is None:
        result["CPU"] = 100 if result["Cores"] == 0 else 0
    for name in ("MemoryMaxMB", "DiskMB", "Networks", "Devices", "NUMA", "SecretsMB", "IOPS"):
        result.setdefault(name, None)
    result["Networks"] = each(result["Networks"], network)
    result["Devices"] = each(result["Devices"], _device)
    result["NUMA"] = each(result["NUMA"], lambda numa: {**numa, "Affinity": numa.get("Affinity") or "none"})
    return result


def network(given: Object) -> Object:
    """A `network` block of a group or of resources, null for lists without a port."""
    result = dict(given)
    for name in ("DynamicPorts", "ReservedPorts"):
        result[name] = given.get(name) or None
    return result


def _device(device: Object) -> Object:
    result = filled(device, {"Count": 1})
    result["Affinities"] = each_filled(device.get("Affinities"), AFFINITY)
    return result
