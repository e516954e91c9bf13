"""A chain of images in QEMU's own words, every layer named.

Layers below the first become `-blockdev` nodes, lowest first; the first is a `-drive` over them:

    -blockdev {"node-name":"image0.1","driver":"raw","read-only":true,"file":{"driver":"file",...}}
    -drive file=/alloc/image0.qcow2,format=qcow2,if=virtio,id=image0,backing=image0.1

Formats that could refer to another image get `"backing":null`, so that QEMU does not look.
Source: QEMU's `qapi/block-core.json`; works alike on QEMU 7.2 and 10.0.
"""

from collections.abc import Mapping, Sequence

from qemu_run.images.chain import Chain
from qemu_run.images.image import REFERRING_FORMATS
from qemu_run.records import record


@record(kw_only=True)
class NamedLayer:
    """A layer as QEMU is to find it."""

    filename: str
    """An absolute path, or `/dev/fd/N` of a descriptor that QEMU inherits."""
    format: str
    is_block_device: bool = False


def named_layers(chain: Chain, *, by_descriptor: bool = False) -> tuple[NamedLayer, ...]:
    """The layers by their paths; or by their descriptors, which QEMU must then inherit by their numbers."""
    return tuple(
        NamedLayer(
            filename=f"/dev/fd/{layer.file.descriptor}" if by_descriptor else str(layer.path),
            format=layer.format,
            is_block_device=layer.file.is_block_device,
        )
        for layer in chain.layers
    )


def drive_arguments(
    layers: Sequence[NamedLayer],
    interface: str,
    name: str = "image0",
    options: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """The arguments that give a guest the disk of these layers, the guest's first.

    Args:
        layers: At least one.
        interface: What stands behind `if=`: ide, virtio, ...
        name: The drive's id; nodes below it are `NAME.1` and on.
        options: Further options of `-drive`: `{"media": "cdrom", "readonly": "on"}`.
    """
    import json

    top, *below = layers
    arguments: list[str] = []
    node = ""
    for number, layer in reversed(list(enumerate(below, start=1))):
        described = _node(layer, f"{name}.{number}", node)
        arguments += ["-blockdev", json.dumps(described, ensure_ascii=False, separators=(",", ":"))]
        node = f"{name}.{number}"
    drive = {"file": top.filename, "format": top.format, "if": interface, "id": name}
    drive |= {"backing": node} if node else {}
    drive |= options or {}
    text = ",".join(f"{key}={value.replace(',', ',,')}" for key, value in drive.items())
    return (*arguments, "-drive", text)


def _node(layer: NamedLayer, name: str, below: str) -> dict[str, object]:
    node: dict[str, object] = {"node-name": name, "driver": layer.format, "read-only": True}
    if below or layer.format in REFERRING_FORMATS:
        node["backing"] = below or None
    driver = "host_device" if layer.is_block_device else "file"
    node["file"] = {"driver": driver, "filename": layer.filename}
    return node
