"""`qemu-run config`: the client configuration in force, and where it came from."""

from pathlib import Path

from qemu_run.errors import ExitCode
from qemu_run.terminal.node_document import config_document, config_rows
from qemu_run.terminal.output import say
from qemu_run.terminal.tables import show_rows
from qemu_run.workflow import client


def show_configuration(config: Path | None, *, json: bool) -> int:
    """Show the client configuration in force and where each value comes from."""
    in_force = client.configuration(config)
    if json:
        from qemu_run.terminal.documents import write

        write(config_document(in_force))
        return ExitCode.OK
    say(f"from {in_force.origin}\n\n" if in_force.origin else "no configuration file: defaults\n\n")
    show_rows(config_rows(in_force))
    return ExitCode.OK
