"""`qemu-run validate JOB...`: all mistakes of all files; nothing is run."""

from collections.abc import Sequence

from qemu_run.errors import Diagnostics, ExitCode
from qemu_run.terminal import runner
from qemu_run.terminal.diagnostics import show
from qemu_run.terminal.output import say
from qemu_run.terminal.screen import Screen
from qemu_run.workflow.check import check
from qemu_run.workflow.job_file import JobFile


def validate_jobs(files: Sequence[JobFile], *, json: bool) -> int:
    """Find all mistakes of job files, with the place of each."""
    found = [(file.shown, _check(file)) for file in files]
    everything = Diagnostics([item for _, diagnostics in found for item in diagnostics.items])
    annotate_for_the_runner(everything)
    if json:
        from qemu_run.terminal.documents import diagnostics_document, write

        write(diagnostics_document(everything))
    else:
        _tell(found)
    return ExitCode.JOB if everything.errors else ExitCode.OK


def annotate_for_the_runner(diagnostics: Diagnostics) -> None:
    """In a job of GitHub Actions: an annotation for each, on standard error."""
    if runner.is_listening():
        from qemu_run.reports.actions import annotate

        annotate(diagnostics, Screen().command)


def _check(file: JobFile) -> Diagnostics:
    """All that can be said about one file without a machine."""
    diagnostics = Diagnostics()
    check(file, diagnostics)
    return diagnostics


def _tell(found: list[tuple[str, Diagnostics]]) -> None:
    screen = Screen()
    for number, (name, diagnostics) in enumerate(found):
        if number and (diagnostics.items or found[number - 1][1].items):
            screen.line()
        show(diagnostics, screen)
        if diagnostics.items:
            screen.line()
        severities = [each.severity for each in diagnostics]  # what is found twice is shown once
        if errors := severities.count("error"):
            screen.line(f"{_count(errors, 'error')} in {name}")
        else:
            warnings = len(severities)
            say(f"{name} is valid" + (f", {_count(warnings, 'warning')}" if warnings else "") + "\n")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
