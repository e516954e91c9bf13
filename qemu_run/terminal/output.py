"""What commands print on standard output: written whole, or said not to be."""

import errno
import sys

from qemu_run.control_codes import clean
from qemu_run.errors import Diagnostic, HostError

_GONE = frozenset({errno.EPIPE, errno.EBADF})


class ReaderLeftError(Exception):
    """Whoever read standard output has gone."""


def say_line(text: str) -> None:
    """Write one line for a person to standard output, cleaned of control characters.

    Raises:
        ReaderLeftError, HostError: as `say` does.
    """
    say(clean(text) + "\n")


def say(text: str) -> None:
    """Write `text` to standard output.

    Raises:
        ReaderLeftError: nobody reads it any more.
        HostError: it cannot be written: the disk is full.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if error.errno in _GONE:
            raise ReaderLeftError from error
        raise HostError(Diagnostic(f"cannot write to standard output: {error.strerror}")) from error
