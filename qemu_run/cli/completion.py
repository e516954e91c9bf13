"""`qemu-run completion SHELL`: what makes a shell complete our words."""

from importlib import import_module

from qemu_run.errors import ExitCode
from qemu_run.terminal.output import say


def print_script(shell: str) -> int:
    """Print the script of one of the shells."""
    say(import_module(f"qemu_run.cli.shells.{shell}").script())
    return ExitCode.OK
