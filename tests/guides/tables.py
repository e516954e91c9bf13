"""The tables of `examples/` that are written from the program's own."""

import re
from collections.abc import Iterable

from qemu_run.cli.commands import COMMANDS
from qemu_run.cli.options import GROUPS, Option
from qemu_run.qemu.words import _STDERR
from qemu_run.verdict.signatures import SIGNATURES

EFFECTS = {"no boot": "103, before a system has started", "panic": "102", "told": "a line of the run"}


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def prose(text: str) -> str:
    """A text without marks of Markdown, as it reads."""
    return re.sub(r"([*_<|])", r"\\\1", text)


def commands() -> str:
    """Each command, what it does, and the codes it can end with."""
    rows = [
        (
            f"`qemu-run {command.usage}`",
            command.about,
            "all" if len(command.exits) > 12 else ", ".join(str(int(code)) for code in command.exits),
        )
        for command in COMMANDS.values()
    ]
    return table(("command", "", "exit codes"), rows)


def options(group: str) -> str:
    """The options below a heading of help, and the commands that take each."""
    takers: dict[Option, list[str]] = {}
    for command in COMMANDS.values():
        for option in command.options:
            if option.group == group:
                takers.setdefault(option, []).append(command.name)
    rows = [(f"`{option.shown}`", option.about, ", ".join(names)) for option, names in takers.items()]
    return table(("option", "", "of"), rows)


def words_of_qemu() -> str:
    """What QEMU's lines mean."""
    pairs = [pair for known in _STDERR for pair in ((known.cause, known.cure), known.if_missing) if any(pair)]
    return table(("it means", "what to do"), [(prose(cause), prose(cure)) for cause, cure in pairs])


def signatures() -> str:
    """The kinds of trouble that a console is watched for."""
    rows = [(f"`@{each.name}`", each.what, EFFECTS[each.effect]) for each in SIGNATURES]
    return table(("name", "what it means", "what it does"), rows)


TABLES = {
    ("reference.md", "commands"): commands,
    **{("reference.md", f"options {group}"): lambda group=group: options(group) for group in GROUPS},
    ("reference.md", "signatures"): signatures,
    ("troubleshooting.md", "words of qemu"): words_of_qemu,
}
