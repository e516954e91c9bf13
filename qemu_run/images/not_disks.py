"""Files that people take for disks: recognised by their first bytes, each with the way out."""

from collections.abc import Mapping

from qemu_run.images.problems import ImageError

PACKED: Mapping[str, bytes] = {
    "gzip": b"\x1f\x8b",
    "xz": b"\xfd7zXZ\0",
    "zstd": b"\x28\xb5\x2f\xfd",
    "bzip2": b"BZh",
    "lz4": b"\x04\x22\x4d\x18",
}
_UNPACKED_BY = {"gzip": "gunzip", "xz": "unxz", "zstd": "unzstd", "bzip2": "bunzip2", "lz4": "unlz4"}
_ARCHIVES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (257, b"ustar", "tar"),
)
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")
_LFS = b"version https://git-lfs"
_KERNEL_MAGIC_AT, _KERNEL_MAGIC = 0x202, b"HdrS"
_TEXT_BYTES = 4096
_PACKED_CURE = "unpack it first: {} {}; an artifact is unpacked by itself"
_ARCHIVE_CURE = "unpack it and name the disk inside; an artifact is unpacked by itself"
_WHAT: Mapping[str, tuple[str, str]] = {
    "empty": ("an empty file", "qemu-img create -f qcow2 FILE 10G makes an empty disk"),
    "html": ("a page of HTML", "a download went to a page and not to the image: look at its address"),
    "text": ("text", "name the disk itself; --image-format raw starts a disk that only looks like text"),
    "git-lfs": ("a pointer of Git LFS", "git lfs pull brings the file itself"),
    "kernel": ("a Linux kernel", 'leave image_path out and write args = ["-kernel", "local/vmlinuz"]'),
    "elf": ("a program or a kernel", 'a kernel is started by args = ["-kernel", "local/kernel"]'),
    "ova": (
        "an OVA archive",
        "tar -xf FILE, then qemu-img convert -O qcow2 DISK.vmdk disk.qcow2",
    ),
}


def recognise(head: bytes, size_bytes: int) -> str | None:
    """What a file is that is not a disk, from its first 4096 bytes; None if it may be one."""
    if size_bytes == 0:
        return "empty"
    for name, magic in PACKED.items():
        if head.startswith(magic):
            return name
    for start, magic, name in _ARCHIVES:
        if head[start : start + len(magic)] == magic:
            return "ova" if name == "tar" and head[:100].rstrip(b"\0").endswith(b".ovf") else name
    if head.startswith(b"\x7fELF"):
        return "elf"
    if head[_KERNEL_MAGIC_AT : _KERNEL_MAGIC_AT + 4] == _KERNEL_MAGIC:
        return "kernel"
    return _recognise_text(head[:_TEXT_BYTES])


def _recognise_text(head: bytes) -> str | None:
    if head.startswith(_LFS):
        return "git-lfs"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_HTML):
        return "html"
    try:
        text = head[: len(head) - 4 if len(head) == _TEXT_BYTES else None].decode()
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or error.end < len(head) - 8:
            return None
        text = head[: error.start].decode()
    printable = all(letter.isprintable() or letter in "\t\n\r\f" for letter in text)
    return "text" if text and printable else None


def refusal(kind: str, path: str) -> ImageError:
    """Why a file of this kind is not started, and what to do."""
    if kind in PACKED:
        cure = _PACKED_CURE.format(_UNPACKED_BY[kind], path)
        return ImageError(f"the image is not a disk: it is packed with {kind}", detail=path, cure=cure)
    what, cure = _WHAT.get(kind, (f"a {kind} archive", _ARCHIVE_CURE))
    return ImageError(f"the image is not a disk: it is {what}", detail=path, cure=cure)
