"""What a shell offers at a tab and cannot know itself: `qemu-run __offers KIND WORD...`, a line for each.

The words are those of the line before the cursor. A tab is answered while somebody waits: a job is not parsed
for it, its labels are looked for in its text. What goes wrong offers nothing, and says nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from qemu_run.errors import ExitCode, QemuRunError

_LARGEST_BYTES = 1 << 20


def print_offers(words: Sequence[str]) -> int:
    """Print what there is of a kind."""
    kind, *line = words or ("",)
    if kind in _KINDS:
        from qemu_run.terminal.output import say

        say("".join(f"{each}\n" for each in _KINDS[kind](line)))
    return ExitCode.OK


def _attributes(_: Sequence[str]) -> Iterable[str]:
    """Those that a machine may have: to look whether this one has them takes longer than a tab."""
    from qemu_run.node.client_config import ClientConfig
    from qemu_run.node.fingerprint import NAMES
    from qemu_run.node.node import Node

    return (*NAMES, *Node(ClientConfig(), {}).values)


def _tasks(words: Sequence[str]) -> Iterable[str]:
    return _labels("task", words)


def _variables(words: Sequence[str]) -> Iterable[str]:
    return (f"{name}=" for name in _labels("variable", words))


def _labels(block: str, words: Sequence[str]) -> Iterable[str]:
    """The labels of all blocks of a kind in the job on the line, each once."""
    found = re.findall(rf'^[ \t]*{block}[ \t]+"([^"$%\\\n]+)"', _job_text(words), re.MULTILINE)
    return dict.fromkeys(found)


def _job_text(words: Sequence[str]) -> str:
    """The text of the job file on the line; empty when there is none to be read."""
    from qemu_run.cli.commands import COMMANDS
    from qemu_run.cli.fast_path import sort
    from qemu_run.cli.first_word import command_of
    from qemu_run.cli.line import Line

    try:
        name, rest = command_of(words)
        line = Line(COMMANDS[name])
        sort(line, rest)
        path = Path(line.operands[0])
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST_BYTES) if path.is_file() else ""
    except (QemuRunError, OSError, IndexError):
        return ""


_KINDS: Mapping[str, Callable[[Sequence[str]], Iterable[str]]] = {
    "attributes": _attributes,
    "tasks": _tasks,
    "variables": _variables,
}
