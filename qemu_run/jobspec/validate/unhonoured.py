"""What of a job has no effect on one machine, by name.

A data table: whatever comes to be honoured leaves it.
"""

from collections.abc import Iterator, Mapping

from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Job

JOB: Mapping[str, str] = {
    "AllAtOnce": "all_at_once",
    "Update": "update",
    "Multiregion": "multiregion",
    "Spreads": "spread",
    "Periodic": "periodic",
    "ParameterizedJob": "parameterized",
    "Reschedule": "reschedule",
    "Migrate": "migrate",
    "UI": "ui",
}
GROUP: Mapping[str, str] = {
    "RestartPolicy": "restart",
    "Services": "service",
    "ShutdownDelay": "shutdown_delay",
    "MaxRunDuration": "max_run_duration",
    "Spreads": "spread",
    "Volumes": "volume",
    "Disconnect": "disconnect",
    "ReschedulePolicy": "reschedule",
    "Update": "update",
    "Migrate": "migrate",
    "Scaling": "scaling",
    "Consul": "consul",
    "StopAfterClientDisconnect": "stop_after_client_disconnect",
    "MaxClientDisconnect": "max_client_disconnect",
    "PreventRescheduleOnLost": "prevent_reschedule_on_lost",
}
TASK: Mapping[str, str] = {
    "RestartPolicy": "restart",
    "Services": "service",
    "Lifecycle": "lifecycle",
    "LogConfig": "logs",
    "User": "user",
    "Leader": "leader",
    "DispatchPayload": "dispatch_payload",
    "KillSignal": "kill_signal",
    "ShutdownDelay": "shutdown_delay",
    "Vault": "vault",
    "Consul": "consul",
    "VolumeMounts": "volume_mount",
    "CSIPluginConfig": "csi_plugin",
    "ScalingPolicies": "scaling",
    "Secrets": "secret",
    "Identity": "identity",
    "Identities": "identity",
    "Actions": "action",
    "Schedule": "schedule",
    "Kind": "kind",
}
RESOURCES: Mapping[str, str] = {"Devices": "device", "NUMA": "numa", "MemoryMaxMB": "memory_max"}
SERVICE: Mapping[str, str] = {"Connect": "connect", "Weights": "weights", "Identity": "identity"}
CONSUL = "services of Consul"


def unhonoured(job: Job) -> list[str]:
    """The blocks and attributes of `job` that are understood and have no effect here, each once, in order."""
    return list(dict.fromkeys(_names(Part(job.api, job.places))))


def _names(job: Part) -> Iterator[str]:
    yield from _written(job, JOB)
    for group in job.parts("TaskGroups"):
        yield from _written(group, GROUP)
        yield from _services(group)
        for task in group.parts("Tasks"):
            yield from _written(task, TASK)
            yield from _written(task.inner("Resources"), RESOURCES)
            yield from _services(task)


def _written(part: Part, names: Mapping[str, str]) -> Iterator[str]:
    return (name for field, name in names.items() if part.value.get(field))


def _services(owner: Part) -> Iterator[str]:
    for service in owner.parts("Services"):
        yield from _written(service, SERVICE)
        if service.text("Provider") in {"", "consul"}:
            yield CONSUL
