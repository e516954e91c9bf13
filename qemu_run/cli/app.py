"""The commands and their options, as Typer sees them."""

from typing import Annotated

import typer

from qemu_run import __version__
from qemu_run.cli import config, fingerprint, init, inspect, plan, run, validate

app = typer.Typer(
    name="qemu-run",
    help="Run a Nomad-style HCL job file with the qemu driver on this machine.",
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


app.command("run")(run.command)
app.command("validate")(validate.command)
app.command("plan")(plan.command)
app.command("inspect")(inspect.command)
app.command("fingerprint")(fingerprint.command)
app.command("config")(config.command)
app.command("init")(init.command)
