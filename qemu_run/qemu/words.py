"""What QEMU says when it fails, and what to do about it.

The words are those of QEMU 7.2, 10.0 and 11.1; lines may begin with a time or a guest's name, and hold more.
"""

import re
from collections.abc import Callable, Iterable

from qemu_run.records import record


@record(kw_only=True)
class Explanation:
    """A line of QEMU's, understood."""

    words: str
    """The line as QEMU said it."""
    cause: str
    """What it means, lower case, no full stop."""
    cure: str
    subject: str = ""
    """What it is about: a file, an address, a name; it leads to the place in the job."""
    is_taken: bool = False
    """Something that another program holds: the job cannot run here now."""
    option: str = ""
    """The option that QEMU blames, without its dash; empty where it names none."""


_BLAMED = re.compile(r"(?:^|\s)\S*qemu\S*: --?(?P<option>[A-Za-z][\w-]*)[ :]")


@record
class _Known:
    patterns: tuple[str, ...]
    """Any of them; what `subject` captures is what it is about."""
    cause: str
    cure: str
    is_taken: bool = False
    if_missing: tuple[str, str] = ("", "")
    """Cause and cure where the file that it is about does not exist, and QEMU says the same of both."""


_END_OTHER_RUN = "end the other run, or start with --snapshot, which writes to an overlay"
_IN_TASK_DIRECTORY = (
    "QEMU runs in the task directory; artifact { source = ... } brings a file into its local/"
)
_TCG = 'accelerator = "tcg", or --accelerator tcg for this run'

