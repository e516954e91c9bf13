"""`run --json`: how a run went as one document on standard output, whatever became of it."""

from collections.abc import Iterator, Sequence

from qemu_run.errors import Diagnostic, ExitCode
from qemu_run.reports.event_document import outcome_document, port_documents, task_document
from qemu_run.reports.history import LAST_LINES, AttemptHistory, History, TaskHistory
from qemu_run.reports.listener import Listener
from qemu_run.terminal.documents import Document, diagnostic_document, write
from qemu_run.verdict.outcome import Outcome

_NO_OUTCOME: Document = {"code": None, "words": "never ended", "details": [], "logs": None}
_NEVER_STARTED: Document = {**_NO_OUTCOME, "words": "never started"}


def run_document(job: str, outcome: Outcome, history: History) -> Document:
    """The document."""
    return {
        "job": job,
        **outcome_document(outcome),
        "tasks": [_task(task) for task in history.tasks],
        "ports": [port for task in history.tasks for port in _ports(task)],
        "artifacts": [artifact for task in history.tasks for artifact in _artifacts(task)],
        "diagnostics": [diagnostic_document(each) for each in history.diagnostics],
    }


def document_without_job(diagnostics: Sequence[Diagnostic], code: ExitCode) -> Document:
    """The same where a job was not even looked for: why not."""
    history = History()
    history.found(diagnostics)
    outcome = Outcome(code=code, words=diagnostics[0].summary)
    return {**run_document("", outcome, history), "job": None}


def _task(task: TaskHistory) -> Document:
    return {
        **task_document(task.plan.id),
        "group": task.group,
        "index": task.index,
        **_outcome(task),
        "seconds": round(task.seconds, 3),
        "attempts": [_attempt(attempt) for attempt in task.attempts],
        "console": task.tail.lines(LAST_LINES),
    }


def _outcome(task: TaskHistory) -> Document:
    if task.outcome is not None:
        return outcome_document(task.outcome)
    return _NO_OUTCOME if task.attempts else _NEVER_STARTED


def _attempt(attempt: AttemptHistory) -> Document:
    outcome = _NO_OUTCOME if attempt.outcome is None else outcome_document(attempt.outcome)
    return {**outcome, "seconds": round(attempt.seconds, 3)}


def _ports(task: TaskHistory) -> Iterator[Document]:
    for forward in task.forwards:
        for port in port_documents(forward):
            yield {**task_document(task.plan.id), **port}


def _artifacts(task: TaskHistory) -> Iterator[Document]:
    for artifact in task.artifacts:
        yield {
            **task_document(task.plan.id),
            "file_name": artifact.file_name,
            "size_bytes": artifact.size_bytes,
            "algorithm": artifact.algorithm,
            "was_cached": artifact.was_cached,
        }


class RunDocument(Listener):
    """Prints the document at the end."""

    def __init__(self, history: History) -> None:
        self._history = history

    def ended(self, job: str, outcome: Outcome) -> None:
        """Print it.

        Raises:
            ReaderLeftError: nobody reads standard output any more.
            HostError: it cannot be written.
        """
        write(run_document(job, outcome, self._history))
