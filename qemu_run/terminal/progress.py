"""A download's progress: a bar that stays on its line on a terminal, a line each ten seconds elsewhere."""

import time
from typing import TYPE_CHECKING

from qemu_run.runtime.events import Downloading
from qemu_run.terminal.screen import Screen

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PLAIN_SECONDS = 10.0


class Downloads:
    """The progress of one download at a time."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._bars: Progress | None = None
        self._bar: TaskID | None = None
        self._file = ""
        self._told = 0.0

    def show(self, event: Downloading) -> None:
        """Draw how far the download is."""
        if self._screen.is_coloured:
            self._draw(event)
            return
        now = time.monotonic()
        if event.file_name != self._file:
            self._file, self._told = event.file_name, now
        elif now - self._told >= _PLAIN_SECONDS:
            self._told = now
            of = f" of {size(event.total_bytes)}" if event.total_bytes else ""
            self._screen.line(f"{event.task.name}  {event.file_name}  {size(event.received_bytes)}{of}")

    def _draw(self, event: Downloading) -> None:
        if self._bars is None or self._bar is None:
            from rich.progress import (
                BarColumn,
                DownloadColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
                TransferSpeedColumn,
            )

            self._bars = Progress(
                TextColumn("[bold]{task.fields[name]}[/]  {task.description}"),
                BarColumn(bar_width=24),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(compact=True),
                console=self._screen.console,
                transient=True,
            )
            self._bar = self._bars.add_task(event.file_name, name=event.task.name)
            self._bars.start()
        self._bars.update(self._bar, completed=event.received_bytes, total=event.total_bytes)

    def clear(self) -> None:
        """Take the bar away: a line comes in its place, or the run ends."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = self._bar = None


def size(count: int) -> str:
    """Bytes as people say them: `312.0 MB`."""
    from rich.filesize import decimal

    return decimal(count)
