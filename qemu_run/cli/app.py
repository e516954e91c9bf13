"""The commands and their options, as Typer sees them. What a command does stands in a module of its name."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeAlias

import typer

from qemu_run import __version__
from qemu_run.cli.cache_commands import cache_app, size_option
from qemu_run.errors import Diagnostic, UsageError
from qemu_run.planning.host import Options
from qemu_run.reports.wanted import Wanted
from qemu_run.workflow.job_file import JobFile

JOB, MACHINE, OUTPUT = "Job", "This machine", "Output"

Job: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="JOB", help="The job file: a path, `-` for standard input, or a URL.", show_default=False
    ),
]
Var: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--var", metavar="NAME=VALUE", help="Set a variable of the job. Repeatable.", rich_help_panel=JOB
    ),
]
VarFile: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--var-file", metavar="FILE", help="Read variables from a file. Repeatable.", rich_help_panel=JOB
    ),
]
JsonJob: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json-job",
        help="The job is in Nomad's API JSON (recognised without it too).",
        rich_help_panel=JOB,
    ),
]
Strict: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--hcl2-strict/--no-hcl2-strict",
        help="Refuse values for undeclared variables.",
        rich_help_panel=JOB,
    ),
]
Task: TypeAlias = Annotated[
    list[str], typer.Option("--task", metavar="NAME", help="Only this task. Repeatable.", rich_help_panel=JOB)
]
Meta: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--meta",
        metavar="KEY=VALUE",
        help="Dispatch a parameterized job with this. Repeatable.",
        rich_help_panel=JOB,
    ),
]
Payload: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--payload",
        metavar="FILE",
        help="Dispatch it with this file, - for standard input.",
        rich_help_panel=JOB,
    ),
]
Config: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Client configuration in Nomad's agent form.",
        rich_help_panel=MACHINE,
    ),
]


def _accelerator(value: str | None) -> str | None:
    """A name that QEMU knows, several between colons, or `auto`."""
    from qemu_run.qemu.accelerators import accelerator_mistake

    for name in () if value in {None, "auto"} else f"{value}".split(":"):
        if mistake := accelerator_mistake(name):
            raise typer.BadParameter(f"{value}: {mistake}")
    return value


Accelerator: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--accelerator",
        metavar="NAME",
        callback=_accelerator,
        help="Use this, or auto, whatever the job says.",
        rich_help_panel=MACHINE,
    ),
]


def _ipv4(value: str | None) -> str | None:
    """QEMU's user-mode network forwards from IPv4 addresses only."""
    from ipaddress import AddressValueError, IPv4Address

    try:
        return None if value is None else str(IPv4Address(value))
    except AddressValueError as error:
        raise typer.BadParameter(f"{value} is no IPv4 address") from error


def _asked(name: str) -> Callable[[str | None], str | None]:
    """A callback that refuses what planning could not read; the text itself is kept."""

    def check(value: str | None) -> str | None:
        from qemu_run.planning import asked

        try:
            if value is not None:
                getattr(asked, name)(value)
        except ValueError as error:
            raise typer.BadParameter(f"{value}: {error}") from error
        return value

    return check


def _machine_options(  # noqa: PLR0913  # a parameter for each option
    accelerator: str | None,
    bind: str | None,
    image_format: str | None,
    disk_size: str | None,
    overlay: Path | None,
    task: list[str],
    *,
    snapshot: bool,
    ignore_constraints: bool,
) -> Options:
    from qemu_run.planning.asked import disk_bytes

    return Options(
        accelerator=accelerator,
        bind=bind,
        image_format=image_format,
        disk_bytes=None if disk_size is None else disk_bytes(disk_size),
        overlay=None if overlay is None else overlay.absolute(),
        snapshot=snapshot,
        ignore_constraints=ignore_constraints,
        tasks=frozenset(task),
    )


