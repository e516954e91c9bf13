import json
import shutil
import subprocess
from pathlib import Path

import pytest

from qemu_run.images.block_options import NamedLayer, drive_arguments, named_layers
from qemu_run.images.chain import open_chain
from qemu_run.images.overlay import make_overlay, write_overlay

DEBIAN_13 = Path.home() / ".cache/qemu-run-tests/qemu-debian13/bin/qemu-system-x86_64"
EMULATORS = ["qemu-system-x86_64", *([str(DEBIAN_13)] if DEBIAN_13.exists() else [])]
FORMATS = ["raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels"]
MIB = 1 << 20


def files_in_use(qemu):
    """The files behind all block nodes that QEMU has."""
    nodes = qemu.ask("query-named-block-nodes")
    return {node["image"]["filename"] for node in nodes if node["drv"] in {"file", "host_device"}}


@pytest.mark.parametrize("emulator", EMULATORS)
@pytest.mark.parametrize("below", FORMATS)
def test_qemu_opens_what_the_command_names_and_nothing_else(tmp_path, image, paused_qemu, below, emulator):
    base = image("base, with:odd name", below)
    image("middle", base=base, base_format=below)
    top = image("top", base="middle", base_format="qcow2")
    with make_overlay(tmp_path / "overlay,1", open_chain(top)) as chain:
        layers = named_layers(chain)
    arguments = drive_arguments(layers, "virtio")
    with paused_qemu(*arguments, emulator=emulator) as qemu:
        assert files_in_use(qemu) == {layer.filename for layer in layers}
        assert len(qemu.ask("query-named-block-nodes")) == 2 * len(layers)


@pytest.mark.parametrize("emulator", EMULATORS)
@pytest.mark.parametrize("below", ["qcow2", "qcow", "qed"])
def test_qemu_does_not_follow_a_name_that_comes_later(tmp_path, image, paused_qemu, below, emulator):
    """Between check and start a base is made to lie over another file."""
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(4 * MIB))
    base = image("base", below)
    with make_overlay(tmp_path / "overlay", open_chain(base)) as chain:
        layers = named_layers(chain)
    image("base", below, base=secret, base_format="raw")
    with paused_qemu(*drive_arguments(layers, "ide"), emulator=emulator) as qemu:
        assert str(secret) not in files_in_use(qemu)


def test_qemu_opens_by_descriptor_what_was_checked(tmp_path, image, paused_qemu):
    base = image("base", "raw")
    base.write_bytes(b"checked".ljust(MIB, b"\0"))
    with make_overlay(tmp_path / "overlay", open_chain(base)) as chain:
        (tmp_path / "other").write_bytes(b"swapped".ljust(MIB, b"\0"))
        (tmp_path / "other").replace(base)
        descriptors = [layer.file.descriptor for layer in chain.layers]
        arguments = drive_arguments(named_layers(chain, by_descriptor=True), "virtio")
        with paused_qemu(*arguments, inherited=descriptors) as qemu:
            assert files_in_use(qemu) == {f"/dev/fd/{number}" for number in descriptors}


def test_one_layer_is_a_drive(golden):
    layers = [NamedLayer(filename="/srv/a,b.img", format="raw")]
    golden("one-layer", "\n".join(drive_arguments(layers, "ide")) + "\n")


def test_layers_below_are_nodes(golden):
    layers = [
        NamedLayer(filename="/alloc/image0.qcow2", format="qcow2"),
        NamedLayer(filename="/srv/middle,1.qcow2", format="qcow2"),
        NamedLayer(filename="/dev/vg/base", format="qcow2", is_block_device=True),
    ]
    text = "\n".join(drive_arguments(layers, "virtio", "image0", {"cache": "unsafe"})) + "\n"
    golden("three-layers", text)
    for line in text.splitlines():
        if line.startswith("{"):
            json.loads(line)


def test_a_guest_reads_its_base_and_writes_its_overlay(tmp_path, guest):
    """A real boot through three layers: the guest counts its boots on the disk."""
    base = guest("base.img", count_boots=True, end_at_once=True)
    before = base.read_bytes()
    converted = tmp_path / "base.vdi"
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "vdi", base, converted], check=True)
    write_overlay(tmp_path / "middle", converted, "vdi", MIB)
    with make_overlay(tmp_path / "top", open_chain(tmp_path / "middle")) as chain:
        arguments = drive_arguments(named_layers(chain), "virtio")
    quiet = ["-accel", "tcg", "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot"]
    said = [
        subprocess.check_output(
            [shutil.which("qemu-system-x86_64"), *quiet, *arguments], timeout=60, text=True
        )
        for _ in range(2)
    ]
    assert said[0] != said[1]
    assert "ready" in said[1]
    assert base.read_bytes() == before
