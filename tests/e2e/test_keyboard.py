"""A real terminal: what is typed, what becomes of it, and how the terminal is left."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from qemu_run.errors import ExitCode

PATIENCE_SECONDS = 30


class Terminal:
    """A pseudo-terminal with a program in its foreground."""

    def __init__(self, program, *arguments, script=None, columns=0):
        """`script`: what a shell with job control does there, with our command line as its arguments.

        `columns`: how wide it is; 0: it does not say.
        """
        self.ours, self.theirs = pty.openpty()
        self.resize(columns)
        self.before = termios.tcgetattr(self.theirs)
        self.said = b""
        command = [sys.executable, "-m", "qemu_run", *map(str, arguments)]
        self.process = subprocess.Popen(
            [*(["bash", "-c", script, "bash"] if script else []), *command],
            cwd=program.folder,
            env=dict(program.environment),
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # as a shell does
        )

    def resize(self, columns):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def wait_for(self, text):
        self.wait_until(lambda: text in self.said)

    def wait_until(self, is_so):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, self.said
            self._read()

    def _read(self):
        if select.select([self.ours], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):
                self.said += os.read(self.ours, 65536)

    def type(self, keys):
        os.write(self.ours, keys)

    def end(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.said
            self._read()
        self._read()
        return self.process.returncode

    def is_restored(self):
        return termios.tcgetattr(self.theirs) == self.before

    def left_over(self):
        """What a shell would now read as typed."""
        os.set_blocking(self.theirs, False)
        with contextlib.suppress(BlockingIOError):
            return os.read(self.theirs, 4096)
        return b""

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal(qemu_run):
    opened = []

    def open_terminal(*arguments, **how):
        opened.append(Terminal(qemu_run, *arguments, **how))
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.close()


def test_what_is_typed_goes_to_the_guest_and_ctrl_c_is_the_power_button(terminal, guest, job):
    guest()
    screen = terminal(job())
    screen.wait_for(b"Ctrl-] for more")
    screen.wait_for(b"ready")
    screen.type(b"xyz")
    screen.wait_for(b"xyz")  # the guest's own echo
    screen.type(b"\x03")
    assert screen.end() == ExitCode.INTERRUPTED
    assert b"power button pressed" in screen.said
    assert termios.tcgetattr(screen.theirs) == screen.before


def test_a_guest_can_be_ended_by_what_is_typed(terminal, guest, job):
    guest()
    screen = terminal(job())
    screen.wait_for(b"ready")
    screen.type(b"p")  # the tiny guest powers off
    assert screen.end() == 0


def test_the_escape_key_has_keys_of_its_own(terminal, guest, job):
    guest()
    screen = terminal(job())
    screen.wait_for(b"ready")
    screen.type(b"\x1d?")
    screen.wait_for(b"suspends qemu-run")
    screen.type(b"\x1d\x03")  # one Ctrl-C for the guest
    screen.type(b"\x1dq")
    assert screen.end() == ExitCode.INTERRUPTED
    assert termios.tcgetattr(screen.theirs) == screen.before


def test_in_raw_mode_ctrl_c_is_the_guests(terminal, guest, job):
    guest()
    screen = terminal("run", "--console", "raw", job())
    screen.wait_for(b"ready")
    screen.type(b"\x03\x1a\x1cz")
    screen.wait_for(b"z")
    assert b"power button pressed" not in screen.said
    screen.type(b"p")
    assert screen.end() == 0


def test_no_empty_line_comes_of_a_ctrl_c_that_nobody_sees(terminal, guest, job):
    guest()
    screen = terminal(job())
    screen.wait_for(b"ready\r\r\n")
    screen.type(b"\x03")
    assert screen.end() == ExitCode.INTERRUPTED
    assert b"ready\r\r\n\x1b[1mweb.vm  \x1b[0mpower button pressed" in screen.said


@pytest.mark.parametrize("mode", ["interactive", "raw"])
def test_the_verdict_names_the_key_that_was_typed(terminal, guest, job, mode):
    guest()
    screen = terminal("run", "--console", mode, job())
    screen.wait_for(b"ready")
    screen.type(b"\x1dq")
    assert screen.end() == ExitCode.INTERRUPTED
    assert b"stopped by Ctrl-] q after" in screen.said


def test_a_long_wait_for_a_guest_says_what_is_left_of_it(terminal, guest, job):
    guest(ignore_power_button=True)
    screen = terminal(job(task='kill_timeout = "1m"'))
    screen.wait_for(b"ready")
    screen.type(b"\x03")
    screen.wait_for(b"power button pressed, 1m to go  ")
    screen.wait_for(b"power button pressed again, 5")
    screen.wait_for(b"(Ctrl-C again: kill now)")
    screen.type(b"\x03")
    assert screen.end() == ExitCode.INTERRUPTED


def test_a_first_ctrl_c_is_not_called_another(terminal, guest, job):
    guest(ignore_power_button=True)
    screen = terminal("--timeout", "2s", job(task='kill_timeout = "1m"'))
    screen.wait_for(b"(Ctrl-C: kill now)")
    screen.type(b"\x03")
    assert screen.end() == ExitCode.TIME_LIMIT


@pytest.mark.parametrize("mode", ["follow", "none"])
def test_what_is_typed_at_a_console_that_is_only_read_never_reaches_the_shell(terminal, guest, job, mode):
    guest(auto_ticks=30)
    screen = terminal("run", "--console", mode, job())
    screen.wait_for(b"Ctrl-C presses the power button")
    screen.type(b"poweroff\n")
    assert screen.end() == 0
    assert b"poweroff" not in screen.said
    assert screen.left_over() == b""
    assert termios.tcgetattr(screen.theirs) == screen.before


def test_the_terminal_is_restored_when_qemu_is_killed(terminal, guest, job, qemu_run):
    guest()
    screen = terminal(job())
    screen.wait_for(b"ready")
    qemu_run.machines()[0].kill()
    assert screen.end() == ExitCode.QEMU
    assert termios.tcgetattr(screen.theirs) == screen.before


def test_suspending_restores_the_terminal_and_continuing_takes_it_again(terminal, guest, job):
    guest()
    screen = terminal(job(), script='set -m; "$@"; echo "stopped: $?"; read answer; fg; exit $?')
    screen.wait_for(b"ready")
    during = termios.tcgetattr(screen.theirs)
    assert during != screen.before
    screen.type(b"\x1dz")
    screen.wait_for(f"stopped: {128 + signal.SIGTSTP}".encode())
    assert termios.tcgetattr(screen.theirs) == screen.before
    screen.type(b"\n")
    screen.wait_until(lambda: termios.tcgetattr(screen.theirs) == during)
    screen.type(b"p")
    assert screen.end() == 0


def test_where_no_shell_could_continue_it_suspending_does_nothing(terminal, guest, job):
    guest()
    screen = terminal(job())
    screen.wait_for(b"ready")
    during = termios.tcgetattr(screen.theirs)
    screen.type(b"\x1dzp")
    assert screen.end() == 0
    assert during != screen.before
    assert termios.tcgetattr(screen.theirs) == screen.before


def test_standard_input_that_is_no_terminal_is_never_read(qemu_run, guest, job):
    guest(end_at_once=True)
    job()
    run = '"$0" -m qemu_run web.nomad.hcl >/dev/null 2>&1'
    loop = f'printf "1\\n2\\n3\\n" | while read line; do {run}; echo $line; done'
    done = subprocess.run(
        ["sh", "-c", loop, sys.executable],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert done.stdout.split() == ["1", "2", "3"]


@pytest.fixture
def slow_artifact(guest):
    """A job's artifact from a server that sends a part of it, and the rest once it may."""
    content = guest("served.img", end_at_once=True).read_bytes()
    may_end = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content[:512])
                may_end.wait(PATIENCE_SECONDS)
                self.wfile.write(content[512:])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    options = f'options {{\n checksum = "sha256:{"0" * 64}"\n}}\n'
    source = f"http://127.0.0.1:{server.server_address[1]}/disk.img"
    yield f'artifact {{\n source = "{source}"\n {options}}}\n', may_end
    may_end.set()
    server.shutdown()
    server.server_close()
    thread.join(PATIENCE_SECONDS)


