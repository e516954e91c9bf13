"""`qemu-run plan JOB`: what a run would do, without doing it."""

from typing import Annotated

import typer

from qemu_run.cli.job_file import job_file
from qemu_run.cli.options import (
    Accelerator,
    Bind,
    Config,
    IgnoreConstraints,
    JobArgument,
    Json,
    JsonJob,
    Snapshot,
    Strict,
    Tasks,
    VarFiles,
    Vars,
)
from qemu_run.cli.placing import make_plan
from qemu_run.errors import Diagnostics, ExitCode
from qemu_run.planning.host import Options
from qemu_run.terminal.screen import Screen

Env = Annotated[bool, typer.Option("--env", help="Show the environment of each task.")]


def command(  # noqa: PLR0913  # a command has as many parameters as options
    *,
    job: JobArgument,
    var: Vars = None,
    var_file: VarFiles = None,
    json: Json = False,
    env: Env = False,
    task: Tasks = None,
    json_job: JsonJob = False,
    hcl2_strict: Strict = True,
    config: Config = None,
    accelerator: Accelerator = None,
    bind: Bind = None,
    snapshot: Snapshot = False,
    ignore_constraints: IgnoreConstraints = False,
) -> int:
    """Show constraints, ports, artifacts and the exact QEMU command; nothing is run."""
    diagnostics = Diagnostics()
    file = job_file(job, var, var_file, api_json=json_job, strict=hcl2_strict)
    options = Options(
        accelerator=accelerator,
        bind=bind,
        snapshot=snapshot,
        ignore_constraints=ignore_constraints,
        tasks=frozenset(task or ()),
    )
    plan = make_plan(file, config, options, diagnostics)
    if json:
        from qemu_run.terminal.documents import plan_document, write

        write(plan_document(plan, diagnostics))
    else:
        from qemu_run.terminal.diagnostics import show
        from qemu_run.terminal.plans import show_plan

        show(diagnostics, Screen())
        show_plan(plan, with_environment=env)
    return ExitCode.OK if plan.fits else ExitCode.PLACEMENT
