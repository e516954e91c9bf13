"""The command line as a Typer app, made from the tables of commands and options, and its errors in our words.

Typer sorts words and finds those that belong nowhere; what a value may be, and how many operands there are,
is said by the tables (`Line.wrong_values`, `Line.wrong_operands`). Help pages are those of `cli/help.py`: the
same with every Typer.

Source: Typer's documentation of `Annotated` parameters; click's of `UsageError`.
"""

import sys
from collections.abc import Callable, Collection, Sequence
from inspect import Parameter, Signature
from typing import Annotated, cast

import typer

from qemu_run.cli.commands import COMMANDS, Command
from qemu_run.cli.elsewhere import INSTEAD_OF_OPTIONS
from qemu_run.cli.line import Line
from qemu_run.cli.near import near
from qemu_run.cli.nomad_flags import why_not
from qemu_run.cli.options import ACCELERATOR, Option
from qemu_run.errors import Diagnostic, UsageError
from qemu_run.jobspec.qemu_args import OPTIONS as QEMU_OPTIONS

_OPERANDS = "operands"
_CLICK = sys.modules[typer.BadParameter.__module__]
"""The exceptions of click, or of Typer's own copy of it."""


def read(command: Command, words: Sequence[str]) -> Line:
    """`words` as `command` takes them; all their mistakes are told at once.

    Raises:
        UsageError: an option is unknown, a value is missing or wrong, operands are missing or too many.
    """
    at = words.index("--") if "--" in words else len(words)
    own, behind = _with_missing_values(command, words[:at]), words[at + 1 :]
    line, mistakes = parsed(command, own)
    if at < len(words):
        line.end(behind)
    mistakes += line.wrong_values()
    if mistakes := mistakes or line.wrong_operands():  # an option's value may have been taken for an operand
        raise UsageError(*mistakes)
    return line


def parsed(command: Command, words: Sequence[str]) -> tuple[Line, list[Diagnostic]]:
    """What Typer makes of `words`, and what is wrong with those that it takes only if they are left out."""
    left, mistakes = list(words), list[Diagnostic]()
    while True:
        try:
            with _APP.make_context("qemu-run", [command.name, *left]) as context:
                return cast("Line", _APP.invoke(context)), mistakes
        except _CLICK.UsageError as error:
            wrong = _culprit(error, left)
            if wrong is None:
                raise UsageError(*mistakes, Diagnostic(error.format_message())) from error
            left.remove(wrong)
            mistakes.append(_refused(wrong.partition("=")[0], command))


def _with_missing_values(command: Command, words: Sequence[str]) -> list[str]:
    """`--task --quiet` as `--task= --quiet`: to click the second would be the value of the first."""
    known = _spellings(command)
    valued = {spelling for spelling, option in known.items() if option.value}
    following = [*words[1:], None]
    return [
        f"{word}=" if word in valued and (after is None or after in known) else word
        for word, after in zip(words, following, strict=False)
    ]


def _spellings(command: Command) -> dict[str, Option]:
    return {spelling: option for option in command.options for spelling in option.spellings}


def _culprit(error: Exception, words: Sequence[str]) -> str | None:
    """The word that click complains of: by its name, or by a letter behind a single dash."""
    name = getattr(error, "option_name", None) or ""
    for word in words:
        in_a_cluster = (
            len(name) == 2 and not word.startswith("--") and word[:1] == "-" and name[1] in word[1:]
        )
        if word.partition("=")[0] == name or in_a_cluster:
            return word
    return None


def _refused(name: str, command: Command) -> Diagnostic:
    """What to say of an option that click refused."""
    known = _spellings(command)
    if name in known:
        return Diagnostic(f"{name} takes no value", hints=(f"write {name} alone",))
    return _unknown(name, known, command)


def _unknown(name: str, known: Collection[str], command: Command) -> Diagnostic:
    summary = f'qemu-run {command.name} has no option "{name}"'
    if command.operand and command.operand.completes == "jobs" and (nomads := why_not(name)):
        return Diagnostic(summary, hints=(nomads,))
    word = name.lstrip("-")
    instead = INSTEAD_OF_OPTIONS.get(word, INSTEAD_OF_OPTIONS.get(name))
    if ACCELERATOR in command.options and instead:
        return Diagnostic(summary, hints=(instead,))
    close = near(word, [each.lstrip("-") for each in known if each.startswith("--")])
    hint = f'did you mean "--{close}"?' if close else ""
    may_be_qemus = not name.startswith("--") and ACCELERATOR in command.options
    if may_be_qemus and close != word and (close is None or word in QEMU_OPTIONS):
        hint = f'an option of QEMU stands in the job: args = ["{name}", ...]'
    hints = filter(None, (hint, f"qemu-run {command.name} --help lists its options"))
    return Diagnostic(summary, hints=tuple(hints))


def _made() -> typer.Typer:
    """The app: a command for each row of the table."""
    app = typer.Typer(name="qemu-run", add_completion=False)
    for command in COMMANDS.values():
        app.command(command.name, help=command.about, add_help_option=False)(_callback(command))
    return app


def _callback(command: Command) -> Callable[..., Line]:
    """What Typer calls with the words that it has sorted; its parameters are the rows of the table."""

    def sorted_line(**found: list[str] | bool | None) -> Line:
        line = Line(command, operands=list(cast("list[str] | None", found[_OPERANDS]) or ()))
        for option in command.options:
            value = found[_parameter_name(option)]
            if isinstance(value, bool):
                line.given[option] = [option.name if value else option.opposite]
            elif value is not None:
                line.given[option] = list(value)
        return line

    parameters = [_operands(command), *map(_parameter, command.options)]
    sorted_line.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # which inspect reads
    sorted_line.__annotations__ = {each.name: each.annotation for each in parameters}
    return sorted_line


def _parameter_name(option: Option) -> str:
    return option.name.removeprefix("--").replace("-", "_")


def _parameter(option: Option) -> Parameter:
    """An option of the table as Typer wants it: None unless it is given."""
    yes_or_no = f"{option.name}/{option.opposite}" if option.opposite else option.name
    spellings = filter(None, (yes_or_no, option.short))
    about = typer.Option(*spellings, metavar=option.value or None, help=option.about)
    kind = list[str] if option.value else bool
    annotation = Annotated[kind | None, about]  # type: ignore[valid-type]  # known when it runs
    return Parameter(_parameter_name(option), Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _operands(command: Command) -> Parameter:
    """All operands; how many there may be, and what they may be, the table says afterwards."""
    operand = command.operand
    about = typer.Argument(metavar=operand.name if operand else None, help=operand.about if operand else None)
    annotation = Annotated[list[str] | None, about]
    return Parameter(_OPERANDS, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


_APP = typer.main.get_command(_made())
