"""What a command line asks for: its first word is a command or a job file; nothing is guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from qemu_run.cli.commands import COMMANDS, OF_A_JOB
from qemu_run.cli.elsewhere import INSTEAD
from qemu_run.cli.line import HELP
from qemu_run.cli.near import near
from qemu_run.cli.options import ALL
from qemu_run.errors import Diagnostic, UsageError

VERSION = ("--version", "-V", "-v")
_ALL_OPTIONS = {option for command in COMMANDS.values() for option in command.options}
_LIST = "qemu-run help lists the commands"


def command_of(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The name of the command that `words` ask for, and the words that it is given.

    Raises:
        UsageError: the first word is neither a command nor a job file.
    """
    if not words:
        return "help", ()
    first, *rest = words
    if first in VERSION:
        return "version", rest
    if first in HELP:
        return "help", rest
    if first == "help":
        return "help", _named_by(rest)
    if first == "job" and rest and not Path(first).is_file():
        return _of_a_job(rest)
    if first in COMMANDS:
        return _help_of(first, rest) if _asks_for_help(rest) else (first, rest)
    if first.startswith("-") and (late := _late_command(words)) is not None:
        raise UsageError(_comes_first(words, late))
    if first.startswith("-") or _is_job(first):
        return _help_of("run", words) if _asks_for_help(words) else ("run", words)
    raise UsageError(_neither(first))


def _asks_for_help(words: Sequence[str]) -> bool:
    own = words[: words.index("--")] if "--" in words else words
    return any(word in HELP for word in own)


def _help_of(name: str, words: Sequence[str]) -> tuple[str, Sequence[str]]:
    return "help", (name, ALL.name) if ALL.name in words else (name,)


def _named_by(words: Sequence[str]) -> Sequence[str]:
    """`help job run` and `help cache prune` as `help run` and `help cache`."""
    names = [word for word in words if not word.startswith("-")]
    if len(names) == 2 and names[0] == "job" and names[1] in OF_A_JOB:
        names = names[1:]
    elif len(names) == 2 and names[0] in COMMANDS:
        operand = COMMANDS[names[0]].operand
        names = names[:1] if operand and names[1] in operand.words else names
    return [*names, *(word for word in words if word.startswith("-"))]


def _late_command(words: Sequence[str]) -> int | None:
    """Where the first word that is no option is a command, or nearly one, and no file: its number."""
    own = words[: words.index("--")] if "--" in words else words
    takes_value = {name for each in _ALL_OPTIONS if each.value for name in each.spellings}
    number = 0
    while number < len(own) and own[number].startswith("-") and own[number] != "-":
        number += 2 if own[number] in takes_value else 1
    if number >= len(own) or Path(own[number]).is_file():
        return None
    return number if own[number] in {*COMMANDS, *INSTEAD} or _is_nearly_a_command(own[number]) else None


def _is_nearly_a_command(word: str) -> bool:
    return not _is_job(word) and not _is_far(word)


def _comes_first(words: Sequence[str], late: int) -> Diagnostic:
    """What to say of options that stand before their command."""
    if words[late] not in COMMANDS:
        return not_a_command(words[late])
    from shlex import join

    hint = f"write qemu-run {join([words[late], *words[:late], *words[late + 1 :]])}"
    return Diagnostic(f'"{words[0]}" stands before the command "{words[late]}"', hints=(hint,))


def _of_a_job(rest: Sequence[str]) -> tuple[str, Sequence[str]]:
    """`job run FILE` and its like, which Nomad's users type."""
    first, *others = rest
    if first in OF_A_JOB:
        return _help_of(first, others) if _asks_for_help(others) else (first, others)
    if first in HELP:
        return "help", ()
    raise UsageError(not_a_command(first, "job ", OF_A_JOB))


def _is_job(word: str) -> bool:
    """Whether a word names a file: by its look, or because there is one."""
    if not word:  # the parser says what is missing
        return True
    looks = "/" in word or "." in word
    return looks or Path(word).is_file() or (Path(word).exists() and word not in INSTEAD and _is_far(word))


def _is_far(word: str) -> bool:
    return near(word, COMMANDS) is None


def _neither(word: str) -> Diagnostic:
    """What to say of a word that is neither a command nor a file."""
    jobs = tuple(f"did you mean {name}?" for name in _jobs_called(word))
    unknown = not_a_command(word)
    if word in INSTEAD or near(word, COMMANDS) is not None:
        return replace(unknown, hints=(*jobs, *unknown.hints))
    return replace(unknown, detail=f'and there is no file "{word}"', hints=(*jobs, *unknown.hints))


def not_a_command(word: str, before: str = "", known: Iterable[str] = COMMANDS) -> Diagnostic:
    """What to say of a word that is not a command, with what there is instead or what it may be meant for."""
    summary = f'qemu-run has no command "{before}{word}"'
    if word in INSTEAD:
        return Diagnostic(summary, hints=(INSTEAD[word],))
    close = near(word, known)
    hints = (f'did you mean "{before}{close}"?',) if close else ()
    return Diagnostic(summary, hints=(*hints, _LIST))


def _jobs_called(word: str) -> list[str]:
    """Job files of that name, with the suffix that was left out."""
    return [name for suffix in (".nomad.hcl", ".hcl", ".nomad") if Path(name := word + suffix).is_file()]
