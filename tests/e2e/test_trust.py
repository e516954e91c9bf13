"""Nobody gets out: hostile images and options, refused before QEMU sees them, or shut in."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import psutil
import pytest

from qemu_run.errors import ExitCode
from tests.monitor import Monitor

OWNER = 'plugin "qemu" {{\n config {{\n image_paths = ["{folder}/allowed"]\n }}\n}}\n'


def qcow2(path, *options):
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *options, path, "1M"], check=True, timeout=30)
    return path


def test_a_raw_disk_whose_guest_wrote_another_format_is_not_started(qemu_run, guest, job, tmp_path):
    guest(end_at_once=True)
    name = job()
    assert qemu_run.run(name).code == 0
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(1 << 20))
    evil = qcow2(tmp_path / "evil", "-b", str(secret), "-F", "raw")
    with (tmp_path / "disk.img").open("r+b") as disk:  # the same file: what a guest can do
        disk.write(evil.read_bytes())
    for command in ("plan", "run"):
        result = qemu_run.run(command, name)
        assert result.code == ExitCode.PLACEMENT
        assert "was raw when it was last started" in (result.out + result.err).replace("\n", " ")
        assert "--image-format raw" in result.out + result.err
    assert qemu_run.run("plan", "--image-format", "raw", name).code == 0


def test_a_rebuilt_image_is_not_refused(qemu_run, guest, job, tmp_path):
    guest(end_at_once=True)
    name = job()
    assert qemu_run.run(name).code == 0
    raw = (tmp_path / "disk.img").rename(tmp_path / "old.img")
    subprocess.run(
        ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, tmp_path / "disk.img"],
        check=True,
        timeout=30,
    )
    assert qemu_run.run(name).code == 0


def test_what_meta_says_of_the_format_counts(qemu_run, guest, job, tmp_path):
    guest(end_at_once=True)
    result = qemu_run.run("plan", job(task='meta { qemu_run_image_format = "qcow2" }'))
    assert result.code == ExitCode.PLACEMENT
    assert "not qcow2" in result.out
    result = qemu_run.run("plan", job(task='meta { qemu_run_image_format = "qcow3" }'))
    assert result.code == ExitCode.JOB
    assert "qcow3" in result.err


NEVER_STARTED = {
    "a FIFO": lambda folder: os.mkfifo(folder / "disk.img"),
    "a folder": lambda folder: (folder / "disk.img").mkdir(),
    "a device without an end": lambda folder: (folder / "disk.img").symlink_to("/dev/zero"),
    "a socket": lambda folder: os.mknod(folder / "disk.img", stat.S_IFSOCK | 0o600),
    "a link to itself": lambda folder: (folder / "disk.img").symlink_to("disk.img"),
    "an empty file": lambda folder: (folder / "disk.img").touch(),
    "a password file below": lambda folder: qcow2(folder / "disk.img", "-b", "/etc/passwd", "-F", "raw"),
    "a server below": lambda folder: qcow2(folder / "disk.img", "-u", "-b", "nbd:127.0.0.1:1", "-F", "raw"),
    "an odd format below": lambda folder: qcow2(folder / "disk.img", "-u", "-b", "x.img", "-F", "vvfat"),
    "JSON below": lambda folder: qcow2(
        folder / "disk.img", "-u", "-b", 'json:{"driver":"file","filename":"/etc/passwd"}', "-F", "raw"
    ),
    "itself below": lambda folder: qcow2(folder / "disk.img", "-u", "-b", "disk.img", "-F", "qcow2"),
    "data elsewhere": lambda folder: qcow2(folder / "disk.img", "-o", f"data_file={folder}/data"),
    "a descriptor of other files": lambda folder: (folder / "disk.img").write_text(
        "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n"
        'createType="monolithicFlat"\nRW 2048 FLAT "/etc/passwd" 0\n'
    ),
    "a cut qcow2": lambda folder: os.truncate(qcow2(folder / "disk.img"), 100),
}


@pytest.mark.parametrize("make", NEVER_STARTED.values(), ids=NEVER_STARTED)
@pytest.mark.parametrize("option", [(), ("--snapshot",)], ids=["in place", "overlay"])
def test_what_is_not_a_disk_of_its_own_is_refused(qemu_run, job, tmp_path, make, option):
    make(tmp_path)
    result = qemu_run.run("plan", *option, job())
    assert result.code == ExitCode.PLACEMENT
    assert "image" in result.out


OUTSIDE = {
    "a bare word": ["/etc/passwd"],
    "a bare word upwards": ["local/../../../../../../../../etc/passwd"],
    "a drive": ["-drive", "file=/etc/passwd,format=raw,if=virtio"],
    "a drive by another key": ["-drive", "file.filename=/etc/passwd,file.driver=file,if=none"],
    "a drive in JSON": ["-drive", 'file=json:{"driver":"file",,"filename":"/etc/passwd"}'],
    "a node": ["-blockdev", "driver=file,filename=/etc/passwd,node-name=a"],
    "a node in JSON": ["-blockdev", '{"driver":"file","filename":"/etc/passwd","node-name":"a"}'],
    "a CD": ["-cdrom", "/etc/passwd"],
    "a disk": ["--hda", "/etc/passwd"],
    "a floppy": ["-fda", "fat:rw:/etc"],
    "a kernel": ["-kernel", "/etc/passwd"],
    "an initrd": ["-kernel", "local/k", "-initrd", "/etc/passwd"],
    "firmware": ["-bios", "/etc/passwd"],
    "flash": ["-pflash", "/etc/passwd"],
    "an SD card": ["-sd", "/etc/passwd"],
    "a shared folder": ["-virtfs", "local,path=/etc,mount_tag=x,security_model=none"],
    "a file for firmware": ["-fw_cfg", "name=opt/x,file=/etc/passwd"],
    "a ROM": ["-device", "e1000,romfile=/etc/passwd"],
    "a loader": ["-device", "loader,file=/etc/passwd"],
    "tables": ["-acpitable", "file=/etc/passwd"],
    "a device tree": ["-dtb", "/etc/passwd"],
    "a log": ["-D", "/tmp/log"],
    "a serial port's file": ["-serial", "file:/tmp/log"],
    "a chardev's file": ["-chardev", "file,id=x,path=/tmp/log"],
    "memory in a file": ["-object", "memory-backend-file,id=m,size=1M,mem-path=/tmp/memory"],
    "a network's folder": ["-netdev", "user,id=n,tftp=/etc"],
    "a program": ["-netdev", "user,id=n,guestfwd=tcp:10.0.2.100:1-cmd:cat /etc/passwd"],
    "a tap's script": ["-netdev", "tap,id=n,script=/tmp/x"],
    "a monitor": ["-monitor", "stdio"],
    "another monitor": ["-qmp", "unix:local/q,server=on,wait=off"],
    "a configuration": ["-readconfig", "local/qemu.conf"],
    "a plugin": ["-plugin", "local/x.so"],
    "an option of tomorrow": ["-tomorrow", "x"],
    "a server": ["-drive", "file=nbd:127.0.0.1:10809,if=virtio"],
}


@pytest.mark.parametrize("args", OUTSIDE.values(), ids=OUTSIDE)
def test_an_owner_who_names_folders_means_every_file(qemu_run, guest, job, tmp_path, args):
    (tmp_path / "allowed").mkdir()
    guest("allowed/disk.img")
    (tmp_path / "client.hcl").write_text(OWNER.format(folder=tmp_path))
    listed = ", ".join('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in args)
    name = job(image="allowed/disk.img", config=f"args = [{listed}]")
    result = qemu_run.run("plan", "--config", "client.hcl", name)
    assert result.code == ExitCode.PLACEMENT
    assert "image_paths" in result.out


INSIDE = {
    "nothing": [],
    "what names no file": ["-smp", "2", "-cpu", "max", "-nographic", "-device", "virtio-rng-pci"],
    "a file of an artifact": ["-cdrom", "local/seed.iso"],
    "a second disk": ["-drive", "file={folder}/allowed/disk.img,format=raw,if=virtio,readonly=on"],
    "a log beside it": ["-D", "local/log"],
}


@pytest.mark.parametrize("args", INSIDE.values(), ids=INSIDE)
def test_an_owner_who_names_folders_leaves_the_rest(qemu_run, guest, job, tmp_path, args):
    (tmp_path / "allowed").mkdir()
    guest("allowed/disk.img")
    (tmp_path / "client.hcl").write_text(OWNER.format(folder=tmp_path))
    listed = ", ".join(f'"{each.format(folder=tmp_path)}"' for each in args)
    name = job(image="allowed/disk.img", config=f"args = [{listed}]")
    assert qemu_run.run("plan", "--config", "client.hcl", name).code == 0


@pytest.mark.parametrize("way", ["/../../../../../../..{folder}/disk.img", "/../disk.img"])
def test_the_task_directory_is_not_a_way_out(qemu_run, guest, job, tmp_path, way):
    (tmp_path / "allowed").mkdir()
    guest()
    (tmp_path / "client.hcl").write_text(OWNER.format(folder=tmp_path))
    image = "${NOMAD_TASK_DIR}" + way.format(folder=tmp_path)
    result = qemu_run.run("run", "--config", "client.hcl", job(image=image))
    assert result.code == ExitCode.PLACEMENT


def test_qemu_has_the_disk_open_by_descriptor_and_nothing_else(qemu_run, guest, job, tmp_path):
    below = guest("below.img")
    qcow2(tmp_path / "disk.img", "-b", below.name, "-F", "raw")
    secrets = {"GITHUB_TOKEN": "secret", "AWS_SECRET_ACCESS_KEY": "secret"}
    qemu_run.environment.update(secrets)
    with qemu_run.start("--snapshot", job()) as running:
        running.wait_for("ready")
        (machine,) = qemu_run.machines()
        command = machine.cmdline()
        assert not any(str(tmp_path / "disk.img") in each or str(below) in each for each in command)
        opened = {file.path for file in machine.open_files() if file.path.startswith(str(tmp_path))}
        assert {Path(each).name for each in opened} == {"image0.qcow2", "disk.img", "below.img"}
        assert not secrets.keys() & machine.environ().keys()
        assert "spawn=deny" in " ".join(command)
        assert int(Path(f"/proc/{machine.pid}/oom_score_adj").read_text()) > 0
        running.send(signal.SIGINT)
        running.finish()


@pytest.mark.parametrize("option", [(), ("--snapshot",), ("--disk-size", "2G")])
@pytest.mark.parametrize("image_format", ["raw", "qcow2", "vmdk", "vhdx"])
def test_qemu_has_no_disk_that_the_command_does_not_name(
    qemu_run, guest, job, tmp_path, image_format, option
):
    below = guest("below.img")
    if image_format == "qcow2":
        qcow2(tmp_path / "middle.img", "-b", below.name, "-F", "raw")
        qcow2(tmp_path / "disk.img", "-b", "middle.img", "-F", "qcow2")
    else:
        command = ["qemu-img", "convert", "-f", "raw", "-O", image_format, below, tmp_path / "disk.img"]
        subprocess.run(command, check=True, timeout=60)
    with qemu_run.start(*option, job(config='args = ["-qmp", "unix:q,server=on,wait=off"]')) as running:
        running.wait_for("ready")
        (machine,) = qemu_run.machines()
        named = set(re.findall(r"/dev/fd/\d+", " ".join(machine.cmdline())))
        monitor = Monitor(f"/proc/{machine.pid}/cwd/q")
        nodes = monitor.ask("query-named-block-nodes")
        monitor.close()
        running.send(signal.SIGINT)
        running.finish()
    files = {node["file"] for node in nodes if node["drv"] == "file"}
    assert files == named
    assert len(files) == (3 if image_format == "qcow2" else 1) + bool(option)
    assert len(nodes) == 2 * len(files)  # each file, and the format on top of it


def test_plan_shows_paths_where_qemu_gets_descriptors(qemu_run, guest, job, tmp_path):
    guest()
    result = qemu_run.run("plan", job())
    assert f"file={tmp_path}/disk.img" in result.out
    assert "/dev/fd" not in result.out


def test_an_allow_list_reads_what_qemu_reads(qemu_run, guest, job, tmp_path):
    guest()
    (tmp_path / "client.hcl").write_text('plugin "qemu" {\n config {\n args_allowlist = ["-smp"]\n }\n}\n')
    for args, code in {
        '"-smp", "2"': 0,
        '"--smp", "2"': 0,
        '"-m", "1G"': ExitCode.PLACEMENT,
        '"--m", "1G"': ExitCode.PLACEMENT,
        '"-smp", "-daemonize"': ExitCode.PLACEMENT,
        '"disk.img"': ExitCode.PLACEMENT,
        '"-smp=2"': ExitCode.PLACEMENT,
    }.items():
        result = qemu_run.run("plan", "--config", "client.hcl", job(config=f"args = [{args}]"))
        assert result.code == code, args


def test_two_runs_on_one_image(qemu_run, guest, job):
    guest()
    name = job()
    with qemu_run.start(name) as running:
        running.wait_for("ready")
        result = qemu_run.run("plan", name)
        assert result.code == ExitCode.PLACEMENT
        assert "in use" in result.out
        assert "--snapshot" in result.out
        running.send(signal.SIGINT)
        running.finish()


def test_an_image_that_may_not_be_written(qemu_run, guest, job):
    guest().chmod(0o444)
    result = qemu_run.run("plan", job())
    if os.geteuid() == 0:
        assert result.code == 0
    else:
        assert result.code == ExitCode.PLACEMENT
        assert "--snapshot" in result.out


def test_too_few_files(qemu_run, guest, job):
    guest(end_at_once=True)
    bash = shutil.which("bash")
    arguments = qemu_run._arguments([job()])
    done = subprocess.run(
        [bash, "-c", 'ulimit -n 512; exec "$@"', "bash", *arguments],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == ExitCode.PLACEMENT
    assert "ulimit -n" in done.stderr


def test_nothing_listens_but_what_is_said(qemu_run, guest, job):
    guest()
    group = 'network {\n port "ssh" {\n to = 22\n }\n }'
    config = 'args = ["-vnc", "127.0.0.1:9177"]'
    with qemu_run.start(job(group=group, config=config)) as running:
        running.wait_for("ready")
        (machine,) = qemu_run.machines()
        listening = {
            each.laddr.port
            for each in psutil.Process(machine.pid).net_connections("inet")
            if each.status in {"LISTEN", "NONE"}
        }
        running.send(signal.SIGINT)
        said = running.finish().out
    assert len(listening) == 2
    assert all(f"127.0.0.1:{port}" in said for port in listening)


OURS = {
    "its monitor on a serial port": ["-serial", "chardev:qemu-run.monitor"],
    "its monitor on a port of the guest": [
        *("-device", "virtio-serial", "-device", "virtserialport,chardev=qemu-run.monitor"),
    ],
    "a monitor on its console": ["-mon", "chardev=qemu-run.console,mode=control"],
    "a chardev with its monitor's name": ["-chardev", "null,id=qemu-run.monitor"],
    "its monitor redirected": ["-set", "chardev.qemu-run.monitor.fd=0"],
    "a descriptor": ["-add-fd", "fd=901,set=1"],
    "a network on a descriptor": ["-netdev", "tap,id=n,fd=901"],
    "a network on several": ["-netdev", "tap,id=n,fds=3:901"],
    "a socket on a descriptor": ["-netdev", "socket,id=n,fd=900"],
    "a chardev on a descriptor": ["-chardev", "socket,id=n,fd=901"],
    "a chardev in JSON": ["-netdev", '{"type":"tap","id":"n","fd":"901"}'],
    "an open file": ["-drive", "file=/dev/fd/901,format=raw,if=virtio"],
    "an open file of a process": ["-drive", "file=/proc/self/fd/3,format=raw,if=virtio"],
    "an open file of a thread": ["-blockdev", "driver=file,filename=/proc/1/task/1/fd/3,node-name=n"],
    "a set of open files": ["-drive", "file=/dev/fdset/1,format=raw,if=virtio"],
    "another QEMU's guest": ["-incoming", "exec:sh"],
    "a process that outlives us": ["--daemonize"],
    "another user": ["-run-with", "user=nobody"],
}


@pytest.mark.parametrize("args", OURS.values(), ids=OURS)
def test_nothing_reaches_what_qemu_is_held_by(qemu_run, guest, job, args):
    """Whoever has the monitor has every file of this user."""
    guest()
    listed = ", ".join('"' + each.replace('"', '\\"') + '"' for each in args)
    for command in ("plan", "run"):
        result = qemu_run.run(command, job(config=f"args = [{listed}]"))
        assert result.code == ExitCode.JOB
        assert "error" in result.err


FREE = {
    "a kernel's own words": ["-kernel", "local/k", "-append", "root=/dev/fd/0 x=qemu-run.monitor fd=3"],
    "a text for the guest": ["-fw_cfg", "name=opt/x,string=qemu-run.monitor"],
    "another fd": ["-device", "virtio-rng-pci,id=fd"],
}


@pytest.mark.parametrize("args", FREE.values(), ids=FREE)
def test_words_that_only_look_so_are_left_alone(qemu_run, guest, job, args):
    guest()
    listed = ", ".join(f'"{each}"' for each in args)
    assert qemu_run.run("plan", job(config=f"args = [{listed}]")).code == 0


FURTHER_OUTSIDE = {
    "a secret": 'args = ["-object", "secret,id=s,file=/etc/shadow"]',
    "keys": 'args = ["-object", "tls-creds-x509,id=t,dir=/etc,endpoint=server"]',
    "all packets": 'args = ["-object", "filter-dump,id=f,netdev=n,file=/tmp/x"]',
    "the keyboard": 'args = ["-object", "input-linux,id=i,evdev=/dev/input/event0"]',
    "randomness": 'args = ["-object", "rng-random,id=r,filename=/etc/shadow"]',
    "a pipe": 'args = ["-chardev", "pipe,id=p,path=/tmp/x"]',
    "a terminal": 'args = ["-serial", "/dev/ttyS0"]',
    "a trace": 'args = ["-trace", "enable=*,file=/tmp/x"]',
    "firmware's folder": 'args = ["-L", "/tmp"]',
    "an option ROM": 'args = ["-option-rom", "/etc/passwd"]',
    "a ROM for every card": 'args = ["-global", "e1000.romfile=/etc/passwd"]',
    "our disk's file": 'args = ["-set", "drive.image0.file=/etc/passwd"]',
    "tables of the machine": 'args = ["-smbios", "file=/etc/passwd"]',
    "a TPM": 'args = ["-tpmdev", "passthrough,id=t,path=/dev/tpm0"]',
    "sound": 'args = ["-audiodev", "wav,id=a,path=/tmp/x"]',
    "a graphics card": 'args = ["-display", "egl-headless,rendernode=/dev/dri/renderD128"]',
    "memory of others": 'args = ["-mem-path", "/tmp"]',
    "a disk by its driver": 'args = ["-drive", "driver=raw,file.driver=host_device,file.filename=/dev/sda"]',
    "an image below": 'args = ["-drive", "file=local/a,backing.file.filename=/etc/passwd,if=virtio"]',
    "a record": 'args = ["-icount", "rr=record,rrfile=/tmp/x"]',
    "the host's files for the guest's programs": 'args = ["-semihosting-config", "enable=on,target=native"]',
    "a kernel behind the machine": 'args = ["-machine", "pc,kernel=/etc/passwd"]',
    "a kernel behind the machine's type": 'machine_type = "pc,kernel=/etc/passwd"',
    "a file to be written by the machine": 'machine_type = "pc,dumpdtb=/tmp/x"',
}


@pytest.mark.parametrize("config", FURTHER_OUTSIDE.values(), ids=FURTHER_OUTSIDE)
def test_what_else_reaches_files_is_refused_to_an_owner_who_names_folders(
    qemu_run, guest, job, tmp_path, config
):
    (tmp_path / "allowed").mkdir()
    guest("allowed/disk.img")
    (tmp_path / "client.hcl").write_text(OWNER.format(folder=tmp_path))
    result = qemu_run.run("plan", "--config", "client.hcl", job(image="allowed/disk.img", config=config))
    assert result.code == ExitCode.PLACEMENT
    assert "image_paths" in result.out


def network(port="", dns=""):
    return f'network {{\n {dns}\n port "{port or "a"}" {{\n to = 22\n }}\n}}'


@pytest.mark.parametrize("number", [-1, 65536, 1 << 70])
@pytest.mark.parametrize("key", ["static", "to"])
def test_a_port_that_no_port_can_be(qemu_run, guest, job, key, number):
    guest()
    group = f'network {{\n port "a" {{\n static = 0\n to = 22\n {key} = {number}\n }}\n}}'
    group = group.replace(" static = 0\n" if key == "static" else " to = 22\n", "", 1)
    code = 0 if (key, number) == ("to", -1) else ExitCode.JOB  # "to = -1" is the host's own number
    assert qemu_run.run("plan", job(group=group)).code == code


@pytest.mark.parametrize("image", ["/proc/self/mem", "/proc/kcore", "/proc/1/environ", "/dev/fd/0"])
def test_what_the_kernel_shows_as_files_is_no_disk(qemu_run, job, image):
    result = qemu_run.run("plan", job(image=image))
    assert result.code == ExitCode.PLACEMENT
    assert "image" in result.out


SMUGGLED = ",hostfwd=tcp::4022-:22"


def test_names_never_become_options(qemu_run, guest, job, tmp_path):
    guest()
    name = job(group=network(f"a{SMUGGLED}", f'dns {{\n searches = ["b{SMUGGLED}"]\n }}'))
    text = (tmp_path / name).read_text()
    (tmp_path / name).write_text(text.replace('job "web"', 'job "x,process=sh"'))
    result = qemu_run.run("plan", "--json", name)
    assert result.code == 0
    command = json.loads(result.out)["tasks"][0]["command"]
    assert "guest=x,,process=sh.vm" in command
    (options,) = (each for each in command if each.startswith("user,id=user.0"))
    assert "dnssearch=b,,hostfwd=tcp::4022-:22" in options
    assert re.findall(r"(?<!,),hostfwd=(\w+):([0-9.]*):", options) == [
        ("tcp", "127.0.0.1"),
        ("udp", "127.0.0.1"),
    ]
