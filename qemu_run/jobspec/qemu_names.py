"""Names that QEMU has for accelerators and drive interfaces, on any system.

Source: QEMU's manual page (`-accel`, `-machine`, `-drive`); the check of Nomad's qemu driver for interfaces.
"""

from qemu_run.errors import Diagnostic, did_you_mean
from qemu_run.qemu.accelerators import ACCELERATORS as NAMES

DRIVE_INTERFACES = ("ide", "scsi", "sd", "mtd", "floppy", "pflash", "virtio", "none")
ACCELERATORS = tuple(NAMES)


def unknown_interface(text: str) -> Diagnostic | None:
    """What to say of a `drive_interface` that does not exist."""
    return None if text in DRIVE_INTERFACES else _unknown("drive interface", text, DRIVE_INTERFACES)


def unknown_accelerator(text: str) -> Diagnostic | None:
    """What to say of an `accelerator` that does not exist.

    QEMU takes the first that works of several between colons; what follows a comma are properties.
    """
    names, _, properties = text.partition(",")
    if properties.strip() in ACCELERATORS:
        hint = f'write "{names}:{properties.strip()}"'
        return Diagnostic("accelerators are separated by colons", None, "not by commas", hints=(hint,))
    wrong = [name for name in names.split(":") if name not in ACCELERATORS] if names else []
    if "auto" in wrong:
        hint = 'write "kvm:tcg": KVM where it works, else emulation'
        return Diagnostic('QEMU has no accelerator "auto"', None, _one_of(ACCELERATORS), hints=(hint,))
    return _unknown("accelerator", wrong[0], ACCELERATORS) if wrong else None


def _unknown(what: str, name: str, known: tuple[str, ...]) -> Diagnostic:
    close = did_you_mean(name.strip().lower(), list(known))
    return Diagnostic(f'QEMU has no {what} "{name}"', None, _one_of(known), hints=(close,) if close else ())


def _one_of(known: tuple[str, ...]) -> str:
    return f"one of {', '.join(known)}"
