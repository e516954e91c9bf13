"""What is planned is what happens: memory, processors, ports and disks, asked of QEMU itself."""

import json
import os
import re
import signal
import socket
import subprocess
from contextlib import ExitStack

import pytest

from qemu_run.errors import ExitCode
from tests.monitor import Monitor


def free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


MACHINES = {
    "the job's own numbers": ("", "cores = 2", '"-name", "x"'),
    "args": ("", "", '"-m", "256", "-smp", "2"'),
    "args in long": ("", "", '"-m", "size=0.25G", "-smp", "sockets=1,cores=3"'),
    "a port, and another machine": (
        'network {\n port "ssh" {\n to = 22\n }\n }',
        "",
        '"-machine", "q35", "-m", "192M"',
    ),
    "forwards by hand": (
        "",
        "",
        '"-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:PORT-:22", "-device", "e1000,netdev=n"',
    ),
    "forwards by hand whose ports QEMU chooses": (
        "",
        "",
        '"-nic", "user,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:0-:80"',
    ),
}


@pytest.mark.parametrize(("group", "resources", "args"), MACHINES.values(), ids=MACHINES)
def test_the_start_line_is_the_machine(qemu_run, guest, job, tmp_path, group, resources, args):
    guest()
    args = args.replace("PORT", str(free_port()))
    monitor = '"-qmp", "unix:q,server=on,wait=off"'
    name = job(group=group, memory=f"128\n{resources}", config=f"args = [{args}, {monitor}]")
    with qemu_run.start(name) as running:
        running.wait_for("ready")
        (machine,) = qemu_run.machines()
        asked = Monitor(f"/proc/{machine.pid}/cwd/q")
        cores = len(asked.ask("query-cpus-fast"))
        memory = asked.ask("query-memory-size-summary")["base-memory"] >> 20
        rules = asked.ask("human-monitor-command", **{"command-line": "info usernet"})
        nodes = asked.ask("query-named-block-nodes")
        asked.close()
        running.send(signal.SIGINT)
        said = running.finish().out
    assert f"{memory} MB, {cores} core" in said
    hosts = set(re.findall(r"TCP\[HOST_FORWARD\]\s+\S+\s+(\S+)\s+(\d+)\s+\S+\s+(\d+)", rules))
    assert set(re.findall(r"(127\.0\.0\.1):(\d+) -> guest (\d+)", said)) == hosts
    assert all(node["file"].startswith("/dev/fd/") for node in nodes if node["drv"] in {"file", "raw"})


def test_plan_names_what_the_args_replace(qemu_run, guest, job):
    guest()
    args = (
        '["-m", "1G", "-serial", "null", "-nic", "none", "-display", "none", "-name", "x", "-accel", "tcg"]'
    )
    result = qemu_run.run("plan", job(config=f"args = {args}"))
    (line,) = (line for line in result.out.splitlines() if "your args replace" in line)
    assert set(line.partition("ours: ")[2].split()) == {
        "-m",
        "-serial",
        "-nic",
        "-display",
        "-name",
        "-accel",
    }


LISTENERS = {
    "a screen": ('"-vnc", "127.0.0.1:N"', lambda port: port - 5900),
    "a serial port": ('"-serial", "tcp:127.0.0.1:N,server=on,wait=off"', lambda port: port),
    "a debugger": ('"-gdb", "tcp:127.0.0.1:N"', lambda port: port),
    "a monitor": ('"-monitor", "telnet:127.0.0.1:N,server=on,wait=off"', lambda port: port),
    "a forward": ('"-nic", "user,hostfwd=udp:127.0.0.1:N-:53"', lambda port: port),
}


