"""What people write as `image_path` that is not a path, and what to write instead.

Source: the protocols and options of QEMU's manual page (`-drive`, `-blockdev`); go-getter's sources.
"""

import re
from collections.abc import Mapping

from qemu_run.errors import Diagnostic
from qemu_run.golang.paths import base

REMOTE = r"(?i)(?:(?:git|hg|gcs|s3|http|https)::|(?:https?|ftps?|s3|gs|gcs|sftp|scp|tftp)://|git@)"
"""The beginnings of what an artifact fetches."""
OF_QEMU = (
    r"(?i)(?:json:\{|(?:nbd|iscsi|iser|rbd|ssh|nfs|gluster|sheepdog|vxhs|vitastor)(?:\+\w+)?:"
    r"|(?:blkdebug|blkverify|blklogwrites|copy-on-read|fat|host_cdrom|host_device|null-aio|null-co|nvme"
    r"|preallocate|quorum|raw|replication|throttle):)"
)
"""The beginnings of what QEMU takes for something else than the name of a file."""
OF_A_SHELL = r"~[\w-]*(?:/|$)|\$\w"
"""What a shell would replace, and nothing does here."""
FILE = r"(?i)file:(?://(?:localhost)?(?=/))?"
DRIVE_OPTION = (
    r"(?:^|,)(?P<key>aio|bus|cache|detect-zeroes|discard|driver|file|filename|format|id|if|index|media|node-name"
    r"|readonly|rerror|snapshot|unit|werror)=(?P<value>[^,]*)"
)
"""One `key=value` of `-drive`."""


def problem(text: str) -> Diagnostic | None:
    """What is wrong with the text of an `image_path`, if it is anything but a path."""
    if re.match(OF_A_SHELL, text):
        return Diagnostic(
            f'image_path cannot be "{text}"', None, "no shell reads this", hints=("write the whole path",)
        )
    if ":" not in text and "=" not in text:
        return None
    if re.match(REMOTE, text):
        return _remote(text)
    if local := re.match(FILE, text):
        hint = f'write image_path = "{text[local.end() :]}"'
        return Diagnostic(
            f'image_path cannot be "{text}"', None, "a path alone, without file:", hints=(hint,)
        )
    if re.match(OF_QEMU, text):
        return _of_qemu(text)
    if found := {match["key"]: match["value"] for match in re.finditer(DRIVE_OPTION, text)}:
        return _options(text, found)
    return None


def _remote(text: str) -> Diagnostic:
    _, _, path = text.rpartition("::")[2].partition("?")[0].partition("://")
    name = base(path) if "/" in path.rstrip("/") else "disk.img"
    return Diagnostic(
        f'image_path cannot be "{text}"',
        None,
        "an address: an artifact fetches the image first",
        hints=(
            f'add artifact {{ source = "{text}" }} to the task',
            f'and write image_path = "local/{name}"',
        ),
    )


def _of_qemu(text: str) -> Diagnostic:
    doubled = text.replace(",", ",,").replace("\\", "\\\\").replace('"', '\\"')
    return Diagnostic(
        f'image_path cannot be "{text}"',
        None,
        "an image that is not a file; image_path is the path of one",
        hints=(f'leave image_path out and write args = ["-drive", "file={doubled},if=virtio"]',),
    )


def _options(text: str, found: Mapping[str, str]) -> Diagnostic:
    path = found.get("file") or found.get("filename") or text.partition(",")[0]
    hints = [f'write image_path = "{path}"'] if "=" not in path else []
    if interface := found.get("if"):
        hints.append(f'and drive_interface = "{interface}"')
    if others := [key for key in found if key not in {"file", "filename", "if", "format", "id"}]:
        hints.append(f'{", ".join(others)}: only a drive of your own can say so, args = ["-drive", "..."]')
    return Diagnostic(
        f'image_path cannot be "{text}"', None, "options of a drive; image_path is a path", hints=tuple(hints)
    )
