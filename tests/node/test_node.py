"""Targets of constraints, as Nomad resolves them and in the driver's own spelling."""

import uuid

import pytest

from qemu_run.jobspec.spellings import canonical_target, spelling_note


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("linux", ("linux", True)),
        ("", ("", True)),
        ("$attr.cpu.arch", ("$attr.cpu.arch", True)),
        ("${attr.cpu.arch}", ("amd64", True)),
        ("${attr.cpu.arch", ("amd64", True)),
        ("${attr.cpu.arch}-x", ("", False)),
        ("x-${attr.cpu.arch}", ("x-${attr.cpu.arch}", True)),
        ("${attr.empty}", ("", True)),
        ("${attr.cpu}", ("", False)),
        ("${attr}", ("", False)),
        ("${meta.rack}", ("r1", True)),
        ("${meta.zone}", ("", False)),
        ("${node.datacenter}", ("dc1", True)),
        ("${node.class}", ("", True)),
        ("${node.pool}", ("default", True)),
        ("${node.unique.name}", ("bench", True)),
        ("${node.unique.name", ("", False)),
        ("${node.region}", ("", False)),
        ("${env.HOME}", ("", False)),
        ("${driver.qemu.version}", ("9.2.0", True)),
        ("driver.qemu.version", ("9.2.0", True)),
        ("$<driver.qemu>", ("1", True)),
        ("driver.docker.version", ("driver.docker.version", True)),
    ],
)
def test_targets(make_node, target, value):
    machine = {"cpu.arch": "amd64", "empty": "", "driver.qemu": "1", "driver.qemu.version": "9.2.0"}
    assert make_node(machine, meta={"rack": "r1"}).resolve(target) == value


def test_the_node_s_id_is_the_machine_s(make_node):
    machine = "3d1219c7-c4c5-404a-aa1f-6d2a48adfda4"
    assert make_node({"unique.host_id": machine}).id == machine
    assert uuid.UUID(make_node({}).id).int == 0


def test_only_other_spellings_are_noted():
    assert spelling_note("${attr.driver.qemu.version}") is None
    assert spelling_note("qemu") is None
    assert canonical_target("$<driver.qemu.version>") == "${attr.driver.qemu.version}"
