"""A program of its own between qemu-run and a command beside the guests: it leaves nothing of the command.

    python keeper.py PARENT_PID COMMAND [ARGUMENT...]

What the command starts and leaves behind, in the background or in a session of its own, falls to this
process (PR_SET_CHILD_SUBREAPER) and is ended by it: after the command, on SIGTERM, and when qemu-run dies. It
stays in qemu-run's process group, so that the terminal is the command's as it was. Its exit code is the
command's, 128 and the signal's number if it died of one, 126 or 127 if it cannot be started.

It imports little: it is started anew for each command.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
CANNOT_START, NOT_FOUND = 126, 127
"""As a shell has it."""
_TERMINATE_SECONDS = 2.0
_KILL_SECONDS = 5.0
"""What is not ours to end (sudo), or held by the kernel, is left after that."""
_LOOK_SECONDS = 0.02
_NOT_FOR_US = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
"""A terminal sends them to the command as well, and it is the command that decides."""


class _EndError(Exception):
    """qemu-run wants the command ended, or is no more."""


def main(arguments: Sequence[str]) -> int:
    """Run the command to its end and leave nothing of it; the exit code."""
    parent, *command = arguments
    for number in _NOT_FOR_US:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)  # not SIG_IGN, which the command would inherit
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        signal.signal(signal.SIGTERM, _end)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):  # it died in between
            return 128 + signal.SIGTERM
        code = _run(command)
    except _EndError:
        code = 128 + signal.SIGTERM
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _end_the_rest()
    return code


def _end(*_: object) -> NoReturn:
    raise _EndError


def _run(command: list[str]) -> int:
    """Run it with our standard streams; its exit code."""
    python_ignores = (signal.SIGPIPE, signal.SIGXFSZ)
    try:
        pid = os.posix_spawnp(command[0], command, os.environ, setsigdef=python_ignores)
    except FileNotFoundError:
        return NOT_FOUND
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return CANNOT_START
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _end_the_rest() -> None:
    """SIGTERM to all that is left, SIGKILL to what does not go by that."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # waited for below
    told: set[int] = set()
    began = time.monotonic()
    while (left := _descendants()) and (passed := time.monotonic() - began) < _KILL_SECONDS:
        if passed < _TERMINATE_SECONDS:
            _send((signal.SIGTERM, signal.SIGCONT), left - told)
            told |= left
        else:
            _send((signal.SIGKILL,), left)
        signal.sigtimedwait({signal.SIGCHLD}, _LOOK_SECONDS)


def _send(signals: Sequence[signal.Signals], pids: set[int]) -> None:
    for pid in pids:
        for number in signals:
            try:
                os.kill(pid, number)
            except (ProcessLookupError, PermissionError):
                break


def _descendants() -> set[int]:
    """The processes below this one that still live; those that have ended are reaped."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return set()
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        if (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    rest = [os.getpid()]
    while rest:
        below = children.get(rest.pop(), [])
        found.update(below)
        rest += below
    return found


def _parent(entry: Path) -> int | None:
    """Whose child a process is; None of one that has ended."""
    try:
        state, parent = (entry / "stat").read_bytes().rpartition(b")")[2].split()[:2]
    except OSError:
        return None
    return None if state == b"Z" else int(parent)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
