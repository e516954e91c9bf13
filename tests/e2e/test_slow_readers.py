"""Whoever reads standard output may pause: that is nothing the guest could be blamed for."""

import os
import subprocess
import sys

from tests.conftest import PATIENCE_SECONDS

NOISE = 'args = ["-d", "in_asm", "-D", "/dev/stdout"]'
"""QEMU tells of each piece of code, which is a lot, on its standard output; that is a console, too."""


def test_a_guest_runs_on_although_nobody_reads(qemu_run, guest, job):
    guest(auto_ticks=20)
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "qemu_run", "run", "--timeout", "50s", job(config=NOISE)],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    _, said = process.communicate(timeout=2 * PATIENCE_SECONDS)
    os.close(reading)
    assert process.returncode == 0, said
    assert "the guest powered off after" in said
    assert "standard output was not read: " in said
