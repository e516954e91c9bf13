"""What an image says of itself."""

from qemu_run.records import record

FORMATS = (
    "raw",
    "qcow2",
    "qcow",
    "qed",
    "vmdk",
    "vdi",
    "vhdx",
    "vpc",
    "parallels",
    "dmg",
    "cloop",
    "bochs",
    "luks",
)
"""The formats that QEMU reads, by its names."""
READ_ONLY_FORMATS = frozenset({"dmg", "cloop", "bochs"})
"""Formats that QEMU reads and never writes: good below an overlay."""
REFERRING_FORMATS = frozenset({"qcow2", "qcow", "qed", "vmdk"})
"""Formats whose driver follows a backing file by itself, and takes an explicit one."""
SECTOR_BYTES = 512


@record
class Image:
    """What a file says of itself."""

    format: str
    """QEMU's name (raw, qcow2, vmdk, ...), or iso, or what it is when it is not a disk (html, gzip, tar)."""
    virtual_bytes: int | None = None
    """The size of the disk that a guest sees; None of what is not a disk."""
    backing_file: str | None = None
    """The name of the image below, as the header has it; bytes that are not UTF-8 are surrogates."""
    has_external_data: bool = False
    """The guest's data is in another file."""
    backing_format: str | None = None
    """What the header says of the format of the image below."""
    is_encrypted: bool = False
    other_files: tuple[str, ...] = ()
    """Further files that it is made of, or whose content it changes: extents, a parent."""

    @property
    def qemu_format(self) -> str:
        """What stands behind `format=` for QEMU."""
        return "raw" if self.format == "iso" else self.format

    @property
    def is_disk(self) -> bool:
        """Whether it is something that a guest can be given."""
        return self.qemu_format in FORMATS

    @property
    def is_packed(self) -> bool:
        """Whether the file must be unpacked before it is a disk."""
        from qemu_run.images.not_disks import PACKED

        return self.format in PACKED


def whole_sectors(size_bytes: int) -> int:
    """The size of the disk that QEMU makes of so many bytes: a last sector that is not full counts."""
    return -(-size_bytes // SECTOR_BYTES) * SECTOR_BYTES
