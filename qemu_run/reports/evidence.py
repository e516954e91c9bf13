"""`--output DIR`: all that is known of a run, in one folder, written as it becomes known.

events.jsonl            everything that happened; console lines only with `--events-console`
plan.json               what `plan --json` prints
host.json               what `fingerprint --json` prints, QEMU's version among it
{task}.stdout.0         what the guest said; `.1`, ...: rotated as the job's logs block wants it
{task}.stderr.0         what QEMU said
{task}.png              the guest's screen before it was ended, if it has one and did not end by itself
outcome.json            what `run --json` prints
"""

import json
from collections.abc import Sequence
from pathlib import Path

from qemu_run.errors import Diagnostic, HostError, QemuRunError
from qemu_run.planning.plan import TaskPlan
from qemu_run.reports.files import Lost
from qemu_run.reports.history import History
from qemu_run.reports.listener import Listener
from qemu_run.reports.run_document import run_document
from qemu_run.runtime.kept_logs import file_name
from qemu_run.runtime.logs import RotatedLog
from qemu_run.runtime.sinks import Sink
from qemu_run.terminal.documents import Document
from qemu_run.terminal.node_document import attributes_document
from qemu_run.terminal.plan_document import plan_document
from qemu_run.verdict.outcome import Outcome
from qemu_run.workflow import artifact_cache, client
from qemu_run.workflow.make_plan import Planning

EVENTS = "events.jsonl"
_OWN = ("plan.json", "host.json", "outcome.json", "*.stdout.[0-9]*", "*.stderr.[0-9]*", "*.png")
"""What an earlier run may have left in the folder."""


class Evidence(Listener):
    """Fills the folder."""

    def __init__(self, folder: Path, history: History, config: Path | None, lost: Lost) -> None:
        self._folder = folder
        self._history = history
        self._config = config
        self._lost = lost
        self._is_there = False

    def open(self) -> None:
        """Make the folder, and remove from it what an earlier run has left there.

        Raises:
            HostError: it cannot be made.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for pattern in _OWN:
                for old in self._folder.glob(pattern):
                    old.unlink()
        except OSError as error:
            summary = f'cannot write evidence to "{self._folder}": {error.strerror}'
            hints = ("name a folder where you may write; it is made if it is not there",)
            raise HostError(Diagnostic(summary, hints=hints)) from error
        self._is_there = True

    def planned(self, planning: Planning) -> None:
        """Write what is known before there is a guest."""
        self._write("plan.json", plan_document(planning.plan, planning.diagnostics, artifact_cache.known))
        try:
            node = client.node(client.configuration(self._config))
        except QemuRunError as error:  # a mistake in the configuration, which the plan's diagnostics tell
            self._write("host.json", {"error": str(error)})
        else:
            self._write("host.json", attributes_document(node))

    def consoles(self, plan: TaskPlan, /) -> Sequence[Sink]:
        """The guest's words."""
        return self._log(plan, "stdout")

    def stderrs(self, plan: TaskPlan, /) -> Sequence[Sink]:
        """QEMU's words."""
        return self._log(plan, "stderr")

    def picture(self, plan: TaskPlan, /) -> Path | None:
        """The guest's screen; QEMU writes it from another working directory."""
        return self._folder.absolute() / f"{file_name(plan.name)}.png"

    def _log(self, plan: TaskPlan, stream: str) -> Sequence[Sink]:
        path = self._folder / f"{file_name(plan.name)}.{stream}.0"
        try:
            return (RotatedLog(path, plan.task.logs),)
        except OSError as error:
            self._lost(f"nothing is written to {path}: {error.strerror}")
            return ()

    def ended(self, job: str, outcome: Outcome) -> None:
        """Write how it ended."""
        if self._is_there:
            self._write("outcome.json", run_document(job, outcome, self._history))

    def evidence(self, _outcome: Outcome, /) -> Sequence[str]:
        """Where it all is."""
        return (f"evidence: {self._folder}",) if self._is_there else ()

    def _write(self, name: str, document: Document) -> None:
        path = self._folder / name
        try:
            path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8", "replace")
        except OSError as error:
            self._lost(f"nothing is written to {path}: {error.strerror}")
