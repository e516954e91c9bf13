"""Help pages: what there is, what a command takes, three examples, what exit codes mean; a screen each."""

from collections.abc import Iterable, Iterator, Sequence

from qemu_run.cli.commands import COMMANDS, GROUPS, Command, Example
from qemu_run.cli.exits import exit_codes
from qemu_run.cli.options import GROUPS as OPTION_GROUPS
from qemu_run.errors import ExitCode, UsageError
from qemu_run.terminal.output import say

WIDTH = 80

_OVERVIEW_EXAMPLES: tuple[Example, ...] = (
    ("qemu-run demo", "see a guest boot and end"),
    ("qemu-run init && qemu-run example.nomad.hcl", "a job of your own"),
    ("qemu-run web.nomad.hcl --var release=12", "a job with a variable"),
)
_OVERVIEW_EXITS = (
    ExitCode.OK,
    ExitCode.USAGE,
    ExitCode.TASK_FAILED,
    ExitCode.PANIC,
    ExitCode.JOB,
    ExitCode.PLACEMENT,
    ExitCode.ARTIFACT,
    ExitCode.HOST,
    ExitCode.QEMU,
    ExitCode.INTERRUPTED,
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
    lines = [
        "Run a Nomad job file with the qemu driver on this machine, without a cluster.",
        "",
        "usage: qemu-run JOB [OPTION]...        the same as qemu-run run JOB",
        "       qemu-run COMMAND [OPTION]...    qemu-run COMMAND --help teaches a command",
    ]
    for group in GROUPS:
        named = [(each.usage, each.about) for each in COMMANDS.values() if each.group == group]
        lines += ["", group, *_columns(named, _width(each.usage for each in COMMANDS.values()))]
    lines += ["", "Examples", *_columns(_OVERVIEW_EXAMPLES)]
    lines += ["", "Exit codes", *_flowing(exit_codes(_OVERVIEW_EXITS, with_guest=True))]
    return "\n".join(lines) + "\n"


def page(command: Command, *, everything: bool = False) -> str:
    """What `qemu-run COMMAND --help` prints: rare options by name alone, unless `everything` is asked for."""
    rare = [] if everything else [option.opposite or option.name for option in command.options if option.rare]
    options = " [OPTION]..." if command.options else ""
    options += f" [-- {command.behind[0]}...]" if command.behind else ""
    about = command.about[0].upper() + command.about[1:] + "."
    lines = [f"usage: qemu-run {command.usage}{options}", "", about, *command.more.splitlines()]
    shown = [option for option in command.options if (option.opposite or option.name) not in rare]
    rows = {
        group: [(option.shown, option.about) for option in shown if option.group == group]
        for group in OPTION_GROUPS
    }
    operand = [(command.operand.name, command.operand.about)] if command.operand else []
    operand += [command.behind] if command.behind else []
    width = _width(name for name, _ in [*operand, *(row for each in rows.values() for row in each)])
    if operand:
        lines += ["", *_columns(operand, width)]
    for group, named in rows.items():
        if named:
            lines += ["", group, *_columns(named, width)]
    if rare:
        lines += ["", f"More (qemu-run help {command.name} --all)", *_flowing(rare)]
    lines += ["", "Examples", *_columns(command.examples)]
    with_guest = ExitCode.TASK_FAILED in command.exits
    lines += ["", "Exit codes", *_flowing(exit_codes(command.exits, with_guest=with_guest))]
    return "\n".join(lines) + "\n"


def _width(names: Iterable[str]) -> int:
    return max(map(len, names), default=0)


def _columns(rows: Sequence[tuple[str, str]], width: int = 0) -> Iterator[str]:
    """Two columns, the second below the first where a row is too long for one line."""
    width = width or _width(name for name, _ in rows)
    for name, about in rows:
        line = f"  {name:<{width}}  {about}"
        yield from [line] if len(line) <= WIDTH else [f"  {name}", f"      {about}"]


def _flowing(words: Iterable[str]) -> Iterator[str]:
    """As many on a line as there is room for."""
    line = ""
    for word in words:
        if line and len(line) + len(word) + 3 > WIDTH:
            yield line + ","
            line = ""
        line = f"{line}, {word}" if line else f"  {word}"
    yield line
