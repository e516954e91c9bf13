"""Whether a file is fit to be given to QEMU as a disk."""

from pathlib import Path

from qemu_run.images.formats import Image, inspect


class UnfitImageError(Exception):
    """A file that QEMU is not given: what is wrong with it, and what to do."""

    def __init__(self, summary: str, detail: str = "", hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.hint = hint


def check(path: Path, *, may_refer: bool) -> Image:
    """The image at `path`, found fit; `may_refer`: it may stand on a file beside it.

    Raises:
        UnfitImageError: it is missing, cannot be read, is packed, or refers to other files of the host.
    """
    try:
        image = inspect(path)
    except FileNotFoundError as error:
        hint = "a relative image_path is looked for among the task's artifacts, then beside the job file"
        raise UnfitImageError("image not found", f"no file {path}", hint) from error
    except OSError as error:
        raise UnfitImageError("cannot read the image", f"{path}: {error.strerror}") from error
    if image.is_packed:
        hint = f"unpack it first: it is packed with {image.format}"
        raise UnfitImageError("the image is not a disk", str(path), hint)
    if image.has_external_data or (
        image.backing_file is not None and not (may_refer and _is_beside(path, image.backing_file))
    ):
        refers = image.backing_file or "an external data file"
        hint = "an image may read only files beside it; qemu-img convert makes one file of the chain"
        raise UnfitImageError("the image refers to another file of this host", f'"{refers}"', hint)
    return image


def _is_beside(path: Path, backing_file: str) -> bool:
    """Whether a backing file lies beside the image and stands alone."""
    folder = path.resolve().parent
    backing = (folder / backing_file).resolve()
    if not backing.is_relative_to(folder) or not backing.is_file():
        return False
    below = inspect(backing)
    return below.backing_file is None and not below.has_external_data
