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

Nomad's order is kept where a job's `args` can tell. Options of ours that the job's own replace are left out.
Source: QEMU's manual page; Nomad's qemu driver.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from qemu_run.jobspec.model import Network
from qemu_run.jobspec.qemu_config import QemuConfig
from qemu_run.jobspec.qemu_slips import REPLACED
from qemu_run.planning.plan import CONSOLE_FD, MONITOR_FD, Disk, Forward
from qemu_run.records import record

_NETWORK_OPTIONS = frozenset({"-netdev", "-net", "-nic"})
_SERIAL_OPTIONS = frozenset({"-serial"})
_DISPLAY_OPTIONS = frozenset({"-display", "-vnc", "-spice"})

_OURS_ALREADY = frozenset({"-nographic"})
"""Options that would tie QEMU's monitor to a terminal, and whose effect ours have already."""


@record(kw_only=True)
class CommandParts:
    """All that the command line is made of."""

    emulator: Path
    name: str
    config: QemuConfig
    memory_mb: int
    cores: int
    disk: Disk | None
    forwards: tuple[Forward, ...]
    network: Network | None
    wants_result: bool = False
    """Give the guest a port to report a number through."""


@record(kw_only=True)
class CommandLine:
    """The arguments, and what a person should know about them."""

    arguments: tuple[str, ...]
    gave_way: tuple[str, ...] = ()
    """Options of the job's own that replace ours."""


def quote(value: str) -> str:
    """`value` inside a list of QEMU's `key=value,key=value`: commas are doubled."""
    return value.replace(",", ",,")


def build(parts: CommandParts) -> CommandLine:
    """The whole command."""
    own = _own_args(parts.config.args)
    flags = frozenset(_flag(argument) for argument in own)
    groups: list[tuple[frozenset[str], list[str]]] = [
        (_DISPLAY_OPTIONS, ["-display", "none"]),
        (_SERIAL_OPTIONS, _console()),
        (_NETWORK_OPTIONS, []),
    ]
    arguments = [str(parts.emulator), *_board(parts, graphics=bool(flags & _DISPLAY_OPTIONS))]
    if parts.disk is not None:
        arguments += _drive(parts.disk, parts.config.drive_interface)
    for replaced_by, ours in groups:
        arguments += [] if flags & replaced_by else ours
    arguments += ["-chardev", f"socket,id=qemu-run.monitor,fd={MONITOR_FD}"]
    arguments += ["-qmp", "chardev:qemu-run.monitor"]  # -mon warns on QEMU 11
    arguments += _guest_agent() if parts.config.guest_agent else []
    arguments += own
    if not flags & _NETWORK_OPTIONS:
        arguments += _netdev(parts.forwards, parts.network)
    if parts.cores > 1 and "-smp" not in flags:
        arguments += ["-smp", str(parts.cores)]
    arguments += _reports(parts, own)
    gave_way = tuple(sorted(flags & frozenset().union(*(options for options, _ in groups))))
    return CommandLine(arguments=tuple(arguments), gave_way=gave_way)


def _flag(argument: str) -> str:
    """An option without the second dash that QEMU also takes."""
    return argument[1:] if argument.startswith("--") else argument


def _own_args(args: Sequence[str]) -> list[str]:
    """The job's args for today's QEMU."""
    kept: list[str] = []
    for argument in args:
        if _flag(argument) in _OURS_ALREADY:
            continue
        kept += REPLACED[_flag(argument)].today if _flag(argument) in REPLACED else (argument,)
    return kept


def _board(parts: CommandParts, *, graphics: bool) -> list[str]:
    config = parts.config
    board = f"type={quote(config.machine_type)},accel={quote(config.accelerator)}"
    if not graphics and config.machine_type.startswith(("pc", "q35")):
        board += ",graphics=off"  # SeaBIOS then talks on the serial console
    return ["-machine", board, "-name", f"guest={quote(parts.name)}", "-m", f"{parts.memory_mb}M"]


def _drive(disk: Disk, interface: str) -> list[str]:
    return ["-drive", f"file={quote(str(disk.path))},format={disk.format},if={interface},id=image0"]


def _console() -> list[str]:
    chardev = f"socket,id=qemu-run.console,fd={CONSOLE_FD}"
    return ["-chardev", chardev, "-serial", "chardev:qemu-run.console"]


def _guest_agent() -> list[str]:
    """The agent's channel: a socket in the task directory, which is where QEMU runs."""
    return [
        *("-chardev", "socket,path=qa.sock,server=on,wait=off,id=qga0"),
        *("-device", "virtio-serial"),
        *("-device", "virtserialport,chardev=qga0,name=org.qemu.guest_agent.0"),
    ]


RESULT_PORT = "org.qemu-run.result.0"
_RESULT_SLOT = "0x1d"
"""High, so that no device of the job's or of the board's is moved to another slot."""
_ISA_BOARDS = ("pc", "q35")


def _reports(parts: CommandParts, own: Sequence[str]) -> list[str]:
    """What a guest can report through: a panic, and a number. Both stand behind all else and move nothing."""
    devices = []
    is_x86 = parts.emulator.name.removeprefix("qemu-system-") in {"x86_64", "i386", "qemu-kvm"}
    has_isa = is_x86 and parts.config.machine_type.startswith(_ISA_BOARDS)
    if has_isa and not any("pvpanic" in argument or argument in {"-M", "-machine"} for argument in own):
        devices += ["-device", "pvpanic"]
    if parts.wants_result:
        devices += [
            *("-chardev", "file,id=qemu-run.result,path=result"),
            *("-device", f"virtio-serial-pci,id=qemu-run.serial,addr={_RESULT_SLOT}"),
            *("-device", f"virtserialport,bus=qemu-run.serial.0,chardev=qemu-run.result,name={RESULT_PORT}"),
        ]
    return devices


def _netdev(forwards: Iterable[Forward], network: Network | None) -> list[str]:
    """A user-mode network with the forwards and name servers; nothing when there is nothing to say."""
    if network is not None and network.mode == "none":
        return ["-nic", "none"]
    options = []
    if network is not None:
        options += [f"dns={quote(server)}" for server in network.dns_servers[:1]]
        options += [f"dnssearch={quote(domain)}" for domain in network.dns_searches]
    for forward in forwards:
        for protocol in forward.protocols:
            options.append(f"hostfwd={protocol}:{forward.host_ip}:{forward.host_port}-:{forward.guest_port}")
    if not options:
        return []
    return ["-netdev", ",".join(["user,id=user.0", *options]), "-device", "virtio-net,netdev=user.0"]
