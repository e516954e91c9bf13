from pathlib import Path

import pytest

from qemu_run.jobspec.model import Network
from qemu_run.jobspec.qemu_config import QemuConfig
from qemu_run.planning.command_line import CommandParts, build
from qemu_run.planning.plan import Disk, Forward

SSH = Forward(label="ssh", host_ip="127.0.0.1", host_port=22022, guest_port=22)
HTTP = Forward(label="http", host_ip="127.0.0.1", host_port=24871, guest_port=80, static=False)


def disk(path="/images/disk.img", image_format="raw"):
    return Disk(path=Path(path), format=image_format, base=None, is_artifact=False, span=None)


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


def parts(*, config=None, **more):
    defaults = {
        "emulator": Path("/usr/bin/qemu-system-x86_64"),
        "name": "web.vm",
        "memory_mb": 512,
        "cores": 0,
        "disk": disk(),
        "forwards": (),
        "network": None,
    }
    return CommandParts(config=QemuConfig(image_path="disk.img", **(config or {})), **{**defaults, **more})


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
    "aarch64": parts(config={"machine_type": "virt"}, emulator=Path("/usr/bin/qemu-system-aarch64")),
    "two-dashes": parts(config={"args": ("--nographic", "--serial", "null")}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_command_line(golden, name):
    golden(f"{name}.txt", in_lines(build(CASES[name]).arguments))


def test_options_gone_from_qemu_are_replaced_and_said():
    line = build(parts(config={"args": ("-nodefaults", "-nodefconfig")}))
    assert line.arguments[-4:-2] == ("-nodefaults", "-no-user-config")


def test_what_gave_way_is_named():
    line = build(parts(config={"args": ("-serial", "stdio", "-netdev", "user,id=n")}))
    assert line.gave_way == ("-netdev", "-serial")
