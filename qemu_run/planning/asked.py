"""What a job asks of its machine beside Nomad's own keys: by `meta`, or by options of the command line."""

from collections.abc import Callable
from typing import Literal, TypeAlias, TypeVar

from qemu_run.errors import Diagnostics
from qemu_run.images.image import FORMATS
from qemu_run.jobspec.model import Job, Task, TaskGroup
from qemu_run.qemu.properties import read_size
from qemu_run.records import record

FirmwareKind: TypeAlias = Literal["", "bios", "uefi", "secure-boot"]
_FIRMWARE: dict[str, FirmwareKind] = {"bios": "bios", "uefi": "uefi", "secure-boot": "secure-boot"}
_SMALLEST_DISK, _LARGEST_DISK = 512, 1 << 60
_Value = TypeVar("_Value")


def disk_bytes(text: str) -> int:
    """`20G` in bytes.

    Raises:
        ValueError: it is not a size, or not one of a disk.
    """
    size = read_size(text)
    if size is None or not _SMALLEST_DISK <= size <= _LARGEST_DISK:
        raise ValueError("a size like 20G or 512M is wanted")
    return size


def image_format(text: str) -> str:
    """A format that QEMU reads.

    Raises:
        ValueError: QEMU has no such format.
    """
    if text not in FORMATS:
        raise ValueError(f"QEMU reads {', '.join(FORMATS)}")
    return text


def firmware(text: str) -> FirmwareKind:
    """How the guest's firmware starts a disk.

    Raises:
        ValueError: there is no such firmware.
    """
    if text not in _FIRMWARE:
        raise ValueError("one of bios, uefi, secure-boot")
    return _FIRMWARE[text]


@record(kw_only=True)
class Asked:
    """What `meta` asks of a task's machine."""

    image_format: str | None = None
    disk_bytes: int | None = None
    firmware: FirmwareKind = ""


def asked(job: Job, group: TaskGroup, task: Task, diagnostics: Diagnostics) -> Asked:
    """What the `qemu_run_*` keys say, the task's before those around it; mistakes go to `diagnostics`."""

    def read(key: str, reader: Callable[[str], _Value]) -> _Value | None:
        owners: tuple[Job | TaskGroup | Task, ...] = (task, group, job)
        owner = next((each for each in owners if key in each.meta), None)
        if owner is None:
            return None
        try:
            return reader(owner.meta[key])
        except ValueError as error:
            summary = f'meta key "{key}" cannot be "{owner.meta[key]}"'
            diagnostics.error(summary, owner.at("Meta", key), str(error))
            return None

    return Asked(
        image_format=read("qemu_run_image_format", image_format),
        disk_bytes=read("qemu_run_disk_size", disk_bytes),
        firmware=read("qemu_run_firmware", firmware) or "",
    )
