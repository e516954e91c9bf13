"""A job's `args` as QEMU reads them: options with their values, disks, accelerators.

A word with a dash is an option, which may take the next word as its value, whatever that begins with; any
other word is the name of a disk image.

Source: QEMU's manual page, and how QEMU walks its arguments (`system/vl.c`).
"""

import re
from collections.abc import Iterator, Sequence

from qemu_run.qemu.options import OPTIONS as KNOWN
from qemu_run.qemu.removed import REMOVED
from qemu_run.records import record

WITH_VALUE = frozenset(
    {name for name, kind in KNOWN.items() if kind.takes_value}
    | {name for name, gone in REMOVED.items() if gone.has_value}
)
"""Options that take the next word as their value, of QEMU today and before."""
WITHOUT_VALUE = frozenset({*KNOWN, *REMOVED} - WITH_VALUE)
"""Options that stand alone."""
OPTIONS = WITHOUT_VALUE | WITH_VALUE

DISKS = frozenset(
    {"blockdev", "cdrom", "drive", "fda", "fdb", "hda", "hdb", "hdc", "hdd", "mtdblock", "pflash", "sd"}
)
PROGRAMS = frozenset(["bios", "incoming", "kernel"])
"""Options that give a guest something to run which is not a disk."""
NETWORK_BOOT = r"(?:^|,)(?:(?:order|once)=)?[a-d]*n[a-dn]*(?:,|$)"
"""A value of `-boot` with the network among the devices."""


@record
class Option:
    """One word that QEMU acts on, and the value that belongs to it."""

    index: int
    """Where it stands in `args`."""
    name: str
    """Without its dashes; empty for a bare word, which names an image."""
    text: str
    """The word as it is written."""
    value: str | None = None


def has_reference(text: str) -> bool:
    """Whether a text is not known before the run."""
    return "${" in text


def option_name(word: str) -> str:
    """The name of an option without its one or two dashes; empty for a word that is not one."""
    return word.removeprefix("-").removeprefix("-") if word.startswith("-") else ""


def options(args: Sequence[str]) -> Iterator[Option]:
    """The options and bare words in `args`, in order; an unknown option is taken to stand alone."""
    index = 0
    while index < len(args):
        text = args[index]
        name = option_name(text)
        if name in WITH_VALUE and index + 1 < len(args):
            yield Option(index, name, text, args[index + 1])
            index += 2
        else:
            yield Option(index, name, text)
            index += 1


def accelerators(args: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What `-accel` and `-machine` name as accelerators, by the index of their value."""
    for option in options(args):
        settings = (option.value or "").split(",")
        if option.name == "accel":
            named = [settings[0].removeprefix("accel=")]
        elif option.name in {"M", "machine"}:
            named = [setting.removeprefix("accel=") for setting in settings if setting.startswith("accel=")]
        else:
            continue
        yield from ((option.index + 1, name) for name in named if name not in {"", "help", "?"})


def brings_something_to_boot(args: Sequence[str]) -> bool:
    """Whether a guest with these `args` can start without an image of the driver's."""
    return any(_boots(option) for option in options(args))


def _boots(option: Option) -> bool:
    name = re.split("[ =]", option.name, maxsplit=1)[0]
    if not name:
        return option.text not in {"", "-"}
    if name == "boot":
        return re.search(NETWORK_BOOT, option.value or "") is not None
    if name == "device":
        return (option.value or "").startswith("loader")
    return name in DISKS | PROGRAMS
