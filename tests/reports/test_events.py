"""`--events`: what happens, as JSON lines."""

import os
import re
import signal
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest

from qemu_run.errors import ExitCode, HostError
from qemu_run.planning.plan import TaskId
from qemu_run.reports.event_document import type_name
from qemu_run.reports.events_file import EventsFile
from qemu_run.reports.files import ReportFile
from qemu_run.runtime.events import Downloading, Event
from qemu_run.verdict.outcome import Outcome

REFERENCE = (Path(__file__).parents[2] / "examples/reference.md").read_text()
PORT = 'network {\n port "http" {\n to = 80\n }\n }'


def test_a_run_from_its_plan_to_its_verdict(qemu_run, guest, job, json_lines):
    guest(end_at_once=True)
    name = job(image="local/disk.img", group=PORT, task='artifact {\n source = "disk.img"\n }')
    result = qemu_run.run("--events", "events.jsonl", name)
    assert result.code == 0
    events = json_lines("events.jsonl")
    assert [event["type"] for event in events] == [
        "run_planned",
        "artifact_ready",
        "started",
        "ended",
        "verdict",
    ]
    assert {event["version"] for event in events} == {1}
    times = [datetime.fromisoformat(event["time"]) for event in events]
    assert times == sorted(times)
    planned, artifact, started, ended, verdict = events
    assert planned["job"] == "web"
    (task,) = planned["tasks"]
    assert task["name"] == "web.vm"
    assert all(event.items() >= task.items() for event in (artifact, started, ended))
    assert artifact["file_name"] == "disk.img"
    port = started["ports"][0]
    assert (port["label"], port["guest_port"], port["protocol"]) == ("http", 80, "tcp")
    assert f"http  {port['host_ip']}:{port['host_port']} -> guest 80" in result.err
    assert (started["attempt"], started["accelerator"], started["memory_mb"]) == (1, "tcg", 128)
    assert ended["outcome"]["code"] == 0
    assert verdict["code"] == 0
    assert verdict["words"].startswith("the guest powered off after")


def test_a_download_is_told_from_its_beginning_to_its_end(qemu_run, guest, job, json_lines, http_server):
    image = guest(end_at_once=True)
    task = f'artifact {{\n source = "{http_server}/disk.img"\n }}'
    qemu_run.environment["XDG_CACHE_HOME"] = str(qemu_run.folder / "cache")
    assert qemu_run.run("--events", "events.jsonl", job(image="local/disk.img", task=task)).code == 0
    coming = [event for event in json_lines("events.jsonl") if event["type"] == "downloading"]
    size = image.stat().st_size
    assert {(event["file_name"], event["total_bytes"]) for event in coming} == {("disk.img", size)}
    assert coming[-1]["received_bytes"] == size


def test_progress_is_told_first_last_and_once_in_a_while(tmp_path, json_lines):
    file = EventsFile(ReportFile(tmp_path / "events.jsonl", pytest.fail), with_console=False)
    file.open()
    for time, received in ((0.0, 0), (0.5, 10), (1.9, 20), (2.5, 30), (2.6, 40), (2.7, 100)):
        vm = TaskId("3f9c", "vm", "web.vm")
        file.event(Downloading(task=vm, time=time, file_name="a", received_bytes=received, total_bytes=100))
    file.ended("web", Outcome(code=0, words="the guest powered off"))
    assert [event.get("received_bytes") for event in json_lines("events.jsonl")] == [0, 30, 100, None]


def test_they_are_written_as_they_happen(qemu_run, guest, job, event_pipe):
    guest()
    with qemu_run.start("--events", "pipe", "--events-console", job()) as running:
        assert next(event_pipe)["type"] == "run_planned"
        assert any(event.get("line") == "ready" for event in event_pipe)
        running.send(signal.SIGTERM)
        *_, step, stopped, ended, verdict = (event for event in event_pipe if event["type"] != "console")
        assert running.finish().code == ExitCode.TERMINATED
    assert (step["type"], step["step"]) == ("stopping", "power button")
    assert (stopped["type"], stopped["by_itself"]) == ("guest_stopped", True)
    assert ended["outcome"]["code"] == verdict["code"] == ExitCode.TERMINATED


def test_console_lines_are_there_only_when_asked_for(qemu_run, resetting, json_lines):
    qemu_run.run("--events", "without", resetting)
    assert "console" not in {event["type"] for event in json_lines("without")}
    qemu_run.run("--events", "with", "--events-console", resetting)
    lines = [event["line"] for event in json_lines("with") if event["type"] == "console"]
    assert any(line.endswith("last words") for line in lines)
    assert not any(re.search(r"[\x00-\x1f\x7f-\x9f]", line) for line in lines)


def test_a_mistake_is_an_event(qemu_run, mistaken, json_lines):
    assert qemu_run.run("--events", "events.jsonl", mistaken).code == ExitCode.JOB
    planned, mistake, verdict = json_lines("events.jsonl")
    assert planned["job"] == "web"
    assert mistake["severity"] == "error"
    assert "image_pat" in mistake["summary"]
    assert mistake["range"]["start"]["line"] == 11
    assert verdict["code"] == ExitCode.JOB


def test_a_full_disk_is_said_once_and_ends_nothing(qemu_run, guest, job):
    guest(end_at_once=True)
    result = qemu_run.run("--quiet", "--events", "/dev/full", job())
    assert result.code == 0
    lost, verdict = result.err.splitlines()
    assert lost == "nothing more is written to /dev/full: No space left on device"
    assert "ended well" in verdict


@pytest.mark.parametrize("option", ["--events", "--junit"])
def test_a_file_that_cannot_be_opened_is_said_before_anything_runs(qemu_run, guest, job, option):
    guest(end_at_once=True)
    result = qemu_run.run(option, "missing/file", job())
    assert result.code == ExitCode.HOST
    assert result.out == ""
    assert 'error: cannot write to "missing/file": No such file or directory' in result.err
    assert result.err.splitlines()[-1].endswith("(exit 113)")


@pytest.mark.parametrize("arguments", [("--events", "-"), ("--junit", "-"), ("--events-console",)])
def test_what_makes_no_sense_is_wrong_usage(qemu_run, guest, job, arguments):
    guest(end_at_once=True)
    assert qemu_run.run(*arguments, job()).code == ExitCode.USAGE


def test_a_reader_that_does_not_read_is_given_up(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    said = []
    file = ReportFile(pipe, said.append)
    file.open()
    for _ in range(3):
        file.write("x" * 70_000)
    file.write("y")
    os.close(reader)
    assert said == [f"nothing more is written to {pipe}: its reader does not read"]


def test_a_reader_that_has_left_is_said(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    said = []
    file = ReportFile(pipe, said.append)
    file.open()
    os.close(reader)
    file.write("x")
    file.write("y")
    assert said == [f"nothing more is written to {pipe}: Broken pipe"]


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(HostError, match="Is a directory"):
        ReportFile(tmp_path, print).open()


def test_the_reference_tells_of_every_type():
    ours = {"run_planned", "diagnostic", "console", "verdict"}
    types = ours | {type_name(event) for event in get_args(Event)}
    section = REFERENCE.partition("\n## Events")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == types
