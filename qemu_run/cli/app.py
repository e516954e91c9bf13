"""The commands and their options, as Typer sees them."""

from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from typing import Annotated

import typer

from qemu_run import __version__


def _version(value: bool) -> None:  # noqa: FBT001  # Typer's form of a callback
    if value:
        typer.echo(f"qemu-run {__version__}")
        raise typer.Exit


def program(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run a Nomad-style HCL job file with the qemu driver on this machine."""


def application(commands: Iterable[str]) -> typer.Typer:
    """The program with some of its commands: the module of one is imported only when it is among them."""
    app = typer.Typer(
        name="qemu-run",
        epilog="qemu-run JOB is the same as qemu-run run JOB.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(program)
    for name in commands:
        app.command(name)(_exiting(import_module(f"qemu_run.cli.{name}").command))
    return app


def _exiting(command: Callable[..., int]) -> Callable[..., None]:
    """A command whose result is the exit code, in the form that Typer wants."""

    @wraps(command)
    def with_exit(**options: object) -> None:
        raise typer.Exit(command(**options))

    return with_exit
