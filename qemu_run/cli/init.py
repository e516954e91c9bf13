"""`qemu-run init [FILE]`: a job that runs as it is, with the image it needs beside it."""

import os
import re
import shlex
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from qemu_run.cli.commands import COMMANDS, TEMPLATES
from qemu_run.errors import Diagnostic, ExitCode, HostError, UsageError
from qemu_run.guests.tiny import HELLO, IMAGE_BYTES
from qemu_run.records import record
from qemu_run.terminal.output import say

_JOBS = Path(__file__).with_name("jobs")
_DEFAULT_NAME = "example.nomad.hcl"
_LISTING = frozenset({"list", "templates"})
"""Words that ask what templates there are."""
_NEEDS_NETWORK = {"cloud-init": "Debian's cloud image (330 MB) is downloaded by the first run"}
"""Templates without a guest of their own, and what they fetch."""


@record
class Written:
    """The files of a template."""

    job: Path
    image: Path | None
    """None: the job fetches its image."""


def write_job(name: str, template: str) -> int:
    """Write a template and its image to a file of this name, or into a folder, and say what to do next.

    Raises:
        UsageError: no file is meant by the name, one of the files is there already, or the folder is not.
        HostError: they cannot be written.
    """
    if not Path(name).is_dir() and (mistake := _no_file(name)):
        raise UsageError(mistake)
    files = written(Path(name), template)
    image = f" and {files.image}, a guest of one kilobyte" if files.image else ""
    say(f"wrote {files.job}{image}\n")
    if template in _NEEDS_NETWORK:
        say(f"it needs the network: {_NEEDS_NETWORK[template]}\n")
    job = shlex.quote(str(files.job))
    say(f"run it:      qemu-run {job}\nlook first:  qemu-run plan {job}\n")
    return ExitCode.OK


def written(file: Path, template: str) -> Written:
    """The files of a template, newly written; nothing is written when one of them is there.

    Raises:
        UsageError, HostError: as `write_job`.
    """
    job = file / _DEFAULT_NAME if file.is_dir() else file
    stem = Path(job.name).stem.removesuffix(".nomad")
    name = re.sub(r"[^\w-]+", "-", stem, flags=re.ASCII).strip("-") or "example"
    image = None if template in _NEEDS_NETWORK else job.with_name(f"{name}.img")
    _check(job, image)
    content = HELLO.code()
    content += bytes(IMAGE_BYTES - len(content))
    text = (_JOBS / f"{template}.nomad.hcl").read_text(encoding="utf-8")
    for word, value in {
        "NAME": name,
        "FILE": shlex.quote(job.name),
        "SHA256": sha256(content).hexdigest(),
    }.items():
        text = text.replace(f"@{word}@", value)
    if image is not None:
        _create(image, content)
    try:
        _create(job, text.encode())
    except BaseException:
        if image is not None:
            image.unlink()
        raise
    return Written(job, image)


def _no_file(name: str) -> Diagnostic | None:
    """What to say of a name by which something else than a file is meant; None: it is a file's."""
    if name.endswith("/"):
        return Diagnostic(f'"{name}" is a folder\'s name', hints=(f"mkdir -p {shlex.quote(name)}",))
    if name in TEMPLATES:
        meant = f"did you mean qemu-run init --template {name}?"
    elif name in _LISTING:
        meant = f"qemu-run init --template NAME: one of {', '.join(TEMPLATES)}"
    elif name in COMMANDS:
        meant = f"did you mean qemu-run {name}?"
    else:
        return None
    hints = (meant, f"for a file of that name: qemu-run init ./{name}")
    return Diagnostic(f'qemu-run init takes a file, not "{name}"', hints=hints)


def _check(job: Path, image: Path | None) -> None:
    """Nothing is replaced, and no folder is made."""
    if image == job:
        raise UsageError(
            Diagnostic(
                f"{job} would be the name of the image", hints=("the name of a job ends in .nomad.hcl",)
            )
        )
    for path in filter(None, (job, image)):
        if os.path.lexists(path):
            hint = f"qemu-run init FILE writes to another; the templates are {', '.join(TEMPLATES)}"
            raise UsageError(Diagnostic(f"{path} exists already; it stays as it is", hints=(hint,)))
    if not job.parent.is_dir():
        hint = f"mkdir -p {shlex.quote(str(job.parent))}"
        raise UsageError(Diagnostic(f'there is no folder "{job.parent}"', hints=(hint,)))


def _create(path: Path, content: bytes) -> None:
    """A new file; none when it cannot be written whole."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except OSError as error:
        raise HostError(Diagnostic(f"cannot write {path}: {error.strerror}")) from error
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise HostError(Diagnostic(f"cannot write {path}: {error.strerror}")) from error