_STDERR = (
    _Known(
        (
            r"Is another process using the image \[(?P<subject>[^\]]*)\]",
            r'Failed to get (?:shared )?"(?:write|consistent read|resize)" lock',
        ),
        "another run has the image open",
        _END_OTHER_RUN,
        is_taken=True,
    ),
    _Known(
        (r"Could not set up host forwarding rule '(?P<subject>[^']*)'",),
        "the host's port of a forward is taken",
        "choose another port, or end what holds it: ss -ltnup",
        is_taken=True,
    ),
    _Known(
        (r"Invalid host forwarding rule '(?P<subject>[^']*)'",),
        "a forward is not written as one",
        "hostfwd=tcp:127.0.0.1:8080-:80",
    ),
    _Known(
        (r"Address already in use",),
        "an address that QEMU listens on is taken",
        "choose another port, or end what holds it: ss -ltnup",
        is_taken=True,
    ),
    _Known(
        (
            r"could not open kernel file '(?P<subject>[^']*)'",
            r"could not load (?:kernel|initrd) '?(?P<subject>[^':]*)",
        ),
        "the kernel or initrd is missing, or is not one",
        _IN_TASK_DIRECTORY,
    ),
    _Known(
        (
            r"Could not open '(?P<subject>[^']*)': No such file",
            r"can't load (?P<subject>[^:]*): .*No such file",
        ),
        "a file in args is missing",
        _IN_TASK_DIRECTORY,
    ),
    _Known(
        (
            r"could not load (?:PC BIOS|firmware|bios) '?(?P<subject>[^']*)",
            r"Could not find ROM image '(?P<subject>[^']*)",
        ),
        "the file is no firmware for -bios",
        "firmware in two files (CODE, VARS) goes into flash memory: -drive if=pflash,format=raw,file=...",
        if_missing=("the firmware's file is missing", _IN_TASK_DIRECTORY),
    ),
    _Known(
        (
            r"system firmware block device (?P<subject>\S+) has invalid size",
            r"device requires \d+ bytes, block backend (?:'(?P<subject>[^']*)' )?provides \d+ bytes",
            r"combined size of system firmware exceeds",
        ),
        "the firmware in flash memory does not have the size that the machine wants",
        "code and variables belong together: OVMF_CODE_4M with OVMF_VARS_4M, AAVMF_CODE with AAVMF_VARS",
    ),
    _Known(
        (
            r"bridge helper failed",
            r"failed to parse default acl file",
            r"access denied by acl file",
            r"bridge-helper",
        ),
        "QEMU's bridge helper did not give the guest its network",
        "the bridge must exist, /etc/qemu/bridge.conf say: allow br0, and the helper be setuid root",
    ),
    _Known(
        (r"could not configure /dev/net/tun(?: \((?P<subject>[^)]*)\))?",),
        "a tap network needs rights that this user does not have",
        "make the device beforehand: ip tuntap add dev NAME mode tap user USER",
    ),
    _Known(
        (r'unsupported machine type(?:: "(?P<subject>[^"]*)")?',),
        "this emulator does not have the machine type",
        "machine_type in config; qemu-system-ARCH -machine help lists what there is",
    ),
    _Known(
        (r"No machine specified, and there is no default",),
        "this emulator wants a machine type",
        'machine_type = "virt" in config',
    ),
    _Known(
        (r"machine type does not support if=(?P<subject>\w+)",),
        "the machine does not have this drive interface",
        'drive_interface = "virtio" in config',
    ),
    _Known(
        (r"[Cc]annot (?:set up guest memory|allocate memory)", r"Insufficient free host memory"),
        "this machine does not have as much memory free as the guest wants",
        "a smaller memory in resources",
    ),
    _Known(
        (r"'(?P<subject>[^']*)' is not a valid device model name",),
        "this QEMU does not have the device",
        "qemu-system-ARCH -device help lists what there is; qemu-system-modules-* and -gui bring more",
    ),
    _Known(
        (
            r"Unsupported NIC model: (?P<subject>\S+)",
            r"requested NIC \([^)]*model (?P<subject>[\w-]+)\) was not created",
        ),
        "the machine does not have this network card",
        "virtio-net-pci fits most machines, virtio-net-ccw s390x",
    ),
    _Known(
        (r"unable to find CPU model '(?P<subject>[^']*)'",),
        "this QEMU does not have the processor",
        'args = ["-cpu", "max"] is everything that it can do',
    ),
    _Known(
        (r"CPU model '(?P<subject>[^']*)' requires KVM",),
        "this processor is the host's own, which needs KVM",
        'args = ["-cpu", "max"] works without',
    ),
    _Known(
        (r"failed to initialize kvm", r"Could not access KVM", r"KVM is not supported"),
        "KVM cannot be used here",
        _TCG,
    ),
    _Known(
        (r"KVM internal error", r"^emulation failure"),
        "KVM met something of the guest's that it cannot run, as it does nested in another virtual machine",
        _TCG,
    ),
    _Known((r"invalid accelerator (?P<subject>\S+)",), "this QEMU does not have the accelerator", _TCG),
    _Known(
        (r'The -accel and "-machine accel=" options are incompatible',),
        "the accelerator is named twice, in two ways",
        "leave one of -accel, -enable-kvm and -machine accel= out of args",
    ),
    _Known(
        (r"-(?P<subject>[\w-]+): invalid option",),
        "this QEMU does not have the option",
        "look at its spelling, and at the version of QEMU",
    ),
    _Known(
        (r"-(?P<subject>[\w-]+): requires an argument",),
        "an option has no value",
        "the value is the next element of args",
    ),
    _Known(
        (r"drive with bus=\d+, unit=\d+ \((?P<subject>index=\d+)\) exists",),
        "two disks want one place; a word alone in args, -hda and image_path are all the first disk",
        "-drive file=...,format=raw,index=1 gives a disk of args another",
    ),
    _Known(
        (r"Block node is read-only",),
        "an IDE disk cannot be read-only",
        'media=cdrom, or drive_interface = "virtio"',
    ),
    _Known(
        (r"Image is not in (?P<subject>\w+) format",),
        "a disk does not have the format that is said of it",
        "look at format= in args; qemu-img info shows what it is",
    ),
    _Known(
        (r"Duplicate ID '(?P<subject>[^']*)'",),
        "two things in args have one id",
        "an id stands once; image0, user.0, qga0 and all that begin with qemu-run. are taken",
    ),
    _Known(
        (r"Display '(?P<subject>[^']*)' is not available", r"There is no option group '(?P<subject>spice)'"),
        "this QEMU cannot show the screen so",
        'args = ["-vnc", "127.0.0.1:1"]; qemu-system-gui and qemu-system-modules-* bring more displays',
    ),
    _Known(
        (r"(?P<subject>gtk|sdl|SDL).*initialization failed", r"Could not initialize (?P<subject>SDL)"),
        "there is no screen to show the guest on",
        'args = ["-display", "none"], or ["-vnc", "127.0.0.1:1"]',
    ),
    _Known(
        (r"Property '[^']*\.(?:netdev|drive|chardev)' can't find value '(?P<subject>[^']*)'",),
        "a device names something that args do not have",
        "the id behind netdev=, drive= or chardev= is that of another option",
    ),
    _Known(
        (r"Invalid SMP CPUs (?P<subject>\d+)",),
        "the machine does not take so many processors",
        "fewer cores in resources, or -smp with sockets, cores and threads that fit",
    ),
    _Known(
        (r"Too many open files",), "the limit of open files is too low", "ulimit -n 4096 before the start"
    ),
    _Known((r"No space left on device",), "the host's disk is full", "make room, or use a smaller disk"),
    _Known(
        (r"Could not open '(?P<subject>[^']*)': Permission denied", r"Permission denied"),
        "this user may not open a file in args",
        "look at its rights, and those of the folders above it",
    ),
)
"""The first that fits counts, so the exact ones come first."""

