from dataclasses import replace
from pathlib import Path

import pytest

from qemu_run.images.block_options import NamedLayer
from qemu_run.jobspec.model import Network
from qemu_run.jobspec.qemu_config import QemuConfig
from qemu_run.planning import own_args
from qemu_run.planning.command_line import CommandParts, build
from qemu_run.planning.plan import Disk, Forward
from qemu_run.qemu.architectures import defaults

SSH = Forward(label="ssh", host_ip="127.0.0.1", host_port=22022, guest_port=22)
HTTP = Forward(label="http", host_ip="127.0.0.1", host_port=24871, guest_port=80, static=False)


def disk(path="/images/disk.img", image_format="raw"):
    layers = (NamedLayer(filename=path, format=image_format),)
    return Disk(path=Path(path), format=image_format, base=None, is_artifact=False, span=None, layers=layers)


def network(**more):
    empty = {
        "mode": "",
        "ports": (),
        "hostname": "",
        "dns_servers": (),
        "dns_searches": (),
        "dns_options": (),
    }
    return Network(places={}, location=(), **{**empty, **more})


def parts(*, config=None, architecture="x86_64", **more):
    config = QemuConfig(image_path="disk.img", **(config or {}))
    args = own_args.read(
        config.args, lambda: "7.2", accelerator=config.accelerator, override=None, works=lambda _: True
    )
    standard = {
        "emulator": Path(f"/usr/bin/qemu-system-{architecture}"),
        "architecture": defaults(architecture),
        "is_x86": architecture in {"x86_64", "i386"},
        "args": args,
        "machine_type": config.machine_type,
        "drive_interface": config.drive_interface,
        "guest_agent": config.guest_agent,
        "name": "web.vm",
        "memory_mb": 512,
        "cores": 0,
        "disk": disk(),
        "forwards": (),
        "network": None,
    }
    return CommandParts(**{**standard, **more})


def in_lines(arguments):
    """One option with its value a line."""
    text = ""
    for argument in arguments:
        text += ("\n" if argument.startswith("-") else " ") + argument
    return text.strip() + "\n"


CASES = {
    "plain": parts(),
    "every-key": parts(
        config={
            "machine_type": "q35",
            "accelerator": "kvm",
            "drive_interface": "virtio",
            "guest_agent": True,
            "args": ("-cpu", "host"),
        },
        cores=4,
        disk=disk("/state/image0.qcow2", "qcow2"),
        forwards=(HTTP, SSH),
    ),
    "names-with-commas": parts(name="a,b.vm", disk=disk("/odd,dir/with:colon and blank,file=x.img")),
    "no-disk": parts(disk=None),
    "no-network": parts(network=network(mode="none")),
    "name-servers": parts(network=network(dns_servers=("10.0.0.1", "10.0.0.2"), dns_searches=("a.example",))),
    "own-netdev": parts(
        config={"args": ("-netdev", "user,id=n", "-device", "e1000,netdev=n")}, forwards=(SSH,)
    ),
    "own-serial": parts(config={"args": ("-serial", "stdio")}),
    "own-display": parts(config={"args": ("-vnc", ":1")}),
    "own-smp": parts(config={"args": ("-smp", "8")}, cores=4),
    "nographic": parts(config={"args": ("-nographic", "-m", "1G")}),
    "aarch64": parts(config={"machine_type": "virt", "drive_interface": "virtio"}, architecture="aarch64"),
    "s390x": parts(
        config={"machine_type": "s390-ccw-virtio", "drive_interface": "virtio", "guest_agent": True},
        architecture="s390x",
        forwards=(SSH,),
        wants_result=True,
    ),
    "ppc64": parts(config={"machine_type": "pseries", "drive_interface": "virtio"}, architecture="ppc64"),
    "own-memory-and-machine": parts(config={"args": ("-m", "2G", "-machine", "q35")}),
    "own-accel": parts(config={"args": ("-accel", "tcg,thread=single")}),
    "own-accels": parts(config={"args": ("-machine", "q35,accel=kvm:tcg")}),
    "own-name": parts(config={"args": ("-name", "mine,debug-threads=on")}),
    "own-sandbox": parts(config={"args": ("-sandbox", "off")}),
    "own-bridge": parts(config={"args": ("-nic", "bridge,br=br0")}),
    "no-sandbox": parts(has_sandbox=False),
    "a-cd": parts(disk=replace(disk("/images/boot.iso"), is_cd=True)),
    "layers": parts(
        disk=replace(
            disk("/state/image0.qcow2", "qcow2"),
            layers=(
                NamedLayer(filename="/state/image0.qcow2", format="qcow2"),
                NamedLayer(filename="/images/top.qcow2", format="qcow2"),
                NamedLayer(filename="/images/base,1.vmdk", format="vmdk"),
            ),
        )
    ),
    "two-dashes": parts(config={"args": ("--nographic", "--serial", "null")}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_command_line(golden, name):
    golden(f"{name}.txt", in_lines(build(CASES[name]).arguments))


def test_options_gone_from_qemu_are_replaced_and_said():
    line = build(parts(config={"args": ("-nodefaults", "-nodefconfig")}))
    at = line.arguments.index("-nodefaults")
    assert line.arguments[at : at + 2] == ("-nodefaults", "-no-user-config")


def test_what_gave_way_is_named():
    line = build(parts(config={"args": ("-serial", "stdio", "-netdev", "user,id=n")}))
    assert line.gave_way == ("-netdev", "-serial")
