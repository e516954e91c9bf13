"""One rendering: what the functions of a template may use of it.

Source: Go's package text/template (`exec.go`).
"""

from collections.abc import Mapping

from qemu_run.templates.declare import Functions
from qemu_run.templates.inputs import TemplateInputs
from qemu_run.templates.nodes import Node
from qemu_run.templates.scratch import Scratch
from qemu_run.templates.values import joined
from qemu_run.templates.work import Work


class Evaluation:
    """One rendering: what functions may use of it."""

    def __init__(
        self,
        templates: Mapping[str, tuple[Node, ...]],
        functions: Functions,
        inputs: TemplateInputs,
        work: Work,
    ) -> None:
        self.templates = templates
        self.functions = functions
        self.inputs = inputs
        self.work = work
        self.scratch = Scratch()
        self._parts: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """What was written so far."""
        return joined(self._parts)

    def write(self, text: str) -> None:
        """Add to the text."""
        self._length += len(text)
        self.work.text(self._length if self._length > self.work.limits.text_bytes else len(text))
        self._parts.append(text)
