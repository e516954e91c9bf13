"""Short-lived children that look at the host, and leave nothing behind."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

_SET_PARENT_DEATH_SIGNAL = 1
_LIBC = ctypes.CDLL(None)
"""Loaded here, so that there is nothing to import between fork and exec."""


@contextmanager
def started(
    arguments: Sequence[str], channel: socket.socket | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A child whose output can be read, killed and reaped when the block ends, however it ends.

    On Linux it dies with us even if we are killed. A `channel` becomes its standard input and output.
    """
    with subprocess.Popen(
        arguments,
        stdin=channel.fileno() if channel else subprocess.DEVNULL,
        stdout=channel.fileno() if channel else subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - nothing here starts a thread
    ) as child:
        try:
            yield child
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