Bind: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--bind",
        metavar="ADDRESS",
        callback=_ipv4,
        help="Forward ports from here, not 127.0.0.1.",
        rich_help_panel=MACHINE,
    ),
]
Offline: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--offline", help="Use artifacts that are in the cache; ask no server.", rich_help_panel=MACHINE
    ),
]
MaxDownload: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--max-download",
        metavar="SIZE",
        help="Refuse artifacts that are larger; 100G unless said.",
        rich_help_panel=MACHINE,
    ),
]
AllowLocal: TypeAlias = Annotated[
    bool,
    typer.Option("--allow-local", help="Let a job from a URL name files of this host.", rich_help_panel=JOB),
]
Snapshot: TypeAlias = Annotated[
    bool,
    typer.Option("--snapshot", help="Put an overlay over images of this host too.", rich_help_panel=MACHINE),
]
ImageFormat: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--image-format",
        metavar="FORMAT",
        callback=_asked("image_format"),
        help="Take the image for raw, qcow2, ... whatever it looks like.",
        show_default=False,
        rich_help_panel=MACHINE,
    ),
]
DiskSize: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--disk-size",
        metavar="SIZE",
        callback=_asked("disk_bytes"),
        help="Give the guest a larger disk: 20G. The image stays as it is.",
        show_default=False,
        rich_help_panel=MACHINE,
    ),
]
Overlay: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--overlay",
        metavar="FILE",
        help="Keep the guest's changes in this file, and go on with them next time.",
        show_default=False,
        rich_help_panel=MACHINE,
    ),
]
IgnoreConstraints: TypeAlias = Annotated[
    bool,
    typer.Option("--ignore-constraints", help="Run whatever the constraints say.", rich_help_panel=MACHINE),
]
WATCHING = "Watching"


def _watching(option: str, metavar: str, help_: str) -> Any:  # noqa: ANN401  # Typer's own
    return typer.Option(option, metavar=metavar, help=help_, show_default=False, rich_help_panel=WATCHING)


Expect: TypeAlias = Annotated[
    list[str],
    _watching("--expect", "REGEX", "Good as soon as the console said this. Repeatable: all of them."),
]
Forbid: TypeAlias = Annotated[
    list[str], _watching("--forbid", "REGEX", "Bad as soon as it says this (@oops, @oom, ...). Repeatable.")
]
Ready: TypeAlias = Annotated[
    str | None, _watching("--ready", "REGEX", "The guest is ready when it says this.")
]
ExpectResult: TypeAlias = Annotated[
    str | None, _watching("--expect-result", "N", "The guest has to report this number.")
]
Timeout: TypeAlias = Annotated[
    str | None, _watching("--timeout", "TIME", "The run may take so long: 90s, 5m.")
]
BootTimeout: TypeAlias = Annotated[
    str | None, _watching("--boot-timeout", "TIME", "The guest has to be ready by then.")
]
SilenceTimeout: TypeAlias = Annotated[
    str | None, _watching("--silence-timeout", "TIME", "The console may be silent so long.")
]
MaxReboots: TypeAlias = Annotated[str | None, _watching("--max-reboots", "N", "It may reboot so often.")]
RebootEnds: TypeAlias = Annotated[
    bool,
    typer.Option("--reboot-ends", help="A reboot under -no-reboot is a good end.", rich_help_panel=WATCHING),
]
Restart: TypeAlias = Annotated[
    str,
    typer.Option(
        "--restart",
        metavar="MODE",
        help="never, failed, or nomad; without it failed where the job has a restart block.",
        show_default=False,
        rich_help_panel=WATCHING,
    ),
]
ConsoleOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--console", metavar="MODE", help="interactive, raw, follow or none.", rich_help_panel=OUTPUT
    ),
]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document.", rich_help_panel=OUTPUT)
]


def _not_standard_output(value: Path | None) -> Path | None:
    """Standard output is the guests'."""
    if value == Path("-"):
        raise typer.BadParameter("standard output is the guest's; name a file, or /dev/stderr")
    return value


Events: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--events",
        metavar="FILE",
        callback=_not_standard_output,
        help="Write what happens to FILE as JSON lines.",
        rich_help_panel=OUTPUT,
    ),
]
ConsoleEvents: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--events-console", help="Put the guests' console lines among the events.", rich_help_panel=OUTPUT
    ),
]
Junit: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--junit",
        metavar="FILE",
        callback=_not_standard_output,
        help="Write the results to FILE as JUnit XML.",
        rich_help_panel=OUTPUT,
    ),
]
Evidence: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="DIR",
        help="Keep console, events, plan and facts of the host in DIR.",
        rich_help_panel=OUTPUT,
    ),
]
RunJson: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print the outcome as one JSON document; the console goes to its file only.",
        rich_help_panel=OUTPUT,
    ),
]

