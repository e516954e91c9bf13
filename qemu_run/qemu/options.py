"""Every option of QEMU 7.2 to 11: whether it takes a value, what it may name, and what we do with it.

Source: `qemu-system-x86_64 -help` of 7.2 and 10.0, and `qemu-options.hx`; each was tried on both.
"""

from collections.abc import Mapping
from enum import Enum, auto

from qemu_run.records import record


class Files(Enum):
    """What files of the host an option's value can name."""

    NONE = auto()
    WHOLE = auto()
    """The value is the name of a file that QEMU reads."""
    FOLDER = auto()
    """The value is the name of a folder."""
    OUTPUT = auto()
    """The value is the name of a file that QEMU writes."""
    DISK = auto()
    """The value is the name of a disk image, in all of QEMU's spellings."""
    BLOCK = auto()
    """Pairs that describe a disk: `-drive`, `-blockdev`."""
    PAIRS = auto()
    """Pairs, some of which may name files."""
    CHARDEV = auto()
    """A character device in its short form: `file:PATH`, `unix:PATH`, `tcp:...`."""
    ANY = auto()
    """It gives away all that QEMU can reach, so that its text proves nothing."""


@record(kw_only=True)
class OptionKind:
    """What is known of an option by its name alone."""

    takes_value: bool
    files: Files = Files.NONE
    refused: str = ""
    """Why it is not given to QEMU, a sentence without its first word (the option); empty if it is."""
    cure: str = ""
    """What to do instead of a refused option."""


def _values(files: Files, names: str) -> dict[str, OptionKind]:
    return {name: OptionKind(takes_value=True, files=files) for name in names.split()}


def _flags(names: str) -> dict[str, OptionKind]:
    return {name: OptionKind(takes_value=False) for name in names.split()}


def _refused(name: str, why: str, cure: str = "", *, takes_value: bool = False) -> dict[str, OptionKind]:
    return {name: OptionKind(takes_value=takes_value, refused=why, cure=cure)}


_STOP_CURE = "leave it out: qemu-run starts, watches and ends QEMU itself"
_ENDS = "makes QEMU print and end, so that no guest would run"
_ENDS_CURE = "ask QEMU by hand"

OPTIONS: Mapping[str, OptionKind] = {
    **_flags(
        "S enable-kvm enable-sync-profile full-screen mem-prealloc no-fd-bootchk no-reboot no-shutdown "
        "no-user-config nodefaults nographic only-migratable s snapshot usb win2k-hack xen-attach "
        "xen-domid-restrict old-param semihosting async-teardown audio-help no-acpi no-hpet portrait "
        "singlestep jitdump perfmap"
    ),
    **_values(
        Files.NONE,
        "add-fd append compat d dfilter echr g iscsi loadvm m msg name numa overcommit prom-env "
        "rotate rtc seed smp uuid vga watchdog-action xen-domid action sandbox cpu usbdevice run-with",
    ),
    **_values(
        Files.PAIRS,
        "M accel acpitable audio audiodev boot chardev device display fsdev fw_cfg global icount machine net "
        "netdev nic object smbios spice tpmdev trace virtfs vnc option-rom",
    ),
    **_values(Files.WHOLE, "bios dtb initrd k kernel shim"),
    **_values(Files.DISK, "cdrom fda fdb hda hdb hdc hdd mtdblock pflash sd"),
    **_values(Files.BLOCK, "blockdev drive"),
    **_values(Files.FOLDER, "L"),
    **_values(Files.OUTPUT, "D dump-vmstate mem-path qtest-log"),
    **_values(Files.CHARDEV, "serial parallel debugcon"),
    **_values(Files.ANY, "gdb mon monitor plugin qmp qmp-pretty qtest readconfig semihosting-config set"),
    "s": OptionKind(takes_value=False, files=Files.ANY),
    "semihosting": OptionKind(takes_value=False, files=Files.ANY),
    **_refused(
        "daemonize", "takes QEMU out of qemu-run's hands: nobody would see how the guest ends", _STOP_CURE
    ),
    **_refused(
        "runas",
        "changes QEMU's user, which takes it out of qemu-run's hands",
        "start qemu-run as that user",
        takes_value=True,
    ),
    **_refused("chroot", "hides the task directory from QEMU", _STOP_CURE, takes_value=True),
    **_refused("pidfile", "writes a file for whoever else would end QEMU", _STOP_CURE, takes_value=True),
    **_refused(
        "incoming",
        "waits for another QEMU to send its guest, which is never started here",
        _STOP_CURE,
        takes_value=True,
    ),
    **_refused("preconfig", "stops QEMU before there is a guest, and only its monitor goes on", _STOP_CURE),
    **_refused("h", _ENDS, _ENDS_CURE),
    **_refused("help", _ENDS, _ENDS_CURE),
    **_refused("version", _ENDS, _ENDS_CURE),
    "dump-vmstate": OptionKind(takes_value=True, files=Files.OUTPUT, refused=_ENDS, cure=_ENDS_CURE),
}
"""By their names without a dash. What is not here is of another QEMU."""

HELP_OPTIONS = frozenset(
    {
        "M",
        "accel",
        "audio",
        "audiodev",
        "chardev",
        "cpu",
        "d",
        "device",
        "display",
        "global",
        "machine",
        "net",
        "netdev",
    }
    | {"nic", "object", "trace", "vga", "tpmdev", "run-with", "watchdog-action"}
)
"""Options that print a list, and end QEMU, when their value asks for it."""
