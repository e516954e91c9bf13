"""An image file, opened once: what is checked is what is used.

Only regular files and block devices are opened for good. A FIFO would block until someone writes, and a
device such as /dev/zero has no end.
"""

import os
import stat
from functools import cached_property
from pathlib import Path
from types import TracebackType

from qemu_run.images.locks import is_in_use
from qemu_run.images.problems import ImageError
from qemu_run.records import record

_LARGEST_OFFSET = (1 << 63) - 1
_LARGEST_READ = 32 << 20
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
)


@record(kw_only=True)
class Identity:
    """What tells one file from another, also one of the same name."""

    device: int
    inode: int
    birth_ns: int | None
    """When the file was made, in nanoseconds since 1970; None where the file system does not keep it."""


class ImageFile:
    """An open image. Close it, or use it as a context manager."""

    def __init__(self, path: Path, descriptor: int, status: os.stat_result) -> None:
        self.path = path
        """As it was given, made absolute; links in it are not resolved."""
        self.descriptor = descriptor
        """Open for reading, or for both; closed when a program is started unless passed on by name."""
        self.is_block_device = stat.S_ISBLK(status.st_mode)
        self.size_bytes = os.lseek(descriptor, 0, os.SEEK_END) if self.is_block_device else status.st_size
        self.modified_ns = status.st_mtime_ns
        self.key = (status.st_dev, status.st_ino)
        """Equal for two names of one file."""

    def __enter__(self) -> "ImageFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the descriptor back; a second time does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def read(self, start: int, length: int) -> bytes:
        """The bytes from `start`, fewer at the end of the file and none where no file can have any."""
        if start < 0 or length <= 0 or start > _LARGEST_OFFSET - _LARGEST_READ:
            return b""
        return os.pread(self.descriptor, min(length, _LARGEST_READ), start)

    @cached_property
    def real_path(self) -> Path:
        """Where the open file lies, all links resolved: told by the descriptor, not by the name."""
        return Path(f"/proc/self/fd/{self.descriptor}").readlink()

    @cached_property
    def identity(self) -> Identity:
        """What stays the same as long as it is this file, and changes when it is made anew."""
        from qemu_run.images.birth import birth_time_ns

        device, inode = self.key
        return Identity(device=device, inode=inode, birth_ns=birth_time_ns(self.descriptor))

    def is_in_use(self, *, for_writing: bool) -> bool:
        """Whether a running QEMU keeps another from using this image."""
        return is_in_use(self.descriptor, for_writing=for_writing)


def open_image(path: Path, *, writable: bool = False, block_devices: bool = True) -> ImageFile:
    """Open the image at `path`, without waiting for anything.

    Args:
        path: The file; relative to the current folder unless absolute.
        writable: Open it for writing too.
        block_devices: Whether a block device will do.

    Raises:
        OSError: it is not there, or may not be opened so.
        ImageError: it is neither a regular file nor a block device.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute() keeps "..", resolve() follows links
    try:
        _check_kind(absolute, os.stat(absolute), block_devices=block_devices)  # noqa: PTH116 - beside fstat
        flags = (os.O_RDWR if writable else os.O_RDONLY) | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
        descriptor = os.open(absolute, flags)
    except ValueError as error:
        raise ImageError("the name of the image has a NUL in it", detail=repr(str(path))) from error
    try:
        status = os.fstat(descriptor)
        _check_kind(absolute, status, block_devices=block_devices)
        return ImageFile(absolute, descriptor, status)
    except BaseException:
        os.close(descriptor)
        raise


def _check_kind(path: Path, status: os.stat_result, *, block_devices: bool) -> None:
    if stat.S_ISREG(status.st_mode) or (block_devices and stat.S_ISBLK(status.st_mode)):
        return
    found = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "a block device")
    cure = "an image is a regular file or a block device" if block_devices else "use a regular file"
    raise ImageError(f"the image is {found}", detail=str(path), cure=cure)
