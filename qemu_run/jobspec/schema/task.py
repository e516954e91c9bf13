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
    Honoured,
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
        maybe_string("mode", "GetterMode", choices=("any", "file", "dir"), called="artifact mode"),
        maybe_boolean("insecure", "GetterInsecure"),
        maybe_string("destination", "RelativeDest"),
        boolean("chown", "Chown", honoured=Honoured.USER),
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
        maybe_string(
            "change_mode", "ChangeMode", choices=("restart", "signal", "script", "noop"), called="change mode"
        ),
        Nested("change_script", "ChangeScript", CHANGE_SCRIPT, honoured=Honoured.DRIVER),
        maybe_string("change_signal", "ChangeSignal"),
        maybe_boolean("once", "Once"),
        maybe_duration("splay", "Splay", at_least=0),
        maybe_string("perms", "Perms"),
        maybe_integer("uid", "Uid"),
        maybe_integer("gid", "Gid"),
        maybe_string("left_delimiter", "LeftDelim"),
        maybe_string("right_delimiter", "RightDelim"),
        maybe_boolean("env", "Envvars"),
        maybe_duration("vault_grace", "VaultGrace", honoured=Honoured.UNSAID),
        Nested(
            "wait",
            "Wait",
            Schema("wait", (maybe_duration("min", "Min", at_least=0), maybe_duration("max", "Max"))),
            honoured=Honoured.SERVER,
        ),
        maybe_boolean("error_on_missing_key", "ErrMissingKey"),
    ),
)

CSI_PLUGIN = Schema(
    "csi_plugin",
    (
        string("id", "ID"),
        string("type", "Type", choices=("controller", "node", "monolith"), called="csi_plugin type"),
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

LIFECYCLE = Schema(
    "lifecycle",
    (
        string(
            "hook",
            "Hook",
            required=True,
            choices=("prestart", "poststart", "poststop"),
            called="lifecycle hook",
        ),
        boolean("sidecar", "Sidecar"),
    ),
)

ACTION = Schema(
    "action", (string("command", "Command", required=True), strings("args", "Args")), label="Name"
)

DISPATCH_PAYLOAD = Schema("dispatch_payload", (string("file", "File"),))

TASK = Schema(
    "task",
    (
        string("driver", "Driver"),
        string("user", "User", honoured=Honoured.USER),
        Nested("lifecycle", "Lifecycle", LIFECYCLE),
        Map("config", "Config", Freeform.ANY),
        *CONDITIONS,
        Map("env", "Env", or_attribute=True),
        many("service", "Services", SERVICE, honoured=Honoured.NOT_YET),
        Nested("resources", "Resources", RESOURCES),
        Nested("restart", "RestartPolicy", RESTART, lenient=True),
        Map("meta", "Meta", or_attribute=True),
        maybe_duration("kill_timeout", "KillTimeout", at_least=0),
        Nested("logs", "LogConfig", LOGS),
        many("artifact", "Artifacts", ARTIFACT),
        Nested("vault", "Vault", VAULT, honoured=Honoured.VAULT),
        Nested("consul", "Consul", CONSUL, honoured=Honoured.CONSUL),
        many("template", "Templates", TEMPLATE),
        Nested("dispatch_payload", "DispatchPayload", DISPATCH_PAYLOAD, honoured=Honoured.NOT_YET),
        many("volume_mount", "VolumeMounts", VOLUME_MOUNT, honoured=Honoured.DRIVER),
        Nested("csi_plugin", "CSIPluginConfig", CSI_PLUGIN, honoured=Honoured.CLUSTER),
        boolean("leader", "Leader"),
        duration("shutdown_delay", "ShutdownDelay", at_least=0),
        string("kill_signal", "KillSignal"),
        string("kind", "Kind", honoured=Honoured.CONSUL),
        many("scaling", "ScalingPolicies", TASK_SCALING, honoured=Honoured.CLUSTER),
        many("secret", "Secrets", SECRET, honoured=Honoured.SERVER),
        Fixed("Identity", name="identity", honoured=Honoured.SERVER),
        many("identity", "Identities", IDENTITY, honoured=Honoured.SERVER),
        many("action", "Actions", ACTION, honoured=Honoured.DRIVER),
        Nested("schedule", "Schedule", SCHEDULE, honoured=Honoured.CLUSTER),
    ),
    label="Name",
)
