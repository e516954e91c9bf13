"""Tasks, groups and the job itself, as data.

Source: Nomad's job specification and API package (`jobs.go`, `tasks.go`, `csi.go`), version 2.0.
"""

from qemu_run.jobspec.policy_schema import (
    AFFINITY,
    CONSTRAINT,
    CONSUL,
    GROUP_SCALING,
    LOGS,
    MIGRATE,
    NETWORK,
    RESCHEDULE,
    RESOURCES,
    RESTART,
    SECRET,
    SPREAD,
    TASK_SCALING,
    UPDATE,
    VAULT,
)
from qemu_run.jobspec.schema import (
    Fixed,
    Freeform,
    Map,
    Nested,
    Repeat,
    Schema,
    boolean,
    duration,
    many,
    maybe_boolean,
    maybe_duration,
    maybe_integer,
    maybe_string,
    string,
    strings,
)
from qemu_run.jobspec.service_schema import IDENTITY, SERVICE, VOLUME_MOUNT

ARTIFACT = Schema(
    "artifact",
    (
        maybe_string("source", "GetterSource"),
        Map("options", "GetterOptions"),
        Map("headers", "GetterHeaders"),
        maybe_string("mode", "GetterMode"),
        maybe_boolean("insecure", "GetterInsecure"),
        maybe_string("destination", "RelativeDest"),
        boolean("chown", "Chown"),
    ),
)

CHANGE_SCRIPT = Schema(
    "change_script",
    (
        maybe_string("command", "Command"),
        strings("args", "Args"),
        maybe_duration("timeout", "Timeout"),
        maybe_boolean("fail_on_error", "FailOnError"),
        maybe_boolean("run_on_first_render", "RunOnFirstRender"),
    ),
)

TEMPLATE = Schema(
    "template",
    (
        maybe_string("source", "SourcePath"),
        maybe_string("destination", "DestPath"),
        maybe_string("data", "EmbeddedTmpl"),
        maybe_string("change_mode", "ChangeMode"),
        Nested("change_script", "ChangeScript", CHANGE_SCRIPT),
        maybe_string("change_signal", "ChangeSignal"),
        maybe_boolean("once", "Once"),
        maybe_duration("splay", "Splay"),
        maybe_string("perms", "Perms"),
        maybe_integer("uid", "Uid"),
        maybe_integer("gid", "Gid"),
        maybe_string("left_delimiter", "LeftDelim"),
        maybe_string("right_delimiter", "RightDelim"),
        maybe_boolean("env", "Envvars"),
        maybe_duration("vault_grace", "VaultGrace"),
        Nested(
            "wait",
            "Wait",
            Schema("wait", (maybe_duration("min", "Min"), maybe_duration("max", "Max"))),
        ),
        maybe_boolean("error_on_missing_key", "ErrMissingKey"),
    ),
)

CSI_PLUGIN = Schema(
    "csi_plugin",
    (
        string("id", "ID"),
        string("type", "Type"),
        string("mount_dir", "MountDir"),
        string("stage_publish_base_dir", "StagePublishBaseDir"),
        duration("health_timeout", "HealthTimeout"),
    ),
)

SCHEDULE = Schema(
    "schedule",
    (
        Nested(
            "cron",
            "Cron",
            Schema("cron", (string("start", "Start"), string("end", "End"), string("timezone", "Timezone"))),
        ),
    ),
)

LIFECYCLE = Schema("lifecycle", (string("hook", "Hook", required=True), boolean("sidecar", "Sidecar")))

ACTION = Schema(
    "action", (string("command", "Command", required=True), strings("args", "Args")), label="Name"
)

TASK = Schema(
    "task",
    (
        string("driver", "Driver"),
        string("user", "User"),
        Nested("lifecycle", "Lifecycle", LIFECYCLE),
        Map("config", "Config", Freeform.ANY),
        many("constraint", "Constraints", CONSTRAINT),
        many("affinity", "Affinities", AFFINITY),
        Map("env", "Env", or_attribute=True),
        many("service", "Services", SERVICE),
        Nested("resources", "Resources", RESOURCES),
        Nested("restart", "RestartPolicy", RESTART),
        Map("meta", "Meta", or_attribute=True),
        maybe_duration("kill_timeout", "KillTimeout"),
        Nested("logs", "LogConfig", LOGS),
        many("artifact", "Artifacts", ARTIFACT),
        Nested("vault", "Vault", VAULT),
        Nested("consul", "Consul", CONSUL),
        many("template", "Templates", TEMPLATE),
        Nested("dispatch_payload", "DispatchPayload", Schema("dispatch_payload", (string("file", "File"),))),
        many("volume_mount", "VolumeMounts", VOLUME_MOUNT),
        Nested("csi_plugin", "CSIPluginConfig", CSI_PLUGIN),
        boolean("leader", "Leader"),
        duration("shutdown_delay", "ShutdownDelay"),
        string("kill_signal", "KillSignal"),
        string("kind", "Kind"),
        many("scaling", "ScalingPolicies", TASK_SCALING),
        many("secret", "Secrets", SECRET),
        Fixed("Identity"),
        many("identity", "Identities", IDENTITY),
        many("action", "Actions", ACTION),
        Nested("schedule", "Schedule", SCHEDULE),
    ),
    label="Name",
)

MOUNT_OPTIONS = Schema("mount_options", (string("fs_type", "FSType"), strings("mount_flags", "MountFlags")))

VOLUME = Schema(
    "volume",
    (
        string("type", "Type"),
        string("source", "Source"),
        boolean("read_only", "ReadOnly"),
        boolean("sticky", "Sticky"),
        string("access_mode", "AccessMode"),
        string("attachment_mode", "AttachmentMode"),
        Nested("mount_options", "MountOptions", MOUNT_OPTIONS),
        boolean("per_alloc", "PerAlloc"),
    ),
    label="Name",
)

