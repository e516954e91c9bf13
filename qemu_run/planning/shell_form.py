"""The command of a plan as a person can paste it into a shell: QEMU alone, without qemu-run around it.

A run gives QEMU what a shell has not: descriptors for console and monitor, and files that are made at start.
Here the console is QEMU's standard output and input, and nothing listens for a monitor. In place of a file
that a run makes of another stands that other one; what the guest writes goes to a file that QEMU throws away
(`snapshot=on`), so that it stays as it is here, too. Other files are looked for in the folder of the shell.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from qemu_run.planning.descriptors import CONSOLE_FD, MONITOR_FD
from qemu_run.qemu.properties import quote

_CONSOLE = f"socket,id=qemu-run.console,fd={CONSOLE_FD}"
_MONITOR = (
    ("-chardev", f"socket,id=qemu-run.monitor,fd={MONITOR_FD}"),
    ("-qmp", "chardev:qemu-run.monitor"),
)


def thrown_away(path: Path, format_: str, base: str, base_format: str) -> tuple[str, str]:
    """What stands for a file that a run makes of `base`, and what stands in its place."""
    return (
        f"file={quote(str(path))},format={format_}",
        f"file={quote(base)},format={base_format},snapshot=on",
    )


def in_a_shell(command: Sequence[str], in_place: Mapping[str, str]) -> list[list[str]]:
    """The command of a launch for a shell: its words, an option together with its value.

    `in_place` has texts of a run's command with what stands in their place, in the order to look for them.
    """
    groups = [group for group in _grouped(command) if tuple(group) not in _MONITOR]
    stdio_is_taken = any("stdio" in word for group in groups for word in group[1:])
    # Two devices cannot share standard input and output; where the job's own args take it, ours only writes.
    console = "file,id=qemu-run.console,path=/dev/stdout" if stdio_is_taken else "stdio,id=qemu-run.console"
    return [
        [_word(word, console, in_place) if number else word for number, word in enumerate(group)]
        for group in groups
    ]


def _grouped(command: Sequence[str]) -> Iterator[list[str]]:
    """The emulator, then each option with its value."""
    group: list[str] = []
    for number, word in enumerate(command):
        if group and (number == 1 or len(group) == 2 or word.startswith("-")):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _word(word: str, console: str, in_place: Mapping[str, str]) -> str:
    if word == _CONSOLE:
        return console
    return replaced(word, in_place)


def replaced(word: str, in_place: Mapping[str, str]) -> str:
    """A word of a run's command as a shell's has it."""
    for ours, theirs in in_place.items():
        word = word.replace(ours, theirs)
    return word
