"""A task becomes QEMU's arguments. Every QEMU word of a plan is written here.

    /usr/bin/qemu-system-x86_64
    -machine type=pc,accel=tcg,graphics=off
    -name guest=web.vm
    -m 512M
    -drive file=/path/disk.qcow2,format=qcow2,if=ide,id=image0
    -display none
    -chardev socket,id=qemu-run.console,fd=900  -serial chardev:qemu-run.console
    -chardev socket,id=qemu-run.monitor,fd=901  -qmp chardev:qemu-run.monitor
    ...the job's own args...
    -netdev user,id=user.0,hostfwd=tcp:127.0.0.1:22022-:22  -device virtio-net,netdev=user.0
    -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny

Nomad's order is kept where a job's `args` can tell. Options of ours that the job's own replace are left out.
Source: QEMU's manual page; Nomad's qemu driver.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from qemu_run.images.block_options import drive_arguments
from qemu_run.jobspec.model import Network
from qemu_run.planning.descriptors import CONSOLE_FD, MONITOR_FD
from qemu_run.planning.own_args import OwnArgs
from qemu_run.planning.plan import Disk, Forward
from qemu_run.qemu.architectures import Architecture, machine_family
from qemu_run.qemu.properties import quote
from qemu_run.qemu.sandbox import sandbox
from qemu_run.records import record

_CD_INDEX = "2"
"""Where `-cdrom` goes: the first drive of the second IDE bus."""
_SILENT_BOARDS = frozenset({"pc", "q35", "isapc"})


@record(kw_only=True)
class CommandParts:
    """All that the command line is made of."""

    emulator: Path
    architecture: Architecture
    is_x86: bool
    name: str
    args: OwnArgs
    machine_type: str
    """What the config asks for, or the emulator's default."""
    machine_properties: tuple[str, ...] = ()
    drive_interface: str
    guest_agent: bool = False
    memory_mb: int
    cores: int
    disk: Disk | None
    forwards: tuple[Forward, ...]
    """Those that are ours to make."""
    network: Network | None
    firmware: tuple[str, ...] = ()
    has_sandbox: bool = True
    """The emulator was built with it."""
    wants_result: bool = False
    """Give the guest a port to report a number through."""

    @property
    def board(self) -> str:
        """The machine that results."""
        return self.args.own.machine_type or self.machine_type


@record(kw_only=True)
class CommandLine:
    """The arguments, and what a person should know about them."""

    arguments: tuple[str, ...]
    gave_way: tuple[str, ...] = ()
    """Options of ours that the job's own replace."""


@record
class _Ours:
    """Something of ours, and whether the job's args have it in their own way."""

    arguments: tuple[str, ...]
    replaced_by: str = ""
    """The option of the job's that takes its place."""


def build(parts: CommandParts) -> CommandLine:
    """The whole command."""
    before = [
        *_board(parts),
        _Ours(_disk(parts)),
        *_screen_and_console(parts),
        # -mon warns on QEMU 11.
        _Ours(
            ("-chardev", f"socket,id=qemu-run.monitor,fd={MONITOR_FD}", "-qmp", "chardev:qemu-run.monitor")
        ),
        _Ours(_guest_agent(parts) if parts.guest_agent else ()),
        _Ours(parts.firmware),
    ]
    after = [
        *_netdev(parts),
        *_smp(parts),
        _Ours(_reports(parts)),
        *_sandbox(parts),
    ]
    arguments = [str(parts.emulator)]
    for each in before:
        arguments += each.arguments
    arguments += parts.args.translated.arguments
    for each in after:
        arguments += each.arguments
    gave_way = sorted({each.replaced_by for each in (*before, *after)} - {""})
    return CommandLine(arguments=tuple(arguments), gave_way=tuple(gave_way))


def _board(parts: CommandParts) -> Iterator[_Ours]:
    own = parts.args.own
    properties = [] if own.machine_type else [f"type={_typed(parts.machine_type)}"]
    properties += [] if parts.args.says_accelerator else [f"accel={quote(parts.args.accelerator)}"]
    properties += parts.machine_properties
    if not own.displays and machine_family(parts.board) in _SILENT_BOARDS:
        properties.append("graphics=off")  # SeaBIOS then talks on the serial console
    replaced_by = "-machine" if own.machine_type else "-accel" if parts.args.says_accelerator else ""
    yield _Ours(("-machine", ",".join(properties)) if properties else (), replaced_by)
    yield _Ours(("-name", f"guest={quote(parts.name)}")) if not own.name else _Ours((), "-name")
    yield _Ours(("-m", f"{parts.memory_mb}M")) if own.memory_mb is None else _Ours((), "-m")
    if own.cpu_index is None and parts.architecture.cpu:
        emulated = parts.architecture.tcg_cpu_properties if parts.args.accelerator == "tcg" else ""
        yield _Ours(("-cpu", ",".join(filter(None, (parts.architecture.cpu, emulated)))))


