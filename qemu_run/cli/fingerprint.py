"""`qemu-run fingerprint [ATTRIBUTE]`: what this machine offers, in Nomad's words."""

import sys
from typing import Annotated

import typer

from qemu_run.cli import machine
from qemu_run.cli.options import Config, Json
from qemu_run.errors import ExitCode

Attribute = Annotated[
    str | None,
    typer.Argument(metavar="[ATTRIBUTE]", help="Print this attribute's value only.", show_default=False),
]


def command(*, attribute: Attribute = None, json: Json = False, config: Config = None) -> int:
    """Show what this machine offers to constraints."""
    node = machine.node(machine.configuration(config))
    if attribute is not None:
        return _one(node.find(f"${{{attribute}}}") or node.find(f"${{attr.{attribute}}}"), attribute)
    from qemu_run.node.describe import attributes_document

    if json:
        from qemu_run.terminal.documents import write

        write(attributes_document(node))
    else:
        from qemu_run.terminal.tables import show_pairs

        show_pairs(node.attributes)
    return ExitCode.OK


def _one(value: str | None, attribute: str) -> int:
    if value is None:
        sys.stderr.write(f"this machine has no {attribute}\n")
        return 1
    sys.stdout.write(value + "\n")
    return ExitCode.OK
