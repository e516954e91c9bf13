"""What reading a job file makes of blocks and values."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.load import Inputs, load
from qemu_run.jobspec.schema.job import JOB
from qemu_run.jobspec.schema.words import Nested, Schema
from qemu_run.jobspec.validate.rules import validate
from qemu_run.source import Source
from tests.jobspec.answers import DATA, job_of, load_text, text_of

CONFIGS = {
    "attribute that is an object": ("m = { ssh = 22 }", {"m": [{"ssh": 22}]}),
    "block": ("m { ssh = 22 }", {"m": [{"ssh": 22}]}),
    "list of an object": ("m = [{ ssh = 22 }]", {"m": [{"ssh": 22}]}),
    "two blocks": ("m {\n a = 1\n}\nm {\n b = 2\n}", {"m": [{"a": 1}, {"b": 2}]}),
    "object in parentheses": ("m = ({ ssh = 22 })", {"m": {"ssh": 22}}),
    "object of a local": ("m = local.m", {"m": {"ssh": 22}}),
    "object in an object": ("m = { a = { b = 1 } }", {"m": [{"a": {"b": 1}}]}),
    "object in a block": ("m {\n a = { b = 1 }\n}", {"m": [{"a": [{"b": 1}]}]}),
    "labels": ('m "x" "y" { a = 1 }', {"m": [{"x": [{"y": [{"a": 1}]}]}]}),
    "two labelled blocks": ('m "x" {}\nm "y" {}', {"m": [{"x": [{}]}, {"y": [{}]}]}),
    "attribute and block of one name": ("m = 1\nm {}", {"m": [{}]}),
    "null": ("m = null", {}),
    "null further in": ("m = [null, { a = null }]", {"m": [None, {"a": None}]}),
    "whole numbers": ("m = [1, 1.0, 1e3]", {"m": [1, 1, 1000]}),
    "other numbers": ("m = [1.5, 1e30]", {"m": [1.5, 1e30]}),
    "truth and text": ('m = [true, "x", ""]', {"m": [True, "x", ""]}),
}


@pytest.mark.parametrize(("text", "wanted"), CONFIGS.values(), ids=list(CONFIGS))
def test_config_is_wrapped_as_nomad_wraps_it(text, wanted):
    loaded = load_text("locals {\n m = { ssh = 22 }\n}\n" + job_of(config=text), checked=False)
    assert loaded.errors == []
    assert loaded.job.groups[0].tasks[0].config == wanted


DURATIONS = {
    '"5s"': 5_000_000_000,
    '"0"': 0,
    "0": 0,
    "5": 5,
    "2 * 1000": 2000,
    '"${1}m"': 60_000_000_000,
    '"-1s"': -1_000_000_000,
}


@pytest.mark.parametrize(("written", "nanoseconds"), DURATIONS.items())
def test_durations_are_text_or_nanoseconds(written, nanoseconds):
    job = load_text(job_of(task=f"kill_timeout = {written}"), checked=False).job
    assert job.api["TaskGroups"][0]["Tasks"][0]["KillTimeout"] == nanoseconds


CONSTRAINTS = {
    'attribute = "a"': ("a", "=", ""),
    'operator = "is_set"\n attribute = "a"': ("a", "is_set", ""),
    'attribute = "a"\n version = "1"\n semver = "2"': ("a", "semver", "2"),
    'attribute = "a"\n set_contains = "x"\n version = "1"': ("a", "set_contains", "x"),
    'attribute = "a"\n regexp = ""\n value = "v"': ("a", "=", "v"),
    'attribute = "a"\n set_contains_any = "x"': ("a", "=", ""),
    'attribute = "a"\n is_set = "x"\n operator = "<"': ("a", "<", ""),
    "distinct_hosts = true": ("", "distinct_hosts", "true"),
    "distinct_hosts = false": ("", "distinct_hosts", "false"),
    'distinct_property = "p"\n value = 3': ("p", "distinct_property", "3"),
    "attribute = null\n value = true": ("", "=", "true"),
}


@pytest.mark.parametrize(("text", "wanted"), CONSTRAINTS.items())
def test_constraints_have_shorthands(text, wanted):
    job = load_text(job_of(job=f"constraint {{\n {text}\n}}"), checked=False).job
    assert [(c.ltarget, c.operand, c.rtarget) for c in job.constraints] == [wanted]


def test_of_several_shorthands_of_an_affinity_the_last_wins():
    text = 'attribute = "a"\n version = "1"\n set_contains_any = "x"\n set_contains_all = "y"'
    job = load_text(job_of(job=f"affinity {{\n {text}\n}}"), checked=False).job
    assert [(c.operand, c.rtarget, c.weight) for c in job.affinities] == [("set_contains_all", "y", 50)]


def test_ports_with_a_number_are_reserved():
    ports = ['port "a" { static = 80 }', 'port "b" {}', 'port "c" { static = 0 }', 'reserved_ports "d" {}']
    text = "\n".join(["network {", *ports, "}"])
    network = load_text(job_of(group=text)).job.api["TaskGroups"][0]["Networks"][0]
    assert [port["Label"] for port in network["ReservedPorts"]] == ["a"]
    assert [port["Label"] for port in network["DynamicPorts"]] == ["b", "c"]


def test_tasks_inherit_vault_and_secrets():
    text = """job "j" {
  vault {}
  secret "s" {
    provider = "nomad"
  }
  task "alone" {
    driver = "docker"
  }
  group "g" {
    vault { role = "g" }
    secret "t" {}
    task "a" {
      driver = "docker"
    }
    task "b" {
      driver = "docker"
      vault { role = "own" }
      secret "u" {}
    }
  }
}
"""
    alone, a, b = (task for group in load_text(text).job.api["TaskGroups"] for task in group["Tasks"])
    assert (alone["Vault"]["Role"], a["Vault"]["Role"], b["Vault"]["Role"]) == ("", "g", "own")
    assert [[secret["Name"] for secret in task["Secrets"]] for task in (alone, a, b)] == [
        ["s"],
        ["t", "s"],
        ["u", "t", "s"],
    ]


def test_a_dynamic_block_stands_where_its_kind_may_stand():
    text = """
    dynamic "service" {
      for_each = { web = ["http"], ssh = [] }
      iterator = each
      content {
        name     = each.key
        provider = "nomad"
        dynamic "check" {
          for_each = each.value
          content {
            type     = "tcp"
            port     = check.value
            name     = "${each.key}-${check.key}"
            interval = "5s"
            timeout  = "1s"
          }
        }
      }
    }
