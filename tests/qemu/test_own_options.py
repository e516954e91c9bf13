import pytest

from qemu_run.qemu.accelerators import accelerator_mistake, read_accelerators
from qemu_run.qemu.arguments import read_args
from qemu_run.qemu.read_own import read_own_options
from qemu_run.qemu.sandbox import sandbox


def own(*args):
    return read_own_options(read_args(args))


@pytest.mark.parametrize(
    ("args", "memory_mb"),
    [
        (["-m", "512"], 512),
        (["-m", "2G"], 2048),
        (["-m", "size=1G,slots=2,maxmem=4G"], 1024),
        (["-m", "1.5G"], 1536),
        (["--m", "512M"], 512),
        (["-m", "512", "-m", "1G"], 1024),
        (["-m", "1048577b"], 2),
        (["-m", "lots"], None),
        ([], None),
    ],
)
def test_memory_in_every_spelling(args, memory_mb):
    assert own(*args).memory_mb == memory_mb


@pytest.mark.parametrize(
    ("value", "cores"),
    [
        ("4", 4),
        ("cpus=4,cores=2", 4),
        ("sockets=2,cores=3,threads=2", 12),
        ("cores=2", 2),
        ("maxcpus=8", 8),
        ("2,maxcpus=8", 2),
        ("4,sockets=0", 4),
        ("cpus=x", None),
    ],
)
def test_processors_in_every_spelling(value, cores):
    assert own("-smp", value).cores == cores


@pytest.mark.parametrize(
    "args",
    [
        ["-m", "size=96M", "-smp", "sockets=1,cores=2,threads=1"],
        ["-m", "64", "-smp", "3,maxcpus=4"],
        ["--m", "0.0625G"],
        ["-smp", "cores=2,threads=2", "-m", "64"],
        ["-smp", "maxcpus=2"],
    ],
)
def test_qemu_makes_of_it_what_we_say(paused_qemu, emulator, args):
    with paused_qemu(*args, emulator=emulator[0]) as qemu:
        bytes_there = qemu.ask("query-memory-size-summary")["base-memory"]
        processors = len(qemu.ask("query-cpus-fast"))
    assert (own(*args).memory_mb or 128, own(*args).cores or 1) == (bytes_there >> 20, processors)


@pytest.mark.parametrize(
    ("args", "machine_type", "accelerators"),
    [
        (["-machine", "q35"], "q35", ()),
        (["-M", "type=q35,accel=kvm:tcg"], "q35", ("kvm", "tcg")),
        (["-machine", "accel=kvm", "-M", "pc"], "pc", ("kvm",)),
        (["-enable-kvm"], "", ("kvm",)),
        (["-accel", "kvm", "-accel", "tcg,thread=multi"], "", ("kvm", "tcg")),
        (["-accel", "accel=tcg"], "", ("tcg",)),
    ],
)
def test_machine_and_accelerator_in_every_spelling(args, machine_type, accelerators):
    assert (own(*args).machine_type, own(*args).accelerators) == (machine_type, accelerators)


def test_each_thing_has_its_place():
    found = own(
        "-cpu", "host", "-S", "-m", "1G", "-name", "guest=a,process=b", "-bios", "x", "-sandbox", "on"
    )
    assert (found.cpu, found.cpu_index) == ("host", 0)
    assert (found.paused_index, found.memory_index, found.bios_index) == (2, 3, 7)
    assert (found.name, found.name_index) == ("a", 5)
    assert (found.sandbox, found.sandbox_index) == ("on", 9)


def test_machine_properties_are_kept():
    found = own("-machine", "q35,smm=on,pflash0=code", "-M", "smm=off")
    assert found.machine_properties == (("smm", "off"), ("pflash0", "code"))
    assert found.has_uefi_firmware


@pytest.mark.parametrize(
    ("args", "shutdown", "panic", "reboot"),
    [
        (["-no-shutdown"], True, True, False),
        (["-action", "shutdown=pause"], True, False, False),
        (["-action", "panic=pause,reboot=shutdown"], False, True, True),
        (["-no-reboot"], False, False, True),
        (["-action", "panic=none"], False, False, False),
    ],
)
def test_what_happens_at_the_end_is_read(args, shutdown, panic, reboot):
    found = own(*args)
    asked = (found.keeps_after_shutdown_index, found.pauses_on_panic_index, found.no_reboot_index)
    assert [index is not None for index in asked] == [shutdown, panic, reboot]


