"""Any signal that would end a program, at any moment: a tidy end with 128 and its number, or none at all."""

import signal
import subprocess
import sys
import threading

import psutil
import pytest

from qemu_run.endings import ENDING, code_of, name_of
from qemu_run.errors import ExitCode
from tests.conftest import PATIENCE_SECONDS, wait_until
from tests.e2e.test_keyboard import Terminal
from tests.e2e.test_lifecycle import stalling_server  # noqa: F401  # a fixture

OTHERS = [number for number in ENDING if number not in {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}]
SOME = [*(number for number in OTHERS if number < signal.SIGRTMIN), signal.SIGRTMAX]


@pytest.mark.parametrize("number", SOME, ids=name_of)
def test_while_a_guest_runs(qemu_run, guest, job, number):
    guest()
    with qemu_run.start(job()) as running:
        running.wait_for("ready")
        running.send(number)
        result = running.finish()
    assert result.code == code_of(number)
    assert f"stopped by {name_of(number)} after" in result.out
    assert ("power button pressed" in result.out) == (number != signal.SIGQUIT)


@pytest.mark.parametrize("options", [(), ("--timeout", "1h")], ids=["", "with a time limit"])
@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGUSR1, signal.SIGALRM], ids=name_of)
def test_during_a_download(qemu_run, job, stalling_server, number, options):  # noqa: F811  # the fixture
    name = job(image="local/disk.img", task=f'artifact {{ source = "{stalling_server.address}/disk.img" }}')
    with qemu_run.start("run", *options, name) as running:
        assert stalling_server.asked.wait(PATIENCE_SECONDS)
        running.send(number)
        result = running.finish()
    assert result.code == code_of(number)
    assert f"stopped by {name_of(number)} before the guest was started" in result.out


@pytest.mark.parametrize("number", ENDING[:8], ids=name_of)
def test_while_a_command_reads(qemu_run, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "qemu_run", "validate", "-"],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        process.stdin.write(b" " * (1 << 17))  # more than a pipe holds: it reads
        process.stdin.flush()
        wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING)
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == code_of(number)
        assert process.stdout.read() == b""


def test_at_any_moment_of_a_start(qemu_run, guest, job):
    """Before our first line Python itself is ended by it."""
    guest()
    template = 'template {\n data = "x"\n destination = "local/x"\n }'
    name = job(task=f'kill_timeout = "50s"\n {template}')
    for moment in range(16):
        with qemu_run.start(name) as running:
            threading.Event().wait(moment / 40)
            running.send(signal.SIGUSR1)
            result = running.finish()
            assert result.code in {code_of(signal.SIGUSR1), -signal.SIGUSR1}
            assert "Traceback" not in result.out
        assert qemu_run.leftovers() == []
        wait_until(lambda: qemu_run.machines() == [])


def test_the_quit_key_at_a_console_that_is_only_read(qemu_run, guest, job):
    guest()
    screen = Terminal(qemu_run, "run", "--console", "follow", job())
    try:
        screen.wait_for(b"ready")
        screen.type(b"\x1c")
        assert screen.end() == code_of(signal.SIGQUIT)
        assert b"stopped by SIGQUIT" in screen.said
        assert screen.is_restored()
    finally:
        screen.close()


def test_what_was_ignored_at_the_start_stays_so(qemu_run, guest, job):
    guest(auto_ticks=30)
    script = 'trap "" HUP USR1; exec "$@"'
    process = subprocess.Popen(
        ["sh", "-c", script, "sh", sys.executable, "-m", "qemu_run", job()],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        assert any("ready" in line for line in process.stdout)
        for number in (signal.SIGHUP, signal.SIGUSR1):
            process.send_signal(number)
        assert "powered off" in process.stdout.read()
        assert process.wait() == ExitCode.OK
