"""From what the user typed to a job: reading sources, and stopping once with all that is wrong."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from qemu_run.errors import Diagnostic, Diagnostics, JobError
from qemu_run.records import record
from qemu_run.source import Source

if TYPE_CHECKING:
    from qemu_run.jobspec.model import Job

_LARGEST_BYTES = 4 << 20
_ENOUGH_BYTES = 1 << 16
"""Of a file, to see what it is."""


@record(kw_only=True)
class JobFile:
    """A job file with the values for its variables, as the command line names them."""

    name: str
    variables: tuple[str, ...] = ()
    variable_files: tuple[str, ...] = ()
    api_json: bool = False
    strict: bool = True
    notes: tuple[Diagnostic, ...] = ()
    """Warnings about how the command line was spelt, told with those of the job."""
    allow_local: bool = False
    """A job from the web may name files of this host."""

    @property
    def shown(self) -> str:
        """What a person calls it; an address without its secrets."""
        return _shown(self.name)

    @property
    def url(self) -> str:
        """Where the job comes from, if it comes from the web: its relative artifacts start from there."""
        return self.name if _is_url(self.name) else ""

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this host: what comes by a pipe or from the web leaves no trace on it."""
        return self.name != "-" and not self.url

    @property
    def may_name_files(self) -> bool:
        """Whether the job may name files of this host: any of the user's own may."""
        return self.allow_local or not self.url

    @property
    def folder(self) -> Path:
        """Where relative paths in the job start from: beside the file; for `-` and URLs, here."""
        is_file = self.name != "-" and not _is_url(self.name)
        return Path(self.name).absolute().parent if is_file else Path.cwd()

    def texts(self) -> tuple[Source, ...]:
        """The text of the job, and those of the files of variables.

        Raises:
            JobError: one of them cannot be read at all.
        """
        files = tuple(read(name, VARIABLES) for name in self.variable_files)
        return (read(self.name), *files)

    def load(self, texts: Sequence[Source], diagnostics: Diagnostics) -> "Job | None":
        """The job that `texts` say; None when there is none to speak of.

        Its mistakes are errors of `diagnostics`. A job with mistakes is what its right parts say: for
        `validate`, not to be run.
        """
        from qemu_run.jobspec.load import Inputs, load

        job, *files = texts
        inputs = Inputs(
            environment=os.environ,
            files=tuple(files),
            assignments=self.variables,
            may_read_files=self.may_name_files,
            strict=self.strict,
            api_json=self.api_json,
        )
        return load(job, inputs, diagnostics)


def _is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


Role: TypeAlias = Literal["job file", "file of variables", "client configuration"]
"""What a file is read for: messages say what was wanted, and advise accordingly."""
VARIABLES: Role = "file of variables"
CONFIGURATION: Role = "client configuration"


