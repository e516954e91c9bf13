"""`qemu-run fingerprint [ATTRIBUTE]`: what this machine offers, in Nomad's words."""

import sys
from pathlib import Path

from qemu_run.errors import ExitCode
from qemu_run.terminal.node_document import attribute_rows, attributes_document, find_attribute
from qemu_run.terminal.output import say
from qemu_run.terminal.tables import show_rows
from qemu_run.workflow import client


def show_fingerprint(attribute: str | None, config: Path | None, *, json: bool) -> int:
    """Show what this machine offers; of one attribute only the value, with exit code 1 when there is none."""
    node = client.node(client.configuration(config))
    if attribute is not None:
        return _show_one(find_attribute(node, attribute), attribute)
    if json:
        from qemu_run.terminal.documents import write

        write(attributes_document(node))
    else:
        show_rows(attribute_rows(node))
    return ExitCode.OK


def _show_one(value: str | None, attribute: str) -> int:
    if value is None:
        sys.stderr.write(f"this machine has no {attribute}\n")
        return 1
    say(value + "\n")
    return ExitCode.OK