_CONSOLE = (
    _Known(
        (r"CPU does not support x86-64-v[234]",),
        "the guest's system wants a newer processor than QEMU's default",
        'args = ["-cpu", "max"]',
    ),
    _Known(
        (r"This kernel requires an x86-64 CPU",),
        "the guest's system is for 64 bits and the emulator has 32",
        'emulator = "qemu-system-x86_64"',
    ),
    _Known(
        (r"No bootable device", r"Boot failed: not a bootable disk"),
        "the firmware found nothing to start",
        "look at image_path, and whether the disk wants UEFI",
    ),
    _Known(
        (r"BdsDxe: failed to load Boot\w+.*Access Denied",),
        "secure boot does not know who signed the disk",
        "use firmware without secure boot",
    ),
    _Known(
        (r"VFS: Unable to mount root fs", r"VFS: Cannot open root device"),
        "the kernel found no disk to go on with",
        "look at root= in -append, and at drive_interface: the kernel needs a driver for it",
    ),
    _Known(
        (r"Out of memory: Killed process",), "the guest ran out of memory", "a larger memory in resources"
    ),
)
"""The same for the guest's console."""

_LONGEST_LINE = 2000


def explain(stderr: str, exists: Callable[[str], bool] = lambda _: True) -> tuple[Explanation, ...]:
    """What the lines on QEMU's stderr mean, each cause once; lines that are not known are left out.

    `exists`: whether there is a file, by the name that QEMU says.
    """
    found: dict[str, Explanation] = {}
    for line in stderr.splitlines():
        explanation = _explain(line, _STDERR, exists)
        if explanation is not None and (explanation.subject or explanation.cause not in found):
            found[explanation.cause] = explanation
    return tuple(found.values())


def explain_console(line: str) -> Explanation | None:
    """What a line on the guest's console means; None if it means nothing here."""
    return _explain(line, _CONSOLE)


def _explain(
    line: str, table: Iterable[_Known], exists: Callable[[str], bool] = lambda _: True
) -> Explanation | None:
    line = line[:_LONGEST_LINE].strip()
    for known in table:
        for pattern in known.patterns:
            match = re.search(pattern, line)
            if match is None:
                continue
            blamed = _BLAMED.search(line)
            subject = match.groupdict().get("subject") or ""
            is_missing = any(known.if_missing) and not exists(subject)
            cause, cure = known.if_missing if is_missing else (known.cause, known.cure)
            return Explanation(
                words=line,
                cause=cause,
                cure=cure,
                is_taken=known.is_taken,
                subject=subject,
                option=blamed["option"] if blamed else "",
            )
    return None
