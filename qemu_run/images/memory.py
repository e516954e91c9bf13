"""What format an image had when it was last started, of images that guests write in place.

The guest owns every byte of a raw disk, the first ones too. If it writes the header of another format there,
the next start would take its word for what the disk is, and for which files of the host belong to it.
"""

from contextlib import suppress
from pathlib import Path

from qemu_run.digests import name_of
from qemu_run.files import read_private_json, replace_file
from qemu_run.images.file import ImageFile
from qemu_run.images.formats import read_image
from qemu_run.images.image import FORMATS
from qemu_run.images.problems import ImageError


class FormatMemory:
    """One small JSON file for each image, in a folder of the caller's.

    An image is known by its inode and the time it was made, together with its device or its path: a file
    made anew under an old name is another image. A damaged entry is as if there were none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def last(self, file: ImageFile) -> str | None:
        """The format that it was last started with."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = read_private_json(self._entry(file))
            same_place = kept["path"] == str(file.path)
            same_device = kept["device"] == file.identity.device and file.identity.birth_ns is not None
            if (same_place or same_device) and kept["format"] in FORMATS:
                return str(kept["format"])
        return None

    def keep(self, file: ImageFile, image_format: str) -> None:
        """Remember that it is started now with this format.

        Raises:
            OSError: the folder cannot be written. To start all the same would be to forget.
        """
        import json

        entry = self._entry(file)
        known = {"path": str(file.path), "device": file.identity.device, "format": image_format}
        with suppress(OSError, ValueError):
            if read_private_json(entry) == known:
                return
        replace_file(entry, json.dumps(known).encode())

    def _entry(self, file: ImageFile) -> Path:
        birth = file.identity.birth_ns
        lasting = f"{file.identity.inode} {birth}"
        if file.is_block_device or birth is None:
            # A device has a new inode after each start of the host.
            lasting = f"{file.path}" if file.is_block_device else f"{lasting} {file.path}"
        return self.folder / f"{name_of(lasting.encode(errors='surrogateescape'))[:32]}.json"


def decide_format(file: ImageFile, memory: FormatMemory, said: str | None = None) -> str:
    """The format to start an image with that the guest writes in place.

    Args:
        file: The image.
        memory: What is known of earlier starts.
        said: What the user says it is, which ends the question.

    Returns:
        QEMU's name of it; or what it is instead, when it is not a disk.

    Raises:
        ImageError: it was raw when it was last started and looks like something else now; or its header makes
            no sense.
    """
    if said is not None:
        return said
    last = memory.last(file)
    try:
        image = read_image(file)
    except ImageError as error:
        if last != "raw":
            raise
        raise _became("damaged", file, error.summary) from error
    if last == "raw" and image.is_disk and image.qemu_format != "raw":
        raise _became(image.qemu_format, file, "")
    return image.qemu_format


def _became(seen: str, file: ImageFile, why: str) -> ImageError:
    what = f"a {seen} image" if seen in FORMATS else "an image of another format"
    other = seen if seen in FORMATS else "qcow2"
    found = f"{file.path}: {why}" if why else str(file.path)
    return ImageError(
        f"the image was raw when it was last started, and looks like {what} now",
        detail=f"{found}; a guest can write this to its own disk to reach other files",
        cure=f"--image-format raw starts it as it was; --image-format {other} if you made it anew "
        "(or meta { qemu_run_image_format })",
    )