def read(name: str, role: Role = "job file") -> Source:
    """The text at a path, of standard input (`-`), or at a URL.

    Raises:
        JobError: it is not there, not text, empty of bytes, or larger than any job.
    """
    data = _fetch(name) if _is_url(name) else _read_stream() if name == "-" else _read_file(name, role)
    shown = _shown(name)
    if len(data) > _LARGEST_BYTES:
        raise JobError(Diagnostic(f"{shown} is larger than {_LARGEST_BYTES >> 20} MiB, which no {role} is"))
    if b"\0" in data[:8192]:
        raise JobError(
            Diagnostic(f"{shown} is a binary file, not a {role}", hints=_what_it_is(data, shown, role))
        )
    if data[:512].lstrip()[:1] in {b"<", b"\xef"} and _is_a_page(data[:512]):
        hint = "open the address in a browser: it may ask to log in, or lead to the file"
        hints = (hint,) if _is_url(name) else ()
        raise JobError(Diagnostic(f"{shown} is a web page, not a {role}", hints=hints))
    try:
        return Source(shown, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        source = Source(shown, data.decode("utf-8", "replace"))
        start = len(data[: error.start].decode("utf-8", "replace"))
        span = source.span(start, start + 1)
        raise JobError(
            Diagnostic("the file is not UTF-8", span, f"byte 0x{data[error.start]:02x}")
        ) from error


def _is_a_page(head: bytes) -> bool:
    from qemu_run.artifacts.archives import begins_like_a_page

    return begins_like_a_page(head)


def _what_it_is(data: bytes, name: str, role: Role) -> tuple[str, ...]:
    if role != "job file":
        return ()
    if data[:4] in {b"QFI\xfb", b"KDMV"} or data[510:512] == b"\x55\xaa":
        return (f'it looks like a disk image: name it in a job file as image_path = "{name}" and run that',)
    return ("a job file is text in HCL; qemu-run init writes an example",)


def _read_stream() -> bytes:
    """In pieces: a signal that comes between two is heard before the next."""
    data = bytearray()
    while len(data) <= _LARGEST_BYTES and (piece := os.read(sys.stdin.fileno(), 1 << 16)):
        data += piece
    return bytes(data)


def _read_file(name: str, role: Role) -> bytes:
    path = Path(name)
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError as error:
        what = "file" if role == "job file" else role
        raise JobError(Diagnostic(f'no {what} "{name}"', hints=_near(path, role))) from error
    except IsADirectoryError as error:
        hints = _jobs_in(path) if role == "job file" else ()
        raise JobError(Diagnostic(f'"{name}" is a directory', hints=hints)) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise JobError(Diagnostic(f'cannot read "{name}": {reason}')) from error


_WHERE_FROM: Mapping[Role, tuple[str, ...]] = {
    "job file": ("qemu-run init writes an example job",),
    "file of variables": ("it was named by --var-file; its lines are NAME = VALUE",),
    "client configuration": ("it was named by --config or QEMU_RUN_CONFIG; a run needs none",),
}


def _near(path: Path, role: Role) -> tuple[str, ...]:
    """What the user may have meant: a file of nearly that name."""
    from difflib import get_close_matches

    if path.parent.is_dir():
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
        alike = [name for name in names if get_close_matches(_stem(path.name), [_stem(name)])]
        close = [path.parent / name for name in get_close_matches(path.name, alike)]
        if meant := [each for each in close if role != "file of variables" or not _is_job(each)]:
            return (f"did you mean {meant[0]}?",)
    return _WHERE_FROM[role]


def _stem(name: str) -> str:
    """A name without what says its kind, which makes all job files look alike."""
    return name.partition(".")[0]


def _is_job(path: Path) -> bool:
    """Whether a file holds a job, or no text at all: nobody means it as a file of variables."""
    try:
        with path.open("rb") as file:
            text = file.read(_ENOUGH_BYTES)
    except OSError:
        return True
    import re

    return b"\0" in text or re.search(rb'^\s*(?:job\s+"|\{\s*"[Jj]ob")', text, re.MULTILINE) is not None


def _jobs_in(path: Path) -> tuple[str, ...]:
    jobs = sorted(entry.name for entry in path.glob("*.hcl"))
    return (f"the job files in it: {', '.join(jobs[:5])}",) if jobs else ()


def _fetch(url: str) -> bytes:
    """The body at an address.

    Raises:
        JobError: it is malformed, or nothing comes from it, or not all.
    """
    from qemu_run.artifacts import address
    from qemu_run.artifacts.failures import FetchError
    from qemu_run.artifacts.stop import Stop
    from qemu_run.artifacts.stream import read_small
    from qemu_run.artifacts.terms import Patience
    from qemu_run.artifacts.web import WebRequest

    if trouble := address.problem(url):
        raise JobError(Diagnostic(f"{url} is malformed: {trouble}"))
    try:
        return read_small(WebRequest(url=url, is_artifact=False), _LARGEST_BYTES, Patience(), Stop())[0]
    except FetchError as error:
        text = f"cannot fetch the job: {error.summary}"
        raise JobError(Diagnostic(text, detail=error.detail, hints=error.hints)) from error


def _shown(name: str) -> str:
    """What a person calls it, without secrets."""
    if name == "-":
        return "stdin"
    if not _is_url(name):
        return name
    from qemu_run.artifacts import address

    return address.printable(name)
