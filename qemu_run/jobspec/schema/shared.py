"""Blocks that jobs, groups and tasks share: conditions, policies, resources, networks; as data.

Source: Nomad's job specification and API package (`constraint.go`, `tasks.go`, `resources.go`), version 2.0.
"""

from qemu_run.golang.durations import SECOND
from qemu_run.jobspec.schema.words import (
    Attribute,
    Fixed,
    Freeform,
    Honoured,
    Kind,
    Map,
    Nested,
    Schema,
    boolean,
    duration,
    integer,
    many,
    maybe_boolean,
    maybe_duration,
    maybe_integer,
    maybe_string,
    string,
    strings,
)

CONSTRAINT_SHORTHANDS = ("version", "semver", "regexp", "set_contains")
"""`name = "R"` for operator `name` and value `R`; of several the last of this list wins."""
CONSTRAINT_IGNORED = ("set_contains_all", "set_contains_any", "is_set", "is_not_set")
"""Accepted in a constraint, and without any effect there."""
AFFINITY_SHORTHANDS = ("version", "semver", "regexp", "set_contains_any", "set_contains_all", "set_contains")

CONDITION = tuple(
    Attribute(name, field, Kind.STRING, null_as_unset=True)
    for name, field in (("attribute", "LTarget"), ("value", "RTarget"), ("operator", "Operand"))
)

CONSTRAINT = Schema(
    "constraint",
    (
        *CONDITION,
        *(maybe_string(name, name) for name in (*CONSTRAINT_SHORTHANDS, *CONSTRAINT_IGNORED)),
        maybe_boolean("distinct_hosts", "distinct_hosts"),
        maybe_string("distinct_property", "distinct_property"),
    ),
    extras=frozenset({*CONSTRAINT_SHORTHANDS, *CONSTRAINT_IGNORED, "distinct_hosts", "distinct_property"}),
)

AFFINITY = Schema(
    "affinity",
    (
        *CONDITION,
        maybe_integer("weight", "Weight", minimum=-128, maximum=127, at_least=-100, at_most=100),
        *(maybe_string(name, name) for name in AFFINITY_SHORTHANDS),
    ),
    extras=frozenset(AFFINITY_SHORTHANDS),
)

CONDITIONS = (many("constraint", "Constraints", CONSTRAINT), many("affinity", "Affinities", AFFINITY))
"""What a job, a group, a task and a device may ask of where they run."""

SPREAD = Schema(
    "spread",
    (
        string("attribute", "Attribute"),
        maybe_integer("weight", "Weight", minimum=-128, maximum=127, at_least=1, at_most=100),
        many(
            "target",
            "SpreadTarget",
            Schema(
                "target",
                (integer("percent", "Percent", minimum=0, maximum=255, at_least=0, at_most=100),),
                label="Value",
            ),
        ),
    ),
)

UPDATE = Schema(
    "update",
    (
        maybe_duration("stagger", "Stagger", at_least=1),
        maybe_integer("max_parallel", "MaxParallel", at_least=0),
        maybe_string(
            "health_check", "HealthCheck", choices=("checks", "task_states", "manual"), called="health check"
        ),
        maybe_duration("min_healthy_time", "MinHealthyTime", at_least=0),
        maybe_duration("healthy_deadline", "HealthyDeadline", at_least=1),
        maybe_duration("progress_deadline", "ProgressDeadline", at_least=0),
        maybe_integer("canary", "Canary", at_least=0),
        maybe_boolean("auto_revert", "AutoRevert"),
        maybe_boolean("auto_promote", "AutoPromote"),
    ),
)

RESCHEDULE = Schema(
    "reschedule",
    (
        maybe_integer("attempts", "Attempts", at_least=0, lenient=True),
        maybe_duration("interval", "Interval"),
        maybe_duration("delay", "Delay"),
        maybe_string(
            "delay_function",
            "DelayFunction",
            choices=("constant", "exponential", "fibonacci"),
            called="delay function",
        ),
        maybe_duration("max_delay", "MaxDelay"),
        maybe_boolean("unlimited", "Unlimited"),
    ),
)

MIGRATE = Schema(
    "migrate",
    (
        maybe_integer("max_parallel", "MaxParallel", at_least=0),
        maybe_string("health_check", "HealthCheck", choices=("checks", "task_states"), called="health check"),
        maybe_duration("min_healthy_time", "MinHealthyTime", at_least=0),
        maybe_duration("healthy_deadline", "HealthyDeadline", at_least=0),
    ),
)

RESTART = Schema(
    "restart",
    (
        maybe_duration("interval", "Interval", at_least=5 * SECOND),
        maybe_integer("attempts", "Attempts", at_least=0),
        maybe_duration("delay", "Delay", at_least=0),
        maybe_string("mode", "Mode", choices=("fail", "delay"), called="restart mode"),
        maybe_boolean("render_templates", "RenderTemplates"),
    ),
)

VAULT = Schema(
    "vault",
    (
        strings("policies", "Policies"),
        string("role", "Role"),
        maybe_string("namespace", "Namespace"),
        string("cluster", "Cluster"),
        maybe_boolean("env", "Env"),
        maybe_boolean("disable_file", "DisableFile"),
        maybe_string(
            "change_mode", "ChangeMode", choices=("restart", "signal", "noop"), called="change mode"
        ),
        maybe_string("change_signal", "ChangeSignal"),
        maybe_boolean("allow_token_expiration", "AllowTokenExpiration"),
    ),
)

