"""A qcow2 overlay written without qemu-img: three small writes instead of a process.

The overlay takes the guest's writes; the image below it is opened read-only and stays as it is. An overlay
that is kept carries in its header what its base was like, so that it is not used over another one.
Source: QEMU's `docs/interop/qcow2.txt`, version 3; header extensions that QEMU does not know it keeps.
"""

import os
import struct
from pathlib import Path

from qemu_run.images.chain import Chain, Layer
from qemu_run.images.file import open_image
from qemu_run.images.formats import read_image
from qemu_run.images.image import whole_sectors
from qemu_run.images.problems import ImageError
from qemu_run.images.qcow import BACKING_FORMAT_EXTENSION, LONGEST_NAME, read_qcow2_header

_CLUSTER_BITS = 16
_CLUSTER = 1 << _CLUSTER_BITS
_ENTRIES_PER_L2 = _CLUSTER // 8
_HEADER_BYTES = 112
_BASE_EXTENSION = 0x71726E42
"""Ours: what the base was like when the overlay was made."""
_REFCOUNT_ORDER_16_BITS = 4
_A_NEW_ONE = "name a file that does not exist yet"


def write_overlay(
    path: Path, backing_file: Path, backing_format: str, virtual_bytes: int, base_identity: str = ""
) -> None:
    """Create a sparse qcow2 at `path` over `backing_file`, whose format is stated and never probed.

    Layout in clusters: header, refcount table, one refcount block, the (empty) L1 table.

    Raises:
        FileExistsError: `path` exists.
        ValueError: the name of the backing file is longer than the format allows, or the disk is too large
            for one refcount block (some 16 EiB).
        OSError: the file cannot be written.
    """
    name = os.fsencode(backing_file)
    if len(name) > LONGEST_NAME:
        raise ValueError(f"the path of the image has {len(name)} bytes; qcow2 holds {LONGEST_NAME}")
    l1_entries = max(1, -(-virtual_bytes // (_CLUSTER * _ENTRIES_PER_L2)))
    clusters = 3 + -(-l1_entries * 8 // _CLUSTER)
    if clusters > _CLUSTER // 2:
        raise ValueError(f"a disk of {virtual_bytes} bytes is too large for an overlay")
    extensions = _extension(BACKING_FORMAT_EXTENSION, backing_format)
    if base_identity:
        extensions += _extension(_BASE_EXTENSION, base_identity)
    extensions += struct.pack(">II", 0, 0)
    header = struct.pack(
        ">4sIQIIQIIQQIIQQQQII8x",
        b"QFI\xfb",
        3,
        _HEADER_BYTES + len(extensions),
        len(name),
        _CLUSTER_BITS,
        virtual_bytes,
        0,  # not encrypted
        l1_entries,
        3 * _CLUSTER,
        _CLUSTER,
        1,  # one cluster of refcount table
        0,  # no snapshots
        0,
        0,  # no incompatible, compatible or automatic features
        0,
        0,
        _REFCOUNT_ORDER_16_BITS,
        _HEADER_BYTES,
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(descriptor, header + extensions + name, 0)
        os.pwrite(descriptor, struct.pack(">Q", 2 * _CLUSTER), _CLUSTER)
        os.pwrite(descriptor, struct.pack(">H", 1) * clusters, 2 * _CLUSTER)
        os.ftruncate(descriptor, clusters * _CLUSTER)
    finally:
        os.close(descriptor)


def _extension(kind: int, text: str) -> bytes:
    """A header extension, padded to eight bytes."""
    data = text.encode("ascii")
    return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)


def base_identity(chain: Chain) -> str:
    """What changes when a base is written to or replaced: format, size and time of each layer.

    Where it lies does not count: a disk may be moved together with its overlay.
    """
    return " ".join(
        f"{layer.format}:{layer.file.size_bytes}:{layer.file.modified_ns}" for layer in chain.layers
    )


def make_overlay(
    path: Path, base: Chain, *, size_bytes: int | None = None, identity: str | None = None
) -> Chain:
    """Create an overlay at `path` and return it with its base below.

    Args:
        path: Where; nothing may be there.
        base: The image below. It belongs to the chain that is returned.
        size_bytes: The size of the disk that the guest sees; by default that of the base. A larger one gives
            the guest room that its own tools make use of.
        identity: What tells this base from another, in ASCII (a checksum); by default `base_identity`.

    Raises:
        ImageError: the disk would be smaller than its base, larger than an overlay can be, or something is at
            `path` already.
        OSError: the file cannot be written.
    """
    size = _size(base, size_bytes)
    try:
        write_overlay(path, base.top.path, base.top.format, size, identity or base_identity(base))
    except FileExistsError as error:
        raise ImageError("there is a file where the overlay would be made", detail=str(path)) from error
    except ValueError as error:
        raise ImageError(
            "the overlay cannot be made", detail=str(error), cure="use a shorter path"
        ) from error
    return open_overlay(path, base)


def reuse_overlay(
    path: Path, base: Chain, *, size_bytes: int | None = None, identity: str | None = None
) -> Chain:
    """The overlay that an earlier run kept at `path`, over the base that it was made for.

    Arguments are those of `make_overlay`. The name of the base in its header plays no part.

    Raises:
        ImageError: it is not an overlay of ours, it was made for another base or for one that has changed,
            or it has another size than is wanted.
    """
    try:
        overlay = open_overlay(path, base)
    except ImageError as error:
        raise _not_ours(path, error.summary) from error
    try:
        _check_reuse(overlay, base, size_bytes, identity or base_identity(base))
    except BaseException:
        overlay.top.file.close()
        raise
    return overlay


def _check_reuse(overlay: Chain, base: Chain, size_bytes: int | None, identity: str) -> None:
    path = overlay.top.file.path
    recorded = dict(read_qcow2_header(overlay.top.file).extensions).get(_BASE_EXTENSION)
    if recorded is None:
        raise _not_ours(path)
    if recorded != identity.encode():
        raise _of_another_base(overlay, base)
    wanted = None if size_bytes is None else _size(base, size_bytes)
    if wanted is not None and wanted != overlay.virtual_bytes:
        cure = f"qemu-img resize {path} {wanted}"
        if wanted < overlay.virtual_bytes:
            cure = "a disk is never made smaller; leave the size out, or start with a new overlay"
        detail = f"{path} has a disk of {overlay.virtual_bytes} bytes"
        raise ImageError("the overlay has another size", detail=detail, cure=cure)


def _not_ours(path: Path, why: str = "") -> ImageError:
    found = f"{path}: {why}" if why else f"{path}"
    return ImageError("the file is not an overlay of qemu-run", detail=found, cure=_A_NEW_ONE)


def _of_another_base(overlay: Chain, base: Chain) -> ImageError:
    """Two images, or one that was written to: as far as the name in the overlay's header can tell."""
    path, made_over = overlay.top.file.path, overlay.top.image.backing_file
    if made_over is not None and Path(made_over) != base.top.path and Path(made_over).exists():
        return ImageError(
            "the overlay was made for another image",
            detail=f"{path} is over {made_over}",
            cure=f"{_A_NEW_ONE}: over this image it would be damaged",
        )
    return ImageError(
        "the image below the overlay has changed since the overlay was made",
        detail=f"{path} over {base.top.file.path}",
        cure=f"bring the old image back, or {_A_NEW_ONE}: together they would be damaged",
    )


def _size(base: Chain, size_bytes: int | None) -> int:
    if size_bytes is None:
        return base.virtual_bytes
    if size_bytes < base.virtual_bytes:
        raise ImageError(
            "a disk cannot be made smaller than its image",
            detail=f"{base.top.file.path} has a disk of {base.virtual_bytes} bytes, {size_bytes} are wanted",
            cure=f"at least {base.virtual_bytes} bytes",
        )
    return whole_sectors(size_bytes)


def open_overlay(path: Path, base: Chain) -> Chain:
    """The qcow2 at `path`, for writing, with `base` below it, whatever its header says.

    Raises:
        ImageError: it is missing, or not a qcow2.
    """
    try:
        file = open_image(path, writable=True, block_devices=False)
    except OSError as error:
        raise ImageError("the overlay cannot be opened", detail=f"{path}: {error.strerror}") from error
    try:
        image = read_image(file, "qcow2")
    except BaseException:
        file.close()
        raise
    return Chain([Layer(file=file, image=image), *base.layers])
