"""Where the cursor of a terminal is that guests and messages share: known in one place."""

import os
import select
import threading
from contextlib import suppress


def _is_same_file(one: int, other: int) -> bool:
    """Whether two descriptors lead to one place: a terminal, or a log that takes both streams."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(one), os.fstat(other))
    return False


def is_ready(descriptor: int, seconds: float) -> bool:
    """Whether a stream can be written to without waiting for its reader, within `seconds`."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(seconds * 1000))


class Cursor:
    """The place after the last character that was written, by whomever."""

    def __init__(self, stdout: int, stderr: int) -> None:
        self.lock = threading.RLock()
        """Held while anything is written."""
        self.is_shared = _is_same_file(stdout, stderr)
        self.at_line_start = True
        self.echoes = True
        """Whether the terminal writes what is typed, `^C` too."""

    def moved(self, written: bytes) -> None:
        """Something was written."""
        if written:
            self.at_line_start = written.endswith(b"\n")

    def lost(self) -> None:
        """A terminal that echoes has written `^C` wherever the cursor was."""
        if self.echoes:
            self.at_line_start = False

    @property
    def line_is_open(self) -> bool:
        """Whether a message would begin in the middle of somebody's line."""
        return self.is_shared and not self.at_line_start
