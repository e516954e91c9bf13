"""Children that look at the host are gone afterwards, whatever happens."""

import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from qemu_run.node.processes import started

PARENT = """
import sys
from qemu_run.node.processes import started
with started(["sleep", "60"]) as child:
    print(child.pid, flush=True)
    sys.stdin.read()
"""


def test_a_child_ends_with_its_block_and_takes_its_own_children_along():
    with started(["sh", "-c", "sleep 60 & echo $!; wait"]) as child:
        grandchild = psutil.Process(int(child.stdout.readline()))
        assert grandchild.ppid() == child.pid
    assert child.returncode == -signal.SIGKILL
    psutil.wait_procs([grandchild], timeout=10)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_a_child_ends_when_its_block_fails():
    with pytest.raises(ZeroDivisionError), started(["sleep", "60"]) as child:
        raise ZeroDivisionError
    assert child.returncode == -signal.SIGKILL


def test_a_child_that_has_ended_keeps_its_status():
    with started(["sh", "-c", "exit 7"]) as child:
        child.communicate()
    assert child.returncode == 7


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_child_dies_with_us():
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
    with suppress(psutil.NoSuchProcess):
        child.wait(timeout=10)
    assert not psutil.pid_exists(child.pid)
