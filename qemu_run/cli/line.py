"""The words after a command, sorted into operands and options; all their mistakes are told at once."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qemu_run.cli.commands import COMMANDS, Command
from qemu_run.cli.near import near
from qemu_run.cli.nomad_flags import why_not
from qemu_run.cli.options import ACCELERATOR, CONFIG, Option
from qemu_run.cli.values import one_of
from qemu_run.errors import Diagnostic, UsageError

HELP = ("--help", "-h")
"""What asks for help, wherever it stands."""


@dataclass(slots=True)
class Line:
    """A command line that is right: a command with what it was given."""

    command: Command
    operands: list[str] = field(default_factory=list)
    given: dict[Option, list[str]] = field(default_factory=dict)
    """The values of each option that was given, in their order; of a switch the spellings."""
    behind: tuple[str, ...] = ()
    """The words behind `--`, of a command that has a use for them."""
    notes: tuple[Diagnostic, ...] = ()
    """Warnings about how it was spelt."""

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


def read_line(command: Command, words: Sequence[str]) -> Line:
    """`words` as `command` takes them: options anywhere, after `--` none.

    Raises:
        UsageError: an option is unknown, a value is missing or wrong, operands are missing or too many.
    """
    line = Line(command)
    mistakes = [*sort(line, words), *_values(line)]
    if not mistakes:  # an option's value may have been taken for an operand
        mistakes = list(_operands(line))
    if mistakes:
        raise UsageError(*mistakes)
    return line


def sort(line: Line, words: Sequence[str]) -> Iterator[Diagnostic]:
    """Put each word where it belongs, and tell of those that belong nowhere; a missing value is empty."""
    known = {spelling: option for option in line.command.options for spelling in option.spellings}
    rest = deque(words)
    while rest:
        word = rest.popleft()
        name, equals, value = word.partition("=")
        if word == "--":
            if line.command.behind and line.operands:
                line.behind = tuple(rest)
            else:
                line.operands += rest
            return
        if not word.startswith("-") or word == "-":
            line.operands.append(word)
        elif (option := known.get(name)) is None:
            yield _unknown(name, known, line.command)
        elif not option.value and equals:
            yield Diagnostic(f"{name} takes no value", hints=(f"write {name} alone",))
        else:
            if option.value and not equals and rest and rest[0] != "--" and rest[0] not in known:
                value = rest.popleft()
            line.given.setdefault(option, []).append(value if option.value else name)


def _needs_value(option: Option) -> Diagnostic:
    return Diagnostic(f"{option.name} needs a value", hints=(f"write {option.name} {option.value}",))


def _unknown(name: str, known: dict[str, Option], command: Command) -> Diagnostic:
    summary = f'qemu-run {command.name} has no option "{name}"'
    if nomads := why_not(name):
        return Diagnostic(summary, hints=(nomads,))
    close = near(name.lstrip("-"), [each.lstrip("-") for each in known if each.startswith("--")])
    hints = [f'did you mean "--{close}"?'] if close else []
    if close is None and not name.startswith("--") and ACCELERATOR in command.options:
        hints.append(f'an option of QEMU stands in the job: args = ["{name}", ...]')
    return Diagnostic(summary, hints=(*hints, f"qemu-run {command.name} --help lists its options"))


def _values(line: Line) -> Iterator[Diagnostic]:
    """What is wrong with the values."""
    for option, values in line.given.items():
        for value in values if option.value else ():
            mistake = _needs_value(option) if not value else _check(option, value)
            if mistake is not None:
                yield mistake


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
        yield Diagnostic(summary, hints=(_one_each(command, found), _help(command)))
    for word in found:
        if not word:
            yield Diagnostic(f"the name of the {operand.name} is empty", hints=(_help(command),))
        elif operand.words and (mistake := one_of(f"qemu-run {command.name}", operand.words, word)):
            yield mistake


def _one_each(command: Command, found: Sequence[str]) -> str:
    for word in found:
        if word in COMMANDS:
            return f"a command comes first: qemu-run {word} ..."
    if command.name == "run":
        return "run each by itself; the tasks of one job run together"
    return "a name with blanks in it stands in quotes"


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "AEIO" else f"a {name}"


def _help(command: Command) -> str:
    return f"qemu-run {command.name} --help shows how it is used"
