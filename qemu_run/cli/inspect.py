"""`qemu-run inspect JOB`: the parsed job as Nomad's JSON."""

from qemu_run.errors import Diagnostics, ExitCode, JobError
from qemu_run.golang.json_text import json_document
from qemu_run.terminal.diagnostics import show
from qemu_run.terminal.output import say
from qemu_run.terminal.screen import Screen
from qemu_run.workflow.job_file import JobFile


def inspect_job(file: JobFile, *, canonical: bool) -> int:
    """Print the job as `nomad job run -output` does, byte for byte, with defaults if asked."""
    diagnostics = Diagnostics(list(file.notes))
    job = file.load(file.texts(), diagnostics)
    if job is None or diagnostics.errors:
        raise JobError(*diagnostics)
    show(diagnostics, Screen())
    say(json_document({"Job": job.canonical if canonical else job.api}) + "\n")
    return ExitCode.OK
