"""A run leaves the host as it found it: files, processes and listening ports, listed before and after."""

import re
import signal
from pathlib import Path

import psutil
import pytest

from qemu_run.guests.tiny import End

NETWORK = 'network {\n port "http" {\n to = 80\n }\n port "ssh" {\n to = 22\n }\n}\n'
CHECK = (
    'service {\n provider = "nomad"\n name = "web"\n port = "http"\n check {\n type = "http"\n path = "/"\n'
    ' interval = "1s"\n timeout = "1s"\n }\n}\n'
)
RESTART = 'restart {\n attempts = 2\n delay = "10ms"\n interval = "1m"\n mode = "fail"\n}\n'
TEMPLATE = 'template {\n destination = "local/a/b"\n data = "x"\n}\nartifact {\n source = "disk.img"\n}\n'
RUNS = {
    "powers off": ({"end_at_once": True}, {}, ()),
    "fails": ({"end_at_once": True, "end": End.RESET}, {"config": 'args = ["-no-reboot"]'}, ()),
    "several copies with files": (
        {"end_at_once": True},
        {"group": "count = 2", "task": TEMPLATE},
        ("--snapshot",),
    ),
    "restarts": (
        {"end_at_once": True, "end": End.RESET},
        {"group": RESTART, "config": 'args = ["-no-reboot"]'},
        (),
    ),
    "a time limit": ({"ignore_power_button": True}, {"group": NETWORK}, ("--timeout", "1s")),
    "checks that never pass": ({}, {"group": NETWORK + CHECK}, ("--boot-timeout", "2s")),
    "a job that cannot run": ({}, {"image": "missing.img"}, ()),
    "options that QEMU refuses": ({}, {"config": 'args = ["-device", "nonsense"]'}, ()),
    "a command beside it": ({}, {"group": NETWORK}, ("--ready", "ready", "--", "true")),
}


REMEMBERED = {("state", "qemu-run", "image-formats"), ("state", "qemu-run", "ports")}
"""What a run may leave: the formats of images that guests write in place, and the lock of the ports."""

KEPT = {("state", "qemu-run", "runs")}
"""The logs of a run that ended badly, named in its last words."""


def files(*roots):
    return {path for root in roots for path in Path(root).rglob("*") if not path.is_dir()}


def listening():
    """The ports that anybody listens on."""
    return {each.laddr.port for each in psutil.net_connections("inet") if each.status == psutil.CONN_LISTEN}


def host(program):
    """What is there: files, and the processes below this one."""
    mine = psutil.Process().children(recursive=True)
    folders = (program.folder, "/dev/shm")
    return files(*folders), {child.pid for child in mine if child.status() != psutil.STATUS_ZOMBIE}


@pytest.mark.parametrize("name", RUNS)
def test_after_a_run(qemu_run, guest, job, name):
    behaviour, parts, options = RUNS[name]
    guest(**behaviour)
    file = job(**parts)
    before_files, before_processes = host(qemu_run)
    result = qemu_run.run("run", file, *options)
    assert result.err
    ports = {int(port) for port in re.findall(r":(\d+) -> guest ", result.err)}
    after_files, after_processes = host(qemu_run)
    left = {path.relative_to(qemu_run.folder).parts[:3] for path in after_files - before_files}
    assert left <= REMEMBERED | (KEPT if result.code else set())
    assert (left >= KEPT) == ("/state/qemu-run/runs/" in result.err)
    assert before_files <= after_files
    assert after_processes == before_processes
    assert ports & listening() == set()
    assert bool(ports) == ("network" in parts.get("group", ""))


def test_after_a_run_that_was_killed(qemu_run, guest, job):
    """Nobody can clean up after SIGKILL; QEMU goes all the same, and the next run removes the rest."""
    guest()
    with qemu_run.start(job(group=NETWORK)) as running:
        running.wait_for("ready")
        (machine,) = qemu_run.machines()
        running.send(signal.SIGKILL)
        machine.wait(timeout=10)
    assert qemu_run.machines() == []
    assert len(qemu_run.leftovers()) == 1
    guest(end_at_once=True)
    assert qemu_run.run(job()).code == 0
    assert qemu_run.leftovers() == []
