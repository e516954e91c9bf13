"""A task's log files as Nomad keeps them: `{task}.stdout.0`, `.1`, ..., of bounded size and number.

Source: Nomad's client, `client/logmon` and the `logs` block.
"""

import os
from pathlib import Path

from qemu_run.jobspec.model import LogConfig


class RotatedLog:
    """A sink that writes to numbered files; the oldest go when there are more than the job wants."""

    def __init__(self, first: Path, config: LogConfig) -> None:
        self._first = first
        self._most_files = max(1, config.max_files)
        self._most_bytes = max(1, config.max_file_size_mb) << 20
        self._number = 0
        self._descriptor = -1
        self._written = 0
        self._open()

    def __str__(self) -> str:
        return str(self._first)

    def _path(self, number: int) -> Path:
        return self._first.with_suffix(f".{number}")

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(self._path(self._number), flags, 0o600)
        self._written = os.fstat(self._descriptor).st_size

    def write(self, data: bytes) -> None:
        """Append `data`, beginning the next file where one is full."""
        view = memoryview(data)
        while view:
            if self._written >= self._most_bytes:
                self._rotate()
            count = os.write(self._descriptor, view[: self._most_bytes - self._written])
            self._written += count
            view = view[count:]

    def _rotate(self) -> None:
        os.close(self._descriptor)
        self._number += 1
        self._open()
        self._path(self._number - self._most_files).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file in use."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
