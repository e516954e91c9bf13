"""Commands and their options, as they are run."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qemu_run.errors import ExitCode

ROOT = Path(__file__).parents[2]


def test_validate_as_a_document(qemu_run, job):
    result = qemu_run.run("validate", "--json", job(memory=1, config='graceful_shutdown = "maybe"'))
    document = json.loads(result.out)
    assert result.code == ExitCode.JOB
    assert document["valid"] is False
    assert document["error_count"] == 2
    for diagnostic in document["diagnostics"]:
        assert diagnostic["severity"] == "error"
        assert diagnostic["range"]["filename"] == "web.nomad.hcl"
        start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
        assert end["byte"] > start["byte"]
        line = (qemu_run.folder / "web.nomad.hcl").read_text().splitlines()[start["line"] - 1]
        assert diagnostic["snippet"]["code"] == line


def test_validate_takes_several_files(qemu_run, job):
    result = qemu_run.run("validate", job("a.hcl"), job("b.hcl", memory=1), job("c.hcl", memory=2))
    assert result.code == ExitCode.JOB
    assert result.out == "a.hcl is valid\n"
    assert "1 error in b.hcl" in result.err
    assert "1 error in c.hcl" in result.err


def test_the_plan_as_a_document(qemu_run, guest, job):
    guest()
    group = 'network {\n port "http" {\n static = 23080\n to = 80\n }\n }'
    result = qemu_run.run("plan", "--json", job(group=group, config='args = ["-smp", "2"]'))
    document = json.loads(result.out)
    assert result.code == 0
    assert document["job"] == "web"
    assert {port["protocol"] for port in document["ports"]} == {"tcp", "udp"}
    assert document["ports"][0] | {"protocol": ""} == {
        "group": "g",
        "task": "vm",
        "index": 0,
        "label": "http",
        "host_ip": "127.0.0.1",
        "host_port": 23080,
        "guest_port": 80,
        "protocol": "",
        "is_dynamic": False,
    }
    (task,) = document["tasks"]
    assert task["environment"]["NOMAD_PORT_http"] == "80"
    command = task["command"]
    assert command[command.index("-smp") + 1] == "2"
    assert task["replaced"] == ["-smp"]
    disk = {"image": f"{qemu_run.folder}/disk.img", "overlay": None}
    assert task["disk"] == {**disk, "is_kept": True, "is_cd": False, "is_artifact": False}


def test_the_plan_of_a_wrong_job_fits_nowhere(qemu_run, guest, job):
    guest()
    result = qemu_run.run("plan", "--json", job(config="image_pat = 1"))
    document = json.loads(result.out)
    assert (result.code, document["job"], document["fits"]) == (ExitCode.JOB, "web", False)


def test_a_plan_without_its_image_is_printed_all_the_same(qemu_run, job):
    result = qemu_run.run("plan", "--json", job(image="not/there.img"))
    assert result.code == ExitCode.PLACEMENT
    document = json.loads(result.out)
    assert document["fits"] is False
    assert document["tasks"][0]["command"]
    assert [(row["what"], row["wanted"]) for row in document["requirements"]] == [("image", "not/there.img")]


def test_inspect_prints_nomads_form(qemu_run, job):
    plain = json.loads(qemu_run.run("inspect", job()).out)
    canonical = json.loads(qemu_run.run("inspect", "--canonical", job()).out)
    assert plain["Job"]["Priority"] is None
    assert canonical["Job"]["Priority"] == 50


def test_variables_from_everywhere(qemu_run, job):
    text = (qemu_run.folder / job(image="${var.name}.img")).read_text()
    (qemu_run.folder / "v.hcl").write_text('variable "name" {\n  default = "default"\n}\n' + text)
    (qemu_run.folder / "values.hcl").write_text('name = "file"\n')

    def image(*arguments, env=None):
        job_json = json.loads(qemu_run.run("inspect", *arguments, "v.hcl", env=env).out)
        return job_json["Job"]["TaskGroups"][0]["Tasks"][0]["Config"]["image_path"]

    assert image() == "default.img"
    assert image(env={"NOMAD_VAR_name": "environment"}) == "environment.img"
    assert image("--var-file", "values.hcl", env={"NOMAD_VAR_name": "environment"}) == "file.img"
    assert image("-var-file=values.hcl", "-var", "name=command line") == "command line.img"


def test_ignoring_constraints_says_what_was_ignored(qemu_run, guest, job):
    guest(end_at_once=True)
    name = job(group='constraint {\n attribute = "${attr.unique.hostname}"\n value = "far-away"\n }')
    assert qemu_run.run(name).code == ExitCode.PLACEMENT
    result = qemu_run.run("--ignore-constraints", name)
    assert result.code == 0
    assert "far-away" in result.err
    assert "web.nomad.hcl:4" in result.err


def test_config_says_where_each_value_comes_from(qemu_run):
    (qemu_run.folder / "client.hcl").write_text(
        'datacenter = "lab"\nclient {\n  meta {\n    rack = "r1"\n  }\n}\n'
    )
    result = qemu_run.run("config", "--config", "client.hcl")
    assert result.code == 0
    rows = {line.split()[0]: line.split()[1:] for line in result.out.splitlines() if "client.hcl:" in line}
    assert rows["datacenter"][-1] == "client.hcl:1"
    assert rows["client.meta.rack"][-1] == "client.hcl:4"
    document = json.loads(qemu_run.run("config", "--json", env={"QEMU_RUN_CONFIG": "client.hcl"}).out)
    assert document["settings"]["datacenter"]["value"] == "lab"


def test_a_mistake_in_the_client_configuration_has_a_caret(qemu_run, job):
    (qemu_run.folder / "client.hcl").write_text('datacentre = "lab"\n')
    result = qemu_run.run("plan", "--config", "client.hcl", job())
    assert result.code == ExitCode.JOB
    assert "--> client.hcl:1:1" in result.err
    assert 'did you mean "datacenter"?' in result.err


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.hcl")), ids=lambda path: path.name)
def test_every_example_runs(qemu_run, example):
    shutil.copytree(ROOT / "examples/images", qemu_run.folder / "images")
    shutil.copy(example, qemu_run.folder)
    result = qemu_run.run(example.name)
    assert result.code == 0
    assert "Hello!" in result.out


def test_the_artifact_example_from_a_server(qemu_run, http_server):
    (qemu_run.folder / "linux.img").write_bytes((ROOT / "examples/images/hello.img").read_bytes())
    example = ROOT / "examples/artifact.nomad.hcl"
    qemu_run.environment["XDG_CACHE_HOME"] = str(qemu_run.folder / "cache")
    for said in ("linux.img verified (md5)", "linux.img verified (cached)"):
        result = qemu_run.run(example, "--var", f"image={http_server}/linux.img")
        assert result.code == 0
        assert said in result.err


def test_a_job_from_the_web(qemu_run, job, http_server):
    job()
    result = qemu_run.run("inspect", f"{http_server}/web.nomad.hcl")
    assert json.loads(result.out)["Job"]["ID"] == "web"
    missing = qemu_run.run("inspect", f"{http_server}/gone.nomad.hcl")
    assert missing.code == ExitCode.JOB
    assert "404" in missing.err


def test_a_task_that_is_not_there_is_no_success(qemu_run, guest, job):
    guest()
    result = qemu_run.run("--task", "vmm", job())
    assert result.code == ExitCode.JOB
    assert 'the job has no task "vmm"' in result.err
    assert 'did you mean "vm"?' in result.err


def test_an_address_to_bind_must_be_one(qemu_run, guest, job):
    guest()
    assert qemu_run.run("--bind", "example", job()).code == ExitCode.USAGE
    group = 'network {\n port "http" {\n to = 80\n }\n }'
    result = qemu_run.run("plan", "--json", "--bind", "127.0.0.2", job(group=group))
    assert json.loads(result.out)["ports"][0]["host_ip"] == "127.0.0.2"


def test_a_bare_cache_lists_what_is_kept(qemu_run):
    assert qemu_run.run("cache").out == qemu_run.run("cache", "list").out != ""
    document = json.loads(qemu_run.run("cache", "--json").out)
    assert document["folder"] == qemu_run.run("cache", "path").out.strip()


@pytest.mark.parametrize(
    ("arguments", "summary", "hint"),
    [
        (["list", "--older", "30d"], "--older is not for qemu-run cache list", "prune --older AGE"),
        (["verify", "--json"], "--json is not for qemu-run cache verify", "list --json"),
        (["prune", "--older", "soon"], '--older takes an age, not "soon"', "30d"),
        (["prune", "--max-size", "20 parsecs"], '--max-size takes a size, not "20 parsecs"', "20GiB"),
        (["prnue"], 'takes list, prune, verify or path, not "prnue"', 'did you mean "prune"?'),
    ],
)
def test_wrong_use_of_the_cache(qemu_run, arguments, summary, hint):
    result = qemu_run.run("cache", *arguments)
    assert result.code == ExitCode.USAGE
    assert summary in result.out + result.err
    assert hint in (result.out + result.err).replace('\\"', '"')


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--events", "-"], "standard output is the guest's"),
        (["--junit=-"], "standard output is the guest's"),
        (["--events-console"], "--events-console adds to --events FILE or --output DIR"),
        (["--disk-size", "huge"], '--disk-size takes the size of a disk, not "huge"'),
        (["--image-format", "zip"], '--image-format takes the format of an image, not "zip"'),
        (["--max-download", "big"], '--max-download takes a size, not "big"'),
        (["--silence-timeout", "abc"], '--silence-timeout takes a time, not "abc"\n  help: write 90s,'),
        (["--timeout", "0"], '--timeout takes a time, not "0"\n  help: write 90s,'),
        (["--max-reboots", "many"], '--max-reboots takes a whole number, not "many"\n  help: write'),
        (["--expect", "(", "--expect", "fine"], '--expect takes a regular expression, not "("\n  missing )'),
        (["--forbid", "@opps"], '--forbid takes a regular expression, not "@opps"\n  "@opps" is not one of'),
        (["--disk-size", "20"], 'not "20"\n  help: write 512M or 20G'),
    ],
)
def test_wrong_use_of_reports_and_limits(qemu_run, job, arguments, said):
    result = qemu_run.run(*arguments, job())
    assert (result.code, result.out) == (ExitCode.USAGE, "")
    assert result.err.startswith("error: ")
    assert said in result.err


@pytest.mark.parametrize("words", [["run", "JOB"], ["validate", "JOB"], ["validate", "-"]])
def test_a_current_directory_that_is_gone(qemu_run, guest, job, words):
    guest(end_at_once=True)
    written = str(qemu_run.folder / job())
    gone = qemu_run.folder / "gone"
    script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@" </dev/null'
    line = [sys.executable, "-m", "qemu_run", *(written if word == "JOB" else word for word in words)]
    done = subprocess.run(
        ["sh", "-c", script, gone, *line],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.HOST
    assert "the current directory was deleted" in done.stderr


def test_what_is_found_in_each_of_a_dynamic_block_is_counted_as_it_is_shown(qemu_run, tmp_path):
    (tmp_path / "many.hcl").write_text(
        """job "many" {
  group "g" {
    dynamic "task" {
      for_each = ["a", "b"]
      labels   = [task.value]
      content {
        driver       = "qemu"
        kill_timeout = 10
        config {
          image_path = "disk.img"
        }
      }
    }
  }
}
"""
    )
    result = qemu_run.run("validate", "many.hcl")
    assert result.err.count("warning: ") == 1
    assert result.out == "many.hcl is valid, 1 warning\n"
