"""A process of ours that is QEMU: started apart from our terminal, dying with us, always reaped.

A head start comes before everything else of a run, so that nothing is imported here but what it takes.
"""

import ctypes
import errno
import fcntl
import os
import re
import resource
import select
import signal
import socket
from contextlib import suppress

from qemu_run.planning.descriptors import CONSOLE_FD, MONITOR_FD

TYPE_CHECKING = False  # typing's own takes two milliseconds
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import NoReturn

NEGOTIATION_ID = "at start"
_NEGOTIATION = b'{"execute": "qmp_capabilities", "id": "%b"}\n' % NEGOTIATION_ID.encode()
"""What opens the monitor. Until it is read QEMU sends no events, not even that the guest has ended."""
_PR_SET_PDEATHSIG = 1
_EXEC_FAILED = 127
_LONG_SECONDS = 3600.0
_ROOM_BYTES = 1 << 20
"""What may be said before we read. Of single bytes, as a serial port says them, Linux by itself takes 278:
a guest that cannot go on saying them spins, and fifty leave no time for us to come up and read.
"""
_libc = ctypes.CDLL(None)
_prctl = _libc.prctl if hasattr(_libc, "prctl") else None
_KEPT_FLAGS = os.O_ACCMODE | os.O_NONBLOCK
_PYTHON_IGNORES = (signal.SIGPIPE, signal.SIGXFSZ)
_DESCRIPTOR = re.compile(r"/dev/fd/(\d+)")


class OpenFile:
    """A file that a process inherits: what it is, and how it was opened."""

    __slots__ = ("flags", "inode", "path")

    def __init__(self, path: str, flags: int, inode: "tuple[int, int]") -> None:
        """`inode`: with its device before it."""
        self.path = path
        self.flags = flags
        self.inode = inode

    @classmethod
    def at(cls, descriptor: int) -> "OpenFile":
        """The file that is open at a descriptor.

        Raises:
            OSError: none is.
        """
        status = os.fstat(descriptor)
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL) & _KEPT_FLAGS
        return cls(os.readlink(f"/proc/self/fd/{descriptor}"), flags, (status.st_dev, status.st_ino))


class Start:
    """All that makes a process what it is."""

    __slots__ = ("arguments", "directory", "environment", "files")

    def __init__(
        self,
        arguments: "tuple[str, ...]",
        environment: "Mapping[str, str]",
        directory: str,
        files: "Mapping[int, OpenFile]",
    ) -> None:
        """`files`: those that the arguments speak of as `/dev/fd/N`, by their N."""
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.files = files

    @property
    def meaning(self) -> object:
        """What is the same of two starts that make the same process, whatever the numbers of their files."""

        def named(match: "re.Match[str]") -> str:
            file = self.files.get(int(match[1]))
            return match[0] if file is None else f"{file.inode}:{file.flags}"

        arguments = [_DESCRIPTOR.sub(named, argument) for argument in self.arguments]
        return arguments, dict(self.environment), self.directory


class Child:
    """A running process and our ends of what connects us."""

    __slots__ = ("_failure", "console", "monitor", "pid", "returncode", "stderr", "stdout")

    def __init__(
        self, pid: int, sockets: "tuple[socket.socket, socket.socket]", pipes: "tuple[int, int, int]"
    ) -> None:
        """What connects us: console and monitor; standard output and error, and what says that it failed."""
        self.pid = pid
        self.console, self.monitor = sockets
        self.stdout, self.stderr, self._failure = pipes
        self.returncode: int | None = None
        """What it ended with; below 0: the signal that ended it. None: it lives, or nobody has asked yet."""

    def failure(self) -> int:
        """Wait until it has become another program; the error that kept it from that, or 0."""
        if self._failure < 0:
            return 0
        said = os.read(self._failure, 16)
        os.close(self._failure)
        self._failure = -1
        return int(said or b"0")

    def poll(self) -> int | None:
        """What it ended with; None: it lives."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def reap(self) -> int:
        """Wait for its end; what it ended with."""
        while (code := self.poll()) is None:
            self.wait(_LONG_SECONDS)
        return code

    def wait(self, seconds: float) -> int | None:
        """What it ended with, for which it has some time; None: it still lives."""
        if self.poll() is None:
            descriptor = os.pidfd_open(self.pid)
            try:
                end = select.poll()
                end.register(descriptor, select.POLLIN)
                end.poll(seconds * 1000)
            finally:
                os.close(descriptor)
        return self.poll()

    def signal(self, number: int) -> None:
        """Send it a signal, if it lives."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def end(self, seconds: float) -> None:
        """Leave nothing: kill what still lives of its process group, reap it, close our descriptors."""
        if self.poll() is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)  # it has no group of its own yet
            self.wait(seconds)
        self.console.close()
        self.monitor.close()
        for descriptor in (self.stdout, self.stderr, self._failure):
            if descriptor >= 0:
                os.close(descriptor)
        self.stdout = self.stderr = self._failure = -1


