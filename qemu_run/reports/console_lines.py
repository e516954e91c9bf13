"""What guests say, as lines of plain text: the last ones kept, or each passed on as it is complete."""

import re
from collections.abc import Callable

from qemu_run.control_codes import ControlFilter

_TAIL_BYTES = 1 << 16
_LONGEST_LINE = 1 << 16
_NOT_PLAIN = re.compile(rb"[^\t\n\r -~]")
_LINE_END = re.compile(r"\r*\n|\r")
_NOT_XML = re.compile("[\ufffe\uffff\ud800-\udfff]")


def plain_lines(data: bytes) -> list[str]:
    """The lines in `data` without control sequences; what a carriage return overwrites is a line, too."""
    if _NOT_PLAIN.search(data):
        cleaned = ControlFilter("nothing")
        text = (cleaned(data) + cleaned(b"")).decode("utf-8", "replace")
        text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    else:
        text = data.decode("ascii")
    lines = text.split("\n") if "\r" not in text else _LINE_END.split(text)
    return [line.rstrip() for line in lines]


class Tail:
    """A sink that keeps the end of what a guest said, over all attempts at its task.

    It costs next to nothing while the guest speaks: what is kept is made readable when somebody asks.
    """

    def __init__(self) -> None:
        self._kept = bytearray()
        self._is_cut = False

    def __str__(self) -> str:
        return "the console's last lines"

    def write(self, data: bytes) -> None:
        """Take what the guest said."""
        self._kept += data
        if len(self._kept) > 2 * _TAIL_BYTES:
            del self._kept[:-_TAIL_BYTES]
            self._is_cut = True

    def close(self) -> None:
        """Another attempt may follow, on a line of its own."""
        if self._kept and not self._kept.endswith(b"\n"):
            self._kept += b"\n"

    def lines(self, most: int) -> list[str]:
        """The last lines that have something in them, or stand between such lines; `most` of them at most."""
        lines = plain_lines(bytes(self._kept))
        if self._is_cut:
            del lines[0]
        while lines and not lines[-1]:
            lines.pop()
        return lines[-most:]


class ConsoleLines:
    """A sink that passes on whole lines."""

    def __init__(self, pass_on: Callable[[str], None]) -> None:
        self._pass_on = pass_on
        self._pending = b""

    def __str__(self) -> str:
        return "the console's lines"

    def write(self, data: bytes) -> None:
        """Take what the guest said; a line without an end is cut where no line is longer."""
        whole, newline, self._pending = (self._pending + data).rpartition(b"\n")
        if len(self._pending) > _LONGEST_LINE:
            whole, newline, self._pending = whole + newline + self._pending, b"\n", b""
        if newline:
            self._put(whole)

    def close(self) -> None:
        """The last line may lack its end."""
        if self._pending:
            self._put(self._pending)
            self._pending = b""

    def _put(self, data: bytes) -> None:
        for line in plain_lines(data.rstrip(b"\r")):
            self._pass_on(line)
