"""Unpack archives into a folder of their own: nothing lands outside, nothing is followed, nothing explodes.

Regular files and folders are written first, by us; links are made when all is written, and whatever of them
leads out is refused. The bounds on entries and bytes are Nomad's; modes are kept apart and given to copies.
"""

import os
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from qemu_run.artifacts.archives import PACKED, by_content, packing_of
from qemu_run.artifacts.failures import FetchError, is_artifacts_own, storing_error
from qemu_run.artifacts.folders import create_private
from qemu_run.artifacts.packing import PackingError, unpacked_stream
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.terms import Bounds
from qemu_run.artifacts.words import size_in_words
from qemu_run.records import mutable

LONE_FILE = "content"
"""The name below the target of what was not an archive but one packed file."""
_COPY_BYTES = 1 << 20
_PERMISSIONS = 0o777
_NOT_IN_NAMES = {"Cc": "control characters", "Cs": "bytes that are not UTF-8"}
_LONGEST_NAME_BYTES = 255
"""Of one part of a path, on every file system there is."""


@mutable(kw_only=True)
class Unpacked:
    """What came out of an archive."""

    total_bytes: int = 0
    modes: dict[str, int] = field(default_factory=dict)
    """The permissions that the archive gives its entries, by their path."""


def unpack(archive: Path, kind: str, target: Path, bounds: Bounds, stop: Stop) -> Unpacked:
    """Fill the empty folder `target` with what is in an archive; a packed file becomes LONE_FILE.

    Raises:
        FetchError: it is damaged, too large, empty, or has entries that may not be.
        StorageError: the files cannot be written.
        StoppedError: all is to end.
    """
    try:
        with archive.open("rb") as file:
            work = _Unpacking(target, bounds, stop, os.fstat(file.fileno()).st_size)
            content = by_content(archive)
            with _naming(work):
                if kind in PACKED:
                    work.lone(unpacked_stream(file, _packing(kind, content)))
                elif (content or kind) == "zip":
                    work.zip(file)
                else:
                    work.tar(unpacked_stream(file, _packing(kind, content)))
    except (PackingError, tarfile.TarError, zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise FetchError(f"the archive is damaged: {error}") from error
    except OSError as error:
        raise storing_error("unpack the artifact", error) from error
    return work.result


@contextmanager
def _naming(work: "_Unpacking") -> Iterator[None]:
    """What the file system says of an entry's name is the archive's fault."""
    try:
        yield
    except OSError as error:
        if not (work.at and is_artifacts_own(error)):
            raise
        raise FetchError(
            f'the archive has an entry that cannot be unpacked: "{work.at}"', detail=error.strerror or ""
        ) from error


def _packing(kind: str, content: str) -> str:
    """What the bytes are packed with: what they say themselves, whatever the name says.

    Raises:
        FetchError: they say nothing of the kind.
    """
    if content in PACKED:
        return content
    if content == "tar" and kind not in PACKED:
        return ""
    if packing_of(kind):
        raise FetchError(f"what came is not a .{kind}, whatever its name says")
    return ""


class _Unpacking:
    """The state of one archive being unpacked."""

    def __init__(self, target: Path, bounds: Bounds, stop: Stop, packed_bytes: int) -> None:
        self.result = Unpacked()
        self.at = ""
        """The entry that is being unpacked."""
        self._target = target
        self._bounds = bounds
        self._stop = stop
        self._most_bytes = min(bounds.total_bytes, max(bounds.harmless_bytes, packed_bytes * bounds.ratio))
        self._packed_bytes = packed_bytes
        self._taken: dict[str, str] = {}
        self._is_folder: dict[str, bool] = {}
        self._links: dict[str, str] = {}
        self._entries = 0

    def lone(self, content: BinaryIO) -> None:
        """One packed file."""
        self._write(LONE_FILE, content)

    def tar(self, content: BinaryIO) -> None:
        """A tape archive, read once from its beginning to its end."""
        with tarfile.open(fileobj=content, mode="r|") as archive:
            for member in archive:
                self._stop.check()
                self._tar_member(archive, member)
        self._finish()

    def _tar_member(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        name = self._name(member.name, is_folder=member.isdir())
        if not name:
            return
        mode = member.mode & _PERMISSIONS
        if member.isdir():
            self._folder(name, mode)
        elif member.issym():
            self._link(name, member.linkname)
        elif member.islnk():
            self._copy(name, member.linkname, mode)
        elif member.isreg():
            body = archive.extractfile(member)
            if body is None:
                raise FetchError(f'the archive has no content for "{name}"')
            self._write(name, body, mode)
        else:
            raise FetchError(f'the archive has a device or pipe in it: "{name}"')

    def zip(self, content: BinaryIO) -> None:
        """A zip archive."""
        with self._zip_errors(), zipfile.ZipFile(content) as archive:
            for member in archive.infolist():
                self._stop.check()
                self._zip_member(archive, member)
        self._finish()

    def _zip_member(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        is_folder = member.orig_filename.endswith("/")
        name = self._name(member.orig_filename, is_folder=is_folder)
        if not name:
            return
        if member.flag_bits & 1:
            raise FetchError("the archive is encrypted", hints=("unpack it yourself and name the file",))
        kind, mode = stat.S_IFMT(member.external_attr >> 16), (member.external_attr >> 16) & _PERMISSIONS
        if is_folder:
            self._folder(name, mode or 0o755)
            return
        with archive.open(member) as body:
            if kind == stat.S_IFLNK:
                self._link(name, body.read(4096).decode("utf-8", "replace"))
            elif kind in {0, stat.S_IFREG}:
                self._write(name, body, mode or 0o644)
            else:
                raise FetchError(f'the archive has a device or pipe in it: "{name}"')

    @contextmanager
    def _zip_errors(self) -> Iterator[None]:
        """What `zipfile` throws at damaged archives, as ours; what it throws at a full disk stays."""
        import lzma
        import struct
        import zlib

        try:
            yield
        except (zlib.error, lzma.LZMAError, struct.error, RuntimeError, ValueError, LookupError) as error:
            raise PackingError(self._unfit(error)) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise PackingError(self._unfit(error)) from error

    def _unfit(self, error: Exception) -> str:
        return f'"{self.at}" cannot be unpacked: {error}' if self.at else f"its list cannot be read: {error}"

    def _name(self, name: str, *, is_folder: bool) -> str:
        """An entry's path below the target, found fit; empty for the target itself.

        Raises:
            FetchError: it leads out, or is another's.
        """
        self._entries += 1
        if self._entries > self._bounds.entries:
            raise FetchError(f"the archive has more than {self._bounds.entries} entries")
        for category, what in _NOT_IN_NAMES.items():
            if any(unicodedata.category(c) == category for c in name):
                raise FetchError(f'the archive has a name with {what} in it: "{name}"')
        self.at = name
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            raise FetchError(f'the archive has an entry that leads out of it: "{name}"')
        if (longest := max((len(os.fsencode(part)) for part in path.parts), default=0)) > _LONGEST_NAME_BYTES:
            raise FetchError(f'the archive has a name of {longest} bytes, and no file can have it: "{name}"')
        shown = str(path)
        if shown == ".":
            return ""
        for end in range(1, len(path.parts) + 1):
            self._claim("/".join(path.parts[:end]), is_folder=is_folder or end < len(path.parts))
        return shown

    def _claim(self, name: str, *, is_folder: bool) -> None:
        """Take a name, which only folders may share.

        Raises:
            FetchError: it is taken, if only by one that differs in case or in its encoding.
        """
        folded = unicodedata.normalize("NFC", name).casefold()
        first_time = folded not in self._taken
        first = self._taken.setdefault(folded, name)
        if first != name:
            raise FetchError(f'the archive has two names that differ only in case: "{first}" and "{name}"')
        was = self._is_folder.setdefault(folded, is_folder)
        if (first_time and was == is_folder) or (was and is_folder):
            return
        raise FetchError(f'the archive has "{name}" twice')

    def _folder(self, name: str, mode: int) -> None:
        (self._target / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.result.modes[name] = mode

    def _link(self, name: str, goal: str) -> None:
        self._links[name] = goal

    def _copy(self, name: str, goal: str, mode: int) -> None:
        """A hard link: a second name of a file that was written before becomes a file of its own."""
        path = PurePosixPath(goal)
        source = self._target / path
        if path.is_absolute() or ".." in path.parts or not source.is_file():
            raise FetchError(f'the archive links "{name}" to a file that is not in it: "{goal}"')
        with source.open("rb") as body:
            self._write(name, body, mode)

    def _write(self, name: str, content: "BinaryIO | IO[bytes]", mode: int = 0o644) -> None:
        """Write a file; blocks of zeros become holes."""
        path = self._target / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = create_private(path, os.O_EXCL)
        size = 0
        try:
            while chunk := content.read(_COPY_BYTES):
                self._stop.check()
                self._count(len(chunk))
                if chunk.strip(b"\0"):
                    _write_all(descriptor, chunk, size)
                size += len(chunk)
            os.ftruncate(descriptor, size)
        finally:
            os.close(descriptor)
        self.result.modes[name] = mode

    def _count(self, size: int) -> None:
        self.result.total_bytes += size
        if self.result.total_bytes > self._most_bytes:
            times = self.result.total_bytes // max(1, self._packed_bytes)
            became = size_in_words(self.result.total_bytes)
            raise FetchError(
                f"the archive becomes too large: {became}, {times} times its size",
                hints=("if that is meant, unpack it yourself and name what came out",),
            )

    def _finish(self) -> None:
        """Make the links, and see that none leads out.

        Raises:
            FetchError: one does, or there is nothing at all.
        """
        if not self._entries:
            raise FetchError("the archive is empty")
        for name, goal in self._links.items():
            self.at, link = name, self._target / name
            if not goal or goal.startswith("/") or "\0" in goal:
                raise FetchError(f'the archive links "{name}" to a place outside: "{goal}"')
            link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            link.symlink_to(goal)
        check_links(self._target, self._links)


def check_links(folder: Path, links: "Mapping[str, str] | list[str]") -> None:
    """See that no link of a folder leads out of it.

    Raises:
        FetchError: one does.
    """
    root = folder.resolve()
    for name in links:
        try:
            goal = (folder / name).resolve()
        except (OSError, RuntimeError) as error:
            raise FetchError(f'the link "{name}" leads nowhere: a loop') from error
        if not goal.is_relative_to(root):
            raise FetchError(f'the link "{name}" leads out of the artifact')


def _write_all(descriptor: int, chunk: bytes, offset: int) -> None:
    view = memoryview(chunk)
    while view:
        written = os.pwrite(descriptor, view, offset)
        offset += written
        view = view[written:]