@pytest.mark.parametrize(("args", "number"), LISTENERS.values(), ids=LISTENERS)
def test_a_port_that_is_taken_is_found_whoever_wants_it(qemu_run, guest, job, args, number):
    guest()
    kind = socket.SOCK_DGRAM if "udp" in args else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        port = holder.getsockname()[1]
        name = job(config=f"args = [{args.replace('N', str(number(port)))}]")
        result = qemu_run.run("plan", name)
        assert result.code == ExitCode.PLACEMENT
        assert f"127.0.0.1:{port}" in result.out
        assert "taken by" in result.out
    result = qemu_run.run("plan", name)
    assert result.code == 0
    assert f"127.0.0.1:{port}" in result.out


def test_what_is_open_to_every_network_is_said(qemu_run, guest, job):
    guest()
    port = free_port()
    args = f'["-serial", "tcp::{port},server=on,wait=off"]'
    result = qemu_run.run("plan", job(config=f"args = {args}"))
    assert result.code == 0
    assert "warning" in result.err
    assert f"0.0.0.0:{port}" in result.err


def test_a_port_that_a_network_of_the_args_keeps_from_working_is_named(qemu_run, guest, job):
    guest()
    group = 'network {\n port "ssh" {\n to = 22\n }\n }'
    result = qemu_run.run("plan", job(group=group, config='args = ["-nic", "user"]'))
    assert 'port "ssh" has no effect' in result.err
    args = 'args = ["-nic", "user,hostfwd=tcp:127.0.0.1:${NOMAD_HOST_PORT_ssh}-:22"]'
    assert qemu_run.run("plan", job(group=group, config=args)).err == ""
    result = qemu_run.run("plan", job(group=group.replace("network {", 'network {\n mode = "none"')))
    assert 'port "ssh" has no effect' in result.err
    assert "-nic none" in result.out


def test_runs_at_once_choose_different_ports(qemu_run, guest, job):
    guest()
    group = 'network {\n port "ssh" {\n to = 22\n }\n }'
    name = job(group=group)
    (qemu_run.folder / "client.hcl").write_text(
        "client {\n min_dynamic_port = 25000\n max_dynamic_port = 25040\n}\n"
    )
    with ExitStack() as stack:
        command = ("run", "--snapshot", "--config", "client.hcl", name)
        runs = [stack.enter_context(qemu_run.start(*command)) for _ in range(16)]
        said = [run.wait_for("-> guest 22") for run in runs]
        ports = {int(re.search(r"127.0.0.1:(\d+)", line)[1]) for line in said}
        listening = {
            each.laddr.port
            for machine in qemu_run.machines()
            for each in machine.net_connections("tcp")
            if each.status == "LISTEN"
        }
        assert len(ports) == len(runs)
        assert ports == listening
        for run in runs:
            run.send(signal.SIGINT)
        assert {run.finish().code for run in runs} == {ExitCode.INTERRUPTED}


ACCELERATORS = {
    "a list in the job": ("", 'accelerator = "kvm:tcg"'),
    "a list in args": ("", 'args = ["-machine", "q35,accel=kvm:tcg"]'),
    "two in args": ("", 'args = ["-accel", "kvm", "-accel", "tcg,thread=single"]'),
    "the command line over args": ("auto", 'args = ["-enable-kvm"]'),
    "the command line's own": ("tcg", 'args = ["-accel", "kvm"]'),
}


@pytest.mark.parametrize(("option", "config"), ACCELERATORS.values(), ids=ACCELERATORS)
def test_the_first_accelerator_that_works(qemu_run, guest, tmp_path, option, config):
    guest(end_at_once=True)
    text = 'job "web" {\n type = "batch"\n group "g" {\n task "vm" {\n driver = "qemu"\n config {\n'
    text += f' image_path = "disk.img"\n {config}\n }}\n resources {{\n memory = 128\n }}\n }}\n }}\n}}\n'
    (tmp_path / "web.hcl").write_text(text)
    result = qemu_run.run("run", *(("--accelerator", option) if option else ()), "web.hcl")
    usable = qemu_run.run("fingerprint", "driver.qemu.kvm").out.strip() == "usable"
    assert result.code == 0, result.err
    assert re.search(r"x86_64, (tcg|kvm)" if usable else r"x86_64, tcg", result.err)


