"""A head start: QEMU is started as the last run of the same command line started it, and planned meanwhile.

Planning takes as long as QEMU needs to come up. So what a run has started is kept, and the next run of the
same command line starts it again before it has read anything. The guest stands still (`-S`) until the plan
is made and asks for exactly this process: the same arguments, environment, directory and files. Only then
does it go on. Of anything else nothing remains, and the run takes its time. What was kept is never believed:
it saves time, and decides nothing.

There is no head start where QEMU_RUN_NO_QUICK_START is set, nor where an image or a port is in use.
"""

import os
import signal
import stat

TYPE_CHECKING = False  # every command comes by here: nothing is loaded but by those that are started ahead
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from qemu_run.runtime.child import Child, Start

_REAP_SECONDS = 10
_PATIENCE_SECONDS = 2
_OF_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_HAVE_A_SAY = ("NOMAD_", "QEMU_RUN_", "XDG_")
_SHORT_ID = 8


class Unfit(Exception):  # noqa: N818  # it is no error, and nobody is told of it
    """There is no head start."""


class HeadStart:
    """What was started ahead of a plan, and what it keeps from others."""

    def __init__(self, arguments: "Sequence[str]") -> None:
        """`arguments`: the command line. Nothing is started yet."""
        self.key = [_here(), *arguments, *_environment()]
        """The command line, and all else that most likely has a say in what it starts."""
        self.ids: list[str] = []
        """The allocations' ids, in the order in which they are chosen."""
        self.ports: list[int] = []
        """The same of dynamic ports."""
        self.is_whole = False
        """Whether all that was started was what the plan asked for."""
        self._inodes: set[tuple[int, int]] = set()
        self._listens: set[tuple[str, int]] = set()
        self._locks: dict[str, int] = {}
        self._begun: list[tuple[Start, Child]] = []

    def begin(self) -> None:
        """Start what was kept, if anything was and nothing stands in the way."""
        if os.environ.get("QEMU_RUN_NO_QUICK_START"):
            return
        try:
            self._begin(_kept(place(self.key)))
        except (Unfit, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.cancel()
        except BaseException:
            self.cancel()
            raise

    def holds(self, inode: tuple[int, int]) -> bool:
        """Whether a file, by device and inode, is open in what was started."""
        return inode in self._inodes

    def listens(self, ip: str, port: int) -> bool:
        """Whether what was started listens on a port."""
        return (ip, port) in self._listens

    def adopt(self, directory: str) -> int | None:
        """The lock on an allocation directory, if it was made ahead; it is its caller's from now on."""
        return self._locks.pop(directory, None)

    def take(self, wanted: "Start") -> "Child | None":
        """The process that `wanted` would make, if it was started ahead; it is its caller's from now on.

        Where the plan wants another, all that was started is ended first.
        """
        for number, (made_by, child) in enumerate(self._begun):
            if made_by.meaning == wanted.meaning:
                del self._begun[number]
                if not child.failure() and child.poll() is None:
                    self.is_whole = not self._begun
                    return child
                child.end(_REAP_SECONDS)
                break
        self.cancel()
        return None

    def cancel(self) -> None:
        """End what nobody has taken, and remove the directories that nobody has adopted."""
        self.is_whole = self.is_whole and not self._begun
        for _, child in self._begun:
            child.signal(signal.SIGTERM)  # so that QEMU closes its images as it does at any end
        for _, child in self._begun:
            child.wait(_PATIENCE_SECONDS)
            child.end(_REAP_SECONDS)
        self._begun.clear()
        self.ids, self.ports = [], []
        self._inodes.clear()
        self._listens.clear()
        for directory, lock in self._locks.items():
            from shutil import rmtree

            rmtree(directory, ignore_errors=True)
            if lock >= 0:
                os.close(lock)
        self._locks.clear()

    def _begin(self, kept: "Mapping[str, Any]") -> None:
        for path, facts in kept["stands_on"].items():
            if facts_of(path) != facts:
                raise Unfit
        from qemu_run.runtime.child import raise_limit

        if not raise_limit():
            raise Unfit
        self.ids, self.ports = kept["ids"], kept["ports"]
        for ip, port in kept["listens"]:
            self._reserve(ip, port)
        for directory, folders in kept["directories"].items():
            self._make(directory, folders)
        for each in kept["starts"]:
            self._start(each)

    def _reserve(self, ip: str, port: int) -> None:
        """See that a port is free, which QEMU takes in a moment; planning will not find it free any more."""
        from qemu_run.node.addresses import port_obstacle

        if port_obstacle(ip, port, "tcp") or port_obstacle(ip, port, "udp"):
            raise Unfit
        self._listens.add((ip, port))

    def _make(self, directory: str, folders: "Sequence[str]") -> None:
        """Make an allocation directory, and lock it as long as its run lives."""
        import fcntl

        with _locked(os.path.dirname(directory)):
            self._locks[directory] = -1  # its name is new: whenever a signal comes, it is ours to remove
            os.mkdir(directory, 0o700)
            lock = self._locks[directory] = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for folder in folders:
            os.mkdir(os.path.join(directory, folder), 0o700)

    def _start(self, kept: "Mapping[str, Any]") -> None:
        """Start a process, with its files opened as they were."""
        from qemu_run.images.locks import is_in_use
        from qemu_run.runtime.child import OpenFile, Start, start

        files: dict[int, OpenFile] = {}
        numbers: dict[str, str] = {}
        try:
            for number, (path, flags, *inode) in kept["files"].items():
                descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOCTTY)
                files[descriptor] = file = OpenFile.at(descriptor)
                numbers[number] = f"{descriptor}"
                if [*file.inode] != inode or is_in_use(descriptor, for_writing=bool(flags & os.O_ACCMODE)):
                    raise Unfit
            arguments = tuple(_renumbered(argument, numbers) for argument in kept["arguments"])
            made_by = Start(arguments, kept["environment"], kept["directory"], files)
            self._begun.append((made_by, start(made_by)))
            self._inodes.update(file.inode for file in files.values())
        finally:
            for descriptor in files:
                os.close(descriptor)


