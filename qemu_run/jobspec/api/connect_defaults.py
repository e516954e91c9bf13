"""The defaults of Consul's service mesh blocks.

Source: the `Canonicalize` methods of Nomad's API package (`consul.go`), version 2.0.
"""

from qemu_run.jobspec.api.defaults import LOGS, SECOND
from qemu_run.jobspec.api.objects import Object, each, filled, some
from qemu_run.jobspec.api.resource_defaults import resources
from qemu_run.jobspec.model import Json

EMPTY_IS_NULL = (
    "Tags",
    "Meta",
    "Upstreams",
    "Config",
    "Paths",
    "Path",
    "Listeners",
    "Services",
    "Hosts",
    "Env",
)
"""Fields of these blocks whose empty lists and maps become null."""


def connect(block: Object) -> Object:
    """A `connect` block with defaults."""
    result = dict(block)
    result["SidecarService"] = each(block["SidecarService"], _without_empty)
    result["SidecarTask"] = each(block["SidecarTask"], _sidecar_task)
    result["Gateway"] = each(block["Gateway"], _gateway)
    return result


def _without_empty(block: Object) -> Object:
    """The block and all below it with null for empty lists and maps."""
    result: Object = {}
    for name, value in block.items():
        if name in EMPTY_IS_NULL and not value:
            result[name] = None
        elif name in {"Config", "Meta", "Env"}:
            result[name] = value
        else:
            result[name] = each(value, _without_empty)
    return result


def _sidecar_task(task: Object) -> Object:
    result = filled(task, {"KillTimeout": 5 * SECOND, "ShutdownDelay": 0})
    for name in ("Config", "Env", "Meta"):
        result[name] = task[name] or None
    result["Resources"] = resources(some(task["Resources"]))
    result["LogConfig"] = filled(some(task["LogConfig"]), LOGS)
    return result


def _gateway(gateway: Object) -> Object:
    result = _without_empty(gateway)
    result["Proxy"] = each(result["Proxy"], _gateway_proxy)
    result["Ingress"] = each(result["Ingress"], _ingress)
    return result


def _gateway_proxy(proxy: Object) -> Object:
    result = filled(proxy, {"ConnectTimeout": 5 * SECOND})
    result["EnvoyGatewayBindAddresses"] = proxy["EnvoyGatewayBindAddresses"] or None
    return result


def _ingress(ingress: Object) -> Object:
    return {**ingress, "Listeners": each(ingress["Listeners"], _listener)}


def _listener(listener: Object) -> Json:
    return {**listener, "Protocol": listener["Protocol"] or "tcp"}
