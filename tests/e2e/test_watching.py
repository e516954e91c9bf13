"""What is asked of a run besides its end: words on the console, time, readiness, a command beside it."""

import contextlib
import re
import signal

import psutil
import pytest

from qemu_run.errors import ExitCode
from qemu_run.guests.tiny import End
from tests.conftest import wait_until

ONCE = {"end_at_once": True}


def last(result):
    """The line that says how it ended; only what it rests on stands below, indented."""
    return [line for line in result.err.splitlines() if not line.startswith(" ")][-1]


def test_expected_words_are_a_good_end_and_the_guest_is_asked_to_go(qemu_run, guest, job):
    guest()
    result = qemu_run.run("run", "--expect", "tiny guest", "--expect", "re.dy$", job())
    assert result.code == 0
    assert 'the console said "re.dy$"' in last(result)
    assert "power button pressed" in result.err


def test_expected_words_count_even_if_the_guest_does_not_go(qemu_run, guest, job):
    guest(ignore_power_button=True)
    result = qemu_run.run("run", "--expect", "ready", job(task='kill_timeout = "200ms"'))
    assert result.code == 0


def test_words_that_never_came_are_no_result(qemu_run, guest, job):
    guest(**ONCE)
    result = qemu_run.run("run", "--expect", "ready", "--expect", "never said", job())
    assert result.code == ExitCode.NO_RESULT
    assert 'never said "never said"' in last(result)


@pytest.mark.parametrize("banner", ["a bad word\r\n", "a \x1b[31mbad\x1b[0m word\r\n", "x\r\na bad word"])
def test_forbidden_words_end_the_run(qemu_run, guest, job, banner):
    guest(banner=banner)
    result = qemu_run.run("run", "--forbid", "a bad word", job())
    assert result.code == ExitCode.FORBIDDEN_OUTPUT
    assert "a bad word" in last(result)


def test_a_panic_at_the_start_of_a_line_ends_the_run(qemu_run, guest, job):
    guest(banner="\r\n[    1.2] Kernel panic - not syncing: VFS\r\n")
    result = qemu_run.run(job())
    assert result.code == ExitCode.PANIC
    assert "VFS" in last(result)


def test_a_panic_that_is_only_told_of_does_not(qemu_run, guest, job):
    guest(banner="\r\nlog says: Kernel panic - not syncing\r\n", **ONCE)
    assert qemu_run.run(job()).code == 0


@pytest.mark.parametrize("name", ["oops", "oom", "emergency-shell"])
def test_other_troubles_are_told_and_fatal_where_they_are_forbidden(qemu_run, guest, job, name):
    words = {
        "oops": "[  3.1] Oops: 0000 [#1] SMP",
        "oom": "Out of memory: Killed process 7",
        "emergency-shell": "You are in emergency mode.",
    }
    guest(banner=f"\r\n{words[name]}\r\n", **ONCE)
    told = qemu_run.run(job())
    assert told.code == 0
    assert words[name] in told.err
    assert qemu_run.run("run", "--forbid", f"@{name}", job()).code == ExitCode.FORBIDDEN_OUTPUT


@pytest.mark.parametrize(
    ("options", "phase"),
    [
        (("--timeout", "1s"), "--timeout"),
        (("--boot-timeout", "1.5", "--ready", "never"), "--boot-timeout"),
        (("--silence-timeout", "1s"), "--silence-timeout"),
    ],
)
def test_a_limit_that_runs_out_names_its_phase(qemu_run, guest, job, options, phase):
    guest(ignore_power_button=True)
    result = qemu_run.run("run", *options, job(task='kill_timeout = "100ms"'))
    assert result.code == ExitCode.TIME_LIMIT
    assert phase in last(result)


def test_max_run_duration_ends_the_group(qemu_run, guest, job):
    guest()
    result = qemu_run.run(job(group='max_run_duration = "2s"'))
    assert result.code == ExitCode.TIME_LIMIT
    assert "max_run_duration" in last(result)


def test_a_guest_that_resets_without_end_is_a_loop(qemu_run, guest, job):
    guest(end=End.RESET, **ONCE)
    config = 'args = ["-nodefaults"]'
    result = qemu_run.run(job(config=config))
    assert result.code == ExitCode.REBOOT_LOOP
    assert "10 times" in last(result)
    result = qemu_run.run("run", "--max-reboots", "2", job(config=config))
    assert "reset itself 3 times" in last(result)
    assert (
        "power button" not in result.err.partition("killed")[2]
    )  # after the start line: nobody would hear it


