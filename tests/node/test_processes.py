"""Children that look at the host are gone afterwards, whatever happens."""

import os
import select
import signal
import subprocess
import sys

import pytest

from qemu_run.node.processes import started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a pidfd tells that a process has ended")

PARENT = """
import sys
from qemu_run.node.processes import started
with started(["sleep", "60"]) as child:
    print(child.pid, flush=True)
    sys.stdin.read()
"""


def ends(process):
    """Whether the process behind a pidfd ends, reaped by its new parent or not."""
    return bool(select.select([process], [], [], 10)[0])


def test_a_child_ends_with_its_block_and_takes_its_own_children_along():
    with started(["sh", "-c", "sleep 60 & echo $!; wait"]) as child:
        grandchild = os.pidfd_open(int(child.stdout.readline()))
    assert child.returncode == -signal.SIGKILL
    assert ends(grandchild)
    os.close(grandchild)


def test_a_child_ends_when_its_block_fails():
    with pytest.raises(ZeroDivisionError), started(["sleep", "60"]) as child:
        raise ZeroDivisionError
    assert child.returncode == -signal.SIGKILL


def test_a_child_that_has_ended_keeps_its_status():
    with started(["sh", "-c", "exit 7"]) as child:
        child.communicate()
    assert child.returncode == 7


def test_a_child_dies_with_us():
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    assert ends(child)
    os.close(child)
