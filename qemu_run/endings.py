"""The signals that end a program which does not listen for them: each here ends it tidily.

It imports nothing of ours: listening begins with our first line.
"""

import signal
from collections.abc import Iterator

TYPE_CHECKING = False  # typing's own takes two milliseconds
if TYPE_CHECKING:
    from typing import TypeVar

    _Kind = TypeVar("_Kind", bound=BaseException)

_DEADLY = frozenset(
    {
        *(signal.SIGKILL, signal.SIGSTOP),  # nobody can listen for them
        *(signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT),  # a crash
        *(signal.SIGTRAP, signal.SIGSYS),
    }
)
_HARMLESS = frozenset(
    {
        *(signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT),
        *(signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),  # these stop it for a while
        *(signal.SIGPIPE, signal.SIGXFSZ),  # Python makes errors of them
    }
)
ENDING: tuple[int, ...] = tuple(sorted({int(each) for each in signal.valid_signals()} - _DEADLY - _HARMLESS))
"""SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM and the like, down to those without a name."""


def code_of(number: int) -> int:
    """What the program exits with, as shells have it; a closed terminal is a termination."""
    return 128 + (signal.SIGTERM if number == signal.SIGHUP else number)


def name_of(number: int) -> str:
    """`SIGUSR1`, or `signal 40` where there is no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def to_hear() -> Iterator[int]:
    """Those to listen for. A SIGHUP that was ignored at the start (nohup) stays so, and others with it.

    But a shell ignores SIGINT and SIGQUIT for what it runs in the background, and whoever sends one by hand
    means it.
    """
    for number in ENDING:
        if number in {signal.SIGINT, signal.SIGQUIT} or signal.getsignal(number) is not signal.SIG_IGN:
            yield number


class EndedBySignal(KeyboardInterrupt):  # what others expect of a signal is an interruption
    """A signal came where nobody waits for one."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = code_of(number)


def made_of(error: BaseException, kind: "type[_Kind]") -> "_Kind | None":
    """The error of a kind that an error was made of, if it was: Python makes others of those in a class body.

    A signal is heard wherever the program happens to be.
    """
    known: BaseException | None = error
    seen: set[int] = set()  # an error may be its own cause, in the end
    while known is not None and not isinstance(known, kind):
        seen.add(id(known))
        known = None if id(known.__cause__) in seen else known.__cause__
    return known
