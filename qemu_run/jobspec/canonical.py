"""The defaults that Nomad fills in: API form to canonical API form.

Source: the `Canonicalize` methods of Nomad's API package (`jobs.go`, `tasks.go`, `resources.go`,
`services.go`, `consul.go`), version 2.0. The defaults for each type of job are tables in `defaults`.
"""

from posixpath import basename, join

from qemu_run.jobspec.connect_defaults import connect
from qemu_run.jobspec.defaults import (
    AFFINITY,
    CHANGE_SCRIPT,
    DISCONNECT,
    EPHEMERAL_DISK,
    JOB,
    LOGS,
    MIGRATE,
    MIGRATE_BY_DEFAULT,
    MULTIREGION_REGION,
    PERIODIC,
    RESCHEDULE,
    RESCHEDULE_BY_DEFAULT,
    RESTART,
    SPREAD,
    TEMPLATE,
    UPDATE,
    UPDATE_BY_DEFAULT,
    VAULT,
    VOLUME_MOUNT,
)
from qemu_run.jobspec.merging import Object, each, filled, merged, objects, some
from qemu_run.jobspec.model import Json


def canonical(api: Object) -> Object:
    """The job `api` with all defaults of its type filled in; `api` itself is left as it is."""
    job = filled(api, JOB)
    job["Name"] = api.get("Name") or job["ID"]
    kind = str(job["Type"])
    job["Periodic"] = each(job["Periodic"], _periodic)
    job["Update"] = each(job["Update"], lambda update: filled(update, UPDATE))
    if job["Update"] is None and kind in UPDATE_BY_DEFAULT:
        job["Update"] = dict(UPDATE)
    job["Multiregion"] = each(job["Multiregion"], _multiregion)
    job["Spreads"] = each(job["Spreads"], lambda spread: filled(spread, SPREAD))
    job["Affinities"] = each(job["Affinities"], lambda affinity: filled(affinity, AFFINITY))
    job["TaskGroups"] = each(job["TaskGroups"], lambda group: _group(group, job, kind))
    return job


def _periodic(periodic: Object) -> Object:
    result = filled(periodic, PERIODIC)
    result["TimeZone"] = result["TimeZone"] or "UTC"
    return result


def _multiregion(multiregion: Object) -> Object:
    strategy = filled(some(multiregion.get("Strategy")), {"MaxParallel": 0, "OnFailure": ""})
    regions = [filled(region, MULTIREGION_REGION) for region in objects(multiregion.get("Regions"))]
    return {**multiregion, "Strategy": strategy, "Regions": list(regions)}


def _group(group: Object, job: Object, kind: str) -> Object:
    result = dict(group)
    scaling = group.get("Scaling")
    least = scaling.get("Min") if isinstance(scaling, dict) else None
    if result["Count"] is None:
        result["Count"] = 1 if least is None else least
    result["Scaling"] = each(scaling, lambda policy: _scaling(policy, result["Count"]))
    result["EphemeralDisk"] = filled(some(group["EphemeralDisk"]), EPHEMERAL_DISK)
    result["Update"] = each(merged(job["Update"], group["Update"]), lambda update: filled(update, UPDATE))
    result["ReschedulePolicy"] = _reschedule(merged(job["Reschedule"], group["ReschedulePolicy"]), kind)
    migrate = merged(job["Migrate"], group["Migrate"])
    if migrate is None and kind in MIGRATE_BY_DEFAULT:
        migrate = {}
    result["Migrate"] = each(migrate, lambda strategy: filled(strategy, MIGRATE))
    result["RestartPolicy"] = merged(
        dict(RESTART[kind if kind in RESTART else "batch"]), group["RestartPolicy"]
    )
    result["Tasks"] = each(group["Tasks"], lambda task: _task(task, result, job))
    result["Spreads"] = each(group["Spreads"], lambda spread: filled(spread, SPREAD))
    result["Affinities"] = each(group["Affinities"], lambda affinity: filled(affinity, AFFINITY))
    result["Networks"] = each(group["Networks"], _network)
    prefix = f"{job['Name']}-{group['Name']}"
    result["Services"] = each(group["Services"], lambda service: _service(service, prefix))
    result["Disconnect"] = each(group["Disconnect"], lambda strategy: filled(strategy, DISCONNECT))
    return result


def _scaling(policy: Object, count: Json) -> Object:
    return {**filled(policy, {"Enabled": True, "Min": count}), "Type": policy.get("Type") or "horizontal"}


def _reschedule(policy: Json, kind: str) -> Json:
    if policy is None and kind not in RESCHEDULE_BY_DEFAULT:
        return None
    return filled(some(policy), RESCHEDULE.get(kind, RESCHEDULE["system"]))


def _task(task: Object, group: Object, job: Object) -> Object:
    result = filled(task, {"KillTimeout": 5_000_000_000})
    result["Resources"] = resources(some(task["Resources"]))
    result["LogConfig"] = filled(some(task["LogConfig"]), LOGS)
    result["Artifacts"] = each(task["Artifacts"], _artifact)
    result["Vault"] = each(task["Vault"], _vault)
    result["Templates"] = each(task["Templates"], _template)
    prefix = f"{job['Name']}-{group['Name']}-{task['Name']}"
    result["Services"] = each(task["Services"], lambda service: _service(service, prefix))
    result["Affinities"] = each(task["Affinities"], lambda affinity: filled(affinity, AFFINITY))
    result["VolumeMounts"] = each(task["VolumeMounts"], lambda mount: filled(mount, VOLUME_MOUNT))
    result["RestartPolicy"] = merged(group["RestartPolicy"], task["RestartPolicy"])
    result["Secrets"] = each(task["Secrets"], _secret)
    if not some(task["Lifecycle"]).get("Hook"):
        result["Lifecycle"] = None
    if "CSIPluginConfig" in task:
        result["CSIPluginConfig"] = each(task["CSIPluginConfig"], _csi_plugin)
    return result


