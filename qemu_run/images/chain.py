"""A disk image with all that lies below it, read by us so that QEMU follows no name by itself.

Of each layer the file and the format are settled here, from an open descriptor; what cannot be followed
safely is refused. Source: QEMU's `docs/interop/qcow2.txt`; `path_combine` of its `block.c`.
"""

import errno
import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from types import TracebackType

from qemu_run.images import not_disks
from qemu_run.images.file import ImageFile, open_image
from qemu_run.images.formats import check_whole, read_image
from qemu_run.images.image import FORMATS, READ_ONLY_FORMATS, Image
from qemu_run.images.problems import ImageError
from qemu_run.records import record

MOST_LAYERS = 32
_CONVERT = "qemu-img convert -O qcow2 makes one file of it that stands alone"
_FLATTEN = "qemu-img convert -O qcow2 makes one file of the whole chain"
_NO_SUCH_FILE = {
    errno.ENOENT: "image not found",
    errno.ENOTDIR: "image not found",
    errno.ELOOP: "the image is a link that leads in a circle",
    errno.ENAMETOOLONG: "no file has a name as long as the image's",
}
"""What a name may be wrong about, whoever wants to read or write the file."""
_SUFFIXES = (".img", ".iso", ".qcow2", ".raw", ".vdi", ".vhd", ".vhdx", ".vmdk")
_MOST_LOOKED_AT, _MOST_NAMED = 10_000, 5


@record(kw_only=True, eq=False)
class Layer:
    """One file of a chain, open and found fit to give to QEMU."""

    file: ImageFile
    image: Image

    @property
    def path(self) -> Path:
        """Where it lies, links resolved."""
        return self.file.real_path

    @property
    def format(self) -> str:
        """What QEMU is told."""
        return self.image.qemu_format

    @property
    def virtual_bytes(self) -> int:
        """The size of the disk that it describes."""
        return self.image.virtual_bytes or 0


class Chain:
    """An image and those below it, the guest's first. Close it when QEMU has its own descriptors."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = tuple(layers)

    def __enter__(self) -> "Chain":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all its files."""
        for layer in self.layers:
            layer.file.close()

    @property
    def top(self) -> Layer:
        """What the guest is given."""
        return self.layers[0]

    @property
    def virtual_bytes(self) -> int:
        """The size of the disk that the guest sees."""
        return self.top.virtual_bytes


def open_chain(
    path: Path,
    *,
    said: str | None = None,
    allowed_folders: Iterable[Path] | None = None,
    writable: bool = False,
) -> Chain:
    """The image at `path` and everything below it.

    Args:
        path: The image.
        said: Its format, where someone decided it; else it is told from the content.
        allowed_folders: Where images below it may lie; by default the image's own folder. None at all (an
            empty list) fits an image that came from elsewhere.
        writable: The guest will write to it, with no overlay between.

    Raises:
        ImageError: it is missing, not a disk, cut short, encrypted, or it refers to what it should not.
    """
    if said is not None and said not in FORMATS:
        raise ImageError(f'QEMU has no image format "{said}"', cure=f"one of {', '.join(FORMATS)}")
    with ExitStack() as opened:
        file = opened.enter_context(_open(path, writable=writable))
        folders = (
            _default_folders(file)
            if allowed_folders is None
            else [each.resolve() for each in allowed_folders]
        )
        layers = [_layer(file, said)]
        if writable and layers[0].format in READ_ONLY_FORMATS:
            cure = f"run it with --snapshot, or: {_CONVERT}"
            raise ImageError(f"QEMU cannot write {layers[0].format} images", detail=str(path), cure=cure)
        while layers[-1].image.backing_file is not None:
            if len(layers) == MOST_LAYERS:
                raise ImageError(
                    f"more than {MOST_LAYERS} images below each other", detail=str(path), cure=_FLATTEN
                )
            below = _below(layers[-1], folders)
            opened.callback(below.file.close)
            _check_loop(layers, below)
            layers.append(below)
        for layer in layers:
            check_whole(layer.file, layer.image)
        opened.pop_all()
        return Chain(layers)


def _default_folders(file: ImageFile) -> list[Path]:
    """The folder of the name that was given, and the one where the file lies."""
    return [file.path.parent.resolve(), file.real_path.parent]


def _open(path: Path, *, writable: bool) -> ImageFile:
    try:
        return open_image(path, writable=writable)
    except OSError as error:
        words = error.strerror or str(error)
        if error.errno in _NO_SUCH_FILE:
            summary = _NO_SUCH_FILE[error.errno]
            detail = f"no file {path}" if error.errno == errno.ENOENT else f"{path}: {words}"
            cure = _others_beside(path) or "look at image_path"
            raise ImageError(summary, detail=detail, cure=cure) from error
        if writable:
            cure = "--snapshot leaves the image as it is and needs only the right to read it"
            raise ImageError("the image cannot be written", detail=f"{path}: {words}", cure=cure) from error
        raise ImageError(
            "the image cannot be read", detail=f"{path}: {words}", cure="look at its rights"
        ) from error


