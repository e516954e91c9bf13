"""The first minutes: init, demo, wrong use and documents, by the real program and real guests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qemu_run.cli.commands import TEMPLATES
from qemu_run.errors import ExitCode

RUNS_HERE = [name for name in TEMPLATES if name != "cloud-init"]


@pytest.mark.parametrize("template", RUNS_HERE)
def test_what_init_writes_runs_as_it_is(qemu_run, template):
    written = qemu_run.run("init", "my job.nomad.hcl", "--template", template)
    assert written.code == 0
    assert "qemu-run 'my job.nomad.hcl'" in written.out
    assert sorted(path.name for path in qemu_run.folder.glob("my*")) == ["my job.nomad.hcl", "my-job.img"]
    assert qemu_run.run("validate", "my job.nomad.hcl").out == "my job.nomad.hcl is valid\n"
    result = qemu_run.run("my job.nomad.hcl")
    assert (result.code, "Hello!" in result.out) == (0, True)
    assert "ended well" in result.err.splitlines()[-1]


def test_init_without_anything(qemu_run):
    assert qemu_run.run("init").code == 0
    assert {path.name for path in qemu_run.folder.glob("example*")} == {"example.nomad.hcl", "example.img"}
    text = (qemu_run.folder / "example.nomad.hcl").read_text()
    assert 'image_path  = "example.img"' in text
    assert qemu_run.run("job", "run", "example.nomad.hcl").code == 0


def test_a_template_that_needs_the_network_says_so(qemu_run):
    result = qemu_run.run("init", "cloud.nomad.hcl", "--template", "cloud-init")
    assert "needs the network" in result.out
    assert "needs the network" in (qemu_run.folder / "cloud.nomad.hcl").read_text()
    assert not list(qemu_run.folder.glob("*.img"))
    assert qemu_run.run("validate", "cloud.nomad.hcl").code == 0


@pytest.mark.parametrize("there", ["web.nomad.hcl", "web.img"])
def test_init_replaces_nothing(qemu_run, there):
    (qemu_run.folder / there).write_text("mine")
    result = qemu_run.run("init", "web.nomad.hcl")
    assert (result.code, result.out) == (ExitCode.USAGE, "")
    assert f"error: {there} exists already" in result.err
    assert [path.name for path in qemu_run.folder.glob("web*")] == [there]
    assert (qemu_run.folder / there).read_text() == "mine"


def test_init_into_a_folder(qemu_run):
    (qemu_run.folder / "vms").mkdir()
    assert qemu_run.run("init", "vms").code == 0
    assert qemu_run.run("vms/example.nomad.hcl").code == 0
    result = qemu_run.run("init", "no/such/web.nomad.hcl")
    assert (result.code, "mkdir -p no/such" in result.err) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("list", f"qemu-run init --template NAME: one of {', '.join(TEMPLATES)}"),
        ("cloud-init", "did you mean qemu-run init --template cloud-init?"),
        ("validate", "did you mean qemu-run validate?"),
        ("foo/", "mkdir -p foo"),
    ],
)
def test_a_word_that_means_no_file_is_none(qemu_run, name, hint):
    result = qemu_run.run("init", name)
    assert (result.code, result.out, list(qemu_run.folder.glob("[lcvf]*"))) == (ExitCode.USAGE, "", [])
    assert f"  help: {hint}" in result.err


def test_a_name_needs_no_suffix(qemu_run):
    for name in ("web", "./ci"):
        assert qemu_run.run("init", name).code == 0
        assert (qemu_run.folder / name).is_file()


def test_a_job_for_ci_has_a_time_limit(qemu_run):
    assert qemu_run.run("init", "ci.nomad.hcl", "--template", "ci").code == 0
    assert 'qemu_run_timeout = "15m"' in (qemu_run.folder / "ci.nomad.hcl").read_text()
    result = qemu_run.run("ci.nomad.hcl", "--ready", "Hello", "--", "true")
    assert result.code == 0


def test_init_does_not_mistake_an_image_for_a_job(qemu_run):
    result = qemu_run.run("init", "web.img")
    assert (result.code, list(qemu_run.folder.glob("web*"))) == (ExitCode.USAGE, [])


def test_the_demo_runs_from_anywhere_and_leaves_nothing(qemu_run, tmp_path_factory):
    temporary = tmp_path_factory.mktemp("tmp")
    before = sorted(qemu_run.folder.iterdir())
    result = qemu_run.run("demo", env={"TMPDIR": str(temporary)})
    assert (result.code, "Hello!" in result.out) == (0, True)
    assert "ended well" in result.err.splitlines()[-1]
    assert list(temporary.iterdir()) == []
    assert [path for path in sorted(qemu_run.folder.iterdir()) if path.name != "state"] == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["valdate", "web.nomad.hcl"], ExitCode.USAGE, 'help: did you mean "validate"?'),
        (["run", "--var", "x", "web.nomad.hcl"], ExitCode.USAGE, "NAME=VALUE"),
        (
            ["run", "--config", "nope.hcl", "web.nomad.hcl"],
            ExitCode.JOB,
            'no client configuration "nope.hcl"',
        ),
        (["fingerprint", "--config", "nope.hcl"], ExitCode.JOB, 'no client configuration "nope.hcl"'),
        (
            ["plan", "--var-file", "nope.hcl", "web.nomad.hcl"],
            ExitCode.JOB,
            'no file of variables "nope.hcl"',
        ),
        (["logs", "web"], ExitCode.USAGE, "help: the guest's console"),
        (["fingerprint", "kernel.nam"], 1, 'help: did you mean "kernel.name"?'),
        (["fingerprint", "${attr.cpu.arhc}"], 1, 'help: did you mean "cpu.arch"?'),
        (["fingerprint", "attr.node.class"], 1, 'no attr.node.class\n  help: did you mean "node.class"?'),
        (["fingerprint", "kvm"], 1, 'help: did you mean "driver.qemu.kvm"?'),
        (["fingerprint", "numcores"], 1, 'help: did you mean "cpu.numcores"'),
        (["fingerprint", "node.datacentre"], 1, 'help: did you mean "node.datacenter"?'),
    ],
)
def test_wrong_use_looks_like_a_wrong_job(qemu_run, job, arguments, code, said):
    job()
    result = qemu_run.run(*arguments)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("error: ")
    assert said in result.err
    assert "init writes" not in result.err


def test_a_client_configuration_of_nearly_that_name(qemu_run):
    (qemu_run.folder / "client.hcl").touch()
    assert "did you mean client.hcl?" in qemu_run.run("config", "--config", "cleint.hcl").err


def test_nomads_var_that_took_the_job_is_told(qemu_run):
    result = qemu_run.run("plan", "-var", "web.nomad.hcl")
    assert (result.code, "warning: -var web.nomad.hcl sets nothing" in result.err) == (ExitCode.USAGE, True)


def test_nomads_var_without_a_value_is_warned_of(qemu_run, job, guest):
    guest(end_at_once=True)
    for command in ("run", "validate", "plan", "inspect"):
        result = qemu_run.run(command, "-var", "x", job())
        assert (result.code, "warning: -var x sets nothing" in result.err) == (0, True)
    document = json.loads(qemu_run.run("validate", "--json", "-var", "x", job()).out)
    assert [each["severity"] for each in document["diagnostics"]] == ["warning"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["validate", "--json"], ExitCode.USAGE),
        (["validate", "--json", "gone.hcl"], ExitCode.JOB),
        (["plan", "--json", "--quite", "web.nomad.hcl"], ExitCode.USAGE),
        (["plan", "--json", "gone.hcl"], ExitCode.JOB),
        (["plan", "--json", "--config", "gone.hcl", "web.nomad.hcl"], ExitCode.JOB),
        (["inspect", "--json", "gone.hcl"], ExitCode.JOB),
        (["inspect", "--json", "--var", "x", "web.nomad.hcl"], ExitCode.USAGE),
        (["fingerprint", "--json", "a", "b"], ExitCode.USAGE),
        (["fingerprint", "--json", "--config", "gone.hcl"], ExitCode.JOB),
        (["fingerprint", "--json", "kernel.nam"], 1),
        (["config", "--json", "--config", "gone.hcl"], ExitCode.JOB),
        (["cofnig", "--json"], ExitCode.USAGE),
    ],
)
def test_json_is_one_document_whatever_is_wrong(qemu_run, job, arguments, code):
    job()
    result = qemu_run.run(*arguments)
    document = json.loads(result.out)
    assert (result.code, result.err) == (code, "")
    assert [each["severity"] for each in document["diagnostics"]] == ["error"]


def test_inspect_without_json_prints_no_document_of_errors(qemu_run):
    result = qemu_run.run("inspect", "gone.hcl")
    assert (result.code, result.out) == (ExitCode.JOB, "")
    assert 'no file "gone.hcl"' in result.err


def test_one_attribute_as_a_document(qemu_run):
    for spelled in ("kernel.name", "attr.kernel.name", "${attr.kernel.name}"):
        document = json.loads(qemu_run.run("fingerprint", "--json", spelled).out)
        assert document == {"attribute": "kernel.name", "value": "linux", "diagnostics": []}


def test_names_are_the_same_in_rows_and_in_the_document(qemu_run):
    document = json.loads(qemu_run.run("fingerprint", "--json").out)
    rows = [line.split(maxsplit=1)[0] for line in qemu_run.run("fingerprint").out.splitlines()]
    below = [f"{part}.{name}" for part in ("node", "meta") for name in document[part]]
    assert sorted(rows) == sorted([*document["attributes"], *below])


@pytest.mark.parametrize(
    "arguments",
    [
        ["inspect", "web.nomad.hcl"],
        ["plan", "--json", "web.nomad.hcl"],
        ["fingerprint"],
        ["config"],
        ["help"],
    ],
)
def test_a_reader_that_leaves_ends_it_as_it_ends_others(qemu_run, guest, job, arguments):
    guest()
    job()
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        [sys.executable, "-m", "qemu_run", *arguments],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert (process.returncode, process.stderr) == (ExitCode.READER_LEFT, b"")


def command_in(plan):
    """What follows the line `command`."""
    lines = plan.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("command"))
    return "\n".join(lines[start + 1 :]).partition("\n\n")[0]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"group": 'network {\n port "http" {\n to = 80\n }\n }', "config": 'args = ["-smp", "2"]'},
        {"image": "local/disk.img", "task": 'artifact {\n source = "disk.img"\n }'},
        {"config": "guest_agent = true"},
        {"config": 'args = ["-monitor", "stdio"]'},
    ],
)
def test_the_command_of_a_plan_boots_in_a_shell(qemu_run, guest, job, tmp_path_factory, parts):
    image = guest(end_at_once=True, banner="from a shell\r\n", count_boots=True)
    before = image.read_bytes()
    result = qemu_run.run("plan", job(**parts))
    assert result.code == 0
    elsewhere = tmp_path_factory.mktemp("shell")
    shell = subprocess.run(
        ["sh", "-c", command_in(result.out)],
        cwd=elsewhere,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (shell.returncode, "from a shell" in shell.stdout) == (0, True), shell.stderr
    assert (image.read_bytes() == before) == ("image" in parts)  # an artifact stays as it is


def test_a_snapshot_stays_one_in_a_shell(qemu_run, guest, job):
    guest()
    command = command_in(qemu_run.run("plan", "--snapshot", job()).out)
    assert f"file={qemu_run.folder}/disk.img,format=raw,snapshot=on" in command


def test_an_artifact_from_the_web_is_said_to_be_missing(qemu_run, job):
    task = 'artifact {\n source = "http://127.0.0.1:9/disk.qcow2"\n }'
    plan = qemu_run.run("plan", job(image="local/disk.qcow2", task=task)).out
    assert "command       needs local/disk.qcow2 in this folder" in plan
    assert "file=local/disk.qcow2,format=qcow2,snapshot=on" in command_in(plan)


def test_dynamic_ports_are_called_so_and_columns_line_up(qemu_run, guest, job):
    guest()
    group = 'network {\n port "http" {\n to = 80\n }\n port "s" {\n static = 23022\n to = 22\n }\n }'
    plan = qemu_run.run("plan", job(group=group)).out.splitlines()
    (first,) = [number for number, line in enumerate(plan) if line.startswith("ports")]
    http, ssh = plan[first : first + 2]
    assert http.startswith("ports         http  127.0.0.1:dynamic -> guest 80  (")
    assert ssh == "              s     127.0.0.1:23022 -> guest 22"


def test_the_document_of_a_plan_keeps_the_command_as_it_is_run(qemu_run, guest, job):
    guest()
    document = json.loads(qemu_run.run("plan", "--json", job()).out)
    assert "socket,id=qemu-run.console,fd=900" in document["tasks"][0]["command"]


@pytest.mark.parametrize(
    "arguments", [["validate", "--json"], ["fingerprint", "--json"], ["fingerprint"], []]
)
@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_words_that_cannot_be_printed_are_no_bug(qemu_run, arguments, encoding):
    done = subprocess.run(
        [sys.executable, "-m", "qemu_run", *arguments, b"caf\xe9-\xff\xc3\xa9.x"],
        cwd=qemu_run.folder,
        env={**qemu_run.environment, "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in {1, ExitCode.JOB}
    assert b"caf" in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["validate", "--json", "gone.hcl"], ["cache", "path"], ["cache"]])
def test_a_full_disk_does_not_hide_what_is_wrong(qemu_run, arguments):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "qemu_run", *arguments],
            cwd=qemu_run.folder,
            env=dict(qemu_run.environment),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == ExitCode.HOST
    assert "cannot write to standard output" in done.stderr


def test_a_file_is_not_taken_for_another_of_its_kind(qemu_run, job):
    job("slip.hcl")
    assert "did you mean" not in qemu_run.run("big.hcl").err
    assert "did you mean slip.hcl?" in qemu_run.run("slpi.hcl").err


def test_an_overlay_of_ones_own_goes_on_in_a_shell(qemu_run, guest, job):
    guest(end_at_once=True)
    before = command_in(qemu_run.run("plan", "--overlay", "mine.qcow2", job()).out)
    assert f"file={qemu_run.folder}/disk.img,format=raw,snapshot=on" in before
    assert qemu_run.run("--overlay", "mine.qcow2", job()).code == 0
    after = command_in(qemu_run.run("plan", "--overlay", "mine.qcow2", job()).out)
    assert f"file={qemu_run.folder}/mine.qcow2,format=qcow2,if=ide" in after


@pytest.mark.parametrize("folder", ["${NOMAD_TASK_DIR}", "local"])
def test_files_that_a_run_writes_are_said_to_be_missing(qemu_run, guest, job, folder):
    guest(end_at_once=True)
    task = 'template {\n data = "x"\n destination = "local/seed/user-data"\n }'
    task += '\n template {\n data = "y"\n destination = "${NOMAD_ALLOC_DIR}/data/y"\n }'
    drive = f"file=fat:ro:{folder}/seed,format=raw,if=virtio,readonly=on"
    plan = qemu_run.run("plan", job(task=task, config=f'args = ["-drive", "{drive}"]')).out
    assert "command       needs local/seed in this folder, which a run writes\n" in plan
    seed = qemu_run.folder / "shell/local/seed"
    seed.mkdir(parents=True)
    (seed / "user-data").write_text("x")
    shell = subprocess.run(
        ["sh", "-c", command_in(plan)],
        cwd=qemu_run.folder / "shell",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert shell.returncode == 0, shell.stderr
