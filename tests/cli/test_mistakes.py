"""What a person sees after a mistake: the whole printed text, and the exit code."""

import re
import socket

import pytest

from qemu_run.errors import ExitCode

WRONG_MD5 = "md5:" + "0" * 32


def artifact(source, checksum=""):
    options = f'options {{\n checksum = "{checksum}"\n }}' if checksum else ""
    return f'artifact {{\n source = "{source}"\n {options}\n }}'


def constraint(attribute, operator, value):
    return f'constraint {{\n attribute = "{attribute}"\n operator = "{operator}"\n value = "{value}"\n }}'


JOBS = {
    "unknown-key": ({"config": 'image_pat = "disk.img"'}, ExitCode.JOB),
    "no-image-path": ({"image": ""}, ExitCode.JOB),
    "image-not-found": ({"image": "gone.img"}, ExitCode.PLACEMENT),
    "wrong-checksum": (
        {"image": "local/disk.img", "task": artifact("disk.img", WRONG_MD5)},
        ExitCode.ARTIFACT,
    ),
    "malformed-checksum": (
        {"image": "local/disk.img", "task": artifact("disk.img", "md5:1234")},
        ExitCode.JOB,
    ),
    "unreachable": (
        {"image": "local/disk.img", "task": artifact("http://127.0.0.1:9/disk.img")},
        ExitCode.ARTIFACT,
    ),
    "unknown-scheme": ({"image": "local/disk.img", "task": artifact("ftp://h/disk.img")}, ExitCode.JOB),
    "no-emulator": ({"config": 'emulator = "sparc64"'}, ExitCode.PLACEMENT),
    "refused-option": ({"config": 'args = ["-device", "nonsense"]'}, ExitCode.QEMU),
    "unknown-machine": ({"config": 'machine_type = "pdp11"'}, ExitCode.PLACEMENT),
    "little-memory": ({"memory": 64}, ExitCode.JOB),
    "memory-with-unit": ({"memory": '"512M"'}, ExitCode.JOB),
    "unmet": (
        {
            "group": constraint("${attr.kernel.name}", "=", "plan9")
            + "\n"
            + constraint("${attr.driver.qemu.version}", "version", ">= 1.0")
        },
        ExitCode.PLACEMENT,
    ),
    "unknown-attribute": ({"group": constraint("${attr.kernel.nam}", "=", "linux")}, ExitCode.PLACEMENT),
    "unknown-reference": ({"config": 'args = ["-smp", "${NOMAD_PORT_nope}"]'}, ExitCode.JOB),
    "nul": ({"config": 'args = ["a\\u0000b"]'}, ExitCode.JOB),
    "no-port-after-all": (
        {
            "group": 'network {\n port "http" {}\n }',
            "config": 'port_map {\n http = "${NOMAD_JOB_NAME}"\n }',
        },
        ExitCode.JOB,
    ),
    "many-machines": ({"group": "count = 100000"}, ExitCode.PLACEMENT),
    "backing-file": ({"image": "local/evil.qcow2", "task": artifact("evil.qcow2")}, ExitCode.PLACEMENT),
    "packed-image": ({"image": "disk.img.gz"}, ExitCode.PLACEMENT),
}

FILES = {
    "missing": (None, "web.nomad.hcI"),
    "empty": (b"", "file.hcl"),
    "binary": (bytes(range(256)), "file.hcl"),
    "disk-image": (b"QFI\xfb" + bytes(600), "file.hcl"),
    "not-utf8": (b'job "caf\xe9" {}\n', "file.hcl"),
    "unclosed-brace": (b'job "web" {\n  group "g" {\n', "file.hcl"),
}


@pytest.fixture
def same_everywhere(qemu_run):
    """Replaces what differs from machine to machine, and the columns that its width moves."""
    version = qemu_run.run("fingerprint", "driver.qemu.version").out.strip()

    def replaced(text):
        text = text.replace(str(qemu_run.folder), "{folder}")
        text = re.sub(r"(?<=allocations/)[0-9a-f-]{36}|(?<=/runs/web-)[0-9a-f]{8}", "{id}", text)
        return re.sub(r"(?<=\S) {2,}", "  ", text.replace(version, "{version}")) if version in text else text

    return replaced


@pytest.mark.parametrize("name", JOBS)
def test_a_mistake_in_a_job(qemu_run, guest, job, golden, same_everywhere, name):
    guest(end_at_once=True)
    (qemu_run.folder / "disk.img.gz").write_bytes(b"\x1f\x8b" + bytes(600))
    header = b"QFI\xfb" + (3).to_bytes(4, "big") + (112).to_bytes(8, "big") + (11).to_bytes(4, "big")
    (qemu_run.folder / "evil.qcow2").write_bytes(header.ljust(112, b"\0") + b"/etc/passwd")
    parts, code = JOBS[name]
    result = qemu_run.run(job(**parts))
    assert result.code == code
    golden(f"{name}.txt", same_everywhere(result.err))


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_job(qemu_run, job, golden, same_everywhere, name):
    job()
    content, path = FILES[name]
    if content is not None:
        (qemu_run.folder / path).write_bytes(content)
    result = qemu_run.run(path)
    assert result.code == ExitCode.JOB
    golden(f"file-{name}.txt", same_everywhere(result.err))


def test_a_taken_port_is_named_with_its_holder(qemu_run, guest, job):
    guest()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        name = job(group=f'network {{\n port "http" {{\n static = {port}\n to = 80\n }}\n }}')
        result = qemu_run.run(name)
    assert result.code == ExitCode.PLACEMENT
    assert f"127.0.0.1:{port}" in result.err
    assert "taken by" in result.err


