"""Jobs that were read before, so that they need not be read again.

What a file says depends on its text and on the values given for its variables alone, and reading it costs
more than all the rest of a start. A job is kept as JSON under the digest of all that reading it depends on:
the texts, the values, and this program itself. Kept are jobs without mistakes and without secrets, which ask
neither the host nor chance for anything. What is damaged, foreign or too large is as if it were not there.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Any

from qemu_run.digests import name_of
from qemu_run.errors import Diagnostic, Diagnostics
from qemu_run.files import read_private, replace_file
from qemu_run.jobspec.gaps import Gaps
from qemu_run.jobspec.model import Job, Json, Places
from qemu_run.records import record
from qemu_run.source import Source, Span

MOST_KEPT = 100
_LARGEST_BYTES = 16 << 20
READERS = (
    *("artifacts", "expressions", "golang", "jobspec", "qemu", "syntax", "templates", "verdict", "workflow"),
    *("digests.py", "errors.py", "source.py", "records.py"),
)
"""The rooms and modules of this program that have a say in what a file says."""

_PACKAGES = ("hcl2", "lark", "re2", "regex", "yaml")
"""Those of others that have one, too."""
_TELLS_OF_A_SECRET = re.compile(
    r"PRIVATE KEY|secret,|io\.systemd\.credential|(?:password|passwd|passphrase|token|api_?key)\w*=[^,\s\"]",
    re.IGNORECASE,
)
"""Beside what a job assigns to a name: words of QEMU's options, and of what a guest is told by them."""
UNSETTLED = (
    "abspath",
    "bcrypt",
    "file",
    "filebase64",
    "fileexists",
    "fileset",
    "pathexpand",
    "uuidv4",
)
"""Functions whose answer the text of a job does not settle: they ask the host, or chance."""
_CALL = re.compile(rf"\b(?:{'|'.join(UNSETTLED)})\s*(?:\(|#|/)")


def is_settled(text: str) -> bool:
    """Whether a job's text alone says what it says: it calls no function that would ask for more.

    In HCL a name is written in one way only. In JSON it can be escaped, so that nothing is known of that.
    """
    return not text.lstrip("\ufeff \t\r\n").startswith("{") and _CALL.search(text) is None


def is_told_aside(environment: Iterable[str]) -> bool:
    """Whether the environment has values for variables: a CI job hands on so what nobody is to see."""
    return any(name.startswith("NOMAD_VAR_") for name in environment)


def digest(texts: Sequence[Source], *given: object) -> str:
    """The name of all that reading a job depends on: its texts, what else is given for it, this program."""
    parts = [*((each.name, each.text) for each in texts), *given, sys.version, *_program()]
    return name_of(repr(parts).encode("utf-8", "surrogatepass"))


def _program() -> Iterator[tuple[str, int, int]]:
    """What changes with the version of this program, and of the packages that it reads jobs with."""
    room = f"{Path(__file__).parents[1]}"
    for folder in sys.path:
        for package in _PACKAGES if folder.endswith("-packages") else ():
            with suppress(OSError):
                yield package, 0, Path(folder, package).stat().st_mtime_ns
    yield from _modules(room, lambda name: name in READERS)


def _modules(folder: str, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=attrgetter("name")):
            if not is_wanted(entry.name):
                continue
            if entry.is_dir():
                yield from _modules(entry.path, lambda name: name.endswith(".py") or name.isalpha())
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns


