"""Terminal control sequences in what a guest says.

A console that is only read has no use for them, and they can do harm: firmware switches line wrap off and
clears the screen, and a hostile guest could retitle windows or write to the clipboard. Colours may stay on a
terminal.
Source: ECMA-48; the control sequences of xterm.
"""

import re

_SEQUENCE = re.compile(
    rb"""
      \x1b \[ (?P<parameters> [0-?]* ) [ -/]* (?P<final> [@-~] )       # CSI, such as colours
    | \x1b [\]PX^_] [^\x07\x1b]* (?: \x07 | \x1b \\ )  # OSC, DCS and the like, with their text
    | \x1b [ -/]* [0-Z\\^-~]  # two characters, such as a full reset
    | [\x00-\x06\x0e-\x1f\x7f]  # other control characters, a lone escape
    """,
    re.VERBOSE,
)
_UNFINISHED = re.compile(
    rb"\x1b (?: \[ [0-?]* [ -/]* | [\]PX^_] [^\x07\x1b]* \x1b? | [ -/]* )? \Z", re.VERBOSE
)
_LONGEST_SEQUENCE = 4096


class ControlFilter:
    """Takes control sequences out of a stream of bytes, also when a chunk ends in the middle of one."""

    def __init__(self, *, keep_colours: bool) -> None:
        self._keep_colours = keep_colours
        self._rest = b""

    def __call__(self, data: bytes) -> bytes:
        """`data` without control sequences; `b""` is the end, and gives back what was held."""
        whole = self._rest + data
        self._rest = b""
        if data and (unfinished := _UNFINISHED.search(whole)) and len(unfinished[0]) < _LONGEST_SEQUENCE:
            whole, self._rest = whole[: unfinished.start()], unfinished[0]
        return _SEQUENCE.sub(self._replacement, whole)

    def _replacement(self, sequence: re.Match[bytes]) -> bytes:
        return sequence[0] if self._keep_colours and sequence["final"] == b"m" else b""
