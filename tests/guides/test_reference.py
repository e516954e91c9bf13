"""The reference and the list of troubles say what the program says."""

import ast
import json
import re
from dataclasses import fields
from typing import get_args

import pytest

from qemu_run import folders
from qemu_run.errors import ExitCode
from qemu_run.jobspec.qemu_config import KEYS, QemuConfig
from qemu_run.node.client_config import PATHS, HostNetwork, HostVolume
from qemu_run.node.comparison import OPERATORS
from qemu_run.planning.layout import AllocationLayout
from qemu_run.reports.event_document import type_name
from qemu_run.reports.evidence import _OWN, EVENTS
from qemu_run.runtime.events import Event
from qemu_run.runtime.keeper import CANNOT_START, NOT_FOUND
from qemu_run.workflow.expectations import ASKED, OTHER_META_KEYS
from tests.conftest import ROOT
from tests.guides.conftest import EXAMPLES
from tests.guides.tables import TABLES

REFERENCE = (EXAMPLES / "reference.md").read_text()
TROUBLES = (EXAMPLES / "troubleshooting.md").read_text()
SOURCES = sorted((ROOT / "qemu_run").rglob("*.py"))


def section(heading):
    """What stands below a heading, up to the next of its level."""
    return REFERENCE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(heading):
    """The cells of the table below a heading, without its head."""
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("at", TABLES, ids=" ".join)
def test_its_tables_are_the_programs(request, at):
    """`--update-golden` writes them anew."""
    page, name = at
    path = EXAMPLES / page
    before, begin, rest = path.read_text().partition(f"<!-- table: {name} -->\n")
    found, end, after = rest.partition("<!-- end -->")
    assert begin
    assert end
    if request.config.getoption("--update-golden"):
        found = TABLES[at]()
        path.write_text(before + begin + found + end + after)
    assert found == TABLES[at]()


def test_its_keys_of_config_are_the_drivers():
    config = QemuConfig()
    told = {names(cells[0])[0]: (cells[1], cells[2].strip("`")) for cells in rows("Keys of config")}
    assert set(told) == set(KEYS)
    for name, (wanted, default) in told.items():
        ours = getattr(config, name)
        assert wanted == KEYS[name].type.wanted
        assert default == ("" if ours in {None, "", ()} else str(ours).lower())


def test_its_meta_keys_are_ours():
    told = {names(cells[0])[0]: names(cells[1])[0] if cells[1] else "" for cells in rows("Meta keys")}
    assert set(told) == {asked.meta_key for asked in ASKED} | set(OTHER_META_KEYS)
    assert {key: told[key] for key in (asked.meta_key for asked in ASKED)} == {
        asked.meta_key: asked.option for asked in ASKED
    }


def test_its_keys_of_the_client_configuration_are_ours():
    labelled = {"host_network": HostNetwork, "host_volume": HostVolume}
    known = {".".join(path) for path in PATHS.values()}
    known |= {f"client.{kind}.NAME.{key.name}" for kind, of in labelled.items() for key in fields(of)}
    assert {name for cells in rows("Client configuration") for name in names(cells[0])} == known


def test_an_event_has_the_keys_that_are_told():
    told = {names(cells[0])[0]: cells[1] for cells in rows("Events")}
    for event in get_args(Event):
        if (name := type_name(event)) in told:
            keys = {one.name for one in fields(event)} - {"task", "time"}
            keys = {"ports" if key == "forwards" else key for key in keys}
            assert [key for key in keys if f"`{key}`" not in told[name]] == [], name


@pytest.mark.parametrize("command", ["validate", "plan", "inspect", "fingerprint", "config", "cache", "run"])
def test_a_document_has_the_keys_that_are_told(guide, command):
    (cells,) = [cells for cells in rows("Documents") if cells[0] == f"`{command}`"]
    operands = {"fingerprint": [], "config": [], "cache": []}.get(command, ["hello.nomad.hcl"])
    flag = [] if command == "inspect" else ["--json"]
    document = json.loads(guide(".").run(command, *flag, *operands).out)
    assert list(document) == names(cells[1])


@pytest.mark.parametrize("command", ["plan", "run"])
def test_every_key_of_a_document_is_told(guide, command):
    images = guide("images")
    (images.folder / "disk.img").write_bytes((images.folder / "hello.img").read_bytes())
    (images.folder / "all.hcl").write_text(ALL)
    document = json.loads(images.run(command, "--json", "all.hcl").out)
    page = section("Documents").partition(f"### The document of {command}\n")[2].partition("\n### ")[0]
    told = {names(line)[0]: names(line) for line in page.splitlines() if line.startswith("| `")}
    assert {name for name in document if name not in page} == set()
    lists = {"constraints", "affinities", "artifacts", "ports", "tasks"} & set(document)
    assert [name for name in lists if not document[name] or set(document[name][0]) - set(told[name])] == []
    inner = [each for name in lists for entry in document[name] for each in below(entry)]
    assert {key for each in inner for key in each} - set(names(page)) == set()


