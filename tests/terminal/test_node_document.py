"""What `fingerprint` and `config` show."""

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.node.client_config import ClientConfig, load
from qemu_run.source import Source
from qemu_run.terminal.node_document import (
    attribute_rows,
    attributes_document,
    config_document,
    config_rows,
    find_attribute,
)

MACHINE = {"cpu.arch": "amd64", "driver.qemu.version": "9.2.0", "unique.hostname": "vm"}
FILE = """
client {
  node_class = "fast"

  meta {
    rack = "r1"
  }

  host_network "lan" {
    cidr = "10.0.0.0/8"
  }

  host_volume "data" {
    path = "/srv"
  }
}

plugin "qemu" {
  config {
    image_paths = ["/a", "/b"]
  }
}
"""


def test_the_document_has_all_that_constraints_ask_for(make_node):
    node = make_node(MACHINE, meta={"rack": "r1"}, node_class="fast")
    assert attributes_document(node) == {
        "attributes": MACHINE,
        "meta": {"rack": "r1"},
        "node": {
            "unique.id": node.id,
            "unique.name": "bench",
            "datacenter": "dc1",
            "class": "fast",
            "pool": "default",
        },
    }


def test_rows_begin_with_qemu(make_node):
    rows = attribute_rows(make_node(MACHINE, meta={"rack": "r1"}))
    assert [name for name, _ in rows] == [
        "driver.qemu.version",
        "cpu.arch",
        "unique.hostname",
        "node.class",
        "node.datacenter",
        "node.pool",
        "node.unique.id",
        "node.unique.name",
        "meta.rack",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cpu.arch", "amd64"),
        ("attr.cpu.arch", "amd64"),
        ("${attr.cpu.arch}", "amd64"),
        ("driver.qemu.version", "9.2.0"),
        ("$<driver.qemu.version>", "9.2.0"),
        ("meta.rack", "r1"),
        ("${meta.rack}", "r1"),
        ("node.datacenter", "dc1"),
        ("node.class", ""),
        ("cpu.nonsense", None),
        ("nonsense", None),
        ("meta.zone", None),
    ],
)
def test_one_attribute_by_any_spelling(make_node, name, value):
    assert find_attribute(make_node(MACHINE, meta={"rack": "r1"}), name) == value


def test_settings_say_where_they_come_from():
    config = load(Source("client.hcl", FILE), Diagnostics())
    rows = {row.name: (row.value, row.origin) for row in config_rows(config)}
    assert rows["client.node_class"] == ("fast", "client.hcl:3")
    assert rows["client.meta.rack"] == ("r1", "client.hcl:6")
    assert rows["client.host_network.lan.cidr"] == ("10.0.0.0/8", "client.hcl:10")
    assert "client.host_network.lan.interface" not in rows
    assert rows["client.host_volume.data.read_only"] == ("false", "default")
    assert rows["plugin.qemu.config.image_paths"] == ("/a, /b", "client.hcl:20")
    assert rows["plugin.qemu.config.args_allowlist"] == ("", "default")
    assert rows["datacenter"] == ("dc1", "default")


def test_a_document_of_settings_keeps_their_kinds():
    document = config_document(load(Source("client.hcl", FILE), Diagnostics()))
    assert document["file"] == "client.hcl"
    settings = document["settings"]
    assert settings["plugin.qemu.config.image_paths"] == {"value": ["/a", "/b"], "origin": "client.hcl:20"}
    assert settings["client.min_dynamic_port"] == {"value": 20000, "origin": "default"}
    assert settings["client.host_volume.data.read_only"]["value"] is False
    assert config_document(ClientConfig())["file"] is None