app = typer.Typer(
    name="qemu-run",
    epilog="qemu-run JOB is the same as qemu-run run JOB.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:  # noqa: FBT001  # Typer's form of a callback
    if value:
        typer.echo(f"qemu-run {__version__}")
        raise typer.Exit


@app.callback()
def program(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run a Nomad-style HCL job file with the qemu driver on this machine."""


def _exit(code: int) -> NoReturn:
    raise typer.Exit(code)


def _one_of(option: str, value: Any, choices: tuple[str, ...]) -> Any:  # noqa: ANN401  # one of the choices
    """The value, if it is one of what an option takes."""
    if value is not None and value not in choices:
        raise UsageError(Diagnostic(f'{option} cannot be "{value}"', hints=(f"one of {', '.join(choices)}",)))
    return value


def _file(
    name: str, var: list[str], var_file: list[str], *, json_job: bool, hcl2_strict: bool, allow_local: bool
) -> JobFile:
    return JobFile(
        name=name,
        variables=tuple(var),
        variable_files=tuple(var_file),
        api_json=json_job,
        strict=hcl2_strict,
        allow_local=allow_local,
    )


def _wanted(
    events: Path | None, junit: Path | None, output: Path | None, *, console_events: bool, json: bool
) -> Wanted:
    if console_events and events is None and output is None:
        raise typer.BadParameter("--events-console adds to --events FILE or --output DIR; give one of them")
    return Wanted(events=events, console_events=console_events, junit=junit, output=output, json=json)


@app.command("run")
def run(  # noqa: PLR0913  # a parameter for each option
    *,
    job: Job,
    var: Var = [],  # noqa: B006  # Typer makes a new list for each call
    var_file: VarFile = [],  # noqa: B006
    task: Task = [],  # noqa: B006
    meta: Meta = [],  # noqa: B006
    payload: Payload = None,
    json_job: JsonJob = False,
    hcl2_strict: Strict = True,
    allow_local: AllowLocal = False,
    config: Config = None,
    accelerator: Accelerator = None,
    bind: Bind = None,
    snapshot: Snapshot = False,
    image_format: ImageFormat = None,
    disk_size: DiskSize = None,
    overlay: Overlay = None,
    ignore_constraints: IgnoreConstraints = False,
    expect: Expect = [],  # noqa: B006
    forbid: Forbid = [],  # noqa: B006
    ready: Ready = None,
    expect_result: ExpectResult = None,
    timeout: Timeout = None,
    boot_timeout: BootTimeout = None,
    silence_timeout: SilenceTimeout = None,
    max_reboots: MaxReboots = None,
    reboot_ends: RebootEnds = False,
    restart: Restart = "auto",
    console: ConsoleOption = None,
    offline: Offline = False,
    max_download: MaxDownload = None,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", help="Say only how it ended and what went wrong.", rich_help_panel=OUTPUT
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Keep the allocation directory and say where it is.", rich_help_panel=OUTPUT
        ),
    ] = False,
    events: Events = None,
    events_console: ConsoleEvents = False,
    junit: Junit = None,
    output: Evidence = None,
    json: RunJson = False,
    context: typer.Context,
) -> None:
    """Run a job in the foreground until it ends."""
    from qemu_run.cli.dispatch import given_meta, given_payload
    from qemu_run.cli.run import RunOptions, run_job

    file = _file(job, var, var_file, json_job=json_job, hcl2_strict=hcl2_strict, allow_local=allow_local)
    options = _machine_options(
        accelerator,
        bind,
        image_format,
        disk_size,
        overlay,
        task,
        snapshot=snapshot,
        ignore_constraints=ignore_constraints,
    )
    options = replace(options, offline=offline, max_download_bytes=size_option(max_download))
    options = replace(options, meta=given_meta(meta), payload=given_payload(payload))
    given: dict[str, list[str | None]] = {
        "expect": [*expect],
        "forbid": [*forbid],
        "ready": [ready],
        "result": [expect_result],
        "run_seconds": [timeout],
        "boot_seconds": [boot_timeout],
        "silence_seconds": [silence_timeout],
        "most_reboots": [max_reboots],
        "reboot_is_end": ["true" if reboot_ends else None],
    }
    how = RunOptions(
        quiet=quiet,
        keep=keep,
        console=_one_of("--console", console, ("interactive", "raw", "follow", "none")),
        restart=_one_of("--restart", restart, ("auto", "never", "failed", "nomad")),
        asked={
            field: tuple(text for text in texts if text is not None)
            for field, texts in given.items()
            if any(text is not None for text in texts)
        },
        command=context.obj or (),
        wanted=_wanted(events, junit, output, console_events=events_console, json=json),
    )
    _exit(run_job(file, options, config, how))


@app.command("validate")
def validate(
    *,
    jobs: Annotated[list[str], typer.Argument(metavar="JOB...", help="Job files.", show_default=False)],
    var: Var = [],  # noqa: B006
    var_file: VarFile = [],  # noqa: B006
    json_job: JsonJob = False,
    hcl2_strict: Strict = True,
    allow_local: AllowLocal = False,
    json: Json = False,
) -> None:
    """Find all mistakes of job files, with the place of each; nothing is run."""
    from qemu_run.cli.validate import validate_jobs

    files = [
        _file(job, var, var_file, json_job=json_job, hcl2_strict=hcl2_strict, allow_local=allow_local)
        for job in jobs
    ]
    _exit(validate_jobs(files, json=json))


@app.command("plan")
def plan(  # noqa: PLR0913  # a parameter for each option
    *,
    job: Job,
    var: Var = [],  # noqa: B006
    var_file: VarFile = [],  # noqa: B006
    task: Task = [],  # noqa: B006
    meta: Meta = [],  # noqa: B006
    payload: Payload = None,
    json_job: JsonJob = False,
    hcl2_strict: Strict = True,
    allow_local: AllowLocal = False,
    config: Config = None,
    accelerator: Accelerator = None,
    bind: Bind = None,
    snapshot: Snapshot = False,
    image_format: ImageFormat = None,
    disk_size: DiskSize = None,
    overlay: Overlay = None,
    ignore_constraints: IgnoreConstraints = False,
    json: Json = False,
    env: Annotated[
        bool, typer.Option("--env", help="Show the environment of each task.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Show constraints, ports, artifacts and the exact QEMU command; nothing is run."""
    from qemu_run.cli.dispatch import given_meta, given_payload
    from qemu_run.cli.plan import plan_job

    file = _file(job, var, var_file, json_job=json_job, hcl2_strict=hcl2_strict, allow_local=allow_local)
    options = _machine_options(
        accelerator,
        bind,
        image_format,
        disk_size,
        overlay,
        task,
        snapshot=snapshot,
        ignore_constraints=ignore_constraints,
    )
    options = replace(options, meta=given_meta(meta), payload=given_payload(payload))
    _exit(plan_job(file, options, config, json=json, environment=env))


@app.command("inspect")
def inspect(
    *,
    job: Job,
    var: Var = [],  # noqa: B006
    var_file: VarFile = [],  # noqa: B006
    json_job: JsonJob = False,
    hcl2_strict: Strict = True,
    allow_local: AllowLocal = False,
    canonical: Annotated[
        bool,
        typer.Option("--canonical", help="Add the defaults that Nomad fills in.", rich_help_panel=OUTPUT),
    ] = False,
) -> None:
    """Print the job as Nomad's JSON, as `nomad job run -output` does."""
    from qemu_run.cli.inspect import inspect_job

    file = _file(job, var, var_file, json_job=json_job, hcl2_strict=hcl2_strict, allow_local=allow_local)
    _exit(inspect_job(file, canonical=canonical))


@app.command("fingerprint")
def fingerprint(
    *,
    attribute: Annotated[
        str | None,
        typer.Argument(metavar="ATTRIBUTE", help="Print only this one's value.", show_default=False),
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Show what this machine offers to constraints, in Nomad's words."""
    from qemu_run.cli.fingerprint import show_fingerprint

    _exit(show_fingerprint(attribute, config, json=json))


@app.command("config")
def show_config(*, config: Config = None, json: Json = False) -> None:
    """Show the client configuration in force, and where each value comes from."""
    from qemu_run.cli.config import show_configuration

    _exit(show_configuration(config, json=json))


app.add_typer(cache_app, name="cache")


@app.command("init")
def init(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = Path(
        "example.nomad.hcl"
    ),
) -> None:
    """Write a commented example job."""
    from qemu_run.cli.init import write_example

    _exit(write_example(file))
