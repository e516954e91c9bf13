"""Under GitHub Actions: mistakes as annotations in the job file, and a summary of the run on its page.

Source: GitHub's "Workflow commands for GitHub Actions".
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from qemu_run.errors import Diagnostic
from qemu_run.reports.files import Lost
from qemu_run.reports.history import History
from qemu_run.reports.listener import Listener
from qemu_run.source import Span
from qemu_run.terminal.runner import command
from qemu_run.verdict.outcome import Outcome
from qemu_run.workflow.make_plan import Planning


class Actions(Listener):
    """Speaks to the runner."""

    def __init__(self, history: History, send: Callable[[str], None], lost: Lost) -> None:
        """`send` writes a line that the runner reads."""
        self._history = history
        self._send = send
        self._lost = lost
        self._place: Span | None = None

    def planned(self, planning: Planning) -> None:
        """Note where a bad end belongs: to the job's file."""
        self._place = None if planning.plan is None else planning.plan.job.at()

    def found(self, diagnostics: Sequence[Diagnostic]) -> None:
        """An annotation for each."""
        annotate(diagnostics, self._send)

    def ended(self, job: str, outcome: Outcome) -> None:
        """An annotation for a bad end that is not a mistake told already, and the summary."""
        if outcome.is_bad and not any(each.severity == "error" for each in self._history.diagnostics):
            text = "\n".join((f"{outcome.words} (exit {outcome.code})", *outcome.details))
            self._send(command("error", text, **_place(self._place), title=job))
        path = os.environ.get("GITHUB_STEP_SUMMARY")
        if not path:
            return
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace") as file:
                file.write("\n".join(summary(job, outcome, self._history)) + "\n")
        except OSError as error:
            self._lost(f"nothing is written to {path}: {error.strerror}")


def annotate(diagnostics: Iterable[Diagnostic], send: Callable[[str], None]) -> None:
    """An annotation for each, in the file where it is; `send` writes a line that the runner reads."""
    for each in diagnostics:
        text = "\n".join(filter(None, (each.label, each.detail, *each.hints))) or each.summary
        send(command(each.severity, text, **_place(each.span), title=each.summary))


def _place(span: Span | None) -> dict[str, object]:
    """A place as the runner wants it: the file from the repository's root on, if it is one."""
    if span is None or not Path(span.source.name).is_file():
        return {}
    file = Path(span.source.name).resolve()
    root = os.environ.get("GITHUB_WORKSPACE")
    if root and file.is_relative_to(Path(root).resolve()):
        file = file.relative_to(Path(root).resolve())
    first, last = span.first, span.last
    place: dict[str, object] = {"file": file, "line": first.line, "endLine": last.line}
    if first.line == last.line:
        place |= {"col": first.column, "endColumn": last.column}
    return place


def summary(job: str, outcome: Outcome, history: History) -> Iterator[str]:
    """The lines of the summary, in Markdown."""
    mark = ":white_check_mark:" if outcome.is_good else ":x:" if outcome.is_bad else ":black_square_for_stop:"
    yield f"### {mark} {_text(job)}: {_text(outcome.words)} (exit {outcome.code})"
    yield ""
    for detail in outcome.details:
        yield f"- {_text(detail)}"
    for diagnostic in history.diagnostics:
        place = f" ({diagnostic.span})" if diagnostic.span is not None else ""
        yield f"- **{diagnostic.severity}**: {_text(diagnostic.summary + place)}"
    if history.tasks:
        yield from ("", "| task | how it ended | seconds | attempts |", "|---|---|---|---|")
    for task in history.tasks:
        words = "never started" if task.outcome is None else task.outcome.words
        yield f"| {_text(task.plan.name)} | {_text(words)} | {task.seconds:.1f} | {len(task.attempts)} |"
    if outcome.is_bad and (said := list(history.last_lines())):
        fence = "`" * (max((len(run) for run in re.findall("`+", "\n".join(said))), default=2) + 1)
        yield from ("", fence.ljust(3, "`") + "text", *said, fence.ljust(3, "`"))


def _text(text: str) -> str:
    """Words without meaning to Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", text.replace("\n", " "))
