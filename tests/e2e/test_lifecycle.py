"""Real guests from a job file to an exit code."""

import contextlib
import fcntl
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from qemu_run.errors import ExitCode
from qemu_run.guests.tiny import End

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Stalling:
    """A server that begins to answer and then says no more."""

    address: str
    asked: threading.Event


@pytest.fixture
def stalling_server():
    asked, done = threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(b"x" * 1000)
            asked.set()
            done.wait(PATIENCE_SECONDS)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Stalling(f"http://127.0.0.1:{server.server_address[1]}", asked)
    done.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_guest_that_powers_off_ends_well(qemu_run, guest, job):
    guest(end_at_once=True, banner="hello from the guest\r\n")
    result = qemu_run.run(job())
    assert result.code == 0
    assert "hello from the guest\n" in result.out.replace("\r", "")
    assert re.search(r"web +ended well: the guest powered off after \d", result.err.splitlines()[-1])


def test_the_console_is_the_guests_own_words_only(qemu_run, guest, job):
    guest(end_at_once=True)
    result = qemu_run.run(job(config='args = ["-nodefaults"]'))
    assert "\x1b" not in result.out
    assert "web.vm" not in result.out
    assert "ready" in result.out
    assert "ready" not in result.err


def test_memory_and_cores_reach_the_guest(qemu_run, guest, job):
    guest(end_at_once=True)
    result = qemu_run.run(job(memory=256, config='args = ["-smp", "2"]'))
    assert "cpus=02 ram64k=001000" in result.out


@pytest.mark.parametrize(
    ("behaviour", "args", "code", "words"),
    [
        ({"end": End.DEBUG_EXIT, "exit_value": 0}, ["-device", "isa-debug-exit"], 0, "the guest reported 0"),
        (
            {"end": End.DEBUG_EXIT, "exit_value": 42},
            ["-device", "isa-debug-exit"],
            42,
            "the guest reported 42",
        ),
        ({"end": End.TRIPLE_FAULT}, ["-no-reboot"], ExitCode.REBOOT_LOOP, "the guest reset"),
        ({"end": End.RESET}, ["-no-reboot"], ExitCode.REBOOT_LOOP, "the guest reset"),
    ],
)
def test_the_end_decides_the_exit_code(qemu_run, guest, job, behaviour, args, code, words):
    guest(end_at_once=True, **behaviour)
    arguments = [f"{each},iobase=0xf4,iosize=1" if each == "isa-debug-exit" else each for each in args]
    result = qemu_run.run(job(config=f"args = {arguments}".replace("'", '"')))
    assert result.code == code
    (verdict,) = (line for line in result.err.splitlines() if line.endswith(f"(exit {int(code)})"))
    assert words in verdict


@pytest.mark.parametrize(
    ("number", "code", "by"),
    [
        (signal.SIGINT, ExitCode.INTERRUPTED, "Ctrl-C"),
        (signal.SIGTERM, ExitCode.TERMINATED, "SIGTERM"),
        (signal.SIGHUP, ExitCode.TERMINATED, "SIGHUP"),
    ],
)
def test_a_signal_presses_the_power_button(qemu_run, guest, job, number, code, by):
    guest()
    with qemu_run.start(job()) as running:
        running.wait_for("ready")
        running.send(number)
        running.wait_for("power button pressed, 5s to go")
        result = running.finish()
    assert result.code == code
    assert "guest powered off after 0." in result.out
    assert f"stopped by {by} after" in result.out


def test_a_guest_that_ignores_the_button_is_killed_after_its_time(qemu_run, guest, job):
    guest(ignore_power_button=True)
    with qemu_run.start(job(task='kill_timeout = "700ms"')) as running:
        running.wait_for("ready")
        running.send(signal.SIGINT)
        running.wait_for("power button pressed")
        running.wait_for("QEMU told to quit")
        result = running.finish()
    assert result.code == ExitCode.KILLED
    assert re.search(r"ended after 0\.[789]s", result.out)
    assert "the guest ignored its power button" in result.out.splitlines()[-2]


