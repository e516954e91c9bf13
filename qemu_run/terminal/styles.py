"""How words of ours look on a terminal: one table.

Only what reads on a dark and on a light background is in it: red, magenta, green and cyan do in every common
theme, while yellow and white vanish on paper, and blue and bright black in the dark. Faint is for what may
vanish.
"""

from typing import Literal, TypeAlias

Style: TypeAlias = Literal["strong", "faint", "error", "warning"]

STYLES: dict[Style, str] = {
    "strong": "1",
    "faint": "2",
    "error": "1;31",
    "warning": "1;35",
}
"""ANSI's numbers ("select graphic rendition")."""
TASK_COLOURS = ("36", "35", "32")
"""For the names of tasks before the lines of their consoles, in turn."""


BARS = {
    "bar.complete": "none",
    "bar.finished": "none",
    "bar.pulse": "none",
    "bar.back": "dim",
    "progress.download": "none",
    "progress.data.speed": "dim",
    "progress.remaining": "dim",
}
"""For the parts of a download's bar, by their names in rich, which has louder colours for them."""


def styled(text: str, sgr: str) -> str:
    """A text as a terminal shows it."""
    return f"\x1b[{sgr}m{text}\x1b[0m" if text else ""
