"""The client configuration: what is read, what is ignored, what is wrong, and which file it is."""

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.node.client_config import ClientConfig, HostNetwork, HostVolume, find, load
from qemu_run.source import Source

FULL = """
datacenter = "lab"
region     = "eu"
name       = "bench"
data_dir   = "/opt/nomad/data"

server {
  enabled          = true
  bootstrap_expect = 3
}

client {
  enabled          = true
  node_class       = "fast"
  node_pool        = "vms"
  min_dynamic_port = 21000
  max_dynamic_port = 21999
  memory_total_mb  = 4096

  meta {
    rack  = "r1"
    units = 42
  }

  host_network "lan" {
    cidr           = "10.0.0.0/8"
    reserved_ports = "22"
  }

  host_volume "data" {
    path      = "/srv/data"
    read_only = true
  }

  reserved {
    memory = 512
  }
}

plugin "docker" {
  config {
    allow_privileged = true

    volumes {
      enabled = true
    }
  }
}

plugin "qemu" {
  config {
    image_paths         = ["/srv/images", "/mnt"]
    args_allowlist      = ["-smp", "-drive"]
    emulators_allowlist = ["x86_64"]
  }
}
"""


def read(text):
    diagnostics = Diagnostics()
    return load(Source("client.hcl", text), diagnostics), list(diagnostics)


def test_an_agent_s_configuration_is_read_as_it_is():
    config, mistakes = read(FULL)
    assert mistakes == []
    assert config == ClientConfig(
        datacenter="lab",
        region="eu",
        name="bench",
        node_class="fast",
        node_pool="vms",
        meta={"rack": "r1", "units": "42"},
        min_dynamic_port=21000,
        max_dynamic_port=21999,
        memory_total_mb=4096,
        image_paths=("/srv/images", "/mnt"),
        args_allowlist=("-smp", "-drive"),
        emulators_allowlist=("x86_64",),
        host_networks={"lan": HostNetwork(cidr="10.0.0.0/8")},
        host_volumes={"data": HostVolume("/srv/data", read_only=True)},
        origin="client.hcl",
    )
    assert config.at("client", "meta", "rack").text == '"r1"'
    assert config.at("region").first.line == 3
    assert config.at("client", "network_interface") is None


def test_an_empty_file_leaves_the_defaults():
    config, mistakes = read("")
    assert mistakes == []
    assert (config.datacenter, config.region, config.node_pool) == ("dc1", "global", "default")
    assert config.name


def test_meta_may_be_a_map_and_be_written_in_parts():
    config, mistakes = read('client {\n meta = { "a.b" = "c", "d" = -1 }\n meta {\n  e = "f"\n }\n}\n')
    assert mistakes == []
    assert config.meta == {"a.b": "c", "d": "-1", "e": "f"}


