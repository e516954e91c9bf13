"""`--junit`: what CI systems read."""

import signal
from xml.etree import ElementTree as ET

from junitparser import JUnitXml

from qemu_run.errors import ExitCode


def suite(qemu_run):
    """The one suite in the file, as another program reads it."""
    JUnitXml.fromfile(str(qemu_run.folder / "junit.xml"))
    (found,) = ET.parse(qemu_run.folder / "junit.xml").getroot()  # noqa: S314  # our own file
    return found


def test_a_task_that_ended_well_passes(qemu_run, guest, job):
    guest(end_at_once=True, banner="hello\r\n")
    assert qemu_run.run("--junit", "junit.xml", job()).code == 0
    found = suite(qemu_run)
    assert (found.get("name"), found.get("tests"), found.get("failures")) == ("web", "1", "0")
    (case,) = found
    assert (case.get("classname"), case.get("name")) == ("web", "web.vm")
    assert float(case.get("time")) > 0
    assert [part.tag for part in case] == ["system-out"]
    assert "hello" in case.findtext("system-out")


def test_a_bad_end_is_a_failure_with_its_words(qemu_run, resetting):
    assert qemu_run.run("--junit", "junit.xml", resetting).code == ExitCode.REBOOT_LOOP
    (case,) = suite(qemu_run)
    failure = case.find("failure")
    assert "the guest reset after" in failure.get("message")
    assert failure.get("type") == "exit 104"
    assert "last words" in case.findtext("system-out")


def test_what_was_asked_of_the_job_is_asked_of_its_only_task(qemu_run, guest, job):
    guest(end_at_once=True, banner="hello\r\n")
    asked = ("--expect", "never said", "--output", "evidence")
    result = qemu_run.run("--junit", "junit.xml", *asked, job())
    assert result.code == ExitCode.NO_RESULT
    (case,) = suite(qemu_run)
    assert case.get("name") == "web.vm"
    assert 'never said "never said"' in case.find("failure").get("message")
    assert "ready" in case.findtext("system-out")
    assert "  | ready" in result.err


def test_each_copy_is_a_case(qemu_run, guest, job):
    guest(end_at_once=True)
    name = job(image="local/disk.img", group="count = 2", task='artifact {\n source = "disk.img"\n }')
    assert qemu_run.run("--junit", "junit.xml", name).code == 0
    assert [case.get("name") for case in suite(qemu_run)] == ["web.vm[0]", "web.vm[1]"]


def test_what_the_guest_is_not_to_blame_for_is_an_error(qemu_run, mistaken):
    assert qemu_run.run("--junit", "junit.xml", mistaken).code == ExitCode.JOB
    (case,) = suite(qemu_run)
    assert case.get("name") == "web"
    error = case.find("error")
    assert error.get("message") == "1 error"
    assert "--> web.nomad.hcl:11:" in error.text


def test_a_job_that_does_not_fit_is_an_error_beside_tasks_that_never_started(qemu_run, guest, job):
    guest()
    constraint = 'constraint {\n attribute = "${attr.cpu.arch}"\n value = "vax"\n }'
    assert qemu_run.run("--junit", "junit.xml", job(group=constraint)).code == ExitCode.PLACEMENT
    task, case = suite(qemu_run)
    assert task.find("skipped").get("message") == "never started"
    assert "wanted vax" in case.find("error").text


def test_qemu_that_refuses_its_options_is_an_error_of_its_task(qemu_run, guest, job):
    guest()
    name = job(config='args = ["-device", "nonsense"]')
    assert qemu_run.run("--junit", "junit.xml", name).code == ExitCode.QEMU
    (case,) = suite(qemu_run)
    assert "not a valid device model name" in case.find("error").text


def test_a_run_that_was_stopped_is_skipped(qemu_run, guest, job):
    guest()
    with qemu_run.start("--junit", "junit.xml", job()) as running:
        running.wait_for("ready")
        running.send(signal.SIGINT)
        running.finish()
    (case,) = suite(qemu_run)
    assert "stopped by Ctrl-C after" in case.find("skipped").get("message")


def test_no_guest_can_break_the_file(qemu_run, failing):
    name = failing("\x1b]0;t\x07 ]]> </system-out> & \x0b\x1b[31m<x>\r\n")
    assert qemu_run.run("--junit", "junit.xml", name).code == ExitCode.REBOOT_LOOP
    (case,) = suite(qemu_run)
    assert "]]> </system-out> & <x>" in case.findtext("system-out")


def test_until_the_end_it_is_empty(qemu_run, guest, job):
    guest()
    (qemu_run.folder / "junit.xml").write_text("of an earlier run")
    with qemu_run.start("--junit", "junit.xml", job()) as running:
        running.wait_for("ready")
        assert (qemu_run.folder / "junit.xml").read_text() == ""
        running.send(signal.SIGTERM)
        running.finish()
    assert suite(qemu_run).get("skipped") == "1"