CONSUL = Schema(
    "consul",
    (string("namespace", "Namespace"), string("cluster", "Cluster"), string("partition", "Partition")),
)

SECRET = Schema(
    "secret",
    (
        string("provider", "Provider"),
        string("path", "Path"),
        Map("config", "Config", Freeform.ANY),
        Map("env", "Env"),
    ),
    label="Name",
)

SCALING_FIELDS = (
    maybe_integer("min", "Min", at_least=0),
    maybe_integer("max", "Max", at_least=0),
    Map("policy", "Policy", Freeform.ANY),
    maybe_boolean("enabled", "Enabled"),
    string("type", "Type"),
    Fixed("ID", ""),
    Fixed("Namespace", ""),
    Fixed("Target"),
    Fixed("CreateIndex", 0),
    Fixed("ModifyIndex", 0),
)
GROUP_SCALING = Schema("scaling", SCALING_FIELDS)
TASK_SCALING = Schema("scaling", SCALING_FIELDS, label="")

PORT = Schema(
    "port",
    (
        integer("static", "Value", at_least=0, at_most=65535),
        integer("to", "To", at_least=-1, at_most=65535),
        string("host_network", "HostNetwork"),
        boolean("ignore_collision", "IgnoreCollision"),
    ),
    label="Label",
)

NETWORK = Schema(
    "network",
    (
        string("mode", "Mode", honoured=Honoured.NETWORK, honours=("host", "none")),
        string("device", "Device", honoured=Honoured.NETWORK),
        string("cidr", "CIDR", honoured=Honoured.NETWORK),
        string("ip", "IP", honoured=Honoured.NETWORK),
        Nested(
            "dns",
            "DNS",
            Schema(
                "dns",
                (
                    strings("servers", "Servers", honoured=Honoured.FIRST),
                    strings("searches", "Searches"),
                    strings("options", "Options", honoured=Honoured.NETWORK),
                ),
            ),
        ),
        many("reserved_ports", "ReservedPorts", PORT),
        many("port", "DynamicPorts", PORT),
        string("hostname", "Hostname", honoured=Honoured.NETWORK),
        maybe_integer("mbits", "MBits", honoured=Honoured.UNSAID),
        Nested(
            "cni",
            "CNI",
            Schema("cni", (Attribute("args", "Args", Kind.STRING_MAP, nullable=True),)),
            honoured=Honoured.NETWORK,
        ),
    ),
)

DEVICE = Schema(
    "device",
    (
        maybe_integer("count", "Count", minimum=0, maximum=2**64 - 1, at_least=1),
        *CONDITIONS,
    ),
    label="Name",
)

NUMA = Schema(
    "numa",
    (
        string("affinity", "Affinity", choices=("none", "prefer", "require"), called="numa affinity"),
        strings("devices", "Devices"),
    ),
)

RESOURCES = Schema(
    "resources",
    (
        maybe_integer("cpu", "CPU", unit="MHz", at_least=0, honoured=Honoured.UNSAID),
        maybe_integer("cores", "Cores", at_least=0),
        maybe_integer("memory", "MemoryMB", unit="MB", at_least=10),
        maybe_integer("memory_max", "MemoryMaxMB", unit="MB", at_least=-1, honoured=Honoured.MEMORY),
        maybe_integer("disk", "DiskMB", unit="MB", at_least=0, at_most=0),
        many("network", "Networks", NETWORK),
        many("device", "Devices", DEVICE, honoured=Honoured.DRIVER),
        Nested("numa", "NUMA", NUMA, honoured=Honoured.CLUSTER),
        maybe_integer("secrets", "SecretsMB", unit="MB", at_least=0),
        maybe_integer("iops", "IOPS", at_least=0, honoured=Honoured.UNSAID),
    ),
)

LOGS = Schema(
    "logs",
    (
        maybe_integer("max_files", "MaxFiles", at_least=1),
        maybe_integer("max_file_size", "MaxFileSizeMB", unit="MB", at_least=1),
        maybe_boolean("enabled", "Enabled"),
        maybe_boolean("disabled", "Disabled"),
    ),
)

VOLUME_MOUNT = Schema(
    "volume_mount",
    (
        maybe_string("volume", "Volume"),
        maybe_string("destination", "Destination"),
        maybe_boolean("read_only", "ReadOnly"),
        maybe_string(
            "propagation_mode",
            "PropagationMode",
            choices=("private", "host-to-task", "bidirectional"),
            called="propagation mode",
        ),
        maybe_string("selinux_label", "SELinuxLabel", choices=("z", "Z"), called="SELinux label"),
    ),
)

IDENTITY = Schema(
    "identity",
    (
        string("name", "Name"),
        strings("aud", "Audience"),
        string("change_mode", "ChangeMode", choices=("restart", "signal", "noop"), called="change mode"),
        string("change_signal", "ChangeSignal"),
        boolean("env", "Env"),
        boolean("file", "File"),
        string("filepath", "Filepath"),
        string("service_name", "ServiceName"),
        duration("ttl", "TTL"),
        strings("extra_claims", "ExtraClaims"),
    ),
)
