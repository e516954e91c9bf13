"""`--output`: everything that is known of a run, in one folder."""

import json
import signal

import pytest

from qemu_run.errors import ExitCode

JSON = ("plan.json", "host.json", "outcome.json")


def test_a_bad_end_with_all_its_evidence(qemu_run, resetting, json_lines):
    result = qemu_run.run("--output", "new/evidence", resetting)
    folder = qemu_run.folder / "new/evidence"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*JSON, "events.jsonl", "web.vm.stdout.0", "web.vm.stderr.0"]
    )
    assert "last words" in (folder / "web.vm.stdout.0").read_text()
    plan, host, outcome = (json.loads((folder / name).read_text()) for name in JSON)
    assert plan["tasks"][0]["command"][0].endswith("qemu-system-x86_64")
    assert host["attributes"]["driver.qemu.version"]
    assert outcome["code"] == ExitCode.REBOOT_LOOP
    assert json_lines("new/evidence/events.jsonl")[-1]["type"] == "verdict"
    lines = result.err.splitlines()
    verdict = next(number for number, line in enumerate(lines) if line.endswith("(exit 104)"))
    assert all(line.startswith("  ") for line in lines[verdict + 1 :])
    assert any(line.endswith("last words") for line in lines[verdict + 1 :])
    assert lines[-1].strip() == "evidence: new/evidence"
    assert not (qemu_run.folder / "state/qemu-run/runs").exists()


def test_a_good_end_has_evidence_too_and_shows_no_console_again(qemu_run, guest, job):
    guest(end_at_once=True, banner="hello\r\n")
    result = qemu_run.run("--output", "evidence", job())
    assert result.code == 0
    assert "hello" in (qemu_run.folder / "evidence/web.vm.stdout.0").read_text()
    assert "hello" not in result.err


def test_the_words_of_qemu_are_in_it(qemu_run, guest, job):
    guest()
    result = qemu_run.run("--output", "evidence", job(config='args = ["-device", "nonsense"]'))
    assert result.code == ExitCode.QEMU
    assert "nonsense" in (qemu_run.folder / "evidence/web.vm.stderr.0").read_text()


def test_at_most_forty_lines_are_shown(qemu_run, guest, job):
    guest(banner="\n".join(f"{number}" for number in range(40)) + "\r\n", ignore_power_button=True)
    with qemu_run.start("--output", "evidence", job(task='kill_timeout = "100ms"')) as running:
        running.wait_for("ready")
        running.send(signal.SIGTERM)
        result = running.finish()
    assert result.code == ExitCode.KILLED
    shown = [line for line in result.out.splitlines() if line.lstrip().startswith("|")]
    assert len(shown) == 40
    assert any(line.endswith("| ready") for line in shown)
    assert not any("SeaBIOS" in line for line in shown)


def test_a_guest_that_is_ended_has_its_picture_taken(qemu_run, guest, job):
    guest()
    with qemu_run.start("--output", "evidence", job()) as running:
        running.wait_for("ready")
        running.send(signal.SIGTERM)
        running.finish()
    assert (qemu_run.folder / "evidence/web.vm.png").read_bytes().startswith(b"\x89PNG")


def test_a_guest_without_a_screen_has_none(qemu_run, guest, job):
    guest()
    with qemu_run.start("--output", "evidence", job(config='args = ["-nodefaults"]')) as running:
        running.wait_for("ready")
        running.send(signal.SIGTERM)
        assert running.finish().code == ExitCode.TERMINATED
    assert not (qemu_run.folder / "evidence/web.vm.png").exists()


def test_an_earlier_run_leaves_nothing_of_its_own(qemu_run, guest, job):
    folder = qemu_run.folder / "evidence"
    folder.mkdir()
    for name in ("other.vm.stdout.3", "other.vm.png", "outcome.json"):
        (folder / name).write_text("of an earlier run")
    (folder / "mine.txt").write_text("a user's own")
    guest(end_at_once=True)
    assert qemu_run.run("--output", "evidence", job()).code == 0
    assert not (folder / "other.vm.stdout.3").exists()
    assert not (folder / "other.vm.png").exists()
    assert json.loads((folder / "outcome.json").read_text())["code"] == 0
    assert (folder / "mine.txt").read_text() == "a user's own"


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_said_before_anything_runs(qemu_run, guest, job, name):
    guest(end_at_once=True)
    (qemu_run.folder / "file").touch()
    result = qemu_run.run("--output", name, job())
    assert result.code == ExitCode.HOST
    assert result.out == ""
    assert f'cannot write evidence to "{name}"' in result.err
    assert result.err.splitlines()[-1].endswith("(exit 113)")


def test_a_job_with_mistakes_leaves_them_there(qemu_run, mistaken):
    assert qemu_run.run("--output", "evidence", mistaken).code == ExitCode.JOB
    outcome = json.loads((qemu_run.folder / "evidence/outcome.json").read_text())
    assert "image_pat" in outcome["diagnostics"][0]["summary"]


def test_a_console_that_nobody_saw_is_shown_after_a_bad_end(qemu_run, resetting):
    result = qemu_run.run("--console", "none", resetting)
    assert result.code == ExitCode.REBOOT_LOOP
    assert result.out == ""
    assert any(line.startswith("  ") and line.endswith("last words") for line in result.err.splitlines())


@pytest.mark.parametrize(("command", "code", "is_shown"), [("false", 1, True), ("true", 0, False)])
def test_beside_a_command_it_is_shown_when_that_fails(qemu_run, guest, job, command, code, is_shown):
    guest(banner="last words\r\n")
    result = qemu_run.run("run", "--ready", "ready", job(), "--", command)
    assert result.code == code
    assert ("last words" in result.err) == is_shown


def test_a_command_and_a_document_do_not_share_standard_output(qemu_run, guest, job):
    guest()
    result = qemu_run.run("run", "--json", "--ready", "ready", job(), "--", "true")
    assert result.code == ExitCode.USAGE
    assert "--json and a command both want standard output" in result.err
    assert json.loads(result.out)["code"] == ExitCode.USAGE
