"""Targets of constraints, as Nomad resolves them and in the driver's own spelling."""

import uuid

import pytest

from qemu_run.node.targets import canonical_target, spelling_note


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


def test_the_node_s_id_is_a_uuid_that_stays(make_node):
    first, again = make_node({"unique.host_id": "a"}).id, make_node({"unique.host_id": "a"}).id
    assert first == again == str(uuid.UUID(first))
    assert first != make_node({"unique.host_id": "b"}).id
    assert first != make_node({"unique.host_id": "a"}, name="other").id


def test_only_other_spellings_are_noted():
    assert spelling_note("${attr.driver.qemu.version}") is None
    assert spelling_note("qemu") is None
    assert canonical_target("$<driver.qemu.version>") == "${attr.driver.qemu.version}"
