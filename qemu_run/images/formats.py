"""The format of a disk image by its signature, and what it says of itself.

QEMU's own probing is never used: a guest that writes a qcow2 header into a raw disk could name any
file of the host as its backing file, and read it on the next boot.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from qemu_run.images import foreign, not_disks, qcow, vmdk
from qemu_run.images.file import ImageFile, open_image
from qemu_run.images.image import SECTOR_BYTES, Image, whole_sectors
from qemu_run.images.problems import ImageError

__all__ = ["Image", "check_whole", "inspect", "read_image"]

_HEAD_BYTES = 4096
_ISO_DESCRIPTOR = 32768
_LUKS_MAGIC = b"LUKS\xba\xbe"


def _read_luks(file: ImageFile) -> Image:
    return Image("luks", whole_sectors(file.size_bytes), is_encrypted=True)


def _read_vpc(file: ImageFile) -> Image:
    is_copy = file.read(0, 8) == foreign.VPC_MAGIC
    return foreign.read_vpc(file, 0 if is_copy else max(0, file.size_bytes - SECTOR_BYTES))


def _read_vmdk(file: ImageFile) -> Image:
    readers = {vmdk.SPARSE_MAGIC: vmdk.read_sparse, vmdk.ESX_MAGIC: vmdk.read_esx}
    return readers.get(file.read(0, 4), vmdk.read_descriptor)(file)


_READERS: Mapping[str, Callable[[ImageFile], Image]] = {
    "qcow2": qcow.read_qcow,
    "qcow": qcow.read_qcow,
    "qed": qcow.read_qed,
    "vmdk": _read_vmdk,
    "vdi": foreign.read_vdi,
    "vhdx": foreign.read_vhdx,
    "vpc": _read_vpc,
    "parallels": foreign.read_parallels,
    "luks": _read_luks,
    "dmg": foreign.read_dmg,
    "cloop": foreign.read_cloop,
    "bochs": foreign.read_bochs,
}
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, qcow.MAGIC, "qcow2"),
    (0, qcow.QED_MAGIC, "qed"),
    (0, vmdk.SPARSE_MAGIC, "vmdk"),
    (0, vmdk.ESX_MAGIC, "vmdk"),
    (0, vmdk.DESCRIPTOR_MAGIC, "vmdk"),
    (0, foreign.VHDX_MAGIC, "vhdx"),
    (0, foreign.VPC_MAGIC, "vpc"),
    (foreign.VDI_MAGIC_AT, foreign.VDI_MAGIC, "vdi"),
    (0, _LUKS_MAGIC, "luks"),
    *((0, magic, "parallels") for magic in foreign.PARALLELS_MAGICS),
    (0, foreign.BOCHS_MAGIC, "bochs"),
    (0, foreign.CLOOP_MAGIC, "cloop"),
)
_TRAILERS = ((foreign.VPC_MAGIC, "vpc"), (foreign.DMG_MAGIC, "dmg"))
"""What stands in the first bytes of the last sector."""


def inspect(path: Path) -> Image:
    """The image at `path`, told from a few short reads.

    Raises:
        OSError: the file cannot be opened.
        ImageError: it is neither a regular file nor a block device, or its header makes no sense.
    """
    with open_image(path) as file:
        return read_image(file)


def read_image(file: ImageFile, said: str | None = None) -> Image:
    """What an open image says of itself.

    Args:
        file: The image.
        said: Its format, where it is known and not to be told from the content: raw, qcow2, ...

    Raises:
        ImageError: its header makes no sense, or it is not what it was said to be.
    """
    if said == "raw":
        return Image("raw", whole_sectors(file.size_bytes))
    image = _recognised(file)
    if said is None or image.qemu_format == said:
        return image
    if not image.is_disk:
        raise not_disks.refusal(image.format, str(file.path))
    summary = f"the image is not {said}, it looks like {image.format}"
    raise ImageError(summary, detail=str(file.path), cure=f"if it is one, its format is {image.qemu_format}")


def check_whole(file: ImageFile, image: Image) -> None:
    """Refuse a damaged file, and one that ends before its content.

    A check of its own because it reads more than a header, and because what an image refers to comes first.

    Raises:
        ImageError: it is damaged or cut short.
    """
    if image.format == "qcow2":
        qcow.check_whole(file)


def _recognised(file: ImageFile) -> Image:
    name = _signature(file)
    if name is not None:
        return _READERS[name](file)
    if file.read(_ISO_DESCRIPTOR + 1, 5) == b"CD001":
        return Image("iso", whole_sectors(file.size_bytes))
    kind = not_disks.recognise(file.read(0, _HEAD_BYTES), file.size_bytes)
    if kind is not None:
        return Image(kind)
    return Image("raw", whole_sectors(file.size_bytes))


def _signature(file: ImageFile) -> str | None:
    head = file.read(0, _HEAD_BYTES)
    for offset, magic, name in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return name
    last_sector = file.read(file.size_bytes - SECTOR_BYTES, 8)
    return next((name for magic, name in _TRAILERS if last_sector.startswith(magic)), None)
