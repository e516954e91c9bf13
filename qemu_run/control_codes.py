"""Terminal control sequences in what strangers say: guests, servers, files, QEMU.

A console that is only read has no use for them, and they can do harm: firmware switches line wrap off and
clears the screen, and a hostile guest could retitle windows, switch keyboard modes or write to the clipboard.
Colours may stay on a terminal; so may moves of the cursor where a person types to the guest.
Source: ECMA-48; the control sequences of xterm.
"""

import re
from typing import Literal, TypeAlias

Kept: TypeAlias = Literal["nothing", "colours", "moves"]
"""What may stay: no sequence at all; colours; colours, moves of the cursor and erasing."""

_UTF8 = rb"""
    [\xc2-\xdf][\x80-\xbf]
  | \xe0[\xa0-\xbf][\x80-\xbf] | [\xe1-\xec\xee\xef][\x80-\xbf]{2} | \xed[\x80-\x9f][\x80-\xbf]
  | \xf0[\x90-\xbf][\x80-\xbf]{2} | [\xf1-\xf3][\x80-\xbf]{3} | \xf4[\x80-\x8f][\x80-\xbf]{2}
"""
_SEQUENCE = re.compile(
    rb"""
      (?: \x1b \[ | \xc2?\x9b ) (?P<parameters> [0-?]* ) [ -/]* (?P<final> [@-~] )      # CSI, such as colours
    | (?: \x1b [\]PX^_] | \xc2?[\x90\x98\x9d-\x9f] ) [^\x07\x1b\x9c]*
        (?: \x07 | \x1b \\ | \xc2?\x9c )          # OSC, DCS and the like, with their text
    | \x1b [ -/]* [0-Z\\^-~]                      # two characters, such as a full reset
    | \xc2 [\x80-\x9f]                            # C1 controls in UTF-8
    | (?P<text> (?: """
    + _UTF8
    + rb""" )+ )
    | (?P<invalid> [\x80-\xff] )                  # C1 controls in one byte, and what is not UTF-8
    | [\x00-\x06\x0e-\x1f\x7f]                    # other control characters, a lone escape
    | (?P<format> [\x07\x08\x0b\x0c] )
    """,
    re.VERBOSE,
)
_UNFINISHED = re.compile(
    rb"""(?: (?: \x1b | (?<![\xc2-\xf4\x80-\xbf])\x9b )
               (?: \[? [0-?]* [ -/]* | [\]PX^_] [^\x07\x1b]* \x1b? )?
           | [\xc2-\xf4] [\x80-\xbf]{0,2} (?: [0-?]* [ -/]* )? )\Z""",
    re.VERBOSE,
)
_LONGEST_SEQUENCE = 4096
_MOVES = frozenset(b"@ABCDEFGHJKLMPSTXdf")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()
_COLOUR = re.compile(rb"[0-9;:]*\Z")


class ControlFilter:
    """Takes control sequences out of a stream of bytes, also when a chunk ends in the middle of one."""

    def __init__(self, kept: Kept) -> None:
        self.kept: Kept = kept
        self._rest = b""

    def __call__(self, data: bytes) -> bytes:
        """`data` without control sequences; `b""` is the end, and gives back what was held."""
        whole = self._rest + data
        self._rest = b""
        if data and (unfinished := _UNFINISHED.search(whole, max(0, len(whole) - _LONGEST_SEQUENCE))):
            whole, self._rest = whole[: unfinished.start()], unfinished[0]
        return _SEQUENCE.sub(self._replacement, whole)

    def _replacement(self, found: re.Match[bytes]) -> bytes:
        if found["text"] is not None:
            return _without_c1(found[0])
        if found["invalid"] is not None:
            return _REPLACEMENT if found[0] >= b"\xa0" else b""
        if found["format"] is not None:
            return b"" if self.kept == "nothing" else found[0]
        return found[0] if self._may_stay(found) else b""

    def _may_stay(self, found: re.Match[bytes]) -> bool:
        if self.kept == "nothing" or found["final"] is None or not found[0].startswith(b"\x1b"):
            return False
        if not _COLOUR.match(found["parameters"]) or found.end("parameters") != found.start("final"):
            return False
        return found["final"] == b"m" or (self.kept == "moves" and ord(found["final"]) in _MOVES)


def _without_c1(text: bytes) -> bytes:
    return re.sub(rb"\xc2[\x80-\x9f]", b"", text)


def clean(text: str) -> str:
    """One line of a stranger's text, fit for a terminal: no control character is left in it."""
    data = text.encode("utf-8", "replace")
    cleaned = ControlFilter("nothing")
    words = (cleaned(data) + cleaned(b"")).decode("utf-8", "replace")
    return words.replace("\r", " ").replace("\n", " ").replace("\t", " ")
