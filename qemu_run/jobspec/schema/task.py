"""Tasks and what only they hold, as data.

Source: Nomad's job specification and API package (`tasks.go`, `csi.go`), version 2.0.
"""

from qemu_run.jobspec.schema.service import SERVICE
from qemu_run.jobspec.schema.shared import (
    CONDITIONS,
    CONSUL,
    IDENTITY,
    LOGS,
    RESOURCES,
    RESTART,
    SECRET,
    TASK_SCALING,
    VAULT,
    VOLUME_MOUNT,
)
from qemu_run.jobspec.schema.words import (
    Fixed,
    Freeform,
    Map,
    Nested,
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
        *CONDITIONS,
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
