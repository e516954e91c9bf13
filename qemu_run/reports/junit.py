"""`--junit FILE`: a test suite for the job, a test case for each task, as CI systems show them.

A task that ended badly is a failure; what was wrong before there was a guest, or with the host, is an error;
a task that was stopped by a signal or never started is skipped.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qemu_run.errors import ExitCode
from qemu_run.reports.files import ReportFile
from qemu_run.reports.history import LAST_LINES, History, TaskHistory
from qemu_run.reports.listener import Listener
from qemu_run.terminal.diagnostics import lines as diagnostic_lines
from qemu_run.terminal.wrapping import plain
from qemu_run.verdict.outcome import Outcome

if TYPE_CHECKING:
    from junitparser import Error, Failure, TestCase


class JUnitFile(Listener):
    """Writes the file at the end; until then it is empty, and no earlier run's is taken for this one's."""

    def __init__(self, file: ReportFile, history: History) -> None:
        self._file = file
        self._history = history

    def open(self) -> None:
        """Open the file.

        Raises:
            HostError: it cannot be opened.
        """
        self._file.open()

    def ended(self, job: str, outcome: Outcome) -> None:
        """Write it all."""
        from junitparser import JUnitXml, TestSuite

        suite = TestSuite(job)
        tasks = self._history.tasks
        is_blamed = any(task.outcome and task.outcome.is_bad for task in tasks)
        if outcome.is_bad and not is_blamed and len(tasks) == 1 and tasks[0].outcome is not None:
            cases = [_task_case(job, tasks[0], outcome)]  # what was asked of the job was asked of it
        else:
            cases = [_task_case(job, task, task.outcome) for task in tasks]
            if outcome.is_bad and not is_blamed:
                cases.append(self._job_case(job, outcome))
        suite.add_testcases(cases)
        suite.update_statistics()
        document = JUnitXml("qemu-run")
        document.append(suite)
        self._file.write('<?xml version="1.0" encoding="UTF-8"?>\n' + document.tostring().decode() + "\n")
        self._file.close()

    def _job_case(self, job: str, outcome: Outcome) -> "TestCase":
        """The job itself as a case, where none of its tasks is to blame."""
        from junitparser import TestCase

        case = TestCase(job, classname=job, time=0.0)
        case.result = [_verdict(outcome, _explained(self._history, outcome))]
        return case


def _task_case(job: str, task: TaskHistory, outcome: Outcome | None) -> "TestCase":
    from junitparser import Skipped, TestCase

    case = TestCase(task.plan.name, classname=job, time=round(task.seconds, 3))
    if outcome is None:
        case.result = [Skipped("never ended" if task.attempts else "never started")]
    elif outcome.is_bad:
        case.result = [_verdict(outcome, outcome.details)]
    elif not outcome.is_good:
        case.result = [Skipped(outcome.words)]
    if said := task.tail.lines(LAST_LINES):
        case.system_out = "\n".join(said)
    if task.qemu_said:
        case.system_err = "\n".join(task.qemu_said)
    return case


def _verdict(outcome: Outcome, explained: Sequence[str]) -> "Failure | Error":
    from junitparser import Error, Failure

    is_of_the_guest = outcome.code < ExitCode.JOB or outcome.code in {ExitCode.TIME_LIMIT, ExitCode.KILLED}
    kind = Failure if is_of_the_guest else Error
    result = kind(outcome.words, f"exit {outcome.code}")
    result.text = "\n".join(explained)
    return result


def _explained(history: History, outcome: Outcome) -> list[str]:
    """The diagnostics of a run that did not begin, as they are drawn on the terminal."""
    return [*_drawn(history), *outcome.details]


def _drawn(history: History) -> Iterator[str]:
    for diagnostic in history.diagnostics:
        yield from (plain(pieces) for pieces in diagnostic_lines(diagnostic))
