"""Progress of downloads: bars that stay on their lines on a terminal, a line each ten seconds elsewhere."""

import time
from typing import TYPE_CHECKING, TypeAlias

from qemu_run.artifacts.words import size_in_words
from qemu_run.runtime.events import Downloading
from qemu_run.terminal.screen import Screen
from qemu_run.terminal.styles import BARS

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PLAIN_SECONDS = 10.0
_FIRST_SECONDS = 2.0
"""Before the first line: what takes no longer needs none."""
_WIDEST = 120
_BAR_WIDTH = 16
_NUMBERS_WIDTH = 40
"""Of `212.0/312.0 MB`, `96.5 MB/s`, `0:01:12` and the blanks between."""

_Key: TypeAlias = tuple[str, str]
"""A task and a file of it."""


class Downloads:
    """The progress of downloads: a bar for each, or lines where nobody looks."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._progress: Progress | None = None
        self._bars: dict[_Key, TaskID] = {}
        self._told: dict[_Key, float] = {}

    def show(self, event: Downloading) -> None:
        """Draw how far a download is."""
        key = (event.task.name, event.file_name)
        if self._screen.is_coloured:
            self._draw(key, event)
            return
        now = time.monotonic()
        if now - self._told.setdefault(key, now - _PLAIN_SECONDS + _FIRST_SECONDS) >= _PLAIN_SECONDS:
            self._told[key] = now
            of = f" of {size_in_words(event.total_bytes)}" if event.total_bytes else ""
            self._screen.line(
                f"{event.task.name}  {event.file_name}  {size_in_words(event.received_bytes)}{of}"
            )

    def _draw(self, key: _Key, event: Downloading) -> None:
        if self._progress is None:
            self._progress = _bars(self._screen)
            self._progress.start()
        if key not in self._bars:
            self._bars[key] = self._progress.add_task("  ".join(key), total=event.total_bytes)
        self._progress.update(self._bars[key], completed=event.received_bytes, total=event.total_bytes)

    def clear(self) -> None:
        """Take the bars away: a line comes in their place, or the run ends."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
            self._bars.clear()


def _bars(screen: Screen) -> "Progress":
    """Bars with size, rate and time left, a line each, also on 80 columns and where the size is unknown."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.table import Column
    from rich.theme import Theme

    screen.console.push_theme(Theme(BARS))
    room = max(8, min(screen.width, _WIDEST) - _BAR_WIDTH - _NUMBERS_WIDTH)
    name = Column(no_wrap=True, overflow="ellipsis", max_width=room)
    return Progress(
        TextColumn("{task.description}", style="bold", markup=False, table_column=name),
        BarColumn(bar_width=_BAR_WIDTH),
        DownloadColumn(table_column=Column(no_wrap=True)),
        TransferSpeedColumn(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True)),
        console=screen.console,
        transient=True,
    )
