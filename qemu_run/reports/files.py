"""Files of a report: opened before anything runs, so that a wrong path is no surprise at the end."""

import errno
import os
import select
import shlex
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from qemu_run.errors import Diagnostic, HostError

Lost: TypeAlias = Callable[[str], None]
"""Says that something can no longer be written."""
_PATIENCE_SECONDS = 1.0
"""How long a reader of a pipe may hold us up, once: a run has signals to hear."""


class ReportFile:
    """A file that is written as things happen. One that fails is given up, and that is said once."""

    def __init__(self, path: Path, lost: Lost) -> None:
        self.path = path
        self._lost = lost
        self._lock = threading.Lock()
        self._descriptor = -1

    def open(self) -> None:
        """Begin it anew.

        Raises:
            HostError: it cannot be opened.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOCTTY
        try:
            self._descriptor = os.open(self.path, flags, 0o666)
            os.set_blocking(self._descriptor, False)
        except OSError as error:
            summary = f'cannot write to "{self.path}": {error.strerror}'
            raise HostError(Diagnostic(summary, hints=(_way_out(self.path),))) from error

    def write(self, text: str) -> None:
        """Append a text, whole."""
        with self._lock:
            if self._descriptor < 0:
                return
            try:
                self._write_all(memoryview(text.encode("utf-8", "replace")))
            except OSError as error:
                self._close()
                self._lost(f"nothing more is written to {self.path}: {error.strerror}")

    def _write_all(self, view: memoryview) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while view:
            try:
                view = view[os.write(self._descriptor, view) :]
            except BlockingIOError:
                poll = select.poll()
                poll.register(self._descriptor, select.POLLOUT)
                if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
                    raise OSError(errno.ETIMEDOUT, "its reader does not read") from None

    def close(self) -> None:
        """No more will come."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = -1


def _way_out(path: Path) -> str:
    """What to do about a file that cannot be opened."""
    if path.parent.exists():
        return "name a file in a folder where you may write"
    return f"mkdir -p {shlex.quote(str(path.parent))}"