def test_a_bug_of_ours_comes_with_a_report(qemu_run, guest, job):
    guest()
    (qemu_run.folder / "graphlib.py").write_text("raise RuntimeError('broken on purpose')")
    broken = {
        "PYTHONPATH": f"{qemu_run.folder}:{qemu_run.environment['PYTHONPATH']}",
        "XDG_CACHE_HOME": f"{qemu_run.folder}/cache",  # a job that was read before needs less
    }
    result = qemu_run.run(job(), env=broken)
    assert result.code == ExitCode.BUG
    assert "a bug in qemu-run: RuntimeError: broken on purpose" in result.err


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["--nonsense"], ["run", "--nonsense", "x"], ["plan", "a", "b"], ["fingerprint", "a", "b"]],
)
def test_wrong_usage_exits_with_2(qemu_run, arguments):
    result = qemu_run.run(*arguments)
    assert result.code == ExitCode.USAGE
    assert result.err.startswith("error: ")
    assert "\n  help: " in result.err


def test_a_command_behind_dashes_goes_with_run(qemu_run, guest, job):
    result = qemu_run.run("plan", job(), "--", "echo", "two words")
    assert result.code == ExitCode.USAGE
    assert "goes with run: qemu-run run web.nomad.hcl -- echo 'two words'" in result.err


def test_wrong_usage_of_run_ends_with_its_last_word(qemu_run, job):
    result = qemu_run.run("run", "--timeout", "5x", job())
    assert result.code == ExitCode.USAGE
    assert not result.err.endswith("\n\n")


@pytest.mark.parametrize("name", ["vn", "vm[0]", "Vm"])
def test_a_task_that_is_not_there_is_told_with_those_that_are(qemu_run, job, name):
    result = qemu_run.run("run", "--task", name, job(task="kill_timeout = 10"))
    assert result.code == ExitCode.JOB
    above, _, below = result.err.partition(f'error: the job has no task "{name}"')
    assert "its task is vm\n" in below
    assert "warning: " in above


@pytest.mark.parametrize("command", ["run", "plan", "validate"])
def test_a_text_without_quotes_is_one_mistake(qemu_run, job, command):
    written = job()
    path = qemu_run.folder / written
    path.write_text(path.read_text().replace('"disk.img"', "disk.img"))
    result = qemu_run.run(command, written)
    assert result.code == ExitCode.JOB
    assert (result.err.count("error: "), 'write "disk.img"' in result.err) == (1, True)


def test_a_reference_in_quotes_that_names_nothing_is_no_text_without_quotes(qemu_run, job):
    result = qemu_run.run("plan", job(image="${disk.img}"))
    assert result.code == ExitCode.JOB
    assert 'nothing is named "disk" when the task starts' in result.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('jobs "web" {}', 'a job file has no block "jobs"'),
        ('variable "a" {\n default = 1\n}', "the file has no job"),
    ],
)
def test_a_file_without_a_job_is_one_mistake(qemu_run, text, said):
    (qemu_run.folder / "web.hcl").write_text(f"# what it is\n{text}\n")
    result = qemu_run.run("validate", "web.hcl")
    assert (result.code, result.err.count("error: ")) == (ExitCode.JOB, 1)
    assert f"error: {said}" in result.err


def test_a_driver_of_nearly_that_name(qemu_run, job):
    written = job()
    path = qemu_run.folder / written
    right = path.read_text()
    for driver, said in {"qemo": 'did you mean "qemu"?', "docker": "needs a Nomad cluster"}.items():
        path.write_text(right.replace('driver = "qemu"', f'driver = "{driver}"'))
        assert said in qemu_run.run("plan", written).out


def test_processors_by_another_name(qemu_run, job):
    written = job()
    path = qemu_run.folder / written
    path.write_text(path.read_text().replace("memory = 128", "cpus = 2"))
    assert "  help: the number of processors is cores = ...;" in qemu_run.run("validate", written).err


@pytest.mark.parametrize(
    ("key", "label"),
    [("qemu_run_console", "it has no effect"), ("qemu_run_redy", 'did you mean "qemu_run_ready"?')],
)
def test_an_unknown_meta_key_is_shown_itself(qemu_run, job, key, label):
    result = qemu_run.run("validate", job(group=f'meta {{\n {key} = "x"\n }}'))
    source, caret = result.err.splitlines()[3:5]
    assert source.index(key) == caret.index("^" * len(key))
    assert caret.endswith(f"^ {label}")


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        (["--junit", "no dir/x.xml"], "mkdir -p 'no dir'"),
        (["--events", "/"], "name a file in a folder where you may write"),
        (["--output", "/proc/x"], "name a folder where you may write"),
    ],
)
def test_a_report_that_cannot_be_written_comes_with_a_way_out(qemu_run, job, option, hint):
    result = qemu_run.run(*option, job())
    assert (result.code, f"  help: {hint}" in result.err) == (ExitCode.HOST, True)


def test_an_empty_line_stands_between_what_is_said_of_two_files(qemu_run, job):
    wrong, right = job("wrong.hcl", memory="1x"), job("right.hcl")
    result = qemu_run.run("validate", wrong, wrong, right)
    assert "1 error in wrong.hcl\n\nerror: " in result.err
    assert result.err.endswith("1 error in wrong.hcl\n\n")
    assert qemu_run.run("validate", right, right).err == ""


def test_a_missing_file_of_variables_is_no_job(qemu_run, job):
    job("values.hcl")
    result = qemu_run.run("validate", "--var-file", "valued.hcl", job())
    assert "values.hcl" not in result.err
    assert "NAME = VALUE" in result.err
    (qemu_run.folder / "values.hcl").write_text('release = "12"\n')
    result = qemu_run.run("validate", "--var-file", "valued.hcl", job())
    assert "did you mean values.hcl?" in result.err