def test_a_reboot_may_be_a_good_end(qemu_run, guest, job):
    guest(end=End.RESET, **ONCE)
    name = job(config='args = ["-no-reboot"]')
    assert qemu_run.run(name).code == ExitCode.REBOOT_LOOP
    assert qemu_run.run("run", "--reboot-ends", name).code == 0


@pytest.mark.parametrize(
    ("value", "wanted", "code"), [(16, "16", 0), (0, "0", 0), (7, "16", 7), (0, "16", 100), (120, "1", 100)]
)
def test_an_expected_result(qemu_run, guest, job, value, wanted, code):
    guest(end=End.DEBUG_EXIT, exit_value=value, **ONCE)
    name = job(config='args = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]')
    assert qemu_run.run("run", "--expect-result", wanted, name).code == code


def test_a_result_that_was_expected_and_did_not_come(qemu_run, guest, job):
    guest(**ONCE)
    result = qemu_run.run("run", "--expect-result", "0", job())
    assert result.code == ExitCode.NO_RESULT


def test_the_job_may_ask_the_same_in_its_meta(qemu_run, guest, job):
    guest()
    meta = 'meta {\n qemu_run_expect = "ready"\n }'
    assert qemu_run.run(job(task=meta)).code == 0
    assert qemu_run.run("run", "--expect", "never", "--timeout", "1s", job(task=meta)).code == 124


def test_meta_of_ours_is_checked(qemu_run, job):
    meta = 'meta {\n qemu_run_timeout = "soon"\n qemu_run_expct = "x"\n }'
    result = qemu_run.run("validate", job(task=meta))
    assert result.code == ExitCode.JOB
    assert 'meta key "qemu_run_timeout" cannot be "soon"' in result.err
    assert 'did you mean "qemu_run_expect"?' in result.err


@pytest.mark.parametrize(
    "options",
    [("--expect", "a("), ("--timeout", "soon"), ("--forbid", "@nonsense"), ("--expect-result", "x")],
)
def test_what_makes_no_sense_is_wrong_usage(qemu_run, guest, job, options):
    guest(**ONCE)
    assert qemu_run.run("run", *options, job()).code == ExitCode.USAGE


def test_a_command_runs_once_the_guest_is_ready_and_decides(qemu_run, guest, job):
    guest()
    group = 'network {\n port "http" {\n to = 80\n }\n }'
    script = 'echo "address $NOMAD_ADDR_http port $NOMAD_HOST_PORT_http"; exit 7'
    result = qemu_run.run("run", "--ready", "ready", job(group=group), "--", "sh", "-c", script)
    assert result.code == 7
    found = re.search(r"^address 127\.0\.0\.1:(\d+) port (\d+)$", result.out, re.MULTILINE)
    assert found[1] == found[2]
    assert "tiny guest" not in result.out
    assert "power button pressed" in result.err


@pytest.mark.parametrize(("command", "code"), [(["true"], 0), (["/no/such/thing"], 127), (["/etc"], 126)])
def test_the_commands_end_is_the_runs(qemu_run, guest, job, command, code):
    guest()
    assert qemu_run.run("run", "--ready", "ready", job(), "--", *command).code == code


LEAVES = """
sleep 7001 &
setsid sleep 7002 &
(trap "" TERM HUP INT; sleep 7003) &
setsid sh -c 'kill -STOP $$' &
"""
"""A command's ways to leave something: in the background, in a session of its own, deaf, stopped."""