def start(what: Start) -> Child:
    """Start a process. Call it on the main thread: the process dies with the thread that started it.

    It may not have become another program yet when this returns: `Child.failure` tells.

    Raises:
        OSError: no descriptors or memory are left, or one of the numbers is in use.
    """
    raise_limit()
    opened: list[int] = []
    sockets: list[socket.socket] = []
    try:
        for number in (CONSOLE_FD, MONITOR_FD):
            ours, its = socket.socketpair()
            sockets.append(ours)
            with its:
                its.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM_BYTES)
                opened.append(_at(its.fileno(), number))
        sockets[1].sendall(_NEGOTIATION)
        for _ in range(3):
            opened += os.pipe()
        console, monitor, *pipes = opened
        theirs = pipes[1::2]
        pid = _forked(what, theirs, (console, monitor, *what.files))
    except BaseException:
        for descriptor in opened:
            os.close(descriptor)
        for each in sockets:
            each.close()
        raise
    for descriptor in (console, monitor, *theirs):
        os.close(descriptor)
    return Child(pid, (sockets[0], sockets[1]), (pipes[0], pipes[2], pipes[4]))


def _forked(what: Start, pipes: "list[int]", inherited: "tuple[int, ...]") -> int:
    """The id of a new process. A signal that comes meanwhile is heard afterwards, by each for itself."""
    parent = os.getpid()
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if not pid:
            _become(what, parent, heard, pipes, inherited)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
    return pid


def raise_limit() -> bool:
    """Let us, and QEMU after us, have as many descriptors as the system allows; whether they are enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(OSError, ValueError):  # the soft one may do
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    return soft == resource.RLIM_INFINITY or soft > MONITOR_FD


def _become(
    what: Start, parent: int, heard: "Iterable[int]", pipes: "list[int]", inherited: "tuple[int, ...]"
) -> "NoReturn":
    """Become the program, in the child. What keeps it from that is written to the last of the pipes."""
    out, err, failure = pipes
    try:
        os.setsid()
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # we are ended when the parent is (Linux)
            if os.getppid() != parent:  # which has died in between
                os._exit(_EXEC_FAILED)
        for number in _PYTHON_IGNORES:
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        _close_all_but((0, 1, 2, *inherited, failure))
        for descriptor in inherited:
            os.set_inheritable(descriptor, True)  # noqa: FBT003  # it takes no name
        os.chdir(what.directory)
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        os.execve(what.arguments[0], what.arguments, what.environment)  # noqa: S606  # there is no shell
    except BaseException as error:  # noqa: BLE001  # a signal, too: two of us must not go on
        os.write(failure, b"%d" % (getattr(error, "errno", None) or errno.EINTR))
    finally:
        os._exit(_EXEC_FAILED)


def _close_all_but(kept: "tuple[int, ...]") -> None:
    """Close all descriptors but some, also what our own parent left open."""
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor not in kept:
            with suppress(OSError):  # that of the list itself
                os.close(descriptor)


def _at(descriptor: int, number: int) -> int:
    """The file of a descriptor at another number, which the command line names.

    Raises:
        OSError: the number is in use, or too high.
    """
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, number)
    if moved != number:
        os.close(moved)
        raise OSError(0, f"descriptor {number} is in use")
    return moved