@pytest.mark.parametrize(
    ("text", "where", "summary", "label"),
    [
        (
            'log_levle = "x"',
            "log_levle",
            'unknown key "log_levle" in a client configuration',
            'did you mean "log_level"?',
        ),
        ("sever {\n}", "sever", 'unknown key "sever" in a client configuration', 'did you mean "server"?'),
        (
            'client {\n node_clas = "a"\n}',
            "node_clas",
            'unknown key "node_clas" in client',
            'did you mean "node_class"?',
        ),
        (
            'plugin "qemu" {\n config {\n  image_path = []\n }\n}',
            "image_path",
            'unknown key "image_path" in plugin > qemu > config',
            'did you mean "image_paths"?',
        ),
        (
            'plugin "qemu" {\n config {\n  image_paths = "/srv"\n }\n}',
            '"/srv"',
            '"image_paths" takes a list of strings, not a string',
            'like ["a", "b"]',
        ),
        (
            'plugin "qemu" {\n config {\n  image_paths = ["/srv", true]\n }\n}',
            "true",
            '"image_paths" takes a list of strings, not a bool',
            'like ["a", "b"]',
        ),
        ("name = [1]", "[1]", '"name" takes a string, not a list', 'like "lab"'),
        ("name = null", "null", '"name" takes a string, not null', 'like "lab"'),
        (
            'name = "${attr.x}"',
            '"${attr.x}"',
            '"name" takes a string, not an expression: nothing is computed here',
            'like "lab"',
        ),
        (
            "client {\n meta {\n  ssd = true\n }\n}",
            "true",
            '"ssd" takes a string, not a bool',
            'like "lab"',
        ),
        (
            "client {\n meta = [1]\n}",
            "[1]",
            '"meta" takes a map of strings, not a list',
            'like { rack = "r1" }',
        ),
        (
            "client {\n meta {\n  x {\n  }\n }\n}",
            "x",
            'a block in "meta"',
            "only key = value stands here",
        ),
        (
            "client {\n min_dynamic_port = 1.5\n}",
            "1.5",
            '"min_dynamic_port" takes a number, not a fraction',
            "like 20000",
        ),
        (
            "client {\n min_dynamic_port = -1\n}",
            "-1",
            "no port is between -1 and 32000",
            "ports are 1 to 65535",
        ),
        (
            'client {\n host_volume "d" {\n  path = "srv"\n }\n}',
            '"srv"',
            '"srv" is not absolute',
            "the full path of a folder",
        ),
        (
            'client {\n host_volume "d" {\n }\n}',
            'host_volume "d"',
            'host_volume "d" has no path',
            "the full path of a folder",
        ),
        (
            'client {\n host_volume "d" {\n  path = "/d"\n  read_only = "no"\n }\n}',
            '"no"',
            '"read_only" takes a bool, not a string',
            "true or false",
        ),
        (
            'client {\n host_network "n" {\n }\n}',
            'host_network "n"',
            'host_network "n" has no address',
            "give it an interface or a cidr",
        ),
        (
            'client {\n host_network "n" {\n  cidr = "10.0.0.0/99"\n }\n}',
            '"10.0.0.0/99"',
            '"10.0.0.0/99" is not a network',
            "like 192.168.7.0/24 or fd00::/64",
        ),
        (
            'client {\n host_network {\n  interface = "lo"\n }\n}',
            "host_network",
            '"host_network" has 0 labels',
            'one label, its name: host_network "..."',
        ),
        ('client "x" {\n}', 'client "x"', '"client" has 1 labels', "takes no label"),
        ('client = "x"', "client", '"client" is a block', "no equals sign"),
        ("name {\n}", "name", '"name" is no block', "write name = ...: a string"),
    ],
)
def test_a_mistake_is_pointed_at(text, where, summary, label):
    _, mistakes = read(text + "\n")
    (mistake,) = mistakes
    assert mistake.severity == "error"
    assert (mistake.summary, mistake.label) == (summary, label)
    assert mistake.span.text == where


def test_all_mistakes_are_found_at_once_and_the_rest_counts():
    config, mistakes = read('datacenter = "lab"\nnam = "x"\nregion = []\nclient {\n node_class = {}\n}\n')
    assert [mistake.span.first.line for mistake in mistakes] == [2, 3, 5]
    assert config.datacenter == "lab"
    assert config.region == "global"


def test_a_file_that_is_no_hcl_is_a_mistake_too():
    config, mistakes = read("client {\n")
    assert mistakes
    assert config.datacenter == "dc1"


def test_the_first_place_that_says_something_counts(tmp_path, monkeypatch):
    user, system = tmp_path / "user", tmp_path / "system"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(user))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(system))
    environment = {}
    for folder in (system, user):
        before = find(None, environment)
        assert before is None or folder not in before.parents
        file = folder / "qemu-run" / "client.hcl"
        file.parent.mkdir(parents=True)
        file.write_text("")
        assert find(None, environment) == file
    environment["QEMU_RUN_CONFIG"] = "/by/environment"
    assert str(find(None, environment)) == "/by/environment"
    assert str(find("/by/option", environment)) == "/by/option"
