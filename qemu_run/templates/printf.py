"""`printf`: a format's verbs, flags, widths and argument numbers.

Source: Go's package `fmt`; a mistake in a format is not an error but shows in the text.
"""

import re
from collections.abc import Sequence

from qemu_run.templates.printing import formatted, show_one
from qemu_run.templates.values import NoValue, Value, joined, type_name
from qemu_run.templates.verbs import Verb
from qemu_run.templates.work import Work

_LARGEST = 1_000_000
"""The greatest width or precision."""
_FLAGS = re.compile(r"[+\-# 0]*")
_INDEX = re.compile(r"\[([^\]]*)\]")
_NUMBER = re.compile(r"[0-9]+")


class _Format:
    """A format on its way through: where we are, and which argument is next."""

    def __init__(self, text: str, arguments: Sequence[Value], work: Work) -> None:
        self.text = text
        self.arguments = arguments
        self.work = work
        self.at = 0
        self.next = 0
        self.reordered = False
        self.good_index = True
        self.after_index = False

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, if it is of the pattern."""
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def index(self) -> None:
        """An argument's number in brackets, counted from 1."""
        self.after_index = False
        if not self.text.startswith("[", self.at):
            return
        self.reordered = True
        found = self.take(_INDEX)
        if found is None:
            self.at += 1
            self.good_index = False
            return
        self.after_index = True
        number = int(found[1]) if found[1].isascii() and found[1].isdigit() and len(found[1]) < 8 else 0
        if 1 <= number <= len(self.arguments):
            self.next = number - 1
        else:
            self.good_index = False

    def star(self) -> int | None:
        """A number that an argument gives; None: it gives none."""
        value = self.arguments[self.next] if self.next < len(self.arguments) else None
        if self.next < len(self.arguments):
            self.next += 1
        self.after_index = False
        is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
        return int(value) if is_number else None  # type: ignore[arg-type]


def printf(text: str, arguments: Sequence[Value], work: Work) -> str:
    """The format with its arguments in place."""
    format_ = _Format(text, arguments, work)
    parts: list[str] = []
    length = 0
    while format_.at < len(text):
        percent = text.find("%", format_.at)
        end = len(text) if percent < 0 else percent
        parts.append(text[format_.at : end])
        format_.at = end
        if percent >= 0:
            format_.at += 1
            parts += _verb(format_)
            length += sum(map(len, parts[-3:]))
            work.text(length)
    if not format_.reordered and format_.next < len(arguments):
        parts.append(_extra(arguments[format_.next :], work))
    return joined(parts)


def _extra(arguments: Sequence[Value], work: Work) -> str:
    shown = [
        "<nil>"
        if value is None or isinstance(value, NoValue)
        else f"{type_name(value)}={show_one(value, work)}"
        for value in arguments
    ]
    return f"%!(EXTRA {', '.join(shown)})"


def _verb(this: _Format) -> list[str]:
    """One verb, its percent sign read already: what Go puts in its place."""
    flags_found = this.take(_FLAGS)
    flags = set(flags_found[0]) if flags_found else set()
    this.good_index = True
    before: list[str] = []
    this.index()
    width = _width(this, flags, before)
    precision = _precision(this, before)
    if not this.after_index:
        this.index()
    if this.at >= len(this.text):
        return [*before, "%!(NOVERB)"]
    letter = this.text[this.at]
    this.at += 1
    if letter == "%":
        return [*before, "%"]
    if not this.good_index:
        return [*before, f"%!{letter}(BADINDEX)"]
    if this.next >= len(this.arguments):
        return [*before, f"%!{letter}(MISSING)"]
    value = this.arguments[this.next]
    this.next += 1
    verb = Verb(
        letter=letter,
        plus="+" in flags and letter != "v",
        minus="-" in flags,
        sharp="#" in flags,
        space=" " in flags,
        zero="0" in flags and "-" not in flags,
        width=width,
        precision=precision,
    )
    return [*before, formatted(verb, value, this.work)]


def _width(this: _Format, flags: set[str], before: list[str]) -> int | None:
    if this.text.startswith("*", this.at):
        this.at += 1
        width = this.star()
        if width is None:
            before.append("%!(BADWIDTH)")
        elif width < 0:
            flags.add("-")
            return -width
        return width
    found = this.take(_NUMBER)
    if found is None:
        return None
    if this.after_index:
        this.good_index = False
    return _limited(found[0], "WIDTH", before)


def _precision(this: _Format, before: list[str]) -> int | None:
    if not this.text.startswith(".", this.at):
        return None
    this.at += 1
    if this.after_index:
        this.good_index = False
    this.index()
    if this.text.startswith("*", this.at):
        this.at += 1
        precision = this.star()
        if precision is None or precision < 0:
            before.append("%!(BADPREC)")
            return None
        return precision
    found = this.take(_NUMBER)
    if found is None:
        return 0
    return _limited(found[0], "PREC", before)


def _limited(digits: str, what: str, before: list[str]) -> int | None:
    """A width or precision; one that is too large is told in the text."""
    if len(digits) < 8 and int(digits) < 10 * _LARGEST:
        return int(digits)
    before.append(f"%!(BAD{what})")
    return None
