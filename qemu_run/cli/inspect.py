"""`qemu-run inspect JOB`: the parsed job as Nomad's JSON."""

import sys

from qemu_run.errors import Diagnostics, ExitCode, JobError
from qemu_run.golang.json_text import json_document
from qemu_run.workflow.job_file import JobFile


def inspect_job(file: JobFile, *, canonical: bool) -> int:
    """Print the job as `nomad job run -output` does, byte for byte, with defaults if asked."""
    diagnostics = Diagnostics()
    job = file.load(diagnostics)
    if job is None or diagnostics.errors:
        raise JobError(*diagnostics)
    sys.stdout.write(json_document({"Job": job.canonical if canonical else job.api}) + "\n")
    return ExitCode.OK
