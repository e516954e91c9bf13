"""A command with what it was given: what both parsers make of a command line, and what they judge it by."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from qemu_run.cli.commands import COMMANDS, Command
from qemu_run.cli.options import CONFIG, Option
from qemu_run.cli.values import one_of
from qemu_run.errors import Diagnostic
from qemu_run.records import mutable

if TYPE_CHECKING:
    from qemu_run.runtime.head_start import HeadStart

_JOB_SUFFIXES = frozenset({".hcl", ".nomad", ".json"})
HELP = ("--help", "-h")
"""What asks for help, wherever it stands."""


@mutable
class Line:
    """A command line, sorted into operands and options."""

    command: Command
    operands: list[str] = field(default_factory=list)
    given: dict[Option, list[str]] = field(default_factory=dict)
    """The values of each option that was given, in their order; of a switch its name, or its opposite's."""
    behind: tuple[str, ...] = ()
    """The words behind `--`, of a command that has a use for them."""
    lacks_command: bool = False
    """Such a command has its `--`, and nothing behind it."""
    dashed: tuple[str, ...] = ()
    """Those of one that has none, where other operands came before them."""
    notes: tuple[Diagnostic, ...] = ()
    """Warnings about how it was spelt."""
    head_start: "HeadStart | None" = None
    """What was started before it was read."""

    def every(self, option: Option) -> tuple[str, ...]:
        """All values of an option."""
        return tuple(self.given.get(option, ()))

    def last(self, option: Option) -> str | None:
        """The value of an option; of several the last counts."""
        return self.given[option][-1] if option in self.given else None

    def has(self, option: Option) -> bool:
        """Whether a switch is on: given, and not in its opposite's spelling at last."""
        last = self.last(option)
        return bool(option.opposite) if last is None else last != option.opposite

    def end(self, rest: Iterable[str]) -> None:
        """Take the words behind `--`: operands, but for a command that has another use for them."""
        words = tuple(rest)
        if self.command.behind and self.operands:
            self.behind, self.lacks_command = words, not words
        else:
            self.dashed = words if self.operands else ()
            self.operands += words

    def wrong_values(self) -> list[Diagnostic]:
        """What is wrong with the values of options."""
        return [*_values(self)]

    def wrong_operands(self) -> list[Diagnostic]:
        """What is wrong with the number of operands, and with themselves."""
        return [*_operands(self)]


def _values(line: Line) -> Iterator[Diagnostic]:
    """What is wrong with the values."""
    for option, values in line.given.items():
        for value in values if option.value else ():
            mistake = _check(option, value) if value else _needs_value(option)
            if mistake is not None:
                yield mistake


def _needs_value(option: Option) -> Diagnostic:
    return Diagnostic(f"{option.name} needs a value", hints=(f"write {option.name} {option.value}",))


def _check(option: Option, value: str) -> Diagnostic | None:
    if option.check is not None:
        return option.check(value)
    return one_of(option.name, option.words, value) if option.words else None


def _operands(line: Line) -> Iterator[Diagnostic]:
    """What is wrong with their number, and with themselves."""
    command, operand, found = line.command, line.command.operand, line.operands
    if operand is None:
        if found:
            hints = (f"write --config {found[0]}",) if CONFIG in command.options else ()
            yield Diagnostic(f'qemu-run {command.name} takes no "{found[0]}"', hints=(*hints, _help(command)))
        return
    if len(found) < operand.least:
        yield Diagnostic(
            f"qemu-run {command.name} needs {_article(operand.name)}: {operand.about}",
            hints=(f"write qemu-run {command.usage}", _help(command)),
        )
    elif operand.most is not None and len(found) > operand.most:
        several = ", ".join(f'"{each}"' for each in found)
        summary = f"qemu-run {command.name} takes one {operand.name}, not {len(found)}: {several}"
        way_out = _with_run(line) if line.dashed else _one_each(command, found)
        yield Diagnostic(summary, hints=(way_out, _help(command)))
    elif command.behind and line.lacks_command:
        write = f"write qemu-run {command.usage} -- {command.behind[0]}"
        yield Diagnostic("-- wants a command behind it", hints=(write, _help(command)))
    if found.count("-") > 1:
        yield Diagnostic("standard input can be read once only", hints=("write - once",))
    for word in found:
        if not word:
            yield Diagnostic(f"the name of the {operand.name} is empty", hints=(_help(command),))
        elif operand.words and (mistake := one_of(f"qemu-run {command.name}", operand.words, word)):
            yield mistake


def _with_run(line: Line) -> str:
    return f"a command behind -- goes with run: {_beside(line.operands[0], line.dashed)}"


def _beside(job: str, words: Sequence[str]) -> str:
    import shlex

    return f"qemu-run run {shlex.quote(job)} -- {shlex.join(words)}"


def _one_each(command: Command, found: Sequence[str]) -> str:
    if command.operand and command.operand.completes in {"words", "commands"}:
        return "give each a line of its own"
    for word in found:
        if word in COMMANDS:
            return f"a command comes first: qemu-run {word} ..."
    if command.behind and not any(map(_looks_like_a_job, found[1:])):
        behind = [word for word in found[1:] if word != "--"]
        return f"a command beside the guest goes behind --: {_beside(found[0], behind)}"
    if command.name == "run":
        return "run each by itself; the tasks of one job run together"
    return "a name with blanks in it stands in quotes"


def _looks_like_a_job(word: str) -> bool:
    """Whether a word is meant as a job: by its look, or because there is a file that cannot be executed."""
    import os
    from pathlib import Path

    named = not word or word == "-" or "://" in word or Path(word).suffix in _JOB_SUFFIXES
    return named or (Path(word).is_file() and not os.access(word, os.X_OK))


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "AEIO" else f"a {name}"


def _help(command: Command) -> str:
    return f"qemu-run {command.name} --help shows how it is used"
