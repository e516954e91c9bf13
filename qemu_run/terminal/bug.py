"""A mistake of ours: said plainly, with all that a report needs, ready to paste."""

import platform
import traceback
from types import TracebackType

from qemu_run import __version__
from qemu_run.terminal.screen import Screen
from qemu_run.terminal.wrapping import Whole


def report(error: BaseException, screen: Screen) -> None:
    """Tell the user that this is our fault, and where."""
    screen.line(("error: ", "error"), (f"a bug in qemu-run: {type(error).__name__}: {error}", "strong"))
    screen.line("  please report it with these lines:")
    versions = f"    qemu-run {__version__}, Python {platform.python_version()}, {platform.platform()}"
    screen.line(Whole(versions))
    for place in _places(error.__traceback__):
        screen.line(Whole(f"    {place}"))


def _places(trace: TracebackType | None) -> list[str]:
    """The innermost calls, one a line."""
    frames = traceback.extract_tb(trace)[-8:]
    return [
        f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames
    ]
