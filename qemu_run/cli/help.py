"""Help pages: what there is, what a command takes, three examples, what exit codes mean; a screen each.

A screen has 24 lines, and the shell asks for the next command in one of them. Headings stand in the margin.
"""

from collections.abc import Iterable, Iterator, Sequence

from qemu_run.cli.commands import COMMANDS, GROUPS, Command, Example
from qemu_run.cli.exits import exit_codes
from qemu_run.cli.options import GROUPS as OPTION_GROUPS
from qemu_run.errors import ExitCode, UsageError
from qemu_run.terminal.output import say

WIDTH, HEIGHT = 80, 23
_MARGIN = 10
_OPERANDS = "Takes"

Row = tuple[str, str]
"""A name, and what it is about."""

_OVERVIEW_EXAMPLES: tuple[Example, ...] = (
    ("qemu-run demo", "see a guest boot and end"),
    ("qemu-run init && qemu-run example.nomad.hcl", "a job of your own"),
    ("qemu-run web.nomad.hcl --var release=12", "a job with a variable"),
)
_OVERVIEW_EXITS = (
    ExitCode.OK,
    ExitCode.USAGE,
    ExitCode.TASK_FAILED,
    ExitCode.JOB,
    ExitCode.PLACEMENT,
    ExitCode.ARTIFACT,
)


def show_help(name: str | None, *, everything: bool) -> int:
    """Print the overview, or the page of a command.

    Raises:
        UsageError: there is no such command.
    """
    if name is not None and name not in COMMANDS:
        from qemu_run.cli.first_word import not_a_command

        raise UsageError(not_a_command(name))
    say(overview() if name is None else page(COMMANDS[name], everything=everything))
    return ExitCode.OK


def overview() -> str:
    """What `qemu-run --help` prints."""
    width = _width(each.usage for each in COMMANDS.values())
    lines = [
        "usage: qemu-run JOB [OPTION]...      the same as qemu-run run JOB",
        "       qemu-run COMMAND [OPTION]...  qemu-run help COMMAND teaches it",
        "Run a Nomad job file with the qemu driver on this machine, without a cluster.",
        "",
    ]
    for group in GROUPS:
        named = [(each.usage, each.about) for each in COMMANDS.values() if each.group == group]
        lines += _section(group, _columns(named, width))
    lines += ["", *_section("Examples", _columns(_OVERVIEW_EXAMPLES))]
    lines += ["", *_section("Exit code", _flowing(exit_codes(_OVERVIEW_EXITS, with_guest=True)))]
    return "\n".join(lines) + "\n"


def page(command: Command, *, everything: bool = False) -> str:
    """What `qemu-run COMMAND --help` prints: a screen, or with `everything` what a screen has no room for."""
    lines = _page(command, rare=True)
    if len(lines) > HEIGHT and not everything:
        lines = _page(command, rare=False)
    return "\n".join(lines) + "\n"


def _page(command: Command, *, rare: bool) -> list[str]:
    options = " [OPTION]..." if command.options else ""
    options += f" [-- {command.behind[0]}...]" if command.behind else ""
    about = command.about[0].upper() + command.about[1:] + "."
    lines = [f"usage: qemu-run {command.usage}{options}", "", about, *command.more.splitlines(), ""]
    sections = {
        _OPERANDS: _operands(command),
        **{group: _options(command, group, rare=rare) for group in OPTION_GROUPS},
    }
    width = _width(name for rows in sections.values() for name, _ in rows)
    for heading, rows in sections.items():
        lines += _section(heading, _columns(rows, width))
    if not rare:
        number = sum(option.rare for option in command.options)
        lines += _section("More", [f"{number} options: qemu-run help {command.name} --all"])
    lines += [""] * any(sections.values())
    lines += _section("Examples", _columns(command.examples))
    with_guest = ExitCode.TASK_FAILED in command.exits
    return [*lines, "", *_section("Exit code", _flowing(exit_codes(command.exits, with_guest=with_guest)))]


def _operands(command: Command) -> Sequence[Row]:
    operand = command.operand
    rows = [(operand.name, operand.about)] if operand else []
    return [*rows, command.behind] if command.behind else rows


def _options(command: Command, group: str, *, rare: bool) -> Sequence[Row]:
    shown = [option for option in command.options if rare or not option.rare]
    return [(option.shown, option.about) for option in shown if option.group == group]


def _width(names: Iterable[str]) -> int:
    return max(map(len, names), default=0)


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines with their heading in the margin."""
    for line in lines:
        yield f"{heading:<{_MARGIN}}{line}"
        heading = ""


def _columns(rows: Sequence[Row], width: int = 0) -> Iterator[str]:
    """A name and what it is about, one below the other."""
    width = width or _width(name for name, _ in rows)
    return (f"{name:<{width}}  {about}" for name, about in rows)


def _flowing(words: Iterable[str]) -> Iterator[str]:
    """As many on a line as there is room for."""
    line = ""
    for word in words:
        if line and _MARGIN + len(line) + len(word) + 3 > WIDTH:
            yield line + ","
            line = ""
        line = f"{line}, {word}" if line else word
    yield line
