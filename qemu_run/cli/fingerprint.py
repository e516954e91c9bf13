"""`qemu-run fingerprint [ATTRIBUTE]`: what this machine offers, in Nomad's words."""

from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.errors import Diagnostic, Diagnostics, ExitCode
from qemu_run.terminal.node_document import attribute_rows, attributes_document, find_attribute, row_name
from qemu_run.terminal.output import say
from qemu_run.terminal.tables import show_rows
from qemu_run.workflow import client

if TYPE_CHECKING:
    from qemu_run.node.node import Node

_MOST_MEANT = 3
NO_SUCH_ATTRIBUTE = 1
"""The exit code of a question whose answer is no."""


def show_fingerprint(attribute: str | None, config: Path | None, *, json: bool) -> int:
    """Show what this machine offers; of one attribute only the value, with exit code 1 when there is none."""
    node = client.node(client.configuration(config))
    if attribute is not None:
        return _show_one(node, attribute, json=json)
    if json:
        from qemu_run.terminal.documents import write

        write(attributes_document(node))
    else:
        show_rows(attribute_rows(node))
    return ExitCode.OK


def _show_one(node: "Node", attribute: str, *, json: bool) -> int:
    value = find_attribute(node, attribute)
    unknown = Diagnostics([] if value is not None else [_unknown(node, attribute)])
    if json:
        from qemu_run.terminal.documents import diagnostic_document, write

        document = {"attribute": row_name(attribute), "value": value}
        write({**document, "diagnostics": [diagnostic_document(each) for each in unknown]})
    elif value is not None:
        say(value + "\n")
    else:
        from qemu_run.terminal.diagnostics import show
        from qemu_run.terminal.screen import Screen

        show(unknown, Screen())
    return NO_SUCH_ATTRIBUTE if value is None else ExitCode.OK


def _unknown(node: "Node", attribute: str) -> Diagnostic:
    from qemu_run.cli.near import near

    name, known = row_name(attribute), [each for each, _ in attribute_rows(node)]
    # Of something that is there in another form, what was typed; of a part of names, those that have it.
    summary = f"this machine has no {attribute if name in known else name}"
    parts = [each for each in known if name in each.split(".")]
    close = near(name, known)
    meant = [f'"{each}"' for each in parts or filter(None, [close])]
    if not meant:
        return Diagnostic(summary, hints=("qemu-run fingerprint lists what it has",))
    several = ", ".join(meant[:_MOST_MEANT]) + (", ..." if len(meant) > _MOST_MEANT else "")
    return Diagnostic(summary, hints=(f"did you mean {several}?",))
