"""The client configuration: what this machine's owner says about it, in Nomad's agent form.

Source: Nomad's agent configuration (`client`, `plugin "qemu"`), whose defaults these are.
"""

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType

from qemu_run import folders
from qemu_run.errors import Diagnostics
from qemu_run.records import record
from qemu_run.source import Source, Span

FILE_NAME = "client.hcl"


@record
class HostNetwork:
    """A `host_network`: addresses of this machine under a name that ports may ask for."""

    interface: str = ""
    cidr: str = ""


@record
class HostVolume:
    """A `host_volume`: a folder of this machine under a name."""

    path: str
    read_only: bool = False


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@record(kw_only=True, slots=False)
class ClientConfig:
    """What is in force; without a file, Nomad's defaults."""

    datacenter: str = "dc1"
    region: str = "global"
    name: str = field(default_factory=lambda: os.uname().nodename)
    node_class: str = ""
    node_pool: str = "default"
    meta: Mapping[str, str] = field(default_factory=_nothing)
    min_dynamic_port: int = 20000
    max_dynamic_port: int = 32000
    network_interface: str = ""
    """Whose address is the machine's; empty: the one with the default route."""
    cpu_total_compute: int = 0
    """In MHz; 0: as the machine says."""
    memory_total_mb: int = 0
    """0: as the machine says."""
    image_paths: tuple[str, ...] = ()
    """Folders images may lie in besides the allocation's own; empty: no restriction beyond that."""
    args_allowlist: tuple[str, ...] = ()
    """The only QEMU options that `args` may hold; empty: all."""
    emulators_allowlist: tuple[str, ...] = ()
    """The only values `emulator` may have; empty: all."""
    host_networks: Mapping[str, HostNetwork] = field(default_factory=dict)
    host_volumes: Mapping[str, HostVolume] = field(default_factory=dict)
    origin: str | None = None
    """The name of the file it was read from; None: nothing but defaults."""
    places: Mapping[tuple[str, ...], Span] = field(default_factory=dict, repr=False, compare=False)

    def at(self, *path: str) -> Span | None:
        """Where `("client", "meta", "rack")` was written; None if it was not."""
        return self.places.get(path)


PATHS: Mapping[str, tuple[str, ...]] = {
    "datacenter": ("datacenter",),
    "region": ("region",),
    "name": ("name",),
    "node_class": ("client", "node_class"),
    "node_pool": ("client", "node_pool"),
    "meta": ("client", "meta"),
    "min_dynamic_port": ("client", "min_dynamic_port"),
    "max_dynamic_port": ("client", "max_dynamic_port"),
    "network_interface": ("client", "network_interface"),
    "cpu_total_compute": ("client", "cpu_total_compute"),
    "memory_total_mb": ("client", "memory_total_mb"),
    "image_paths": ("plugin", "qemu", "config", "image_paths"),
    "args_allowlist": ("plugin", "qemu", "config", "args_allowlist"),
    "emulators_allowlist": ("plugin", "qemu", "config", "emulators_allowlist"),
}
"""Where each field of ClientConfig stands in the file."""


def find(explicit: str | None, environment: Mapping[str, str]) -> Path | None:
    """The file to read: `--config`, else `QEMU_RUN_CONFIG`, else the user's, else the system's, else None.

    What was named is returned whether or not it exists: not finding it is the reader's error.
    """
    if named := explicit or environment.get("QEMU_RUN_CONFIG"):
        return Path(named)
    usual = (folder / FILE_NAME for folder in folders.configurations())
    return next((path for path in usual if path.is_file()), None)


def load(source: Source, diagnostics: Diagnostics) -> ClientConfig:
    """The configuration that `source` holds, built from what is right in it; mistakes go to `diagnostics`."""
    from qemu_run.node.client_reader import Reader
    from qemu_run.node.client_schema import AGENT
    from qemu_run.syntax.parse import parse

    reader = Reader(diagnostics)
    if (body := parse(source, diagnostics)) is not None:
        reader.read(body, AGENT)
    fields = {name: reader.values[path] for name, path in PATHS.items() if path in reader.values}
    config = ClientConfig(
        **fields,
        host_networks={name: HostNetwork(**keys) for name, keys in reader.labelled("client", "host_network")},
        host_volumes={
            name: HostVolume(**{"path": "", **keys})
            for name, keys in reader.labelled("client", "host_volume")
        },
        origin=source.name,
        places=reader.places,
    )
    _check(config, diagnostics)
    return config


def _check(config: ClientConfig, diagnostics: Diagnostics) -> None:
    """What the schema can't say."""
    for name, network in config.host_networks.items():
        here = ("client", "host_network", name)
        if not network.interface and not network.cidr:
            diagnostics.error(
                f'host_network "{name}" has no address', config.at(*here), "give it an interface or a cidr"
            )
        if network.cidr and not _is_cidr(network.cidr):
            diagnostics.error(
                f'"{network.cidr}" is not a network',
                config.at(*here, "cidr"),
                "like 192.168.7.0/24 or fd00::/64",
            )
    for name, volume in config.host_volumes.items():
        here = ("client", "host_volume", name)
        if not volume.path.startswith("/"):
            what = f'"{volume.path}" is not absolute' if volume.path else f'host_volume "{name}" has no path'
            diagnostics.error(what, config.at(*here, "path") or config.at(*here), "the full path of a folder")
    ports = (config.min_dynamic_port, config.max_dynamic_port)
    if not 0 < ports[0] <= ports[1] <= 65535:
        at = config.at("client", "max_dynamic_port") or config.at("client", "min_dynamic_port")
        diagnostics.error(f"no port is between {ports[0]} and {ports[1]}", at, "ports are 1 to 65535")


def _is_cidr(text: str) -> bool:
    from ipaddress import ip_network

    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text
