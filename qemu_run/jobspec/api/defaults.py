"""Nomad's defaults, as data: durations in nanoseconds, sizes in MB.

Source: the `Canonicalize` methods and `New...` functions of Nomad's API package, version 2.0.
"""

from collections.abc import Mapping

from qemu_run.jobspec.model import Json

Defaults = Mapping[str, Json]

MILLISECOND = 1_000_000
SECOND = 1000 * MILLISECOND
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

JOB: Defaults = {
    "ID": "",
    "ParentID": "",
    "Namespace": "default",
    "Priority": 50,
    "Stop": False,
    "Region": "global",
    "NodePool": "",
    "Type": "service",
    "AllAtOnce": False,
    "ConsulNamespace": "",
    "VaultNamespace": "",
    "NomadTokenID": "",
    "Status": "",
    "StatusDescription": "",
    "Stable": False,
    "Version": 0,
    "CreateIndex": 0,
    "ModifyIndex": 0,
    "JobModifyIndex": 0,
}

PERIODIC: Defaults = {
    "Enabled": True,
    "Spec": "",
    "Specs": [],
    "SpecType": "cron",
    "ProhibitOverlap": False,
    "TimeZone": "UTC",
}

MULTIREGION_REGION: Defaults = {"Count": 1, "Datacenters": [], "Meta": {}}

MIGRATE: Defaults = {
    "MaxParallel": 1,
    "HealthCheck": "checks",
    "MinHealthyTime": 10 * SECOND,
    "HealthyDeadline": 5 * MINUTE,
}
MIGRATE_BY_DEFAULT = frozenset({"service"})

UPDATE: Defaults = {
    "Stagger": 30 * SECOND,
    **MIGRATE,
    "ProgressDeadline": 10 * MINUTE,
    "Canary": 0,
    "AutoRevert": False,
    "AutoPromote": False,
}
UPDATE_BY_DEFAULT = frozenset({"service", "system"})

_RESTART_SERVICE: Defaults = {
    "Interval": 30 * MINUTE,
    "Attempts": 2,
    "Delay": 15 * SECOND,
    "Mode": "fail",
    "RenderTemplates": False,
}
_RESTART_BATCH: Defaults = {**_RESTART_SERVICE, "Interval": 24 * HOUR, "Attempts": 3}
RESTART: Mapping[str, Defaults] = {
    "service": _RESTART_SERVICE,
    "system": _RESTART_SERVICE,
    "batch": _RESTART_BATCH,
    "sysbatch": _RESTART_BATCH,
}

_RESCHEDULE_NEVER: Defaults = {
    "Attempts": 0,
    "Interval": 0,
    "Delay": 0,
    "DelayFunction": "",
    "MaxDelay": 0,
    "Unlimited": False,
}
RESCHEDULE: Mapping[str, Defaults] = {
    "service": {
        "Attempts": 0,
        "Interval": 0,
        "Delay": 30 * SECOND,
        "DelayFunction": "exponential",
        "MaxDelay": HOUR,
        "Unlimited": True,
    },
    "batch": {
        "Attempts": 1,
        "Interval": 24 * HOUR,
        "Delay": 5 * SECOND,
        "DelayFunction": "constant",
        "MaxDelay": 0,
        "Unlimited": False,
    },
    "system": _RESCHEDULE_NEVER,
    "sysbatch": _RESCHEDULE_NEVER,
}
RESCHEDULE_BY_DEFAULT = frozenset({"service", "batch"})

EPHEMERAL_DISK: Defaults = {"Sticky": False, "Migrate": False, "SizeMB": 300}
LOGS: Defaults = {"MaxFiles": 10, "MaxFileSizeMB": 10, "Enabled": None, "Disabled": False}
AFFINITY: Defaults = {"Weight": 50}
SPREAD: Defaults = {"Weight": 50}
DISCONNECT: Defaults = {"Replace": True, "Reconcile": "best_score"}
VOLUME_MOUNT: Defaults = {"ReadOnly": False, "PropagationMode": "private", "SELinuxLabel": ""}

VAULT: Defaults = {
    "Env": True,
    "DisableFile": False,
    "Namespace": "",
    "ChangeMode": "restart",
    "ChangeSignal": "SIGHUP",
    "AllowTokenExpiration": False,
}

CHANGE_SCRIPT: Defaults = {
    "Command": "",
    "Args": [],
    "Timeout": 5 * SECOND,
    "FailOnError": False,
    "RunOnFirstRender": False,
}

TEMPLATE: Defaults = {
    "SourcePath": "",
    "DestPath": "",
    "EmbeddedTmpl": "",
    "ChangeMode": "restart",
    "Once": False,
    "Splay": 5 * SECOND,
    "Perms": "0644",
    "LeftDelim": "{{",
    "RightDelim": "}}",
    "Envvars": False,
    "VaultGrace": 0,
    "ErrMissingKey": False,
}

WRITTEN_TEMPLATE: Defaults = {
    name: TEMPLATE[name] for name in ("ChangeMode", "Perms", "Splay", "ErrMissingKey")
}
"""What reading a job file already fills in, so that `run -output` shows it."""
WRITTEN_CHANGE_SCRIPT: Defaults = {
    name: CHANGE_SCRIPT[name] for name in ("Args", "Timeout", "FailOnError", "RunOnFirstRender")
}
WRITTEN_VAULT: Defaults = {name: VAULT[name] for name in ("Env", "DisableFile", "ChangeMode")}