def _typed(machine_type: str) -> str:
    """A type of ours may have properties behind its name; a comma in one of the job's does not begin any."""
    name, comma, properties = machine_type.partition(",")
    return f"{name},{properties}" if comma and "=" in properties else quote(machine_type)


def _disk(parts: CommandParts) -> tuple[str, ...]:
    if parts.disk is None:
        return ()
    return disk_arguments(parts.disk, parts.drive_interface)


def disk_arguments(disk: Disk, interface: str) -> tuple[str, ...]:
    """The arguments that give the guest its disk, by the names of its files."""
    options = {"media": "cdrom", "readonly": "on"} if disk.is_cd else {}
    options |= {"index": _CD_INDEX} if disk.takes_cd_place else {}
    return drive_arguments(disk.layers, interface, options=options)


def _screen_and_console(parts: CommandParts) -> Iterator[_Ours]:
    own = parts.args.own
    has_no_vga = parts.architecture.needs_no_vga and not any(each.name == "vga" for each in own.options)
    if own.displays:
        name = own.displays[0][0]
        yield _Ours((), f"-{name}" if name in {"vnc", "spice"} else "-display")
    else:
        yield _Ours(("-display", "none", *(("-vga", "none") if has_no_vga else ())))
    if own.serials:
        yield _Ours((), "-serial")
    else:
        chardev = f"socket,id=qemu-run.console,fd={CONSOLE_FD}"
        yield _Ours(("-chardev", chardev, "-serial", "chardev:qemu-run.console"))


def _guest_agent(parts: CommandParts) -> tuple[str, ...]:
    """The agent's channel: a socket in the task directory, which is where QEMU runs."""
    bus = () if parts.args.own.has_virtio_serial else ("-device", _serial_bus(parts))
    return (
        *("-chardev", "socket,path=qa.sock,server=on,wait=off,id=qga0"),
        *bus,
        *("-device", "virtserialport,chardev=qga0,name=org.qemu.guest_agent.0"),
    )


def _serial_bus(parts: CommandParts) -> str:
    return "virtio-serial" if parts.architecture.bus == "pci" else f"virtio-serial-{parts.architecture.bus}"


RESULT_PORT = "org.qemu-run.result.0"
_RESULT_SLOT = "0x1d"
"""High, so that no device of the job's or of the board's is moved to another slot."""
_ISA_BOARDS = frozenset({"pc", "q35"})


def _reports(parts: CommandParts) -> tuple[str, ...]:
    """What a guest can report through: a panic, and a number. Both stand behind all else and move nothing."""
    own = parts.args.own
    devices: list[str] = []
    has_isa = parts.is_x86 and machine_family(parts.board) in _ISA_BOARDS
    if has_isa and not own.has_panic_device and own.machine_index is None:
        devices += ["-device", "pvpanic"]
    if parts.wants_result:
        is_pci = parts.architecture.bus == "pci"
        slot = f"virtio-serial-pci,id=qemu-run.serial,addr={_RESULT_SLOT}"
        devices += [
            *("-chardev", "file,id=qemu-run.result,path=result"),
            *("-device", slot if is_pci else f"{_serial_bus(parts)},id=qemu-run.serial"),
            *("-device", f"virtserialport,bus=qemu-run.serial.0,chardev=qemu-run.result,name={RESULT_PORT}"),
        ]
    return tuple(devices)


def _netdev(parts: CommandParts) -> Iterator[_Ours]:
    """A user-mode network with the forwards and name servers; nothing when there is nothing to say."""
    own = parts.args.own
    if own.has_network:
        yield _Ours((), f"-{own.networks[0].name}")
    elif parts.network is not None and parts.network.mode == "none":
        yield _Ours(("-nic", "none"))
    else:
        options = list(_network_options(parts.forwards, parts.network))
        nic = "virtio-net" if parts.architecture.nic == "virtio-net-pci" else parts.architecture.nic
        if options:
            yield _Ours(
                ("-netdev", ",".join(["user,id=user.0", *options]), "-device", f"{nic},netdev=user.0")
            )


def _network_options(forwards: Iterable[Forward], network: Network | None) -> Iterator[str]:
    if network is not None:
        yield from (f"dns={quote(server)}" for server in network.dns_servers[:1])
        yield from (f"dnssearch={quote(domain)}" for domain in network.dns_searches)
    for forward in forwards:
        for protocol in forward.protocols:
            yield f"hostfwd={protocol}:{forward.host_ip}:{forward.host_port}-:{forward.guest_port}"


def _smp(parts: CommandParts) -> Iterator[_Ours]:
    if parts.args.own.cores_index is not None:
        yield _Ours((), "-smp")
    elif parts.cores > 1:
        yield _Ours(("-smp", str(parts.cores)))


def _sandbox(parts: CommandParts) -> Iterator[_Ours]:
    """QEMU shuts itself in: whoever breaks out of the guest cannot start programs."""
    value = sandbox(parts.args.own).value
    if not value:
        yield _Ours((), "-sandbox")
    elif parts.has_sandbox:
        yield _Ours(("-sandbox", value))