REFUSED = {
    "enable-kvm": '"-enable-kvm"',
    "accel": '"-accel", "kvm"',
    "machine": '"-M", "pc,accel=kvm"',
    "the host's processor": '"-cpu", "host"',
    "another system's": '"-accel", "whpx"',
}


@pytest.mark.parametrize("args", REFUSED.values(), ids=REFUSED)
def test_an_accelerator_that_does_not_work_is_found_in_args(qemu_run, guest, job, args):
    if qemu_run.run("fingerprint", "driver.qemu.kvm").out.strip() == "usable" and "whpx" not in args:
        pytest.skip("KVM works here")
    guest()
    result = qemu_run.run("plan", job(config=f"args = [{args}]"))
    assert result.code == ExitCode.PLACEMENT
    assert "tcg" in result.out


def test_a_misspelt_accelerator_on_the_command_line(qemu_run, guest, job):
    guest()
    result = qemu_run.run("plan", "--accelerator", "kmv", job())
    assert result.code != 0
    assert "kvm" in result.err


@pytest.mark.parametrize("image_format", ["qcow2", "vmdk", "vdi", "vhdx", "vpc", "qed", "parallels"])
def test_every_format_gets_its_overlay(qemu_run, guest, job, tmp_path, image_format):
    raw = guest("raw.img", end_at_once=True)
    image = tmp_path / "disk.img"
    subprocess.run(
        ["qemu-img", "convert", "-f", "raw", "-O", image_format, raw, image], check=True, timeout=60
    )
    before = image.read_bytes()
    result = qemu_run.run("--snapshot", job())
    assert result.code == 0, result.err
    assert image.read_bytes() == before
    assert "thrown away" in result.err


def test_a_larger_disk(qemu_run, guest, job, tmp_path):
    image = guest(end_at_once=True)
    before = image.read_bytes()
    with qemu_run.start("--keep", "--disk-size", "3G", job()) as running:
        said = running.finish().out
    (overlay,) = (tmp_path / "state/qemu-run/allocations").glob("*/vm/image0.qcow2")
    info = subprocess.run(
        ["qemu-img", "info", "--output=json", "-U", overlay], capture_output=True, check=True, timeout=30
    )
    assert json.loads(info.stdout)["virtual-size"] == 3 << 30
    assert image.read_bytes() == before
    assert "thrown away" in said
    qemu_run.run("plan", "--disk-size", "1G", job())
    for leftover in qemu_run.leftovers():
        subprocess.run(["rm", "-r", leftover], check=True)


def test_a_disk_is_never_made_smaller(qemu_run, job, tmp_path):
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", tmp_path / "disk.img", "2G"], check=True)
    result = qemu_run.run("plan", job(task='meta { qemu_run_disk_size = "1G" }'))
    assert result.code == ExitCode.PLACEMENT
    assert "never made smaller" in result.out
    result = qemu_run.run("plan", job(task='meta { qemu_run_disk_size = "many" }'))
    assert result.code == ExitCode.JOB


def test_an_overlay_that_is_kept(qemu_run, guest, job, tmp_path):
    image = guest(end_at_once=True, count_boots=True)
    name = job()
    for boots in ("boots=0001", "boots=0002"):
        result = qemu_run.run("--overlay", "mine.qcow2", name)
        assert result.code == 0, result.err
        assert boots in result.out
        assert "mine.qcow2" in result.err
    os.utime(image, ns=(1, 1))  # it was written since
    result = qemu_run.run("--overlay", "mine.qcow2", name)
    assert result.code == ExitCode.PLACEMENT
    assert "has changed" in result.err
    guest("other.img", end_at_once=True)
    result = qemu_run.run("--overlay", "mine.qcow2", job(image="other.img"))
    assert result.code == ExitCode.PLACEMENT
    assert "the overlay was made for another image" in result.err
    assert f"mine.qcow2 is over {image}" in result.err