DISCONNECT = Schema(
    "disconnect",
    (
        maybe_duration("lost_after", "LostAfter"),
        maybe_duration("stop_on_client_after", "StopOnClientAfter"),
        maybe_boolean("replace", "Replace"),
        maybe_string("reconcile", "Reconcile"),
    ),
)

EPHEMERAL_DISK = Schema(
    "ephemeral_disk",
    (maybe_boolean("sticky", "Sticky"), maybe_boolean("migrate", "Migrate"), maybe_integer("size", "SizeMB")),
)

GROUP = Schema(
    "group",
    (
        maybe_integer("count", "Count"),
        many("constraint", "Constraints", CONSTRAINT),
        many("affinity", "Affinities", AFFINITY),
        many("task", "Tasks", TASK),
        many("spread", "Spreads", SPREAD),
        Nested("volume", "Volumes", VOLUME, Repeat.BY_LABEL),
        Nested("restart", "RestartPolicy", RESTART),
        Nested("disconnect", "Disconnect", DISCONNECT),
        Nested("reschedule", "ReschedulePolicy", RESCHEDULE),
        Nested("ephemeral_disk", "EphemeralDisk", EPHEMERAL_DISK),
        Nested("update", "Update", UPDATE),
        Nested("migrate", "Migrate", MIGRATE),
        many("network", "Networks", NETWORK),
        Map("meta", "Meta", or_attribute=True),
        many("service", "Services", SERVICE),
        maybe_duration("shutdown_delay", "ShutdownDelay"),
        maybe_duration("max_run_duration", "MaxRunDuration"),
        maybe_duration("stop_after_client_disconnect", "StopAfterClientDisconnect"),
        maybe_duration("max_client_disconnect", "MaxClientDisconnect"),
        Nested("scaling", "Scaling", GROUP_SCALING),
        Nested("consul", "Consul", CONSUL),
        maybe_boolean("prevent_reschedule_on_lost", "PreventRescheduleOnLost"),
        Nested("vault", "Vault", VAULT),
        many("secret", "Secrets", SECRET),
    ),
    label="Name",
    extras=frozenset({"Vault", "Secrets"}),
)

MULTIREGION = Schema(
    "multiregion",
    (
        Nested(
            "strategy",
            "Strategy",
            Schema(
                "strategy",
                (maybe_integer("max_parallel", "MaxParallel"), maybe_string("on_failure", "OnFailure")),
            ),
        ),
        many(
            "region",
            "Regions",
            Schema(
                "region",
                (
                    maybe_integer("count", "Count"),
                    strings("datacenters", "Datacenters"),
                    string("node_pool", "NodePool"),
                    Map("meta", "Meta"),
                ),
                label="Name",
            ),
        ),
    ),
)

PERIODIC = Schema(
    "periodic",
    (
        maybe_boolean("enabled", "Enabled"),
        maybe_string("cron", "Spec"),
        strings("crons", "Specs"),
        Fixed("SpecType"),
        maybe_boolean("prohibit_overlap", "ProhibitOverlap"),
        maybe_string("time_zone", "TimeZone"),
    ),
)

PARAMETERIZED = Schema(
    "parameterized",
    (
        string("payload", "Payload"),
        strings("meta_required", "MetaRequired"),
        strings("meta_optional", "MetaOptional"),
    ),
)

UI = Schema(
    "ui",
    (
        string("description", "Description"),
        many("link", "Links", Schema("link", (string("label", "Label"), string("url", "URL")))),
    ),
)

SERVER_FIELDS = (
    Fixed("Stop"),
    Fixed("ParentID"),
    Fixed("Dispatched", value=False),
    *(
        Fixed(field)
        for field in (
            "DispatchIdempotencyToken",
            "Payload",
            "ConsulNamespace",
            "VaultNamespace",
            "NomadTokenID",
            "Status",
            "StatusDescription",
            "Stable",
            "Version",
            "SubmitTime",
            "CreateIndex",
            "ModifyIndex",
            "JobModifyIndex",
            "VersionTag",
        )
    ),
)
"""What a server notes about a job and a job file cannot say."""

JOB = Schema(
    "job",
    (
        maybe_string("region", "Region"),
        maybe_string("namespace", "Namespace"),
        maybe_string("id", "ID"),
        maybe_string("name", "Name"),
        maybe_string("type", "Type"),
        maybe_integer("priority", "Priority"),
        maybe_boolean("all_at_once", "AllAtOnce"),
        strings("datacenters", "Datacenters"),
        maybe_string("node_pool", "NodePool"),
        many("constraint", "Constraints", CONSTRAINT),
        many("affinity", "Affinities", AFFINITY),
        many("group", "TaskGroups", GROUP),
        Nested("update", "Update", UPDATE),
        Nested("multiregion", "Multiregion", MULTIREGION),
        many("spread", "Spreads", SPREAD),
        Nested("periodic", "Periodic", PERIODIC),
        Nested("parameterized", "ParameterizedJob", PARAMETERIZED),
        Nested("reschedule", "Reschedule", RESCHEDULE),
        Nested("migrate", "Migrate", MIGRATE),
        Map("meta", "Meta", or_attribute=True),
        Nested("ui", "UI", UI),
        *SERVER_FIELDS,
        Nested("vault", "Vault", VAULT),
        many("secret", "Secrets", SECRET),
        many("task", "Tasks", TASK),
    ),
    label="",
    extras=frozenset({"Vault", "Secrets", "Tasks"}),
)
