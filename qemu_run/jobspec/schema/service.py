"""Services and their checks, as data.

Source: Nomad's job specification and API package (`services.go`), version 2.0.
"""

from qemu_run.jobspec.schema.connect import CONNECT
from qemu_run.jobspec.schema.shared import IDENTITY
from qemu_run.jobspec.schema.words import (
    Freeform,
    Map,
    Nested,
    Schema,
    boolean,
    duration,
    integer,
    many,
    maybe_duration,
    string,
    strings,
)

CHECK_RESTART = Schema(
    "check_restart",
    (
        integer("limit", "Limit"),
        maybe_duration("grace", "Grace"),
        boolean("ignore_warnings", "IgnoreWarnings"),
    ),
)

CHECK = Schema(
    "check",
    (
        string("name", "Name"),
        string("type", "Type"),
        string("command", "Command"),
        strings("args", "Args"),
        string("path", "Path"),
        string("protocol", "Protocol"),
        string("port", "PortLabel"),
        boolean("expose", "Expose"),
        string("address_mode", "AddressMode"),
        string("advertise", "Advertise"),
        duration("interval", "Interval"),
        duration("timeout", "Timeout"),
        string("initial_status", "InitialStatus"),
        string("notes", "Notes"),
        string("tls_server_name", "TLSServerName"),
        boolean("tls_skip_verify", "TLSSkipVerify"),
        Map("header", "Header", Freeform.LISTS),
        string("method", "Method"),
        Nested("check_restart", "CheckRestart", CHECK_RESTART),
        string("grpc_service", "GRPCService"),
        boolean("grpc_use_tls", "GRPCUseTLS"),
        string("task", "TaskName"),
        integer("success_before_passing", "SuccessBeforePassing"),
        integer("failures_before_critical", "FailuresBeforeCritical"),
        integer("failures_before_warning", "FailuresBeforeWarning"),
        string("body", "Body"),
        string("on_update", "OnUpdate"),
    ),
)

SERVICE = Schema(
    "service",
    (
        string("name", "Name"),
        strings("tags", "Tags"),
        strings("canary_tags", "CanaryTags"),
        boolean("enable_tag_override", "EnableTagOverride"),
        string("port", "PortLabel"),
        string("address_mode", "AddressMode"),
        string("address", "Address"),
        many("check", "Checks", CHECK),
        Nested("check_restart", "CheckRestart", CHECK_RESTART),
        Nested("connect", "Connect", CONNECT),
        Map("meta", "Meta"),
        Map("canary_meta", "CanaryMeta"),
        Map("tagged_addresses", "TaggedAddresses"),
        string("task", "TaskName"),
        string("on_update", "OnUpdate"),
        Nested("identity", "Identity", IDENTITY),
        Nested(
            "weights",
            "Weights",
            Schema("weights", (integer("passing", "Passing"), integer("warning", "Warning"))),
        ),
        string("provider", "Provider"),
        string("cluster", "Cluster"),
        string("kind", "Kind"),
    ),
)
