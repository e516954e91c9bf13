"""A job's `args` as QEMU reads them: options with their values, and words that stand alone.

Source: `lookup_opt` and `qemu_init` of QEMU's `softmmu/vl.c`.
"""

import re
from collections.abc import Sequence

from qemu_run.qemu.options import HELP_OPTIONS, OPTIONS, OptionKind
from qemu_run.qemu.properties import IMPLIED_KEYS, Properties, read_properties
from qemu_run.qemu.removed import REMOVED
from qemu_run.records import record

_ASKS = ("help", "?")


@record
class Option:
    """One option of a command line."""

    name: str
    """Without its dash or dashes; empty for a bare word, which QEMU takes as a disk image."""
    value: str | None
    """None of an option that takes none, or whose value is missing at the end."""
    index: int
    """Which of the arguments it begins with, from 0."""

    @property
    def kind(self) -> OptionKind | None:
        """What is known of it; None of a bare word and of options that are not in the table."""
        return OPTIONS.get(self.name)

    @property
    def is_bare_word(self) -> bool:
        """Whether it is a disk image without an option."""
        return not self.name and self.value is not None

    @property
    def properties(self) -> Properties:
        """The pairs of its value."""
        return read_properties(self.value or "", IMPLIED_KEYS.get(self.name, ""))

    @property
    def lacks_value(self) -> bool:
        """Whether it is the last argument and its value is missing."""
        return self.value is None and self.kind is not None and self.kind.takes_value

    @property
    def asks_for_help(self) -> bool:
        """Whether QEMU would print a list and end."""
        words = (self.value or "").split(",")
        return self.name in HELP_OPTIONS and any(
            word in _ASKS or word.endswith(("=help", "=?")) for word in words
        )

    @property
    def shown(self) -> str:
        """As a person writes it."""
        dash = "-" if self.name else ""
        return f"{dash}{self.name}" + (
            f" {self.value}" if self.name and self.value is not None else self.value or ""
        )

    @property
    def arguments(self) -> tuple[str, ...]:
        """As QEMU gets it."""
        name = (f"-{self.name}",) if self.name else ()
        return name if self.value is None else (*name, self.value)


def read_args(args: Sequence[str]) -> tuple[Option, ...]:
    """The options in `args`.

    QEMU takes one dash or two before a name, and whatever follows as the value, a dash in front of it or not;
    `-name=value` is for QEMU an option of that whole name, which it does not have. Of an option that is not
    in the table, the next word is its value unless it begins with a dash.
    """
    options: list[Option] = []
    at = 0
    while at < len(args):
        word = args[at]
        if not word.startswith("-"):
            options.append(Option("", word, at))
            at += 1
            continue
        name = word[2:] if word.startswith("--") else word[1:]
        following = args[at + 1] if at + 1 < len(args) else None
        takes_value = _takes_value(name, following)
        options.append(Option(name, following if takes_value else None, at))
        at += 2 if takes_value else 1
    return tuple(options)


def _takes_value(name: str, following: str | None) -> bool:
    known = OPTIONS.get(name)
    if known is not None:
        return known.takes_value
    if name in REMOVED:
        return REMOVED[name].has_value
    return following is not None and not following.startswith("-")


def refusal(option: Option) -> tuple[str, str] | None:
    """Why an option is not given to QEMU, and what to do; None if it is."""
    if option.kind is not None and option.kind.refused:
        return f"-{option.name} {option.kind.refused}", option.kind.cure
    if option.lacks_value:
        return f"-{option.name} has no value", "write the value as the next element of args"
    if option.asks_for_help:
        return f"{option.shown} makes QEMU print a list and end", "ask QEMU by hand"
    if not option.name and not option.is_bare_word:
        return "a dash alone is not an option", ""
    return _refused_value(option) or _reaches_us(option)


_FREE_TEXT = frozenset({"append", "name", "smbios", "fw_cfg", "prom-env"})
_OUR_ID = re.compile(r"qemu-run\.(?:console|monitor|serial|result)")
_OPEN_FILE = re.compile(r"/(?:dev/fd(?:set)?|proc/(?:self|thread-self|\d+)(?:/task/\d+)?/fd)/")
_DESCRIPTOR_KEYS = ("fd", "fds", "vhostfd", "vhostfds", "sock_fd")


def _reaches_us(option: Option) -> tuple[str, str] | None:
    """What would join the guest, or a stranger, to our monitor, our console or files that we have open."""
    value = option.value or ""
    if option.name in _FREE_TEXT:
        return None
    if found := _OUR_ID.search(value):
        return f'{option.shown} names "{found[0]}", by which qemu-run holds QEMU', "give it an id of its own"
    keys = [key for key in _DESCRIPTOR_KEYS if option.properties.has(key)]
    if option.name == "add-fd" or keys or _OPEN_FILE.search(value):
        why = "names a file that is open already, and QEMU has none but those of qemu-run"
        return f"{option.shown} {why}", "name the file itself"
    return None


_REFUSED_KEYS = {
    ("run-with", "user"): ("changes QEMU's user", "start qemu-run as that user"),
    ("run-with", "chroot"): ("hides the task directory from QEMU", "leave it out"),
}


def _refused_value(option: Option) -> tuple[str, str] | None:
    for (name, key), (why, cure) in _REFUSED_KEYS.items():
        if option.name == name and option.properties.has(key):
            return f"-{name} {key}= {why}, which takes it out of qemu-run's hands", cure
    return None
