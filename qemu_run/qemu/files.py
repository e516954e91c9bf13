"""Which files of the host an option names: what an owner's `image_paths` is held against.

Where the answer is "unknown", the option may reach any file, and an owner who named folders refuses it.
Source: QEMU's manual page; `path_has_protocol` of its `block.c`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from qemu_run.qemu.arguments import Option
from qemu_run.qemu.chardevs import CharDevice, read_chardev, read_short
from qemu_run.qemu.file_words import FILE_KEYS, FOLDER_KEYS, LOCAL_DRIVERS, NETWORKS, NOT_PATHS, REFERENCES
from qemu_run.qemu.options import Files
from qemu_run.qemu.properties import Properties, read_properties
from qemu_run.records import record


@record
class FileReference:
    """A file of the host that an option names; relative names start from the task directory."""

    path: str
    kind: Literal["disk", "file", "folder", "output"] = "file"
    """A disk may refer to further files, and has to be looked into."""
    format: str = ""
    """The format that the job says a disk has; empty where QEMU would guess."""


class _UnknownError(Exception):
    """The option may name any file."""


_PLAIN = re.compile(r"[^:/]*(?:/|$)")
_FAT = re.compile(r"fat:(?:(?:floppy|rw|ro|12|16|32):)*(?:label=[^:]*:)?(.*)", re.DOTALL)
_WITH_PROGRAMS = {"script", "downscript", "helper"}


def file_references(option: Option) -> tuple[FileReference, ...] | None:
    """The files that an option names; None if it may name any.

    A bare word is a disk image, as QEMU takes it.
    """
    if option.is_bare_word:
        files = Files.DISK
    elif option.kind is None:
        return None
    else:
        files = option.kind.files
    try:
        return tuple(_READERS[files](option))
    except _UnknownError:
        return None


def _whole(option: Option) -> Iterator[FileReference]:
    value = option.value or ""
    yield FileReference(value)
    if option.name == "initrd":  # several modules: "file words,file words"
        for module in read_properties(value).pairs if "," in value else ():
            yield FileReference(module[0].split(" ")[0])
        yield FileReference(value.split(" ")[0])


def _disk(option: Option) -> Iterator[FileReference]:
    yield from _block_name(option.value or "", "raw" if option.is_bare_word else "")


def _block_name(name: str, image_format: str) -> Iterator[FileReference]:
    """A disk in the form of one text: a path, or one of QEMU's protocols."""
    if name.startswith("json:"):
        described = read_properties(name.removeprefix("json:"))
        if not described.pairs:
            raise _UnknownError
        yield from _nodes(described, names_nodes=True)
    elif (match := _FAT.fullmatch(name)) is not None:
        yield FileReference(match[1], "folder")
    elif name.startswith("file:"):
        yield FileReference(name.removeprefix("file:"), "disk", image_format)
    elif _PLAIN.match(name):
        yield FileReference(name, "disk", image_format)
    else:
        raise _UnknownError


def _block(option: Option) -> Iterator[FileReference]:
    properties = option.properties
    if properties.is_json and not properties.pairs:
        raise _UnknownError
    yield from _nodes(properties, names_nodes=option.name == "blockdev")


def _nodes(properties: Properties, *, names_nodes: bool) -> Iterator[FileReference]:
    """All files that a description of block nodes names, however deep."""
    image_format = properties.get("format") or properties.get("driver")
    for key, value in properties.pairs:
        last = key.rsplit(".", 1)[-1]
        if last in {"driver", "format"} and value not in LOCAL_DRIVERS:
            raise _UnknownError
        if last in REFERENCES and (names_nodes or "." in key or key != "file"):
            continue
        if last in {"file", "filename"}:
            yield from _block_name(value, image_format if image_format != "file" else "")
        elif last == "dir":
            yield FileReference(value, "folder")
        elif last == "config" or last not in NOT_PATHS:
            yield from _if_path(value, is_path=last == "config")


def _if_path(value: str, *, is_path: bool = False) -> Iterator[FileReference]:
    """A value that is a path, or looks like one. With a colon in front nobody knows how QEMU reads it."""
    if "/" in value and ":" in value.split("/", 1)[0]:
        raise _UnknownError
    if is_path or "/" in value or value == "..":
        yield FileReference(value)


