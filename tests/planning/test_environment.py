"""The task's environment, and what references in `config` become: as a running Nomad agent had it."""

import json
import re
from pathlib import Path

import pytest

from qemu_run.planning.environment import inherited
from tests.planning.conftest import ATTRIBUTES

DATA = Path(__file__).parent / "data"
JOB = (DATA / "job.nomad.hcl").read_text()
ARGUMENTS = json.loads((DATA / "arguments.json").read_text())
ENVIRONMENT = json.loads((DATA / "environment.json").read_text())
ORDER_IS_NOMADS_CHANCE = {"NESTED", "AGAIN"}
"""Entries of `env` that refer to each other: Nomad replaces them in no fixed order, we always whole."""


@pytest.fixture
def harbour(planned, make_node):
    """The plan of the recorded job with these args."""

    def make(arguments):
        node = make_node(ATTRIBUTES, name="vm", meta={"rack": "r1"})
        return planned(JOB.replace("ARGS", arguments), node=node, environment={"HOME": "/root"})

    return make


def without_places(text, task):
    """A text in which what differs from run to run has its name."""
    allocation = task.layout.directory.parent
    for path, name in (
        (task.layout.local, "{TASK_DIR}"),
        (task.layout.secrets, "{SECRETS_DIR}"),
        (allocation / "alloc", "{ALLOC_DIR}"),
    ):
        text = text.replace(str(path), name)
    text = text.replace(task.id.allocation, "{ALLOC_ID}").replace(task.id.allocation[:8], "{SHORT_ALLOC_ID}")
    return re.sub(r"192\.0\.2\.2|127\.0\.0\.1|0\.0\.0\.0", "{IP}", text)


@pytest.mark.parametrize("row", ARGUMENTS, ids=lambda row: row["expr"])
def test_arguments_are_what_a_running_agent_gave(harbour, row):
    plan, diagnostics = harbour(row["expr"])
    if row["args"] is None:
        assert diagnostics.errors
        return
    (task,) = plan.tasks
    wanted = [re.sub(r"192\.0\.2\.2|127\.0\.0\.1", "{IP}", text) for text in row["args"]]
    found = [without_places(text, task) for text in task.launch.command]
    assert any(found[at : at + len(wanted)] == wanted for at in range(len(found)))


def test_the_environment_is_what_a_running_agent_gave(harbour):
    plan, _ = harbour('"-nodefaults"')
    (task,) = plan.tasks
    found = {name: without_places(value, task) for name, value in task.environment.items()}
    for name, value in ENVIRONMENT.items():
        if name not in ORDER_IS_NOMADS_CHANCE:
            assert found[name] == re.sub(r"192\.0\.2\.2", "{IP}", value), name
    assert found["AGAIN"] == "crane/p l a i n+7 m"


CREDENTIALS = {
    "NOMAD_TOKEN": "secret",
    "VAULT_TOKEN": "secret",
    "CONSUL_HTTP_TOKEN": "secret",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "GOOGLE_APPLICATION_CREDENTIALS": "secret",
}


def test_references_see_our_environment_without_credentials():
    ours = {**CREDENTIALS, "EDITOR": "ed"}
    assert inherited(ours) == {"EDITOR": "ed"}


def test_qemu_is_given_the_tasks_variables_and_a_listed_few_of_ours(planned):
    ours = {
        **CREDENTIALS,
        "GITHUB_TOKEN": "secret",
        "PATH": "/bin",
        "HOME": "/home/me",
        "QEMU_AUDIO_DRV": "none",
        "DISPLAY": ":0",
        "NOMAD_TASK_NAME": "not this",
    }
    text = 'job "j" {\n group "g" {\n task "vm" {\n driver = "qemu"\n env {\n A = "b"\n }\n config {\n'
    text += ' image_path = "disk.img"\n }\n }\n }\n}\n'
    plan, _ = planned(text, environment=ours)
    (task,) = plan.tasks
    given = task.launch.environment
    assert "secret" not in given.values()
    assert {name: given[name] for name in ("PATH", "HOME", "QEMU_AUDIO_DRV", "A")} == {
        "PATH": "/bin",
        "HOME": "/home/me",
        "QEMU_AUDIO_DRV": "none",
        "A": "b",
    }
    assert given["NOMAD_TASK_NAME"] == "vm"


PORTS = 'network {\n port "web" {\n static = 18080\n }\n }'
JOB_WITH_PORTS = """job "a" {{
  group "g" {{
    {group}
    task "t" {{
      driver = "qemu"
      config {{
        image_path = "disk.img"
      }}
      resources {{
        memory = 128
        {task}
      }}
    }}
  }}
}}
"""


def test_a_tasks_own_network_names_the_family_of_its_address(planned):
    plan, _ = planned(JOB_WITH_PORTS.format(group="", task=PORTS))
    (task,) = plan.tasks
    assert task.environment["NOMAD_IPv4_web"] == task.environment["NOMAD_IP_web"] == "127.0.0.1"
    plan, _ = planned(JOB_WITH_PORTS.format(group=PORTS, task=""))
    (task,) = plan.tasks
    assert "NOMAD_IPv4_web" not in task.environment
    assert task.environment["NOMAD_HOST_IP_web"] == "127.0.0.1"