def resources(given: Object) -> Object:
    """A task's `resources` with defaults: 100 MHz unless cores are reserved, and 300 MB."""
    result = filled(given, {"Cores": 0, "MemoryMB": 300})
    if result.get("CPU") is None:
        result["CPU"] = 100 if result["Cores"] == 0 else 0
    for name in ("MemoryMaxMB", "DiskMB", "Networks", "Devices", "NUMA", "SecretsMB", "IOPS"):
        result.setdefault(name, None)
    result["Networks"] = each(result["Networks"], _network)
    result["Devices"] = each(result["Devices"], _device)
    result["NUMA"] = each(result["NUMA"], lambda numa: {**numa, "Affinity": numa.get("Affinity") or "none"})
    return result


def _network(network: Object) -> Object:
    result = dict(network)
    for name in ("DynamicPorts", "ReservedPorts"):
        result[name] = network.get(name) or None
    return result


def _device(device: Object) -> Object:
    result = filled(device, {"Count": 1})
    result["Affinities"] = each(device.get("Affinities"), lambda affinity: filled(affinity, AFFINITY))
    return result


def _artifact(artifact: Object) -> Object:
    result = filled(artifact, {"GetterMode": "any", "GetterInsecure": False, "GetterSource": ""})
    result["GetterOptions"] = artifact.get("GetterOptions") or None
    result["GetterHeaders"] = artifact.get("GetterHeaders") or None
    if result["RelativeDest"] is None:
        source = str(result["GetterSource"])
        result["RelativeDest"] = join("local", _base(source)) if result["GetterMode"] == "file" else "local/"
    return result


def _base(source: str) -> str:
    """The last element of a path, as Go's `path.Base` sees it: `.` for nothing, `/` for slashes only."""
    if not source:
        return "."
    return basename(source.rstrip("/")) or "/"


def _vault(vault: Object) -> Object:
    result = filled(vault, VAULT)
    result["Cluster"] = result.get("Cluster") or "default"
    return result


def _secret(secret: Object) -> Object:
    return {**secret, "Config": secret.get("Config") or None, "Env": secret.get("Env") or None}


def _csi_plugin(plugin: Object) -> Object:
    return {
        **plugin,
        "MountDir": plugin.get("MountDir") or "/csi",
        "StagePublishBaseDir": plugin.get("StagePublishBaseDir") or join("/local", "csi"),
        "HealthTimeout": plugin.get("HealthTimeout") or 30_000_000_000,
    }


def _template(template: Object) -> Object:
    result = filled(template, TEMPLATE)
    # A recorded canonical form of a job file with CRLF line ends has LF in its templates.
    result["EmbeddedTmpl"] = str(result["EmbeddedTmpl"] or "").replace("\r\n", "\n")
    signal = template.get("ChangeSignal")
    if signal is None:
        result["ChangeSignal"] = "SIGHUP" if result["ChangeMode"] == "signal" else ""
    else:
        result["ChangeSignal"] = str(signal).upper()
    result["ChangeScript"] = each(template.get("ChangeScript"), lambda script: filled(script, CHANGE_SCRIPT))
    return result


def _service(service: Object, default_name: str) -> Object:
    result = dict(service)
    result["Name"] = service["Name"] or default_name
    result["AddressMode"] = service["AddressMode"] or "auto"
    result["OnUpdate"] = service["OnUpdate"] or "require_healthy"
    result["Provider"] = service["Provider"] or "consul"
    result["Cluster"] = service["Cluster"] or "default"
    for name in ("Meta", "CanaryMeta", "TaggedAddresses"):
        result[name] = service[name] or None
    result["Connect"] = each(service["Connect"], connect)
    result["Weights"] = each(service["Weights"], _weights)
    restart = each(service["CheckRestart"], dict)
    result["Checks"] = each(service["Checks"], lambda check: _check(check, restart, result["OnUpdate"]))
    return result


def _weights(weights: Object) -> Object:
    return {name: count if isinstance(count, int) and count > 0 else 1 for name, count in weights.items()}


def _check(check: Object, service_restart: Json, on_update: Json) -> Object:
    result = dict(check)
    given = {
        name: value
        for name, value in some(check["CheckRestart"]).items()
        if name == "Grace" or (value and value is not None)
    }
    restart = merged(service_restart, given) if service_restart is not None else check["CheckRestart"]
    result["CheckRestart"] = each(restart, lambda policy: filled(policy, {"Grace": 1_000_000_000}))
    for name in ("SuccessBeforePassing", "FailuresBeforeCritical", "FailuresBeforeWarning"):
        count = check[name]
        result[name] = max(count, 0) if isinstance(count, int) else 0
    result["OnUpdate"] = check["OnUpdate"] or on_update
    return result
