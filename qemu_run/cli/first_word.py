"""What a command line asks for: its first word is a command or a job file, and nothing in between is guessed."""

from collections.abc import Sequence
from pathlib import Path

from qemu_run.cli.commands import COMMANDS
from qemu_run.cli.elsewhere import INSTEAD
from qemu_run.cli.line import HELP
from qemu_run.cli.near import near
from qemu_run.errors import Diagnostic, UsageError

VERSION = ("--version", "-V", "-v")
_OF_A_JOB = {"run": "run", "validate": "validate", "plan": "plan", "inspect": "inspect", "init": "init"}
"""`nomad job ...`: the commands that mean the same here."""
_LIST = "qemu-run help lists the commands"


def command_of(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The name of the command that `words` ask for, and the words that it is given.

    Raises:
        UsageError: the first word is neither a command nor a job file.
    """
    if not words:
        return "help", ()
    first, *rest = words
    if first in VERSION and not rest:
        return "version", ()
    if first in HELP:
        return "help", rest
    if first == "job" and rest and not Path(first).is_file():
        return _of_a_job(rest)
    if first in COMMANDS:
        return ("help", (first,)) if _asks_for_help(rest) else (first, rest)
    if first.startswith("-") or _is_job(first):
        return ("help", ("run",)) if _asks_for_help(words) else ("run", words)
    raise UsageError(not_a_command(first))


def _asks_for_help(words: Sequence[str]) -> bool:
    own = words[: words.index("--")] if "--" in words else words
    return any(word in HELP for word in own)


def _of_a_job(rest: Sequence[str]) -> tuple[str, Sequence[str]]:
    """`job run FILE` and its like, which Nomad's users type."""
    first, *others = rest
    if (name := _OF_A_JOB.get(first)) is not None:
        return ("help", (name,)) if _asks_for_help(others) else (name, others)
    if first in HELP:
        return "help", ()
    raise UsageError(not_a_command(first, "job "))


def _is_job(word: str) -> bool:
    """Whether a word names a file: by its look, or because there is one."""
    if not word:  # the parser says what is missing
        return True
    looks = "/" in word or "." in word
    return looks or Path(word).is_file() or (Path(word).exists() and word not in INSTEAD and _is_far(word))


def _is_far(word: str) -> bool:
    return near(word, COMMANDS) is None


def not_a_command(word: str, before: str = "") -> Diagnostic:
    """What to say of a word that is neither a command nor a file."""
    summary = f'qemu-run has no command "{before}{word}"'
    if word in INSTEAD:
        return Diagnostic(summary, hints=(INSTEAD[word],))
    close = near(word, _OF_A_JOB if before else COMMANDS)
    if close is not None:
        return Diagnostic(summary, hints=(f'did you mean "{before}{close}"?', _LIST))
    hints = tuple(f"did you mean {each}?" for each in _jobs_called(word))
    return Diagnostic(summary, detail=f'and there is no file "{word}"', hints=(*hints, _LIST))


def _jobs_called(word: str) -> list[str]:
    """Job files of that name, with the suffix that was left out."""
    return [name for suffix in (".nomad.hcl", ".hcl", ".nomad") if Path(name := word + suffix).is_file()]
