"""`run --json`: always exactly one document, whatever became of the run."""

import json
import signal

from qemu_run.errors import ExitCode

KEYS = {"job", "code", "words", "details", "logs", "tasks", "ports", "artifacts", "diagnostics"}


def document(result):
    """The one document on standard output."""
    found = json.loads(result.out)
    assert set(found) == KEYS
    assert found["code"] == result.code
    return found


def test_of_a_good_end(qemu_run, guest, job):
    guest(end_at_once=True, banner="hello\r\n")
    group = 'network {\n port "http" {\n static = 18099\n to = 80\n }\n }'
    name = job(image="local/disk.img", group=group, task='artifact {\n source = "disk.img"\n }')
    result = qemu_run.run("run", "--json", name)
    assert result.code == 0
    found = document(result)
    assert found["job"] == "web"
    assert found["words"] in result.err.splitlines()[-1]
    (task,) = found["tasks"]
    assert (task["name"], task["group"], task["task"], task["index"]) == ("web.vm", "g", "vm", 0)
    assert (task["code"], len(task["attempts"])) == (0, 1)
    assert task["seconds"] > 0
    assert any(line.endswith("hello") for line in task["console"])
    assert {(port["label"], port["host_port"], port["protocol"]) for port in found["ports"]} == {
        ("http", 18099, "tcp"),
        ("http", 18099, "udp"),
    }
    assert [artifact["file_name"] for artifact in found["artifacts"]] == ["disk.img"]
    assert found["logs"] is None


def test_of_a_bad_end(qemu_run, resetting):
    result = qemu_run.run("run", resetting, "--json")
    found = document(result)
    assert found["code"] == ExitCode.REBOOT_LOOP
    assert f"logs: {found['logs']}" in result.err
    verdict = next(i for i, line in enumerate(result.err.splitlines()) if "(exit 104)" in line)
    below = result.err.splitlines()[verdict + 1 :]
    assert all(line.startswith("  ") for line in below)
    assert any(line.endswith("last words") for line in below)


def test_of_a_job_with_mistakes(qemu_run, mistaken):
    found = document(qemu_run.run("run", "--json", mistaken))
    assert found["code"] == ExitCode.JOB
    (mistake,) = found["diagnostics"]
    assert (mistake["range"]["filename"], mistake["range"]["start"]["line"]) == ("web.nomad.hcl", 11)


def test_of_a_file_that_is_not_there(qemu_run):
    found = document(qemu_run.run("run", "--json", "nowhere.hcl"))
    assert (found["job"], found["code"]) == ("nowhere.hcl", ExitCode.JOB)
    assert len(found["diagnostics"]) == 1


def test_of_a_job_that_does_not_fit(qemu_run, guest, job):
    guest()
    constraint = 'constraint {\n attribute = "${attr.cpu.arch}"\n value = "vax"\n }'
    found = document(qemu_run.run("run", "--json", job(group=constraint)))
    assert found["code"] == ExitCode.PLACEMENT
    assert [task["words"] for task in found["tasks"]] == ["never started"]
    (unmet,) = found["diagnostics"]
    assert "attr.cpu.arch" in unmet["summary"]
    assert "wanted vax" in unmet["detail"]
    assert unmet["range"]["start"]["line"] == 4


def test_of_an_artifact_that_does_not_come(qemu_run, job, http_server):
    name = job(image="local/no.img", task=f'artifact {{\n source = "{http_server}/no.img"\n }}')
    found = document(qemu_run.run("run", "--json", name))
    assert found["code"] == ExitCode.ARTIFACT
    assert len(found["diagnostics"]) == 1


def test_of_a_run_that_was_stopped(qemu_run, guest, job, event_pipe):
    guest()
    with qemu_run.start("run", "--json", "--events", "pipe", "--events-console", job()) as running:
        assert any(event.get("line") == "ready" for event in event_pipe)
        running.send(signal.SIGINT)
        assert [event["type"] for event in event_pipe][-1] == "verdict"
        result = running.finish()
    assert result.code == ExitCode.INTERRUPTED
    text = "\n".join(running.seen)
    found = json.JSONDecoder().raw_decode(text[text.index("{\n") :])[0]
    assert found["code"] == ExitCode.INTERRUPTED
    assert found["tasks"][0]["words"] == found["words"]
