"""The defaults that Nomad fills in: API form to canonical API form.

Source: the `Canonicalize` methods of Nomad's API package (`jobs.go`, `tasks.go`, `resources.go`,
`services.go`, `consul.go`), version 2.0. The defaults for each type of job are tables in `defaults`.
"""

from posixpath import join

from qemu_run.golang.paths import base
from qemu_run.jobspec.api.connect_defaults import connect
from qemu_run.jobspec.api.defaults import (
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
    SECOND,
    SPREAD,
    TEMPLATE,
    UPDATE,
    UPDATE_BY_DEFAULT,
    VAULT,
    VOLUME_MOUNT,
)
from qemu_run.jobspec.api.objects import Object, each, each_filled, filled, merged, objects, some
from qemu_run.jobspec.api.resource_defaults import network, resources
from qemu_run.jobspec.model import Json


def canonical(api: Object) -> Object:
    """The job `api` with all defaults of its type filled in; `api` itself is left as it is."""
    job = filled(api, JOB)
    job["Name"] = api.get("Name") or job["ID"]
    kind = str(job["Type"])
    job["Periodic"] = each(job["Periodic"], _periodic)
    job["Update"] = each_filled(job["Update"], UPDATE)
    if job["Update"] is None and kind in UPDATE_BY_DEFAULT:
        job["Update"] = dict(UPDATE)
    job["Multiregion"] = each(job["Multiregion"], _multiregion)
    job["Spreads"] = each_filled(job["Spreads"], SPREAD)
    job["Affinities"] = each_filled(job["Affinities"], AFFINITY)
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
    result["Update"] = each_filled(merged(job["Update"], group["Update"]), UPDATE)
    result["ReschedulePolicy"] = _reschedule(merged(job["Reschedule"], group["ReschedulePolicy"]), kind)
    migrate = merged(job["Migrate"], group["Migrate"])
    if migrate is None and kind in MIGRATE_BY_DEFAULT:
        migrate = {}
    result["Migrate"] = each_filled(migrate, MIGRATE)
    result["RestartPolicy"] = merged(
        dict(RESTART[kind if kind in RESTART else "batch"]), group["RestartPolicy"]
    )
    result["Tasks"] = each(group["Tasks"], lambda task: _task(task, result, job))
    result["Spreads"] = each_filled(group["Spreads"], SPREAD)
    result["Affinities"] = each_filled(group["Affinities"], AFFINITY)
    result["Networks"] = each(group["Networks"], network)
    prefix = f"{job['Name']}-{group['Name']}"
    result["Services"] = each(group["Services"], lambda service: _service(service, prefix))
    result["Disconnect"] = each_filled(group["Disconnect"], DISCONNECT)
    return result


def _scaling(policy: Object, count: Json) -> Object:
    return {**filled(policy, {"Enabled": True, "Min": count}), "Type": policy.get("Type") or "horizontal"}


def _reschedule(policy: Json, kind: str) -> Json:
    if policy is None and kind not in RESCHEDULE_BY_DEFAULT:
        return None
    return filled(some(policy), RESCHEDULE.get(kind, RESCHEDULE["system"]))


def _task(task: Object, group: Object, job: Object) -> Object:
    result = filled(task, {"KillTimeout": 5 * SECOND})
    result["Resources"] = resources(some(task["Resources"]))
    result["LogConfig"] = filled(some(task["LogConfig"]), LOGS)
    result["Artifacts"] = each(task["Artifacts"], _artifact)
    result["Vault"] = each(task["Vault"], _vault)
    result["Templates"] = each(task["Templates"], _template)
    prefix = f"{job['Name']}-{group['Name']}-{task['Name']}"
    result["Services"] = each(task["Services"], lambda service: _service(service, prefix))
    result["Affinities"] = each_filled(task["Affinities"], AFFINITY)
    result["VolumeMounts"] = each_filled(task["VolumeMounts"], VOLUME_MOUNT)
    result["RestartPolicy"] = merged(group["RestartPolicy"], task["RestartPolicy"])
    result["Secrets"] = each(task["Secrets"], _secret)
    if not some(task["Lifecycle"]).get("Hook"):
        result["Lifecycle"] = None
    if "CSIPluginConfig" in task:
        result["CSIPluginConfig"] = each(task["CSIPluginConfig"], _csi_plugin)
    return result


def _artifact(artifact: Object) -> Object:
    result = filled(artifact, {"GetterMode": "any", "GetterInsecure": False, "GetterSource": ""})
    result["GetterOptions"] = artifact.get("GetterOptions") or None
    result["GetterHeaders"] = artifact.get("GetterHeaders") or None
    if result["RelativeDest"] is None:
        source = str(result["GetterSource"])
        result["RelativeDest"] = join("local", base(source)) if result["GetterMode"] == "file" else "local/"
    return result


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
        "StagePublishBaseDir": plugin.get("StagePublishBaseDir") or "/local/csi",
        "HealthTimeout": plugin.get("HealthTimeout") or 30 * SECOND,
    }


def _template(template: Object) -> Object:
    result = filled(template, TEMPLATE)
    # Nomad reads a template of a file with CRLF line ends as if they were LF.
    result["EmbeddedTmpl"] = str(result["EmbeddedTmpl"] or "").replace("\r\n", "\n")
    signal = template.get("ChangeSignal")
    if signal is None:
        result["ChangeSignal"] = "SIGHUP" if result["ChangeMode"] == "signal" else ""
    else:
        result["ChangeSignal"] = str(signal).upper()
    result["ChangeScript"] = each_filled(template.get("ChangeScript"), CHANGE_SCRIPT)
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
    given = {name: value for name, value in some(check["CheckRestart"]).items() if name == "Grace" or value}
    restart = merged(service_restart, given) if service_restart is not None else check["CheckRestart"]
    result["CheckRestart"] = each_filled(restart, {"Grace": SECOND})
    for name in ("SuccessBeforePassing", "FailuresBeforeCritical", "FailuresBeforeWarning"):
        count = check[name]
        result[name] = max(count, 0) if isinstance(count, int) else 0
    result["OnUpdate"] = check["OnUpdate"] or on_update
    return result