def _pairs(option: Option) -> Iterator[FileReference]:
    properties = option.properties
    if properties.is_json and not properties.pairs:
        raise _UnknownError
    special = _SPECIAL.get(option.name)
    if special is not None:
        yield from special(option, properties)
    for key, value in properties.pairs:
        last = re.sub(r"\.\d+(\.str)?$", "", key).rsplit(".", 1)[-1]
        if last in _WITH_PROGRAMS and value not in {"no", ""}:
            raise _UnknownError  # a program, which may do anything
        if last in _WITH_PROGRAMS or value.startswith("fd:") or value in {"", "on", "off"}:
            continue
        if last in FILE_KEYS:
            kind = "folder" if option.name in {"fsdev", "virtfs"} else _kind(last)
            yield from (FileReference(each, kind) for each in _several(option.name, value))
        elif last not in NOT_PATHS and option.name != "smbios":
            yield from _if_path(value)


def _kind(key: str) -> Literal["file", "folder", "output"]:
    if key in FOLDER_KEYS:
        return "folder"
    return "output" if key in {"logfile", "dumpdtb"} else "file"


def _several(name: str, value: str) -> Iterable[str]:
    """`-acpitable file=a:b` names two files."""
    return value.split(":") if name == "acpitable" else (value,)


def _network(_: Option, properties: Properties) -> Iterator[FileReference]:
    """Networks that start programs, or need a script that QEMU would look for by itself."""
    kind = properties.get("type")
    if kind not in NETWORKS or properties.has("smb") or (kind == "tap" and not _is_open_tap(properties)):
        raise _UnknownError
    for rule in properties.all("guestfwd"):
        target = rule.partition("-")[2]
        if target.startswith("cmd:"):
            raise _UnknownError
        yield from _of_device(read_short(target))
    for rule in properties.all("hostfwd"):
        if rule.startswith("unix:"):
            yield FileReference(rule.removeprefix("unix:").partition("-")[0], "output")


def _global(_: Option, properties: Properties) -> Iterator[FileReference]:
    """`driver=D,property=romfile,value=FILE`."""
    yield from _if_path(properties.get("value"), is_path=properties.get("property") in FILE_KEYS)


def _is_open_tap(properties: Properties) -> bool:
    by_descriptor = properties.has("fd") or properties.has("fds")
    return by_descriptor or (properties.get("script") == "no" and properties.get("downscript") == "no")


def _vnc(_: Option, properties: Properties) -> Iterator[FileReference]:
    name = properties.get("vnc")
    if name.startswith("unix:"):
        yield FileReference(name.removeprefix("unix:"), "output")


def _chardev_pairs(_: Option, properties: Properties) -> Iterator[FileReference]:
    return _of_device(read_chardev(properties))


def _chardev(option: Option) -> Iterator[FileReference]:
    device = read_short(option.value or "")
    if device.is_monitor_too and not device.is_stdio:
        raise _UnknownError
    yield from _of_device(device)


def _of_device(device: CharDevice) -> Iterator[FileReference]:
    if device.path:
        yield FileReference(device.path, "output")
    elif device.endpoint is not None and device.endpoint.protocol == "unix":
        yield FileReference(device.endpoint.address, "output")


def _any(option: Option) -> Iterator[FileReference]:
    """Options that reach every file, unless their value makes nothing of them."""
    if option.value in {"none", "null"}:
        return iter(())
    raise _UnknownError


_READERS: Mapping[Files, Callable[[Option], Iterable[FileReference]]] = {
    Files.NONE: lambda _: (),
    Files.WHOLE: _whole,
    Files.FOLDER: lambda option: (FileReference(option.value or "", "folder"),),
    Files.OUTPUT: lambda option: (FileReference(option.value or "", "output"),),
    Files.DISK: _disk,
    Files.BLOCK: _block,
    Files.PAIRS: _pairs,
    Files.CHARDEV: _chardev,
    Files.ANY: _any,
}
_SPECIAL: Mapping[str, Callable[[Option, Properties], Iterator[FileReference]]] = {
    "chardev": _chardev_pairs,
    "global": _global,
    "net": _network,
    "netdev": _network,
    "nic": _network,
    "vnc": _vnc,
}
