"""`qemu-run inspect JOB`: the parsed job as Nomad's JSON."""

from typing import Annotated

import typer

from qemu_run.cli.job_file import job_file
from qemu_run.cli.options import JobArgument, JsonJob, Strict, VarFiles, Vars
from qemu_run.errors import Diagnostics, ExitCode, JobError
from qemu_run.terminal.documents import write

Canonical = Annotated[
    bool, typer.Option("--canonical", help="Add the defaults that Nomad fills in when it takes the job.")
]


def command(
    *,
    job: JobArgument,
    var: Vars = None,
    var_file: VarFiles = None,
    canonical: Canonical = False,
    json_job: JsonJob = False,
    hcl2_strict: Strict = True,
) -> int:
    """Print the job as Nomad's JSON, as `nomad job run -output` does."""
    diagnostics = Diagnostics()
    loaded = job_file(job, var, var_file, api_json=json_job, strict=hcl2_strict).load(diagnostics)
    if loaded is None:
        raise JobError(*diagnostics)
    write({"Job": loaded.canonical if canonical else loaded.api}, indent=4)
    return ExitCode.OK