def test_a_second_signal_waits_no_longer(qemu_run, guest, job):
    guest(ignore_power_button=True)
    with qemu_run.start(job(task='kill_timeout = "1h"')) as running:
        running.wait_for("ready")
        running.send(signal.SIGINT)
        running.wait_for("power button pressed")
        running.send(signal.SIGINT)
        assert running.finish().code == ExitCode.INTERRUPTED


def test_a_guest_that_has_not_booted_is_stopped_too(qemu_run, guest, job):
    guest()
    with qemu_run.start(job(task='kill_timeout = "1s"', config='args = ["-S"]')) as running:
        running.wait_for("the guest is paused (-S)")
        running.send(signal.SIGINT)
        assert running.finish().code == ExitCode.KILLED


def test_without_graceful_shutdown_the_machine_ends_at_once(qemu_run, guest, job):
    guest(ignore_power_button=True)
    config = "graceful_shutdown = false"
    with qemu_run.start(job(task='kill_timeout = "1h"', config=config)) as running:
        running.wait_for("ready")
        running.send(signal.SIGTERM)
        running.wait_for("QEMU told to quit")
        assert running.finish().code == ExitCode.TERMINATED


def test_qemu_dies_with_us(qemu_run, guest, job):
    guest()
    with qemu_run.start(job()) as running:
        running.wait_for("ready")
        machines = qemu_run.machines()
        assert len(machines) == 1
        running.process.kill()
        running.process.wait()
        _, alive = psutil.wait_procs(machines, timeout=10)
        assert alive == []
    # The next run cleans up what the killed one could not.
    guest(end_at_once=True)
    assert qemu_run.run(job()).code == 0


def test_qemu_gets_no_descriptor_but_those_its_command_names(qemu_run, guest, job):
    guest()
    with qemu_run.start(job()) as running:
        running.wait_for("ready")
        (machine,) = qemu_run.machines()
        ours = {str(link.readlink()) for link in Path(f"/proc/{running.process.pid}/fd").iterdir()}
        theirs = {int(link.name): str(link.readlink()) for link in Path(f"/proc/{machine.pid}/fd").iterdir()}
        assert len(ours) > 5  # there is something that it could have been given
        command = " ".join(machine.cmdline())
        named = {int(number) for number in re.findall(r"(?:fd=|/dev/fd/)(\d+)", command)}
        assert named <= theirs.keys()
        given = {number: path for number, path in theirs.items() if number > 2 and path in ours}
        assert {path for number, path in given.items() if number not in named} <= {"/dev/null"}
        assert theirs[0] == "/dev/null"
        running.send(signal.SIGINT)
        running.finish()


def test_an_artifact_image_is_never_written(qemu_run, guest, job):
    image = guest(end_at_once=True, count_boots=True)
    before = image.read_bytes()
    name = job(image="local/disk.img", task='artifact { source = "disk.img" }')
    for _ in range(2):
        result = qemu_run.run(name)
        assert "boots=0001" in result.out
    assert image.read_bytes() == before


def test_a_host_image_is_written_in_place_and_the_user_told(qemu_run, guest, job):
    guest(end_at_once=True, count_boots=True)
    counts = []
    for _ in range(2):
        result = qemu_run.run(job())
        counts.append(re.search(r"boots=(\d+)", result.out)[1])
        assert "disk.img is written in place" in result.err
    assert counts == ["0001", "0002"]
    assert "boots=0003" in qemu_run.run("--snapshot", job()).out
    assert "boots=0003" in qemu_run.run("--snapshot", job()).out


def test_a_group_of_two_copies_runs_both(qemu_run, guest, job):
    guest(end_at_once=True)
    name = job(image="local/disk.img", group="count = 2", task='artifact { source = "disk.img" }')
    result = qemu_run.run(name)
    assert result.code == 0
    assert "web.vm[0]  ready" in result.out.replace("\r", "")
    assert "web.vm[1]  ready" in result.out.replace("\r", "")


