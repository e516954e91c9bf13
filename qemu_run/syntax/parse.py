"""Text to tree: a whole file, in either of HCL's two forms.

Source: the HCL native syntax and JSON syntax specifications; Nomad tells the two apart by the first byte.
"""

from qemu_run.errors import Diagnostics
from qemu_run.source import Source
from qemu_run.syntax.json_body import parse_json
from qemu_run.syntax.native import is_text, parse_native
from qemu_run.syntax.nodes import Body


def parse(source: Source, diagnostics: Diagnostics) -> Body | None:
    """The tree of a file in HCL or HCL-JSON.

    Args:
        source: The text. When its first character that is not a blank is `{`, it is JSON.
        diagnostics: Where all mistakes in the text are put.

    Returns:
        The body, or None when the mistakes left none worth looking at.
    """
    if not is_text(source, diagnostics):
        return None
    if source.text.removeprefix("\ufeff").lstrip(" ").startswith("{"):
        return parse_json(source, diagnostics)
    return parse_native(source, diagnostics)
