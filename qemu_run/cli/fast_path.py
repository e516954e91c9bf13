"""Which parser reads a command line: Typer, or a quick one for lines that are right.

Typer takes a tenth of a second to import, which is more than a short command takes. So a line that is right
is sorted here, by the same tables that the Typer app is made of. All that is not plainly right goes to Typer,
whose mistakes are told; and everything goes there when QEMU_RUN_NO_QUICK_START is set.
"""

import os
from collections import deque
from collections.abc import Sequence

from qemu_run.cli.commands import Command
from qemu_run.cli.line import Line


def understand(command: Command, words: Sequence[str]) -> Line:
    """`words` as `command` takes them: options anywhere, after `--` none.

    Raises:
        UsageError: an option is unknown, a value is missing or wrong, operands are missing or too many.
    """
    line = Line(command)
    if not os.environ.get("QEMU_RUN_NO_QUICK_START") and _is_right(line, words):
        return line
    from qemu_run.cli.typer_app import read

    return read(command, words)


def _is_right(line: Line, words: Sequence[str]) -> bool:
    return sort(line, words) and not line.wrong_values() and not line.wrong_operands()


def sort(line: Line, words: Sequence[str]) -> bool:
    """Put each word where it belongs, and leave out what belongs nowhere; whether nothing was left out."""
    known = {spelling: option for option in line.command.options for spelling in option.spellings}
    rest, is_right = deque(words), True
    while rest:
        word = rest.popleft()
        name, equals, value = word.partition("=")
        option = known.get(name)
        if word == "--":
            line.end(rest)
            return is_right
        if not word.startswith("-") or word == "-":
            line.operands.append(word)
        elif option is None or (equals and name != option.name) or (equals and not option.value):
            is_right = False
        elif not option.value:
            line.given[option] = [option.opposite if word == option.opposite else option.name]
        elif equals or (rest and rest[0] != "--" and rest[0] not in known):
            line.given.setdefault(option, []).append(value if equals else rest.popleft())
        else:
            is_right = False
    return is_right