def test_ctrl_c_ends_a_download_at_once(terminal, job, slow_artifact):
    artifact, _ = slow_artifact
    screen = terminal(job(image="local/disk.img", task=artifact))
    screen.wait_for(b" MB")  # the bar
    screen.type(b"\x03")
    assert screen.end() == ExitCode.INTERRUPTED
    assert b"stopped by Ctrl-C" in screen.said
    assert screen.is_restored()


def test_no_bar_of_a_download_stands_before_an_error(terminal, job, slow_artifact):
    artifact, may_end = slow_artifact
    screen = terminal(job(image="local/disk.img", task=artifact), columns=100)
    screen.wait_for(b" MB")
    may_end.set()
    assert screen.end() == ExitCode.ARTIFACT
    before = screen.said.partition(b"error:")[0]
    line = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", before.rpartition(b"\n")[2].rpartition(b"\r")[2])
    assert line == b""


@pytest.mark.parametrize(
    ("partition", "why"),
    [(b"\0", b"its disk has no system"), (b"\xef", b"its disk starts by UEFI only")],
)
def test_a_disk_with_nothing_to_boot_is_told_once_the_guest_waits(terminal, qemu_run, job, partition, why):
    table = b"\0\0\0\0" + partition + b"\0" * 59 + b"\x55\xaa"
    (qemu_run.folder / "disk.img").write_bytes((b"\0" * 446 + table) + bytes(1 << 20))
    screen = terminal(job(config='args = ["-nic", "none"]'), columns=200)
    screen.wait_for(b"; Ctrl-C ends it")
    assert why in screen.said
    assert screen.said.count(b" ends it") == 1
    message = screen.said.rpartition(b"web.vm")[0]
    assert message.removesuffix(b"\x1b[1m").endswith(b"\n")
    screen.type(b"\x03\x03")
    screen.end()


def test_firmware_has_said_all_before_it_is_told_that_it_waits(terminal, guest, job):
    guest(banner="No more network devices\r\nPress a key\r\nNo bootable device.\r\n")
    screen = terminal(job(), columns=200)
    screen.wait_for(b" ends it")
    assert screen.said.count(b"the firmware found nothing to boot") == 1
    assert b'its disk has no system ("No bootable device."); Ctrl-C ends it' in screen.said
    screen.type(b"\x03")
    screen.end()


def test_a_reader_that_has_left_is_told_of_once(terminal, guest, job):
    guest(dots=True)
    screen = terminal(job(), script='"$@" | true')
    screen.wait_for(b"standard output: Broken pipe; the guest goes on: Ctrl-C ends it")
    screen.type(b"\x03")
    screen.end()
    assert screen.said.count(b"nothing more is written") == 1
