"""`qemu-run config`: the client configuration in force, and where it came from."""

from qemu_run.cli import machine
from qemu_run.cli.options import Config, Json
from qemu_run.errors import ExitCode


def command(*, json: Json = False, config: Config = None) -> int:
    """Show the client configuration in force and where each value comes from."""
    in_force = machine.configuration(config)
    from qemu_run.node.describe import config_rows

    rows = config_rows(in_force)
    if json:
        from qemu_run.terminal.documents import write

        write({"file": in_force.origin, "settings": [row._asdict() for row in rows]})
    else:
        from qemu_run.terminal.tables import show_rows

        show_rows(rows)
    return ExitCode.OK
