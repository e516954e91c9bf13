"""What firmware and kernels say when things go wrong, by name.

Text is not proof: it may stand in a log that is shown, or in an editor. So only two of these end a run, and
only where nobody types: the firmware's "nothing to boot" before any system has started, and a panic at the
start of a line. The others are told, and fatal by `--forbid @name`.
"""

from typing import Literal, TypeAlias

from qemu_run.records import record

Effect: TypeAlias = Literal["no boot", "panic", "told"]

_TIMESTAMP = r"^(?:\[ *[0-9.]+\] ?)?"


@record(kw_only=True)
class Signature:
    """A kind of trouble, and how it reads on a console."""

    name: str
    pattern: str
    """A regular expression of RE2."""
    effect: Effect
    what: str
    """What it means, in a few words."""


SIGNATURES: tuple[Signature, ...] = (
    Signature(
        name="no-boot",
        pattern=(
            r"^No bootable device\.|^FATAL: No bootable medium|^No more network devices|^No boot device"
            r"|BdsDxe: No bootable option or device was found|^>>Start PXE over IPv4|^UEFI Interactive Shell"
            r"|^E3404: No bootable device|^! No virtio device found"
        ),
        effect="no boot",
        what="the firmware found nothing to boot",
    ),
    Signature(
        name="panic",
        pattern=_TIMESTAMP + r"Kernel panic - not syncing",
        effect="panic",
        what="the guest's kernel panicked",
    ),
    Signature(
        name="oops",
        pattern=_TIMESTAMP + r"(?:Oops: |BUG: |general protection fault|Internal error: Oops)",
        effect="told",
        what="the guest's kernel met a fault of its own",
    ),
    Signature(
        name="oom",
        pattern=r"Out of memory: Killed process|invoked oom-killer",
        effect="told",
        what="the guest ran out of memory",
    ),
    Signature(
        name="emergency-shell",
        pattern=(
            r"You are in emergency mode|Entering emergency mode|^\(initramfs\)"
            r"|^ALERT! .* does not exist|Give root password for maintenance"
        ),
        effect="told",
        what="the guest fell into an emergency shell",
    ),
    Signature(
        name="cpu-too-old",
        pattern=r"CPU does not support x86-64-v[234]",
        effect="told",
        what='the guest wants a newer processor: args = ["-cpu", "max"]',
    ),
)

NO_LOADER = Signature(
    name="no-loader",
    pattern=r"^Booting from Hard Disk",
    effect="no boot",
    what="the disk has a boot signature, and no loader behind it",
)
"""Of a disk that is known to have nothing to start: the BIOS jumps into zeros and hangs in silence."""

WAITS_FOR_EVER = frozenset({"no-boot", "no-loader"})
"""The names of troubles that leave firmware waiting: where text ends nothing, a person has to."""

SYSTEM_STARTED = (
    r"Linux version [0-9]|Welcome to GRUB|GNU GRUB|^\[ *0\.0|EFI stub:|SYSLINUX|ISOLINUX|systemd\["
)
"""From here on it is not the firmware that speaks."""