def test_an_overlay_in_a_folder_that_is_not_there(qemu_run, guest, job):
    guest()
    result = qemu_run.run("--overlay", "no such folder/mine.qcow2", job())
    assert result.code == ExitCode.HOST
    assert "help: mkdir -p '" in result.err
    assert "image_path" not in result.err


def test_what_does_not_fit_together(qemu_run, guest, job):
    guest()
    result = qemu_run.run("plan", job(config='drive_interface = "scsi"'))
    assert result.code == ExitCode.PLACEMENT
    assert "virtio" in result.out
    result = qemu_run.run("plan", job(config='machine_type = "q36"'))
    assert result.code == ExitCode.PLACEMENT
    assert "q35" in result.out
    result = qemu_run.run("plan", job(config='args = ["-M", "virt"]'))
    assert result.code == ExitCode.PLACEMENT


def test_a_cd_starts_as_one(qemu_run, job, tmp_path):
    content = bytearray(64 << 10)
    content[0x8001:0x8006] = b"CD001"
    (tmp_path / "disk.img").write_bytes(content)
    result = qemu_run.run("plan", job())
    assert result.code == 0
    assert "media=cdrom,readonly=on,index=2" in result.out  # in the place of QEMU's own empty drive
    assert "a CD" in result.out
    (tmp_path / "other.iso").write_bytes(content)
    result = qemu_run.run("plan", job(config=f'args = ["-cdrom", "{tmp_path}/other.iso"]'))
    assert "index=2" not in result.out


def test_a_host_network_that_is_not_configured(qemu_run, guest, job, tmp_path):
    guest()
    group = 'network {\n port "sip" {\n to = 5060\n host_network = "lan"\n }\n }'
    result = qemu_run.run("plan", job(group=group))
    assert result.code == ExitCode.PLACEMENT
    assert "lan" in result.out
    assert qemu_run.run("plan", "--bind", "127.0.0.1", job(group=group)).code == 0
    (tmp_path / "client.hcl").write_text('client {\n host_network "lan" {\n cidr = "127.0.0.0/8"\n }\n}\n')
    assert qemu_run.run("plan", "--config", "client.hcl", job(group=group)).code == 0


def test_a_port_that_is_lost_before_qemu_has_it_is_this_machines_fault(qemu_run, guest, job):
    guest()
    port = free_port()
    args = f'["-nic", "user,hostfwd=tcp:127.0.0.1:{port}-:22,hostfwd=tcp:127.0.0.1:{port}-:23"]'
    result = qemu_run.run("run", job(config=f"args = {args}"))
    assert result.code == ExitCode.PLACEMENT
    assert f"{port}" in result.err


REFUSED_BY_QEMU = {
    "a word alone is another first disk": (["local/two.img"], "two disks want one place", "index=1"),
    "a device that there is not": (["-device", "nonsense"], "does not have the device", "-device help"),
    "half of a pair for flash memory": (["-bios", "local/two.img"], "no firmware for -bios", "pflash"),
    "firmware that is missing": (["-bios", "local/gone.fd"], "file is missing", "artifact"),
}


@pytest.mark.parametrize(("args", "cause", "cure"), REFUSED_BY_QEMU.values(), ids=REFUSED_BY_QEMU)
def test_what_qemu_refuses_has_its_place_cause_and_cure(qemu_run, guest, job, args, cause, cure):
    guest()
    guest("two.img").write_bytes(bytes(1000))
    listed = ", ".join(f'"{each}"' for each in args)
    name = job(task='artifact {\n source = "two.img"\n }', config=f"\nargs = [{listed}]")
    result = qemu_run.run("run", name)
    assert result.code == ExitCode.QEMU
    line = (qemu_run.folder / name).read_text().splitlines().index(f"args = [{listed}]") + 1
    assert f"from args at {name}:{line}" in result.err
    assert cause in result.err
    assert cure in result.err
