"""All mistakes of a file at once: what is wrong is left out, and the rest is checked."""

import json

import pytest

from tests.jobspec.answers import DATA, job_of, load_file, load_text

TWO_KINDS = """job "j" {
  group "g" {
    network {
      port "http" {
        too = 80
      }
    }
    task "vm" {
      driver = "qemu"
      config {
        image_path = "disk.img"
      }
      constraint {
        attribute = "${attr.cpu.arch}"
        operator  = "=>"
        value     = "2"
      }
    }
  }
}
"""


def told(text, **options):
    return [(error.span.first.line, error.summary) for error in load_text(text, **options).errors]


def test_mistakes_of_reading_and_of_rules_are_told_together():
    assert [line for line, _ in told(TWO_KINDS)] == [5, 15]


ALONE = {
    "misspelt driver": 'job "j" {\n group "g" {\n task "t" {\n drivr = "qemu"\n}\n}\n}\n',
    "driver of an unknown local": 'job "j" {\n group "g" {\n task "t" {\n driver = local.x\n}\n}\n}\n',
    "misspelt group": 'job "j" {\n grup "g" {\n task "t" {\n driver = "qemu"\n}\n}\n}\n',
    "misspelt task": 'job "j" {\n group "g" {\n tsk "t" {\n driver = "qemu"\n}\n}\n}\n',
    "groups of nothing": 'job "j" {\n dynamic "group" {\n for_each = 5\n labels = ["x"]\n content {}\n}\n}\n',
    "image of an unknown variable": job_of(config="image_path = var.image"),
    "image with a wrong function": job_of(config="image_path = uper(5)"),
    "misspelt port": job_of(
        'network {\n prt "ssh" {}\n}', config='image_path = "x"\n port_map {\n ssh = 22\n}', job=""
    ),
    "wrong count": job_of('count = "many"'),
    "misspelt hook": job_of(task='lifecycle {\n hok = "prestart"\n}'),
    "wrong checksum option": job_of(task='artifact {\n sorce = "http://x.org/x"\n}'),
    "a constraint without its operator": job_of(
        job='constraint {\n attribute = "${attr.x}"\n opertor = ">"\n}'
    ),
    "task without a name": 'job "j" {\n group "g" {\n task {\n driver = "qemu"\n}\n}\n}\n',
    "job without a name": job_of().replace('"j"', ""),
    "a list with a hole": job_of(config='image_path = "x"\n args = ["-m", local.size]'),
    "meta with a hole": job_of(job="meta = { a = local.size }"),
    "a template in parts": job_of(task='template {\n dat = "x"\n destination = "local/x"\n}'),
}


@pytest.mark.parametrize("text", ALONE.values(), ids=ALONE)
def test_one_mistake_is_told_once(text):
    assert len(told(text)) == 1


def test_the_api_form_too():
    task = {"Name": "t", "Driver": 5, "Config": {"image_path": "x"}}
    group = {"Name": "g", "Count": -1, "Tasks": [task]}
    text = json.dumps({"Job": {"ID": "j", "Datacenters": ["*"], "TaskGroups": [group]}})
    summaries = [summary for _, summary in told(text, api_json=True)]
    (count,) = told(text.replace("5", '"qemu"'), api_json=True)
    assert summaries == [count[1], '"Driver" must be a string']


@pytest.mark.parametrize("path", sorted((DATA / "jobs/invalid").iterdir()), ids=lambda path: path.name)
def test_a_file_with_one_mistake_has_one(path):
    assert len(load_file(path).errors) == 1
