"""The blocks of Consul's service mesh, as data.

Source: Nomad's job specification and API package (`consul.go`), version 2.0.
"""

from qemu_run.jobspec.schema.shared import IDENTITY, LOGS, RESOURCES, VOLUME_MOUNT
from qemu_run.jobspec.schema.words import (
    Attribute,
    Fixed,
    Freeform,
    Kind,
    Map,
    Nested,
    Repeat,
    Schema,
    boolean,
    integer,
    many,
    maybe_duration,
    maybe_integer,
    string,
    strings,
)

EXPOSE_PATH = Schema(
    "path",
    (
        string("path", "Path"),
        string("protocol", "Protocol"),
        integer("local_path_port", "LocalPathPort"),
        string("listener_port", "ListenerPort"),
    ),
)
EXPOSE = Schema("expose", (many("path", "Paths", EXPOSE_PATH), Fixed("Path")))

UPSTREAM = Schema(
    "upstreams",
    (
        string("destination_name", "DestinationName"),
        string("destination_namespace", "DestinationNamespace"),
        string("destination_peer", "DestinationPeer"),
        string("destination_partition", "DestinationPartition"),
        string("destination_type", "DestinationType"),
        integer("local_bind_port", "LocalBindPort"),
        string("datacenter", "Datacenter"),
        string("local_bind_address", "LocalBindAddress"),
        string("local_bind_socket_path", "LocalBindSocketPath"),
        string("local_bind_socket_mode", "LocalBindSocketMode"),
        Nested("mesh_gateway", "MeshGateway", Schema("mesh_gateway", (string("mode", "Mode"),))),
        Map("config", "Config", Freeform.ANY),
    ),
)

TRANSPARENT_PROXY = Schema(
    "transparent_proxy",
    (
        string("uid", "UID"),
        integer("outbound_port", "OutboundPort", minimum=0, maximum=65535),
        strings("exclude_inbound_ports", "ExcludeInboundPorts"),
        Attribute(
            "exclude_outbound_ports",
            "ExcludeOutboundPorts",
            Kind.INTEGERS,
            nullable=True,
            minimum=0,
            maximum=65535,
        ),
        strings("exclude_outbound_cidrs", "ExcludeOutboundCIDRs"),
        strings("exclude_uids", "ExcludeUIDs"),
        boolean("no_dns", "NoDNS"),
    ),
)

PROXY = Schema(
    "proxy",
    (
        string("local_service_address", "LocalServiceAddress"),
        integer("local_service_port", "LocalServicePort"),
        Nested("expose", "Expose", EXPOSE),
        Fixed("ExposeConfig"),
        many("upstreams", "Upstreams", UPSTREAM),
        Nested("transparent_proxy", "TransparentProxy", TRANSPARENT_PROXY),
        Map("config", "Config", Freeform.ANY),
    ),
)

SIDECAR_SERVICE = Schema(
    "sidecar_service",
    (
        strings("tags", "Tags"),
        string("port", "Port"),
        Nested("proxy", "Proxy", PROXY),
        boolean("disable_default_tcp_check", "DisableDefaultTCPCheck"),
        Map("meta", "Meta"),
    ),
)

SIDECAR_TASK = Schema(
    "sidecar_task",
    (
        string("name", "Name"),
        string("driver", "Driver"),
        string("user", "User"),
        Map("config", "Config", Freeform.ANY),
        Map("env", "Env"),
        Nested("resources", "Resources", RESOURCES),
        Map("meta", "Meta"),
        maybe_duration("kill_timeout", "KillTimeout"),
        Nested("logs", "LogConfig", LOGS),
        maybe_duration("shutdown_delay", "ShutdownDelay"),
        string("kill_signal", "KillSignal"),
        many("volume_mount", "VolumeMounts", VOLUME_MOUNT),
        many("identity", "Identities", IDENTITY),
    ),
)

BIND_ADDRESS = Schema(
    "envoy_gateway_bind_addresses", (string("address", "Address"), integer("port", "Port")), label="Name"
)

GATEWAY_PROXY = Schema(
    "proxy",
    (
        maybe_duration("connect_timeout", "ConnectTimeout"),
        boolean("envoy_gateway_bind_tagged_addresses", "EnvoyGatewayBindTaggedAddresses"),
        Nested("envoy_gateway_bind_addresses", "EnvoyGatewayBindAddresses", BIND_ADDRESS, Repeat.BY_LABEL),
        boolean("envoy_gateway_no_default_bind", "EnvoyGatewayNoDefaultBind"),
        string("envoy_dns_discovery_type", "EnvoyDNSDiscoveryType"),
        Map("config", "Config", Freeform.ANY),
    ),
)

SDS = Schema("sds", (string("cluster_name", "ClusterName"), string("cert_resource", "CertResource")))

TLS = Schema(
    "tls",
    (
        boolean("enabled", "Enabled"),
        string("tls_min_version", "TLSMinVersion"),
        string("tls_max_version", "TLSMaxVersion"),
        strings("cipher_suites", "CipherSuites"),
        Nested("sds", "SDS", SDS),
    ),
)

HEADER_MODIFIERS = (Map("add", "Add"), Map("set", "Set"), strings("remove", "Remove"))

INGRESS_SERVICE = Schema(
    "service",
    (
        string("name", "Name"),
        strings("hosts", "Hosts"),
        Nested("tls", "TLS", TLS),
        Nested("request_headers", "RequestHeaders", Schema("request_headers", HEADER_MODIFIERS)),
        Nested("response_headers", "ResponseHeaders", Schema("response_headers", HEADER_MODIFIERS)),
        maybe_integer("max_connections", "MaxConnections", minimum=0, maximum=2**32 - 1),
        maybe_integer("max_pending_requests", "MaxPendingRequests", minimum=0, maximum=2**32 - 1),
        maybe_integer("max_concurrent_requests", "MaxConcurrentRequests", minimum=0, maximum=2**32 - 1),
    ),
)

LISTENER = Schema(
    "listener",
    (
        integer("port", "Port"),
        string("protocol", "Protocol"),
        many("service", "Services", INGRESS_SERVICE),
    ),
)

LINKED_SERVICE = Schema(
    "service",
    (
        string("name", "Name"),
        string("ca_file", "CAFile"),
        string("cert_file", "CertFile"),
        string("key_file", "KeyFile"),
        string("sni", "SNI"),
    ),
)

GATEWAY = Schema(
    "gateway",
    (
        Nested("proxy", "Proxy", GATEWAY_PROXY),
        Nested(
            "ingress",
            "Ingress",
            Schema("ingress", (Nested("tls", "TLS", TLS), many("listener", "Listeners", LISTENER))),
        ),
        Nested(
            "terminating",
            "Terminating",
            Schema("terminating", (many("service", "Services", LINKED_SERVICE),)),
        ),
        Nested("mesh", "Mesh", Schema("mesh", ())),
    ),
)

CONNECT = Schema(
    "connect",
    (
        boolean("native", "Native"),
        Nested("gateway", "Gateway", GATEWAY),
        Nested("sidecar_service", "SidecarService", SIDECAR_SERVICE),
        Nested("sidecar_task", "SidecarTask", SIDECAR_TASK),
    ),
)
