"""What can go wrong, said once: diagnostics, the exceptions that carry them, and the exit codes.

    QemuRunError              every failure we expect: diagnostics to show, a code to exit with
     +- UsageError        2   the command line is wrong
     +- JobError        110   the job file is wrong: syntax, names, types, values
     +- PlacementError  111   the job is fine, this host cannot run it
     +- ArtifactError   112   download, checksum or unpacking
     +- HostError       113   the host failed us while running: disk full, no permission
     +- QemuError       114   QEMU could not be started, or refused its options

A guest that runs and ends badly is not an exception; it is an outcome.
"""

from collections.abc import Iterator
from dataclasses import field, replace
from enum import IntEnum
from typing import ClassVar, Literal

from qemu_run.records import mutable, record
from qemu_run.source import Span


class ExitCode(IntEnum):
    """What qemu-run's exit status means; 1 to 99 are the guest's own."""

    OK = 0
    USAGE = 2
    TASK_FAILED = 100
    NO_RESULT = 101
    PANIC = 102
    NO_BOOT = 103
    REBOOT_LOOP = 104
    FORBIDDEN_OUTPUT = 105
    JOB = 110
    PLACEMENT = 111
    ARTIFACT = 112
    HOST = 113
    QEMU = 114
    BUG = 120
    TIME_LIMIT = 124
    INTERRUPTED = 130
    KILLED = 137
    READER_LEFT = 141
    TERMINATED = 143


Severity = Literal["error", "warning"]


@record
class Diagnostic:
    """One thing to tell the user about a text, pointing into it."""

    summary: str
    """The fact: lower case, no full stop, names in double quotes."""
    span: Span | None = None
    """Where the caret goes."""
    label: str = ""
    """A few words beside the caret: what was meant, or what is wanted there."""
    detail: str = ""
    """A sentence or two below the source line."""
    hints: tuple[str, ...] = ()
    """What to do now, a line each."""
    severity: Severity = "error"
    cluster_only: bool = False
    """A cluster refuses this; here its meaning is clear, so that a run may go on with a warning."""


@mutable
class Diagnostics:
    """A collector: a stage adds all it finds and the caller stops once, at its end."""

    items: list[Diagnostic] = field(default_factory=list)

    def error(
        self,
        summary: str,
        span: Span | None = None,
        label: str = "",
        *,
        detail: str = "",
        hints: tuple[str, ...] = (),
        cluster_only: bool = False,
    ) -> None:
        """Add an error."""
        self.items.append(Diagnostic(summary, span, label, detail, hints, cluster_only=cluster_only))

    def warning(
        self,
        summary: str,
        span: Span | None = None,
        label: str = "",
        *,
        detail: str = "",
        hints: tuple[str, ...] = (),
    ) -> None:
        """Add a warning."""
        self.items.append(Diagnostic(summary, span, label, detail, hints, "warning"))

    def advise(self, since: int, hint: str) -> None:
        """Give a hint to all that was added since there were so many."""
        self.items[since:] = [replace(item, hints=(*item.hints, hint)) for item in self.items[since:]]

    def tolerate(self) -> None:
        """Make warnings of the errors that only a cluster would stop at."""
        self.items = [
            replace(item, severity="warning", hints=(*item.hints, "a cluster refuses this"))
            if item.cluster_only
            else item
            for item in self.items
        ]

    def extend(self, others: "Diagnostics") -> None:
        """Add all that another stage found."""
        self.items.extend(others.items)

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors among them."""
        return [item for item in self.items if item.severity == "error"]

    @property
    def warnings(self) -> list[Diagnostic]:
        """The warnings among them."""
        return [item for item in self.items if item.severity == "warning"]

    def in_order(self) -> list[Diagnostic]:
        """All of them by source and position, each said once.

        Warnings without a place come first; errors without one come last, where they are seen.
        """
        placed = {
            (
                d.span is None and d.severity == "error",
                d.span.source.name if d.span else "",
                d.span.start if d.span else -1,
                d.summary,
            ): d
            for d in self.items
        }
        return [placed[key] for key in sorted(placed)]

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.in_order())


class QemuRunError(Exception):
    """A failure we expect. Shown as diagnostics, never as a traceback."""

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(diagnostic.summary for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class UsageError(QemuRunError):
    """The command line is wrong."""

    exit_code = ExitCode.USAGE


class JobError(QemuRunError):
    """The job file is wrong."""

    exit_code = ExitCode.JOB


class PlacementError(QemuRunError):
    """The job is fine, this host cannot run it."""

    exit_code = ExitCode.PLACEMENT


class ArtifactError(QemuRunError):
    """An artifact could not be fetched, verified or unpacked."""

    exit_code = ExitCode.ARTIFACT


class HostError(QemuRunError):
    """The host failed while running: no space, no permission, an I/O error."""

    exit_code = ExitCode.HOST


class QemuError(QemuRunError):
    """QEMU could not be started, or refused its options."""

    exit_code = ExitCode.QEMU


def did_you_mean(name: str, known: list[str], before: str = "") -> str:
    """`did you mean "x"?` for the closest known name, or an empty string.

    `before` is what all names begin with, left out of `name` and `known`: it would make all of them close.
    """
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f'did you mean "{before}{close[0]}"?' if close else ""
