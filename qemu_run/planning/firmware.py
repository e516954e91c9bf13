"""The firmware that starts a guest: QEMU's own, UEFI by its descriptors, or what the emulator needs."""

from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.planning.asked import FirmwareKind
from qemu_run.planning.host import ImageFinding
from qemu_run.planning.plan import Disk
from qemu_run.qemu.architectures import defaults
from qemu_run.qemu.own_options import OwnOptions
from qemu_run.records import record

if TYPE_CHECKING:
    from qemu_run.planning.launch import LaunchInputs

VARIABLES = "firmware-variables.fd"
"""The guest's copy of its variables, in the task directory."""


@record(kw_only=True)
class FirmwarePlan:
    """What is given to QEMU besides its own firmware."""

    arguments: tuple[str, ...] = ()
    machine_properties: tuple[str, ...] = ()
    variables_template: Path | None = None
    """What the guest's variables begin as."""
    variables_copy: Path | None = None
    """Where they are kept: thrown away with an overlay, else as long as the disk."""
    is_uefi: bool = False
    missing: str = ""
    """What was asked for and is not installed."""


def plan_firmware(
    architecture: str,
    own: OwnOptions,
    machine_type: str,
    wanted: FirmwareKind,
    disk: Disk | None,
    image: ImageFinding | None,
    inputs: "LaunchInputs",
) -> FirmwarePlan:
    """The firmware of a guest; what the job's args bring themselves wins."""
    if own.bios or own.has_uefi_firmware:
        return FirmwarePlan(is_uefi=True)
    if wanted in {"uefi", "secure-boot"}:
        owner = _owner(disk, image)
        return _uefi(architecture, machine_type, owner, inputs, secure_boot=wanted == "secure-boot")
    known = defaults(architecture)
    if known is None or not known.firmware or own.kernel or own.kernel_index is not None:
        return FirmwarePlan()
    found = next((file for file in known.firmware if inputs.host.is_file(Path(file))), None)
    if found is None:
        return FirmwarePlan(missing=known.firmware_package)
    return FirmwarePlan(arguments=(f"-{known.firmware_option}", found), is_uefi=architecture == "aarch64")


def _owner(disk: Disk | None, image: ImageFinding | None) -> str:
    """What the variables belong to longer than for a run: a kept overlay, or an image written in place.

    The image counts and not its name: one that was made anew begins with new variables, one that was moved
    keeps its own.
    """
    if disk is None:
        return ""
    if disk.is_written_in_place:
        return image.identity if image is not None and image.identity else f"{disk.path}"
    return f"{disk.path}" if disk.keeps_overlay else ""


def _uefi(
    architecture: str, machine_type: str, owner: str, inputs: "LaunchInputs", *, secure_boot: bool
) -> FirmwarePlan:
    from qemu_run.qemu.firmware import choose_firmware, firmware_arguments, machine_properties

    chosen = choose_firmware(
        inputs.host.firmware(),
        architecture,
        machine_type,
        secure_boot=secure_boot,
        exists=inputs.host.is_file,
    )
    if chosen is None:
        return FirmwarePlan(missing=_package(architecture), is_uefi=True)
    copy = None
    if chosen.variables is not None:
        copy = inputs.allocation.layout.task(inputs.task.name).directory / VARIABLES
        if owner:
            copy = inputs.host.firmware_variables / _key(owner, chosen.variables)
    return FirmwarePlan(
        arguments=firmware_arguments(chosen, copy),
        machine_properties=machine_properties(chosen),
        variables_template=chosen.variables,
        variables_copy=copy,
        is_uefi=True,
    )


def _key(owner: str, template: Path) -> str:
    """A name for the variables that belong to a disk under one firmware."""
    from hashlib import sha256

    text = f"{owner}\0{template}".encode("utf-8", "surrogateescape")
    return f"{sha256(text).hexdigest()[:32]}.fd"


def _package(architecture: str) -> str:
    return {"aarch64": "qemu-efi-aarch64", "arm": "qemu-efi-arm", "i386": "ovmf-ia32"}.get(
        architecture, "ovmf"
    )
