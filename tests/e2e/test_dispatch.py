"""Parameterized and periodic jobs run once, now, with what a dispatch would bring."""

import json
import re
import shutil

import pytest

from qemu_run.errors import ExitCode

JOB = """job "rebuild" {
  type = "batch"
  WHAT
  meta {
    level = "1"
  }
  group "g" {
    task "vm" {
      driver = "qemu"
      TASK
      config {
        image_path  = "disk.img"
        accelerator = "tcg"
      }
      resources {
        memory = 128
      }
    }
  }
}
"""
TAKES = """parameterized {
    payload       = "PAYLOAD"
    meta_required = ["branch", "commit-id"]
    meta_optional = ["level", "note"]
  }"""
FILE = 'dispatch_payload {\n file = "in/order.json"\n}'
GIVEN = ("--meta", "branch=main", "-meta", "commit-id=12")


@pytest.fixture
def write(qemu_run):
    def make(what, task=""):
        (qemu_run.folder / "job.hcl").write_text(JOB.replace("WHAT", what).replace("TASK", task))
        return "job.hcl"

    return make


def parameterized(payload="optional"):
    return TAKES.replace("PAYLOAD", payload)


def test_the_environment_of_a_dispatched_job(qemu_run, guest, write):
    guest()
    result = qemu_run.run("plan", write(parameterized()), *GIVEN, "--json")
    assert result.code == 0
    document = json.loads(result.out)
    variables = document["tasks"][0]["environment"]
    assert document["job"] == "rebuild"
    assert variables["NOMAD_META_branch"] == variables["NOMAD_META_BRANCH"] == "main"
    assert variables["NOMAD_META_commit_id"] == "12"
    assert variables["NOMAD_META_level"] == "1"
    assert variables["NOMAD_META_note"] == ""
    assert variables["NOMAD_JOB_PARENT_ID"] == "rebuild"
    assert re.fullmatch(r"rebuild/dispatch-\d{10}-[0-9a-f]{8}", variables["NOMAD_JOB_ID"])
    assert variables["NOMAD_JOB_NAME"] == variables["NOMAD_JOB_ID"]


def test_it_runs_once_and_says_so(qemu_run, guest, write):
    """The payload is there before templates are rendered, so that one may read it."""
    guest(end_at_once=True)
    (qemu_run.folder / "order").write_bytes(b"first order\n")
    template = """template {
        destination = "local/copy"
        data        = "{{ file (print (env \\"NOMAD_TASK_DIR\\") \\"/in/order.json\\") }}"
      }"""
    name = write(parameterized("required"), f"{FILE}\n{template}")
    result = qemu_run.run(name, *GIVEN, "--payload", "order", "--keep")
    assert result.code == 0
    said = "a parameterized job: dispatched once, now, with branch=main, commit-id=12, a payload of 12"
    assert said in result.err
    assert "has no effect here" not in result.err
    (kept,) = qemu_run.leftovers()
    assert (kept / "vm/local/in/order.json").read_bytes() == b"first order\n"
    assert (kept / "vm/local/copy").read_bytes() == b"first order\n"
    shutil.rmtree(kept)


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize(
    ("what", "options", "words"),
    [
        (parameterized(), GIVEN[:2], 'a dispatch of this job needs meta "commit-id"'),
        (parameterized(), (), 'needs meta "branch", "commit-id"'),
        (parameterized(), (*GIVEN, "--meta", "leve=2"), 'did you mean "level"?'),
        (parameterized("required"), GIVEN, "needs a payload"),
        (parameterized("forbidden"), (*GIVEN, "--payload", "order"), "takes no payload"),
        (parameterized(), (*GIVEN, "--payload", "large"), "16 KiB at most"),
        ("", ("--meta", "a=b"), "the job is not parameterized"),
    ],
)
def test_what_a_dispatch_lacks(qemu_run, guest, write, command, what, options, words):
    guest()
    (qemu_run.folder / "order").write_bytes(b"x")
    (qemu_run.folder / "large").write_bytes(b"x" * 16385)
    result = qemu_run.run(command, write(what), *options)
    assert result.code == ExitCode.JOB
    assert words in result.err


@pytest.mark.parametrize("option", [("--meta", "a"), ("--meta", "=b"), ("--payload", "missing")])
def test_wrong_usage(qemu_run, guest, write, option):
    guest()
    assert qemu_run.run("run", write(parameterized()), *option).code == ExitCode.USAGE


def test_a_periodic_job_runs_once_and_says_so(qemu_run, guest, write):
    guest(end_at_once=True)
    result = qemu_run.run(write('periodic {\n    crons = ["@daily"]\n  }'))
    assert result.code == 0
    assert "a periodic job: runs once, now, whatever its schedule" in result.err
