"""A run leaves the host as it found it: files, processes and listening ports, listed before and after."""

import random
import re
import signal
import subprocess
from contextlib import ExitStack, suppress
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


ARGS = (
    "",
    '"-no-shutdown", "-S"',
    '"-action", "reboot=shutdown,panic=pause,shutdown=pause"',
    '"-name", "other,process=other,debug-threads=on"',
    '"-sandbox", "off", "-smp", "2"',
    '"-nodefaults", "-serial", "pty", "-monitor", "unix:m,server=on,wait=off"',
    '"-chardev", "socket,id=c,path=c,server=on,wait=on", "-serial", "chardev:c"',  # waits for a client
    '"-nic", "user,hostfwd=tcp:127.0.0.1:0-:22", "-snapshot"',
    '"-device", "nonsense"',
    '"-msg", "timestamp=on", "-D", "log", "-d", "guest_errors"',
)
AT_ONCE, MOMENTS, LONGEST_SECONDS = 6, 60, 0.5


def test_a_kill_at_any_moment_leaves_no_machine(qemu_run, guest, job):
    guest()
    names = [job(f"{at}.hcl", config=f"args = [{args}]") for at, args in enumerate(ARGS)]
    moment = random.Random(9).uniform  # noqa: S311
    assert qemu_run.run("plan", names[0]).code == 0  # what is found out once is found out now
    seen = 0
    for _ in range(MOMENTS // AT_ONCE):
        with ExitStack() as stack:
            runs = [
                stack.enter_context(qemu_run.start("run", "--snapshot", name)) for name in names[:AT_ONCE]
            ]
            names = names[AT_ONCE:] + names[:AT_ONCE]
            for run in runs:
                with suppress(subprocess.TimeoutExpired):
                    run.process.wait(moment(0, LONGEST_SECONDS))
                seen += len(qemu_run.machines())
                run.send(signal.SIGKILL)
        for machine in qemu_run.machines():  # it has been sent SIGKILL, and is on its way
            machine.wait(timeout=30)
    assert seen  # some had come as far as that
    assert qemu_run.run("run", "--snapshot", "--timeout", "1s", names[0]).code
    assert qemu_run.leftovers() == []
