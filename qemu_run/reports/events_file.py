"""`--events FILE`: everything that happens, one JSON object a line, written as it happens."""

import json
import time
from collections.abc import Sequence
from functools import partial

from qemu_run import __version__
from qemu_run.errors import Diagnostic
from qemu_run.planning.plan import TaskId, TaskPlan
from qemu_run.reports.console_lines import ConsoleLines
from qemu_run.reports.event_document import event_document, outcome_document, stamped, task_document
from qemu_run.reports.files import ReportFile
from qemu_run.reports.listener import Listener
from qemu_run.runtime.events import Downloading, Event
from qemu_run.runtime.sinks import Sink
from qemu_run.terminal.documents import Document, diagnostic_document
from qemu_run.verdict.outcome import Outcome
from qemu_run.workflow.make_plan import Planning

_SECONDS = 2.0
"""Between two events about the progress of a download."""


class EventsFile(Listener):
    """Writes events to a file."""

    def __init__(self, file: ReportFile, *, with_console: bool) -> None:
        self._file = file
        self._with_console = with_console
        self._told: dict[tuple[TaskId, str], float] = {}
        """When a download's progress was told last."""

    def open(self) -> None:
        """Open the file.

        Raises:
            HostError: it cannot be opened.
        """
        self._file.open()

    def planned(self, planning: Planning) -> None:
        """The run's first event: its job, and the tasks there are in it."""
        tasks = () if planning.plan is None else planning.plan.tasks
        self._now(
            "run_planned",
            {
                "program": f"qemu-run {__version__}",
                "job": planning.name,
                "tasks": [task_document(task.id) for task in tasks],
            },
        )

    def found(self, diagnostics: Sequence[Diagnostic]) -> None:
        """An event for each."""
        for diagnostic in diagnostics:
            self._now("diagnostic", diagnostic_document(diagnostic))

    def event(self, event: Event) -> None:
        """Write one; of a download's progress the first, the last, and one in a while."""
        if not isinstance(event, Downloading) or self._is_news(event):
            self._write(event_document(event))

    def _is_news(self, event: Downloading) -> bool:
        key = (event.task, event.file_name)
        told = self._told.get(key)
        if told is not None and event.received_bytes != event.total_bytes and event.time - told < _SECONDS:
            return False
        self._told[key] = event.time
        return True

    def consoles(self, plan: TaskPlan, /) -> Sequence[Sink]:
        """Makes events of lines, if they are wanted."""
        return (ConsoleLines(partial(self._said, plan.id)),) if self._with_console else ()

    def _said(self, task: TaskId, line: str) -> None:
        self._now("console", {**task_document(task), "line": line})

    def ended(self, job: str, outcome: Outcome) -> None:
        """The run's last event."""
        self._now("verdict", {"job": job, **outcome_document(outcome)})
        self._file.close()

    def _now(self, type_: str, content: Document) -> None:
        self._write(stamped(type_, time.time(), content))

    def _write(self, document: Document) -> None:
        self._file.write(json.dumps(document, ensure_ascii=False) + "\n")
