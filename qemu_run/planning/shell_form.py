"""The command of a plan as a person can paste it into a shell: QEMU alone, without qemu-run around it.

A run gives QEMU what a shell has not: descriptors for console and monitor, and an overlay that is made at
start. Here the console is QEMU's standard output and input, nothing listens for a monitor, and the guest's
writes go to a file that QEMU throws away (`snapshot=on`), so that the image stays as it is here, too.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from qemu_run.planning.descriptors import CONSOLE_FD, MONITOR_FD
from qemu_run.qemu.properties import quote
from qemu_run.records import record

_CONSOLE = f"socket,id=qemu-run.console,fd={CONSOLE_FD}"
_MONITOR = (
    ("-chardev", f"socket,id=qemu-run.monitor,fd={MONITOR_FD}"),
    ("-qmp", "chardev:qemu-run.monitor"),
)


@record(kw_only=True)
class Overlay:
    """The overlay of a run, and what stands in its place."""

    path: Path
    """The file that a run makes."""
    base: str
    """The image below it, as the shell finds it."""
    base_format: str


def in_a_shell(command: Sequence[str], overlay: Overlay | None) -> list[list[str]]:
    """The command of a launch for a shell: its words, an option together with its value."""
    groups = [group for group in _grouped(command) if tuple(group) not in _MONITOR]
    stdio_is_taken = any("stdio" in word for group in groups for word in group[1:])
    # Two devices cannot share standard input and output; where the job's own args take it, ours only writes.
    console = "file,id=qemu-run.console,path=/dev/stdout" if stdio_is_taken else "stdio,id=qemu-run.console"
    return [
        [_word(word, console, overlay) if number else word for number, word in enumerate(group)]
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


def _word(word: str, console: str, overlay: Overlay | None) -> str:
    if word == _CONSOLE:
        return console
    if overlay is None:
        return word
    ours = f"file={quote(str(overlay.path))},format=qcow2"
    theirs = f"file={quote(overlay.base)},format={overlay.base_format},snapshot=on"
    return theirs + word.removeprefix(ours) if word.startswith(ours) else word
