"""The machine and its configuration as rows and as JSON: what `fingerprint` and `config` show."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import NamedTuple

from qemu_run.jobspec.spellings import canonical_target
from qemu_run.node.client_config import PATHS, ClientConfig, HostNetwork, HostVolume
from qemu_run.node.node import Node


def attributes_document(node: Node) -> dict[str, dict[str, str]]:
    """All that constraints can ask for: `attributes` and `meta` by name, and the `node` itself."""
    return {
        "attributes": dict(node.attributes),
        "meta": dict(node.meta),
        "node": _below("node.", node.values),
    }


def _below(prefix: str, values: Mapping[str, str]) -> dict[str, str]:
    """The values by their names without the prefix, under which a document has them."""
    return {name.removeprefix(prefix): value for name, value in values.items()}


def attribute_rows(node: Node) -> list[tuple[str, str]]:
    """Names and values as a person reads them: what QEMU offers, the machine, the node, its `meta`."""
    attributes = sorted(node.attributes.items(), key=lambda row: (not row[0].startswith("driver."), row[0]))
    meta = [(f"meta.{key}", value) for key, value in sorted(node.meta.items())]
    return [*attributes, *sorted(node.values.items()), *meta]


def row_name(name: str) -> str:
    """The name that a row has, however it is spelt: `cpu.arch` of `${attr.cpu.arch}`."""
    target = canonical_target(name)
    bare = target[2:].removesuffix("}") if target.startswith("${") else target
    return bare.removeprefix("attr.")


def find_attribute(node: Node, name: str) -> str | None:
    """The value of one row, however it is spelt: `cpu.arch`, `attr.cpu.arch` or `${attr.cpu.arch}`."""
    target = canonical_target(name)
    if target.startswith("${"):
        return node.find(target)
    if target.startswith(("attr.", "meta.", "node.")):
        return node.find(f"${{{target}}}")
    return node.attributes.get(target)


class ConfigRow(NamedTuple):
    """One setting: its name in the file, its value in HCL's or plain words, and where it was set."""

    name: str
    value: str
    origin: str
    """`client.hcl:7`, or `default`."""


def config_rows(config: ClientConfig) -> list[ConfigRow]:
    """Every setting that is in force."""
    return [
        ConfigRow(".".join(path), _shown(value), _origin(config, path)) for path, value in _settings(config)
    ]


def config_document(config: ClientConfig) -> dict[str, object]:
    """The same for programs: `file`, and each setting's `value` and `origin` by name."""
    settings = {
        ".".join(path): {
            "value": list(value) if isinstance(value, tuple) else value,
            "origin": _origin(config, path),
        }
        for path, value in _settings(config)
    }
    return {"file": config.origin, "settings": settings}


def _settings(config: ClientConfig) -> Iterator[tuple[tuple[str, ...], object]]:
    """The place in the file and the value of each, maps and blocks taken apart."""
    for field, path in PATHS.items():
        value = getattr(config, field)
        if isinstance(value, Mapping):
            yield from (((*path, key), item) for key, item in sorted(value.items()))
        else:
            yield path, value
    labelled: Mapping[str, Mapping[str, HostNetwork | HostVolume]] = {
        "host_network": config.host_networks,
        "host_volume": config.host_volumes,
    }
    for kind, blocks in labelled.items():
        for label, block in sorted(blocks.items()):
            values = ((key.name, getattr(block, key.name)) for key in fields(block))
            yield from ((("client", kind, label, key), value) for key, value in values if value != "")


def _shown(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)


def _origin(config: ClientConfig, path: tuple[str, ...]) -> str:
    span = config.at(*path)
    return f"{span.source.name}:{span.first.line}" if span else "default"
