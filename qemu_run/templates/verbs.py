"""The verbs of `printf`, with their flags.

Source: Go's package `fmt`.
"""

from dataclasses import replace
from typing import Final

from qemu_run.records import record


@record(kw_only=True)
class Verb:
    """One verb of a format, with its flags."""

    letter: str = "v"
    plus: bool = False
    minus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    width: int | None = None
    precision: int | None = None

    def padded(self, text: str) -> str:
        """The text filled up to the verb's width."""
        if self.width is None or len(text) >= self.width:
            return text
        if self.minus:
            return text.ljust(self.width)
        return text.rjust(self.width, "0" if self.zero else " ")

    def padded_number(self, text: str, *, zeros: bool) -> str:
        """The same for a number: zeros go behind its sign."""
        sign = text[:1] if text[:1] in {"+", "-", " "} else ""
        if not zeros or self.minus or self.width is None:
            return replace(self, zero=False).padded(text)
        return sign + text[len(sign) :].rjust(self.width - len(sign), "0")


PLAIN: Final = Verb()