@pytest.mark.parametrize(
    ("args", "brings_boot"),
    [
        ([], False),
        (["disk.img"], True),
        (["-hda", "d"], True),
        (["-cdrom", "d"], True),
        (["-drive", "file=d,if=virtio"], True),
        (["-drive", "file=d,if=none,id=x", "-device", "virtio-blk,drive=x"], True),
        (["-drive", "file=d,if=none,id=x"], False),
        (["-blockdev", "driver=file,filename=d,node-name=x"], False),
        (["-blockdev", "driver=file,filename=d,node-name=x", "-device", "ide-hd,drive=x"], True),
        (["-drive", "if=pflash,file=OVMF_CODE.fd"], False),
        (["-pflash", "OVMF.fd"], False),
        (["-kernel", "vmlinuz"], True),
        (["-boot", "n"], True),
        (["-boot", "order=nc"], True),
        (["-netdev", "user,id=n,tftp=local,bootfile=pxelinux.0"], True),
        (["-readconfig", "x"], True),
        (["-nographic", "-m", "1G"], False),
    ],
)
def test_whether_args_bring_something_to_start(args, brings_boot):
    assert own(*args).brings_boot is brings_boot


def test_networks_are_read():
    found = own("-nic", "none")
    assert found.has_network
    assert found.has_no_network
    assert not own("-net", "nic", "-net", "user").has_no_network
    assert not own().has_network
    assert not own("-nodefaults").has_defaults


def test_devices_are_read():
    found = own(
        "-device", "isa-debug-exit,iobase=0xf4", "-device", "pvpanic-pci", "-device", "virtio-serial-pci"
    )
    assert found.debug_exit.properties.get("iobase") == "0xf4"
    assert found.has_panic_device
    assert found.has_virtio_serial


@pytest.mark.parametrize(
    ("args", "indexes"),
    [
        (["-serial", "stdio"], (0,)),
        (["-serial", "mon:stdio"], (0,)),
        (["-monitor", "stdio", "-S"], (0,)),
        (["-chardev", "stdio,id=c,mux=on", "-serial", "chardev:c"], (0,)),
        (["-S", "-display", "curses"], (1,)),
        (["-serial", "none"], ()),
    ],
)
def test_who_wants_the_terminal_is_known(args, indexes):
    assert own(*args).stdio_indexes == indexes


@pytest.mark.parametrize(
    ("args", "displays"),
    [
        (["-display", "none"], ["none"]),
        (["-display", "gtk,gl=on"], ["gtk"]),
        (["-display", "vnc=:1"], ["vnc"]),
        (["-vnc", ":1"], ["vnc"]),
        (["-vnc", "none"], []),
        (["-spice", "port=5930"], ["spice"]),
    ],
)
def test_displays_in_every_spelling(args, displays):
    assert [name for name, _ in own(*args).displays] == displays


@pytest.mark.parametrize(
    ("args", "left_off"),
    [
        ([], ""),
        (["-netdev", "user,id=n,hostfwd=tcp::1-:2"], ""),
        (["-netdev", "bridge,id=n"], "the helper of a bridge"),
        (["-nic", "bridge,br=br0"], "the helper of a bridge"),
        (["-netdev", "tap,id=n"], "the script of a tap network"),
        (["-netdev", "tap,id=n,script=no,downscript=no"], ""),
        (["-netdev", "tap,id=n,fd=5"], ""),
        (["-netdev", "user,id=n,smb=x"], "smb"),
        (["-netdev", "user,id=n,guestfwd=tcp:10.0.2.100:1-cmd:cat"], "guestfwd"),
        (["-display", "gtk"], "-display gtk"),
        (["-display", "sdl,gl=on"], "-display sdl"),
        (["-display", "egl-headless"], "-display egl-headless"),
        (["-device", "virtio-vga-gl"], "-device virtio-vga-gl"),
        (["-spice", "port=1,gl=on"], "drawing with GL"),
    ],
)
def test_the_sandbox_leaves_off_what_would_kill_qemu(args, left_off):
    found = sandbox(own(*args))
    assert found.left_off == left_off
    assert ("spawn=deny" in found.value) is not bool(left_off)


def test_a_sandbox_of_the_jobs_own_replaces_ours():
    assert sandbox(own("-sandbox", "off")).value == ""


@pytest.mark.parametrize("args", [[], ["-nic", "user,hostfwd=tcp:127.0.0.1:0-:22"], ["-vnc", "none"]])
def test_qemu_lives_in_its_sandbox(paused_qemu, emulator, args):
    with paused_qemu(*args, "-sandbox", sandbox(own(*args)).value, emulator=emulator[0]) as qemu:
        assert qemu.ask("query-status")["status"] == "prelaunch"


def test_accelerators_are_known():
    assert read_accelerators("kvm:tcg:kvm:") == ("kvm", "tcg")
    assert accelerator_mistake("kvm") == ""
    assert 'did you mean "kvm"?' in accelerator_mistake("kmv")
    assert "kvm:tcg" in accelerator_mistake("auto")
    assert "tcg" in accelerator_mistake("zzzzzz")
