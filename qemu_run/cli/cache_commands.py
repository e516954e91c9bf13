"""The commands of `qemu-run cache` and their options, as Typer sees them."""

from typing import Annotated

import typer

cache_app = typer.Typer(
    help="What is kept of artifacts, so that each is fetched once.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def size_option(value: str | None) -> int | None:
    """The bytes that an option says, such as `20G`; wrong ones are wrong usage."""
    from qemu_run.cli.cache import size_in_bytes

    try:
        return None if value is None else size_in_bytes(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _age(value: str | None) -> float | None:
    from qemu_run.cli.cache import age_in_seconds

    try:
        return None if value is None else age_in_seconds(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@cache_app.command("list")
def cache_list(
    *, json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
) -> None:
    """List what is kept, what was used last first."""
    from qemu_run.cli.cache import list_cache

    raise typer.Exit(list_cache(json=json))


@cache_app.command("prune")
def cache_prune(
    *,
    older: Annotated[
        str | None, typer.Option("--older", metavar="AGE", help="Only what was not used for so long: 30d.")
    ] = None,
    max_size: Annotated[
        str | None, typer.Option("--max-size", metavar="SIZE", help="Only until the rest fits: 20G.")
    ] = None,
) -> None:
    """Remove what is kept, but for what a running or kept guest stands on."""
    from qemu_run.cli.cache import prune_cache

    raise typer.Exit(prune_cache(older_seconds=_age(older), most_bytes=size_option(max_size)))


@cache_app.command("verify")
def cache_verify() -> None:
    """Hash all that is kept, and remove what is not right."""
    from qemu_run.cli.cache import verify_cache

    raise typer.Exit(verify_cache())


@cache_app.command("path")
def cache_path() -> None:
    """Print the folder."""
    from qemu_run.cli.cache import show_path

    raise typer.Exit(show_path())