"""
    services = load_text(job_of(group=text), checked=False).job.groups[0].services
    assert [(service.name, [check.name for check in service.checks]) for service in services] == [
        ("ssh", []),
        ("web", ["web-0"]),
    ]


def test_every_value_knows_its_place():
    text = job_of(
        group='network {\n port "ssh" { to = 22 }\n }',
        task='env {\n A = "b"\n }\n artifact {\n source = "https://h/x"\n }',
        config='image_path = "disk"\n args = ["-a", "-b"]\n port_map {\n ssh = 22\n }',
    )
    job = load_text(text).job
    task = job.groups[0].tasks[0]
    places = {
        job.at(): 'job "j"',
        job.groups[0].at(): 'group "g"',
        job.groups[0].networks[0].ports[0].at(): 'port "ssh"',
        job.groups[0].networks[0].ports[0].at("To"): "22",
        task.at("Driver"): '"qemu"',
        task.at("Env", "A"): '"b"',
        task.at("Config"): "config",
        task.at("Config", "image_path"): '"disk"',
        task.at("Config", "args", 1): '"-b"',
        task.at("Config", "port_map", 0, "ssh"): "22",
        task.artifacts[0].at("GetterSource"): '"https://h/x"',
        task.artifacts[0].at("GetterMode"): "artifact",
        task.restart.at("Mode"): 'task "t"',
    }
    assert [place.text for place in places] == list(places.values())


def schemas(schema: Schema, seen: set[int]):
    if id(schema) not in seen:
        seen.add(id(schema))
        yield schema
        for child in schema.children:
            yield from schemas(child, seen)


@pytest.mark.parametrize("schema", list(schemas(JOB, set())), ids=lambda schema: schema.name)
def test_every_kind_of_block_can_be_written_empty(schema):
    """Through the shortest way of blocks around it."""
    way = way_to(schema, JOB)
    text = "".join(f"{kind} {label}{{\n" for kind, label in way) + "}\n" * len(way)
    found = [item for item in load_text(text, checked=False).errors if "required" not in item.label]
    assert found == []


def way_to(schema: Schema, root: Schema) -> list[tuple[str, str]]:
    waiting = [(root, [("job", '"j" ')])]
    while waiting:
        at, way = waiting.pop(0)
        if at is schema:
            return way
        for field in at.fields:
            if isinstance(field, Nested):
                label = "" if field.schema.label is None else '"cpu" '
                waiting.append((field.schema, [*way, (field.name, label)]))
    raise AssertionError(schema.name)


def whatever(text: str) -> None:
    diagnostics = Diagnostics()
    job = load(Source("x", text), Inputs({}), diagnostics)
    if job is None:
        assert diagnostics.errors
    else:
        validate(job, diagnostics)


FILES = [text_of(path) for path in sorted((DATA / "jobs/valid").iterdir())]
WORDS = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        '"',
        "=",
        "\n",
        "${",
        "null",
        "true",
        "-1",
        "1e9",
        "a",
        "task",
        "group",
        "dynamic",
        "job",
        ",",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FILES), st.data())
def test_no_damaged_file_makes_load_raise(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    whatever(text[:start] + "".join(data.draw(st.lists(WORDS, max_size=4))) + text[end:])


VALUES = st.sampled_from(
    ["null", "true", "-1", "1e400", '""', '"a"', '"10s"', "[]", "[null]", "[{}]", "{ a = [1] }"]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FILES), st.integers(0, 1_000), VALUES)
def test_no_value_makes_load_raise(text, which, value):
    lines = text.split("\n")
    settings = [number for number, line in enumerate(lines) if " = " in line] or [0]
    number = settings[which % len(settings)]
    lines[number] = lines[number].partition("=")[0] + f"= {value}"
    whatever("\n".join(lines))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
@example("{")
@example('{"Job": {}}')
@example('{"Job": []}')
@example('{"Job": {"TaskGroups": [null, 1, {"Tasks": {}}], "Meta": {"a": 1}}}')
@example('{"ID": 5, "Priority": "x"}')
@example("[" * 100_000)
@example('{"Job": ' + "[" * 100_000)
def test_no_text_makes_load_raise(text):
    whatever(text)
