"""Which blocks and keys a client configuration may hold: Nomad's agent form, as data.

Source: Nomad's agent configuration reference (general options, `client`, `plugin`), and the qemu driver's
plugin options.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from qemu_run.records import record

Kind = Literal["string", "number", "bool", "list of strings", "map of strings"]


@record
class Shape:
    """What may stand in a block."""

    values: Mapping[str, Kind] = field(default_factory=dict)
    """The keys that mean something here. A map may be written as a block, too."""
    blocks: "Mapping[str, Shape]" = field(default_factory=dict)
    label: str = ""
    """What the block's label is called; empty: it takes none."""
    ignored: frozenset[str] = frozenset()
    """Nomad's other keys and blocks, which say nothing about a run on this machine."""
    ignore_all: bool = False

    @property
    def names(self) -> list[str]:
        """All names that may stand in the block."""
        return [*self.values, *self.blocks, *self.ignored]


_AGENT_ONLY = """
    acl addresses advertise audit autopilot bind_addr consul data_dir disable_anonymous_signature
    disable_update_check enable_debug enable_syslog eventlog http_api_response_headers keyring
    leave_on_interrupt leave_on_terminate limits log_file log_include_location log_json log_level
    log_rotate_bytes log_rotate_duration log_rotate_max_files plugin_dir ports reporting rpc sentinel server
    syslog_facility telemetry tls ui vault
"""
_CLIENT_ONLY = """
    alloc_dir alloc_mounts_dir artifact bind_wildcard_default_host_network bridge_network_hairpin_mode
    bridge_network_name bridge_network_subnet bridge_network_subnet_ipv6 cgroup_parent chroot_env
    client_max_port client_min_port cni_config_dir cni_path common_plugin_dir cpu_disable_dmidecode
    disable_remote_exec disk_free_mb disk_total_mb drain_on_shutdown enabled fingerprint
    gc_disk_usage_threshold gc_inode_usage_threshold gc_interval gc_max_allocs gc_parallel_destroys
    gc_volumes_on_node_gc host_volume_plugin_dir host_volumes_dir intro_token max_kill_timeout
    network_speed no_host_uuid node_max_allocs nomad_service_discovery
    options preferred_address_family reserved server_join servers state_dir template users
"""

HOST_NETWORK = Shape(
    values={"interface": "string", "cidr": "string"},
    label="name",
    ignored=frozenset({"reserved_ports"}),
)
HOST_VOLUME = Shape(values={"path": "string", "read_only": "bool"}, label="name")
CLIENT = Shape(
    values={
        "node_class": "string",
        "node_pool": "string",
        "meta": "map of strings",
        "min_dynamic_port": "number",
        "max_dynamic_port": "number",
        "network_interface": "string",
        "cpu_total_compute": "number",
        "memory_total_mb": "number",
    },
    blocks={"host_network": HOST_NETWORK, "host_volume": HOST_VOLUME},
    ignored=frozenset(_CLIENT_ONLY.split()),
)
DRIVER_CONFIG = Shape(
    values={
        "image_paths": "list of strings",
        "args_allowlist": "list of strings",
        "emulators_allowlist": "list of strings",
    }
)
PLUGIN = Shape(blocks={"config": DRIVER_CONFIG}, label="driver", ignored=frozenset({"args"}))
OTHER_PLUGIN = Shape(label="driver", ignore_all=True)
AGENT = Shape(
    values={"datacenter": "string", "region": "string", "name": "string"},
    blocks={"client": CLIENT, "plugin": PLUGIN},
    ignored=frozenset(_AGENT_ONLY.split()),
)