def left_behind(folder):
    """What runs in a folder, whoever has started it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


def test_nothing_is_left_of_a_command_that_has_ended(qemu_run, guest, job):
    guest()
    result = qemu_run.run("run", "--ready", "ready", job(), "--", "sh", "-c", f"{LEAVES}\nexit 3")
    assert result.code == 3
    assert left_behind(qemu_run.folder) == []


def test_nothing_is_left_of_a_command_whose_guest_has_failed(qemu_run, guest, job):
    guest(auto_ticks=20, end=End.DEBUG_EXIT, exit_value=42)
    name = job(config='args = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]')
    result = qemu_run.run("run", "--ready", "ready", name, "--", "sh", "-c", f"{LEAVES}\nwait")
    assert result.code == 42
    assert left_behind(qemu_run.folder) == []


def test_nothing_is_left_of_a_command_whose_qemu_run_was_killed(qemu_run, guest, job):
    guest()
    script = "sleep 7001 & setsid sleep 7002 & echo all there; wait"
    with qemu_run.start("run", "--ready", "ready", job(), "--", "sh", "-c", script) as running:
        running.wait_for("all there")
        running.send(signal.SIGKILL)
        wait_until(lambda: left_behind(qemu_run.folder) == [])
    guest(end_at_once=True)
    assert qemu_run.run(job()).code == 0  # removes what was left of its allocation


def test_a_guest_that_fails_meanwhile_ends_the_command(qemu_run, guest, job):
    guest(auto_ticks=10, end=End.DEBUG_EXIT, exit_value=42)
    name = job(config='args = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]')
    result = qemu_run.run("run", "--ready", "ready", name, "--", "sleep", "50")
    assert result.code == 42


CHECK = """service {
  port = "http"
  check {
    name     = "alive"
    type     = "tcp"
    interval = "60s"
    timeout  = "1s"
  }
}"""


@pytest.mark.parametrize(
    ("options", "service", "why"),
    [
        (("--ready", "Helo"), "", '--ready "Helo" was never seen'),
        ((), "", 'port "http" never answered'),
        ((), CHECK, 'check "alive" never passed'),
    ],
)
def test_a_guest_that_was_never_ready_could_not_boot(qemu_run, guest, job, options, service, why):
    guest(**ONCE)
    group = f'network {{\n port "http" {{\n to = 80\n }}\n }}\n {service}'
    result = qemu_run.run("run", *options, job(group=group), "--", "echo", "ran")
    assert result.code == ExitCode.NO_BOOT
    assert "ran" not in result.out
    assert f"and was never ready: {why}  (exit 103)" in last(result)


@pytest.mark.parametrize(("code", "verdict"), [(0, "ended well: "), (56, "FAILED: "), (143, "FAILED: ")])
def test_the_verdict_of_a_command(qemu_run, guest, job, code, verdict):
    guest()
    result = qemu_run.run("run", "--ready", "ready", job(), "--", "sh", "-c", f"exit {code}")
    assert result.code == code
    assert f"{verdict}the command ended with {code}" in last(result)


def test_a_command_that_nothing_tells_when_to_run_is_refused(qemu_run, guest, job):
    guest()
    result = qemu_run.run("run", job(), "--", "true")
    assert result.code == ExitCode.USAGE
    assert "--ready" in result.err
    assert "check" in result.err
    assert "port" in result.err


def test_the_console_and_qemus_words_are_kept_in_the_allocation(qemu_run, guest, job):
    guest(**ONCE)
    result = qemu_run.run("run", "--keep", job())
    kept = result.err.splitlines()[-1].strip().removeprefix("kept: ")
    (folder,) = qemu_run.leftovers()
    assert str(folder) == kept
    log = folder / "alloc/logs/vm.stdout.0"
    assert b"ready" in log.read_bytes()
    assert log.stat().st_mode & 0o077 == 0
    assert (folder / "alloc/logs/vm.stderr.0").read_bytes() == b""
    (folder / ".kept").unlink()
    assert qemu_run.run(job()).code == 0  # sweeps it


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is a directory"),
        ("#!/bin/sh\n", "is not executable (chmod +x)"),
    ],
)
def test_a_command_that_cannot_be_started_costs_no_boot(qemu_run, guest, job, content, words):
    guest()
    path = qemu_run.folder / "command"
    path.mkdir() if content is None else path.write_text(content)
    result = qemu_run.run("run", "--ready", "ready", job(), "--", path)
    assert result.code == 126
    assert words in last(result)
    assert "1 core" not in result.err


def test_a_command_that_the_system_refuses_is_told(qemu_run, guest, job):
    guest()
    path = qemu_run.folder / "command"
    path.write_text("no program\n")
    path.chmod(0o755)
    result = qemu_run.run("run", "--ready", "ready", job(), "--", path)
    assert result.code == 126
    assert "Exec format error" in result.err


def test_a_guest_that_goes_by_itself_meanwhile_is_not_told_to(qemu_run, guest, job):
    guest(**ONCE)
    result = qemu_run.run("run", "--expect", "ready", job())
    assert result.code == 0
    assert "told to quit" not in result.err
    assert "SIGTERM" not in result.err
