"""Blocks that jobs, groups and tasks share: conditions, policies, resources, networks; as data.

Source: Nomad's job specification and API package (`constraint.go`, `tasks.go`, `resources.go`), version 2.0.
"""

from qemu_run.jobspec.schema.words import (
    Attribute,
    Fixed,
    Freeform,
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
        maybe_integer("weight", "Weight", -128, 127),
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
        maybe_integer("weight", "Weight", -128, 127),
        many(
            "target",
            "SpreadTarget",
            Schema("target", (integer("percent", "Percent", 0, 255),), label="Value"),
        ),
    ),
)

PACE = (
    maybe_integer("max_parallel", "MaxParallel"),
    maybe_string("health_check", "HealthCheck"),
    maybe_duration("min_healthy_time", "MinHealthyTime"),
    maybe_duration("healthy_deadline", "HealthyDeadline"),
)
"""How many allocations are replaced at a time, and when the next may be."""

UPDATE = Schema(
    "update",
    (
        maybe_duration("stagger", "Stagger"),
        *PACE,
        maybe_duration("progress_deadline", "ProgressDeadline"),
        maybe_integer("canary", "Canary"),
        maybe_boolean("auto_revert", "AutoRevert"),
        maybe_boolean("auto_promote", "AutoPromote"),
    ),
)

RESCHEDULE = Schema(
    "reschedule",
    (
        maybe_integer("attempts", "Attempts"),
        maybe_duration("interval", "Interval"),
        maybe_duration("delay", "Delay"),
        maybe_string("delay_function", "DelayFunction"),
        maybe_duration("max_delay", "MaxDelay"),
        maybe_boolean("unlimited", "Unlimited"),
    ),
)

MIGRATE = Schema("migrate", PACE)

RESTART = Schema(
    "restart",
    (
        maybe_duration("interval", "Interval"),
        maybe_integer("attempts", "Attempts"),
        maybe_duration("delay", "Delay"),
        maybe_string("mode", "Mode"),
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
        maybe_string("change_mode", "ChangeMode"),
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
    maybe_integer("min", "Min"),
    maybe_integer("max", "Max"),
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
        integer("static", "Value"),
        integer("to", "To"),
        string("host_network", "HostNetwork"),
        boolean("ignore_collision", "IgnoreCollision"),
    ),
    label="Label",
)

NETWORK = Schema(
    "network",
    (
        string("mode", "Mode"),
        string("device", "Device"),
        string("cidr", "CIDR"),
        string("ip", "IP"),
        Nested(
            "dns",
            "DNS",
            Schema(
                "dns",
                (
                    strings("servers", "Servers"),
                    strings("searches", "Searches"),
                    strings("options", "Options"),
                ),
            ),
        ),
        many("reserved_ports", "ReservedPorts", PORT),
        many("port", "DynamicPorts", PORT),
        string("hostname", "Hostname"),
        maybe_integer("mbits", "MBits"),
        Nested("cni", "CNI", Schema("cni", (Attribute("args", "Args", Kind.STRING_MAP, nullable=True),))),
    ),
)

DEVICE = Schema(
    "device",
    (
        maybe_integer("count", "Count", 0, 2**64 - 1),
        *CONDITIONS,
    ),
    label="Name",
)

RESOURCES = Schema(
    "resources",
    (
        maybe_integer("cpu", "CPU"),
        maybe_integer("cores", "Cores"),
        maybe_integer("memory", "MemoryMB"),
        maybe_integer("memory_max", "MemoryMaxMB"),
        maybe_integer("disk", "DiskMB"),
        many("network", "Networks", NETWORK),
        many("device", "Devices", DEVICE),
        Nested(
            "numa", "NUMA", Schema("numa", (string("affinity", "Affinity"), strings("devices", "Devices")))
        ),
        maybe_integer("secrets", "SecretsMB"),
        maybe_integer("iops", "IOPS"),
    ),
)

LOGS = Schema(
    "logs",
    (
        maybe_integer("max_files", "MaxFiles"),
        maybe_integer("max_file_size", "MaxFileSizeMB"),
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
        maybe_string("propagation_mode", "PropagationMode"),
        maybe_string("selinux_label", "SELinuxLabel"),
    ),
)

IDENTITY = Schema(
    "identity",
    (
        string("name", "Name"),
        strings("aud", "Audience"),
        string("change_mode", "ChangeMode"),
        string("change_signal", "ChangeSignal"),
        boolean("env", "Env"),
        boolean("file", "File"),
        string("filepath", "Filepath"),
        string("service_name", "ServiceName"),
        duration("ttl", "TTL"),
        strings("extra_claims", "ExtraClaims"),
    ),
)