def test_quiet_says_only_the_end(qemu_run, guest, job):
    guest(end_at_once=True)
    assert len(qemu_run.run("--quiet", job()).err.splitlines()) == 1


def test_the_job_may_come_from_standard_input(qemu_run, guest, job):
    guest(end_at_once=True)
    text = (qemu_run.folder / job()).read_text()
    assert qemu_run.run("run", "-", stdin=text).code == 0


def test_no_guest_is_too_quick_to_be_judged(qemu_run, guest, job):
    guest(end_at_once=True)
    name = job(image="local/disk.img", group="count = 8", task='artifact { source = "disk.img" }')
    result = qemu_run.run(name)
    assert result.code == 0
    assert "ended well" in result.err.splitlines()[-1]


def test_a_signal_during_a_download_leaves_nothing(qemu_run, job, stalling_server):
    name = job(image="local/disk.img", task=f'artifact {{ source = "{stalling_server.address}/disk.img" }}')
    with qemu_run.start(name) as running:
        assert stalling_server.asked.wait(PATIENCE_SECONDS)
        running.send(signal.SIGINT)
        result = running.finish()
    assert result.code == ExitCode.INTERRUPTED
    assert "stopped by Ctrl-C before the guest was started" in result.out


def test_the_terminal_is_left_as_it_was(qemu_run, guest, job):
    guest()
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    process = subprocess.Popen(
        [sys.executable, "-m", "qemu_run", job()],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # the shell of a terminal does so
    )
    said = b""
    while b"ready" not in said:
        said += os.read(ours, 65536)
    os.write(ours, b"\x03")
    assert process.wait(PATIENCE_SECONDS) == ExitCode.INTERRUPTED
    assert termios.tcgetattr(theirs) == before
    os.close(theirs)
    with contextlib.suppress(OSError):
        while data := os.read(ours, 65536):
            said += data
    os.close(ours)
    assert b"power button pressed" in said
    assert b"\x1bc" not in said
    assert b"\x1b[?7l" not in said


def test_a_directory_that_is_kept_stays_until_its_user_removes_it(qemu_run, guest, job):
    guest(end_at_once=True)
    name = job(image="local/disk.img", task='artifact { source = "disk.img" }')
    result = qemu_run.run("--keep", name)
    kept = Path(result.err.splitlines()[-1].strip().removeprefix("kept: "))
    assert (kept / "vm/image0.qcow2").exists()
    assert kept.stat().st_mode & 0o777 == 0o700
    assert qemu_run.run(name).code == 0
    assert qemu_run.leftovers() == [kept]
    shutil.rmtree(kept)


def test_an_artifact_of_a_task_beside_it_is_never_written_either(qemu_run, guest):
    image = guest(end_at_once=True, count_boots=True)
    before = image.read_bytes()
    shared = "${NOMAD_ALLOC_DIR}/data/disk.img"
    config = (
        f'config {{\n image_path = "{shared}"\n accelerator = "tcg"\n }}\n resources {{\n memory = 128\n }}'
    )
    artifact = 'artifact {\n source = "disk.img"\n destination = "${NOMAD_ALLOC_DIR}/data/"\n }'
    first = f'task "a" {{\n driver = "qemu"\n {artifact}\n {config}\n }}'
    second = f'task "b" {{\n driver = "qemu"\n {config}\n }}'
    tasks = f"{first}\n {second}"
    (qemu_run.folder / "two.hcl").write_text(
        f'job "web" {{\n type = "batch"\n group "g" {{\n {tasks}\n }}\n}}\n'
    )
    result = qemu_run.run("two.hcl")
    assert result.code == 0
    assert result.out.count("boots=0001") == 2
    assert image.read_bytes() == before