def _others_beside(path: Path) -> str:
    """Which image of its folder may be meant; empty where there is none."""
    from difflib import get_close_matches

    try:
        names = sorted(each.name for each in islice(os.scandir(path.parent), _MOST_LOOKED_AT))
    except OSError:
        return ""
    images = [name for name in names if name.lower().endswith(_SUFFIXES)]
    if close := get_close_matches(path.name, images, n=1):
        return f'did you mean "{close[0]}"?'
    return f"its folder has {', '.join(images[:_MOST_NAMED])}" if images else ""


def _layer(file: ImageFile, said: str | None) -> Layer:
    """An open file as a layer, with everything refused that QEMU should not be given."""
    image = read_image(file, said)
    path = str(file.path)
    if not image.is_disk:
        raise not_disks.refusal(image.format, path)
    if image.is_encrypted:
        cure = "decrypt it first: qemu-img convert, with --object secret and --image-opts"
        raise ImageError("the image is encrypted", detail=path, cure=cure)
    if image.has_external_data:
        raise ImageError("the image keeps its data in another file", detail=path, cure=_CONVERT)
    if image.other_files:
        named = ", ".join(image.other_files[:5])
        raise ImageError("the image refers to other files", detail=f"{path} refers to {named}", cure=_CONVERT)
    if image.backing_file is not None and image.format == "qed":
        detail = f"{path} lies over {_shown(image.backing_file)}"
        raise ImageError("a QED image over another is not followed", detail=detail, cure=_FLATTEN)
    return Layer(file=file, image=image)


def _below(layer: Layer, folders: Sequence[Path]) -> Layer:
    """The image below a layer, opened and checked."""
    said = layer.image.backing_format
    name = layer.image.backing_file or ""
    if said is not None and said not in FORMATS:
        cure = "qemu-img rebase -u -b BASE -F raw|qcow2 IMAGE names the format"
        detail = f"{layer.file.path} says of {_shown(name)}: {_shown(said)}"
        raise ImageError(
            "the image below is said to have a format that is not one of an image", detail=detail, cure=cure
        )
    candidates = _candidates(layer.file, name)
    file = _open_below(layer, name, candidates)
    try:
        _check_place(layer, name, file, folders)
        return _layer(file, said)
    except BaseException:
        file.close()
        raise


def _check_place(layer: Layer, name: str, file: ImageFile, folders: Iterable[Path]) -> None:
    """Refuse a file that lies where images below others may not."""
    if any(file.real_path.is_relative_to(folder) for folder in folders):
        return
    where = " or ".join(dict.fromkeys(map(str, folders))) or "no folder of this host"
    raise ImageError(
        "the image refers to another file of this host",
        detail=f"{layer.file.path} lies over {_shown(name)}; allowed is {where}",
        cure=_FLATTEN,
    )


def _candidates(file: ImageFile, name: str) -> list[Path]:
    """The files that a name in an image may mean: beside the name it was opened by, then beside itself."""
    if "\0" in name:
        raise ImageError(
            "the name of the image below has a NUL in it",
            detail=f"{file.path}: {_shown(name)}",
            cure=_FLATTEN,
        )
    name = name.removeprefix("file:")
    return list(dict.fromkeys(folder / name for folder in (file.path.parent, file.real_path.parent)))


def _open_below(layer: Layer, name: str, candidates: Iterable[Path]) -> ImageFile:
    detail = f"{layer.file.path} lies over {_shown(name)}"
    for path in candidates:
        try:
            return open_image(path, block_devices=False)
        except FileNotFoundError:
            continue
        except ImageError as error:
            raise ImageError(error.summary, detail=f"{detail}: {error.detail}", cure=_FLATTEN) from error
        except OSError as error:
            words = error.strerror or str(error)
            raise ImageError(
                "the image below cannot be read", detail=f"{detail}: {words}", cure="look at its rights"
            ) from error
    if ":" in name.split("/", 1)[0]:
        summary = "the image refers to something that is not a file"
        raise ImageError(summary, detail=detail, cure=_FLATTEN)
    raise ImageError(
        "the image below is missing", detail=detail, cure="bring it, or qemu-img rebase names another"
    )


def _check_loop(layers: Iterable[Layer], below: Layer) -> None:
    if any(layer.file.key == below.file.key for layer in layers):
        raise ImageError("the image lies over itself", detail=str(below.file.path), cure="make it anew")


def _shown(name: str) -> str:
    """A name out of an image, safe to print and not longer than a line."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    shown = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return f'"{shown[:200]}"'
