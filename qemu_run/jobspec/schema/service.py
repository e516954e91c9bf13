"""Services and their checks, as data.

Source: Nomad's job specification and API package (`services.go`), version 2.0.
"""

from qemu_run.jobspec.schema.connect import CONNECT
from qemu_run.jobspec.schema.shared import IDENTITY
from qemu_run.jobspec.schema.words import (
    Freeform,
    Honoured,
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

ON_UPDATE = ("require_healthy", "ignore_warnings", "ignore")
KINDS = ("connect-proxy", "mesh-gateway", "terminating-gateway", "ingress-gateway", "api-gateway")
"""The kinds of Consul's services that a job may name."""

CHECK_RESTART = Schema(
    "check_restart",
    (
        integer("limit", "Limit", at_least=0),
        maybe_duration("grace", "Grace", at_least=0),
        boolean("ignore_warnings", "IgnoreWarnings"),
    ),
)

CHECK = Schema(
    "check",
    (
        string("name", "Name"),
        string("type", "Type", honoured=Honoured.NOT_YET, honours=("http", "tcp", "HTTP", "TCP")),
        string("command", "Command"),
        strings("args", "Args"),
        string("path", "Path"),
        string("protocol", "Protocol"),
        string("port", "PortLabel"),
        boolean("expose", "Expose"),
        string(
            "address_mode",
            "AddressMode",
            choices=("host", "driver", "alloc", "alloc_ipv6"),
            called="address mode",
        ),
        string("advertise", "Advertise"),
        duration("interval", "Interval"),
        duration("timeout", "Timeout"),
        string(
            "initial_status",
            "InitialStatus",
            choices=("passing", "warning", "critical"),
            called="initial status",
        ),
        string("notes", "Notes"),
        string("tls_server_name", "TLSServerName"),
        boolean("tls_skip_verify", "TLSSkipVerify"),
        Map("header", "Header", Freeform.LISTS),
        string("method", "Method"),
        Nested("check_restart", "CheckRestart", CHECK_RESTART),
        string("grpc_service", "GRPCService"),
        boolean("grpc_use_tls", "GRPCUseTLS"),
        string("task", "TaskName"),
        integer("success_before_passing", "SuccessBeforePassing", at_least=0),
        integer("failures_before_critical", "FailuresBeforeCritical", at_least=0),
        integer("failures_before_warning", "FailuresBeforeWarning", at_least=0),
        string("body", "Body"),
        string("on_update", "OnUpdate", choices=ON_UPDATE, called="on_update"),
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
        string(
            "address_mode",
            "AddressMode",
            choices=("auto", "host", "driver", "alloc", "alloc_ipv6"),
            called="address mode",
        ),
        string("address", "Address"),
        many("check", "Checks", CHECK),
        Nested("check_restart", "CheckRestart", CHECK_RESTART),
        Nested("connect", "Connect", CONNECT, honoured=Honoured.CONSUL),
        Map("meta", "Meta"),
        Map("canary_meta", "CanaryMeta"),
        Map("tagged_addresses", "TaggedAddresses"),
        string("task", "TaskName"),
        string("on_update", "OnUpdate", choices=ON_UPDATE, called="on_update"),
        Nested("identity", "Identity", IDENTITY, honoured=Honoured.CONSUL),
        Nested(
            "weights",
            "Weights",
            Schema("weights", (integer("passing", "Passing"), integer("warning", "Warning"))),
            honoured=Honoured.CONSUL,
        ),
        string("provider", "Provider", choices=("nomad", "consul"), called="provider of services"),
        string("cluster", "Cluster", honoured=Honoured.CONSUL),
        string("kind", "Kind", choices=KINDS, called="kind of service", honoured=Honoured.CONSUL),
    ),
)
