"""`qemu-run fingerprint [ATTRIBUTE]`: what this machine offers, in Nomad's words."""

import sys
from typing import Annotated

import typer

from qemu_run.cli import machine
from qemu_run.cli.options import Config, Json
from qemu_run.errors import ExitCode
from qemu_run.node.describe import attribute_rows, attributes_document, find_attribute
from qemu_run.terminal.tables import show_rows

Attribute = Annotated[
    str | None,
    typer.Argument(metavar="[ATTRIBUTE]", help="Print this attribute's value only.", show_default=False),
]


def command(*, attribute: Attribute = None, json: Json = False, config: Config = None) -> int:
    """Show what this machine offers to constraints."""
    node = machine.node(machine.configuration(config))
    if attribute is not None:
        return _one(find_attribute(node, attribute), attribute)
    if json:
        from qemu_run.terminal.documents import write

        write(attributes_document(node))
    else:
        show_rows(attribute_rows(node))
    return ExitCode.OK


def _one(value: str | None, attribute: str) -> int:
    if value is None:
        sys.stderr.write(f"this machine has no {attribute}\n")
        return 1
    sys.stdout.write(value + "\n")
    return ExitCode.OK
