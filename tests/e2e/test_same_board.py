"""The guest's board is the one that Nomad's command makes: what is ours besides moves nothing of it."""

import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress

import pytest

from tests.conftest import PATIENCE_SECONDS
from tests.monitor import Monitor

NETWORK = 'network {\n port "ssh" {\n to = 22\n }\n}'
NETDEV = ("-netdev", "user,id=user.0", "-device", "virtio-net,netdev=user.0")
AGENT = (
    *("-chardev", "socket,path=qa.sock,server=on,wait=off,id=qga0", "-device", "virtio-serial"),
    *("-device", "virtserialport,chardev=qga0,name=org.qemu.guest_agent.0"),
)
# What Nomad's driver says before the job's args; the job's network, config and args; and what it says after.
BOARDS = {
    "nothing said": ((), "", "", (), ()),
    "a port": ((), NETWORK, "", (), NETDEV),
    "a port, and a device of the job's": ((), NETWORK, "", ("-device", "virtio-rng-pci"), NETDEV),
    "a network of the job's": ((), "", "", ("-nic", "user,model=virtio-net-pci"), ()),
    "a guest agent": (AGENT, NETWORK, "guest_agent = true", (), NETDEV),
    "another machine": ((), NETWORK, 'machine_type = "q35"', (), NETDEV),
}
QMP = ("-qmp", "unix:q,server=on,wait=off")
OPTIONS = {"plain": (), "with a result": ("--expect-result", "0"), "with an overlay": ("--snapshot",)}


@contextmanager
def started(command, folder):
    """A QEMU of our own in a folder, until the end of the block: its monitor's socket."""
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not (folder / "q").exists():
                with suppress(subprocess.TimeoutExpired):
                    raise AssertionError(f"QEMU ended: {process.wait(0.05)}, {process.stderr.read()}")
                assert time.monotonic() < deadline
            yield f"/proc/{process.pid}/cwd/q"
        finally:
            process.kill()


def devices(socket):
    """What is on the machine's PCI buses, by its place."""
    monitor = Monitor(socket)
    try:
        buses = monitor.ask("query-pci")
    finally:
        monitor.close()
    return {
        (bus["bus"], each["slot"], each["function"]): (each["id"]["vendor"], each["id"]["device"])
        for bus in buses
        for each in bus["devices"]
    }


@pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_every_device_stands_where_nomad_has_it(qemu_run, guest, job, tmp_path, option, board):
    before, group, config, args, after = board
    guest()
    shutil.copy(tmp_path / "disk.img", tmp_path / "other.img")
    machine = "q35" if "q35" in config else "pc"
    listed = ", ".join(f'"{each}"' for each in (*args, *QMP))
    name = job(group=group, config=f"{config}\nargs = [{listed}]")
    command = (
        *("qemu-system-x86_64", "-S", "-machine", f"type={machine},accel=tcg", "-m", "128M"),
        *("-drive", "file=other.img,if=ide,format=raw", "-nographic", "-monitor", "none", "-serial", "none"),
        *(*before, *args, *after, *QMP),
    )
    with started(command, tmp_path) as socket:
        nomads = devices(socket)
    with qemu_run.start("run", *option, name) as running:
        running.wait_for("ready")
        (ours,) = qemu_run.machines()
        found = devices(f"/proc/{ours.pid}/cwd/q")
        running.send(signal.SIGINT)
        running.finish()
    assert len(nomads) > 3
    assert {place: found.get(place) for place in nomads} == nomads