@record
class JobCache:
    """Jobs without mistakes in a folder of the user's."""

    folder: Path

    def get(self, name: str, texts: Sequence[Source], diagnostics: Diagnostics) -> Job | None:
        """The job that is kept under a digest, its warnings added to `diagnostics`.

        `texts` are the sources that the digest was made of: places in the job are places in them.
        """
        try:
            kept = json.loads(_own(self.folder / name))
            job, warnings = _restored(kept, texts)
        except (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError, AttributeError):
            return None
        diagnostics.items.extend(warnings)
        return job

    def keep(self, name: str, job: Job, texts: Sequence[Source], warnings: Sequence[Diagnostic]) -> None:
        """Keep a job under a digest, if JSON holds it and nothing in it is secret. Old ones make room."""
        with suppress(OSError, ValueError, RecursionError):
            kept = json.dumps(_Writer(texts).kept(job, warnings), allow_nan=False, separators=(",", ":"))
            if len(kept) <= _LARGEST_BYTES and not is_secret(job, kept):
                replace_file(self.folder / name, _sealed(kept.encode()))
                make_room(self.folder)


def make_room(folder: Path) -> None:
    """Remove all but the latest files of a folder."""
    kept = [entry for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    kept.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    for entry in kept[MOST_KEPT:]:
        Path(entry).unlink(missing_ok=True)


def _sealed(content: bytes) -> bytes:
    return name_of(content).encode() + b"\n" + content


def _own(path: Path) -> bytes:
    """What was kept in a file.

    Raises:
        OSError: it cannot be read.
        ValueError: others could have written it, or it is not what was written.
    """
    sealed = read_private(path)
    content = sealed.partition(b"\n")[2]
    if _sealed(content) != sealed:
        raise ValueError(path)
    return content


def is_secret(job: Job, text: str) -> bool:
    """Whether a job says what a person would not read aloud. A template may well be somebody's password."""
    from qemu_run.jobspec.secrets import secrets_in

    has_templates = any(task.templates for group in job.groups for task in group.tasks)
    is_named = any(start < end for start, end in secrets_in(text))
    return has_templates or is_named or _TELLS_OF_A_SECRET.search(text) is not None


class _Writer:
    """Writes a job down; of places it writes numbers in a table of sources."""

    def __init__(self, texts: Sequence[Source]) -> None:
        self._given = len(texts)
        self._numbers = {source: number for number, source in enumerate(texts)}

    def kept(self, job: Job, warnings: Sequence[Diagnostic]) -> dict[str, object]:
        """All of the job but the texts.

        Raises:
            ValueError: something is of a kind that JSON gives back as another.
        """
        found = {
            "api": _faithful(job.api),
            "canonical": _faithful(job.canonical),
            "places": [(path, *self._place(span)) for path, span in job.places.items()],
            "warnings": [
                (
                    each.summary,
                    each.span and self._place(each.span),
                    each.label,
                    each.detail,
                    each.hints,
                    each.severity,
                    each.cluster_only,
                )
                for each in warnings
            ],
        }
        sources = list(self._numbers)[self._given :]
        return {**found, "sources": [(each.name, each.text) for each in sources]}

    def _place(self, span: Span) -> tuple[int, int, int]:
        return self._numbers.setdefault(span.source, len(self._numbers)), span.start, span.end


def _faithful(value: Json) -> Json:
    """The value, if JSON gives it back as it is."""
    if type(value) is dict:
        for name, item in value.items():
            if type(name) is not str:
                raise ValueError(name)
            _faithful(item)
    elif type(value) is list:
        for item in value:
            _faithful(item)
    elif value is not None and type(value) not in {str, int, float, bool}:
        raise ValueError(value)
    return value


def _restored(kept: dict[str, Any], texts: Sequence[Source]) -> tuple[Job, list[Diagnostic]]:
    """A job as it was, and its warnings."""
    from qemu_run.jobspec.api.job_from_api import job_from_api

    sources = [*texts, *(Source(name, text) for name, text in kept["sources"])]
    places: Places = {
        tuple(path): Span(sources[number], start, end) for path, number, start, end in kept["places"]
    }
    warnings = [
        Diagnostic(summary, place and Span(sources[place[0]], *place[1:]), label, detail, tuple(hints), *rest)
        for summary, place, label, detail, hints, *rest in kept["warnings"]
    ]
    return job_from_api(kept["api"], kept["canonical"], places, Gaps()), warnings