def place(key: "Sequence[str]") -> str:
    """The file that says how a command line's last run started. Two of one name would only cost time."""
    from zlib import adler32, crc32

    named = os.environ.get("XDG_CACHE_HOME", "")  # as `folders` has it, which takes pathlib's time
    cache = named if named.startswith("/") else os.path.expanduser("~/.cache")
    text = "\0".join(key).encode("utf-8", "surrogatepass")
    return f"{cache}/qemu-run/starts/{crc32(text):08x}{adler32(text):08x}"


def facts_of(path: str) -> list[int]:
    """What changes with a file, whose name stays the same.

    Raises:
        OSError: it is not there.
    """
    status = os.stat(path)
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]


def sealed(text: str) -> bytes:
    """A text as it is kept, with what tells that it is whole."""
    from qemu_run.digests import name_of

    content = text.encode()
    return b"%b\n%b" % (name_of(content).encode(), content)


def _here() -> str:
    """The current folder, while there is one."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _environment() -> "Iterator[str]":
    """The variables that most likely have a say."""
    for name, value in sorted(os.environ.items()):
        if name.startswith(_HAVE_A_SAY) or name in {"HOME", "PATH"}:
            yield f"{name}={value}"


def _kept(path: str) -> "Mapping[str, Any]":
    """What was kept in a file, with new ids in the place of those of the last run.

    Raises:
        OSError: nothing was, or it cannot be read.
        Unfit: others could have written it, or it is not what was written.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & _OF_OTHERS:
            raise Unfit
        text = file.read().partition(b"\n")[2].decode()
        file.seek(0)
        if file.read() != sealed(text):
            raise Unfit
    from json import loads

    for old in loads(text)["ids"]:
        with open("/proc/sys/kernel/random/uuid", encoding="ascii") as file:
            new = file.read().strip()
        text = text.replace(old, new).replace(old[:_SHORT_ID], new[:_SHORT_ID])
    kept: Mapping[str, Any] = loads(text)
    return kept


def _renumbered(argument: str, numbers: "Mapping[str, str]") -> str:
    """An argument with the numbers that its files have now."""
    import re

    return re.sub(r"(?<=/dev/fd/)\d+", lambda match: numbers.get(match[0], match[0]), argument)


class _locked:  # noqa: N801  # contextlib would be another import
    """Keeps other runs from sweeping a folder while a directory is made in it and not locked yet."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        import fcntl

        self._lock = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)
