"""Ends that need more than a guest: firmware of its own, a host without room, a loop of faults."""

import os
import subprocess
import sys

from qemu_run.errors import ExitCode
from qemu_run.guests.tiny import End
from tests.conftest import PATIENCE_SECONDS


def test_uefi_without_anything_to_start(qemu_run, job):
    with (qemu_run.folder / "disk.img").open("wb") as disk:
        disk.truncate(8 << 20)
    uefi = 'meta {\n qemu_run_firmware = "uefi"\n }'
    result = qemu_run.run(job(memory=256, task=uefi, config='args = ["-nic", "none"]'))
    assert result.code == ExitCode.NO_BOOT
    assert "nothing to boot: UEFI" in result.err


def test_a_loop_of_triple_faults(qemu_run, guest, job):
    guest(end_at_once=True, end=End.TRIPLE_FAULT)
    result = qemu_run.run(job(config='args = ["-nodefaults"]'))
    assert result.code == ExitCode.REBOOT_LOOP
    assert "reset itself 10 times" in result.err


def test_expected_text_in_the_middle_of_a_line_that_has_no_end(qemu_run, guest, job):
    guest(banner="\r\nlogin of tiny: ")
    assert qemu_run.run("run", "--expect", "of ti", job()).code == 0


def test_a_host_without_room_for_what_the_guest_writes(qemu_run, guest, job):
    """Its overlay lies in a file system that has room for hardly more than its header."""
    guest(count_boots=True)
    state = qemu_run.folder / "state"
    state.mkdir()
    alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    script = 'mount -t tmpfs -o size=128k none "$0" && exec "$@"'
    command = [sys.executable, "-m", "qemu_run", "run", "--snapshot", job(config='args = ["-nic", "none"]')]
    done = subprocess.run(
        [*alone, "sh", "-c", script, state, *command],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == ExitCode.HOST, done.stderr
    assert "the guest's disk failed on the host" in done.stderr
