"""The press of the power button arrives: on a host that is busy on every core, and in a system that boots.

.venv/bin/pytest tests/e2e/test_presses.py --presses 100
"""

import shutil
import signal

from qemu_run.errors import ExitCode
from tests.busy import a_busy_host

AT_ONCE = 10


def test_each_press_arrives_on_a_busy_host(qemu_run, guest, job, request):
    guest()
    name = job(
        image="local/disk.img",
        group=f"count = {AT_ONCE}",
        task='kill_timeout = "50s"\n artifact {\n source = "disk.img"\n }',
    )
    with a_busy_host():
        for _ in range(request.config.getoption("--presses") // AT_ONCE):
            with qemu_run.start(name) as running:
                for _ in range(AT_ONCE):
                    running.wait_for("ready")
                running.send(signal.SIGINT)
                result = running.finish()
            assert result.code == ExitCode.INTERRUPTED
            assert result.out.count("guest powered off after") == AT_ONCE


def test_a_system_that_still_boots_hears_it_in_the_end(qemu_run, linux_guest, job):
    shutil.copy(linux_guest, qemu_run.folder / "disk.img")
    name = job(memory=192, task='kill_timeout = "55s"', config='drive_interface = "virtio"')
    with qemu_run.start("run", "--snapshot", name) as running:
        running.wait_for("1 core")
        running.send(signal.SIGINT)
        result = running.finish()
    assert "guest powered off after" in result.out
    assert result.code == ExitCode.INTERRUPTED
