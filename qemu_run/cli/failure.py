"""A command that fails: its diagnostics as a person reads them, or as the document that `--json` promises."""

import errno
from collections.abc import Sequence
from pathlib import Path

from qemu_run.cli.first_word import command_of
from qemu_run.cli.nomad_flags import our_spelling
from qemu_run.cli.options import JSON
from qemu_run.errors import Diagnostic, Diagnostics, ExitCode, HostError, QemuRunError, UsageError
from qemu_run.terminal.output import ReaderLeftError
from qemu_run.terminal.screen import Screen

_FAULTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "the host has no room"),
    errno.EIO: "a disk of the host fails, or what is no file was named as one",
}
"""Of the host, and nobody's mistake, wherever they are met."""


def of_the_host(error: Exception) -> HostError | None:
    """What of the host is at fault for an error that nobody expected where it was met; None: it is a bug."""
    if not isinstance(error, OSError):
        return None
    if error.errno == errno.ENOENT and not _has_current_directory():
        hint = "cd to a directory that exists"
        return HostError(Diagnostic("the current directory was deleted", hints=(hint,)))
    if error.errno in _FAULTS:
        name = "" if error.filename is None else f"{error.filename}: "
        return HostError(Diagnostic(f"{_FAULTS[error.errno]}: {name}{error.strerror}"))
    return None


def _has_current_directory() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def tell(error: QemuRunError, arguments: Sequence[str]) -> ExitCode:
    """Say why a command failed; the exit code."""
    command = _documented(arguments)
    try:
        if command is not None:
            _write(command, error.diagnostics, error.exit_code)
            if command != "run":  # which says on standard error what becomes of it, too
                return error.exit_code
    except ReaderLeftError:
        return ExitCode.READER_LEFT
    except QemuRunError:  # standard output cannot be written; standard error may be
        pass
    from qemu_run.terminal.diagnostics import show

    show(error.diagnostics, Screen())
    return error.exit_code


def tell_bug(error: Exception, arguments: Sequence[str]) -> ExitCode:
    """Report a bug of ours; the exit code."""
    from qemu_run.terminal.bug import report

    report(error, Screen())
    command = _documented(arguments)
    if command is not None:
        try:
            _write(command, (as_bug(error),), ExitCode.BUG)
        except (ReaderLeftError, QemuRunError):
            return ExitCode.BUG
    return ExitCode.BUG


def as_bug(error: Exception) -> Diagnostic:
    """What to say of an exception that nobody expected."""
    return Diagnostic(f"a bug in qemu-run: {type(error).__name__}: {error}")


def _documented(arguments: Sequence[str]) -> str | None:
    """The command that was asked for one document; None when it is a person that reads."""
    words, _ = our_spelling(arguments)
    own = words[: words.index("--")] if "--" in words else words
    if JSON.name not in {word.partition("=")[0] for word in own}:
        return None
    try:
        name, _ = command_of(words)
    except UsageError:
        return "validate"  # nobody knows which was meant: any will do
    return name


def _write(command: str, diagnostics: Sequence[Diagnostic], code: ExitCode) -> None:
    from qemu_run.terminal.documents import diagnostics_document, write

    if command == "plan":
        from qemu_run.terminal.plan_document import plan_document
        from qemu_run.workflow import artifact_cache

        write(plan_document(None, diagnostics, artifact_cache.known))
    elif command == "run":
        from qemu_run.reports.run_document import document_without_job

        write(document_without_job(diagnostics, code))
    else:
        write(diagnostics_document(Diagnostics(list(diagnostics))))
