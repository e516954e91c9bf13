"""What commands print on standard output: written whole, or said not to be."""

import errno
import os
import sys

from qemu_run.control_codes import clean
from qemu_run.errors import Diagnostic, HostError
from qemu_run.terminal.wrapping import Piece, changed, plain, width_of, wrapped

_GONE = frozenset({errno.EPIPE, errno.EBADF})


class ReaderLeftError(Exception):
    """Whoever read standard output has gone."""


def say_line(*pieces: Piece) -> None:
    """Write one line for a person to standard output, cleaned of control characters, wrapped on a terminal.

    Raises:
        ReaderLeftError, HostError: as `say` does.
    """
    for line in wrapped([changed(each, clean) for each in pieces], columns()):
        say(plain(line).rstrip() + "\n")


def columns() -> int:
    """The columns of the terminal that is standard output; 0 where it is none, and lines are left whole."""
    is_shown = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return width_of(sys.stdout) if is_shown else 0


def say(text: str) -> None:
    """Write `text` to standard output.

    Raises:
        ReaderLeftError: nobody reads it any more.
        HostError: it cannot be written: the disk is full.
    """
    try:
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:  # a name that is not text, or a locale that has not all of it
            encoding = sys.stdout.encoding
            sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except OSError as error:
        if error.errno in _GONE:
            raise ReaderLeftError from error
        raise HostError(Diagnostic(f"cannot write to standard output: {error.strerror}")) from error