def below(entry):
    """The objects in an entry's values, but for an environment, whose keys are the job's."""
    for key, value in entry.items():
        values = value if isinstance(value, list) else [value]
        yield from (each for each in values if isinstance(each, dict) and key not in {"environment", "range"})


def test_the_operators_of_constraints_are_told():
    page = (EXAMPLES / "client-configuration/README.md").read_text()
    told = set(re.findall(r"`([^` ]+)`", page.partition("| operator |")[2].partition("\n\n")[0]))
    assert set(OPERATORS) - told == set()


def shape_of(variable):
    """`NOMAD_PORT_http` as the reference writes it: `NOMAD_PORT_LABEL`."""
    for label, written in (("server_http", "TASK_LABEL"), ("http", "LABEL")):
        if variable.endswith(f"_{label}"):
            return variable.removesuffix(label) + written
    return "NOMAD_META_KEY" if variable.startswith("NOMAD_META_") else variable


TWO = """job "two" {
  meta {
    rack = "r1"
  }
  group "g" {
    network {
      port "http" {
        to = 80
      }
    }
    task "server" {
      driver = "qemu"
      config {
        image_path = "hello.img"
      }
      resources {
        cpu    = 500
        memory = 128
        network {
          port "http" {}
        }
      }
    }
    task "reader" {
      driver = "qemu"
      config {
        image_path = "hello.img"
      }
      resources {
        memory = 128
      }
    }
  }
}
"""


ALL = """job "all" {
  type = "batch"
  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }
  affinity {
    attribute = "${attr.cpu.arch}"
    value     = "amd64"
  }
  group "g" {
    network {
      port "http" {
        to = 80
      }
    }
    task "vm" {
      driver = "qemu"
      artifact {
        source = "disk.img"
      }
      template {
        data        = "x"
        destination = "local/x"
      }
      config {
        image_path  = "local/disk.img"
        accelerator = "tcg"
      }
      resources {
        memory = 128
      }
    }
  }
}
"""


def test_its_variables_are_those_of_a_task(guide):
    images = guide("images")
    (images.folder / "two.hcl").write_text(TWO)
    planned = json.loads(images.run("plan", "--json", "two.hcl").out)
    given = {shape_of(name) for task in planned["tasks"] for name in task["environment"]}
    told = {name for cells in rows("Variables that are given") for name in names(cells[0])}
    assert given | {"NOMAD_JOB_PARENT_ID"} == told


def variables_read(path):
    """The names that a module looks up in an environment."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr="get", value=place), args=[ast.Constant(value=name), *_]):
                pass
            case ast.Compare(
                left=ast.Constant(value=name), ops=[ast.In() | ast.NotIn()], comparators=[place]
            ):
                pass
            case _:
                continue
        if ast.unparse(place) in {"os.environ", "environment", "self._environment"}:
            yield name


def test_it_names_every_variable_that_is_read():
    read = {name for path in SOURCES for name in variables_read(path)}
    assert {"QEMU_RUN_CONFIG", "NO_COLOR", "GITHUB_ACTIONS"} <= read
    told = {name for cells in rows("Variables that are read") for name in names(cells[0])}
    assert read - told == set()


def test_it_names_every_folder_and_file(tmp_path):
    text = section("Files")
    ours = [
        folders.artifacts,
        folders.jobs,
        folders.starts,
        folders.allocations,
        folders.image_formats,
        folders.firmware_variables,
        folders.runs,
    ]
    assert [folder for folder in ours if f"{folder().name}/`" not in text] == []
    layout = AllocationLayout(tmp_path)
    task = layout.task("TASK")
    paths = [*layout.folders, *task.folders, task.overlay, task.result, task.stdout]
    told = [str(path.relative_to(tmp_path)) for path in paths]
    assert [path for path in told if f"`{path}`" not in text and f"`{path}/`" not in text] == ["alloc/logs"]
    for name in (EVENTS, *(each.replace("*", "TASK").replace("[0-9]TASK", "0") for each in _OWN)):
        assert f"`{name}`" in text


def test_troubles_are_told_for_every_exit_code():
    headings = re.findall(r"^## (\d+)", TROUBLES, re.MULTILINE)
    told = {int(number) for number in headings}
    assert told == {int(code) for code in ExitCode} | {CANNOT_START, NOT_FOUND, 1}
    assert [int(number) for number in headings] == sorted(told)


def texts():
    """Every text of the program; what is put into one when it is said stands as `...`."""
    for node in (node for path in SOURCES for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.JoinedStr):
            parts = (each.value if isinstance(each, ast.Constant) else "..." for each in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.replace("{}", "...")


def test_the_messages_of_troubles_are_the_programs():
    with_a_code = TROUBLES.partition("\n## No code")[0]
    messages = re.findall(r"^### (.*)$", with_a_code, re.MULTILINE)
    assert len(messages) > 30
    known = list(texts())
    assert [message for message in messages if not any(message in text for text in known)] == []
