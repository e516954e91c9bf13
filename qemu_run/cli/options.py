"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

JobArgument = Annotated[
    str,
    typer.Argument(
        metavar="JOB", help="The job file: a path, `-` for standard input, or a URL.", show_default=False
    ),
]
Vars = Annotated[
    list[str] | None,
    typer.Option(
        "--var", metavar="NAME=VALUE", help="Set a variable of the job. Repeatable.", rich_help_panel="Job"
    ),
]
VarFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--var-file", metavar="FILE", help="Read variables from a file. Repeatable.", rich_help_panel="Job"
    ),
]
JsonJob = Annotated[
    bool,
    typer.Option(
        "--json-job/--no-json-job",
        help="The job is in Nomad's API JSON, which is recognised without it too. Nomad's -json.",
        rich_help_panel="Job",
        show_default=False,
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--hcl2-strict/--no-hcl2-strict",
        help="Refuse values for variables that the job does not declare.",
        rich_help_panel="Job",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Client configuration in Nomad's agent form.",
        rich_help_panel="This machine",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Accelerator = Annotated[
    str | None,
    typer.Option(
        "--accelerator",
        metavar="NAME",
        help="Use this instead of the job's accelerator.",
        rich_help_panel="This machine",
    ),
]
Bind = Annotated[
    str | None,
    typer.Option(
        "--bind",
        metavar="ADDRESS",
        help="Forward ports from this address, not 127.0.0.1.",
        rich_help_panel="This machine",
    ),
]
IgnoreConstraints = Annotated[
    bool,
    typer.Option(
        "--ignore-constraints", help="Run whatever the job's constraints say.", rich_help_panel="This machine"
    ),
]
Snapshot = Annotated[
    bool,
    typer.Option(
        "--snapshot", help="Put an overlay over images of this host too.", rich_help_panel="This machine"
    ),
]
Tasks = Annotated[
    list[str] | None,
    typer.Option("--task", metavar="NAME", help="Run only this task. Repeatable.", rich_help_panel="Job"),
]
