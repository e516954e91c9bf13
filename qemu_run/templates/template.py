"""A template: parsed once, rendered to text.

`parse` finds what is wrong before anything runs; `Template.render` needs nothing but its inputs.
"""

from collections.abc import Mapping

from qemu_run.records import record
from qemu_run.templates.evaluation import Evaluation
from qemu_run.templates.execute import execute
from qemu_run.templates.functions.table import functions, mistake
from qemu_run.templates.inputs import TemplateInputs
from qemu_run.templates.nodes import Node
from qemu_run.templates.parse import parse_templates
from qemu_run.templates.work import LimitError, Limits, TemplateError, Work

LEFT, RIGHT = "{{", "}}"
"""The delimiters, where a template says no others."""


@record(eq=False)
class Template:
    """A text without mistakes in its syntax, ready to be rendered."""

    text: str
    templates: Mapping[str, tuple[Node, ...]]
    """Those it defines by name; its own has none."""

    def render(self, inputs: TemplateInputs, limits: Limits | None = None) -> str:
        """The text it makes; the same each time for the same inputs.

        Bytes that are not UTF-8 are surrogates in it, as by the error handler `surrogateescape`.

        Raises:
            TemplateError: a function fails, a value has the wrong type, or a limit is reached; says where.
        """
        work = Work(limits or Limits())
        try:
            return execute(Evaluation(self.templates, functions(), inputs, work))
        except (LimitError, RecursionError) as error:
            message = str(error) if isinstance(error, LimitError) else "the template goes too deep"
            raise TemplateError(message) from None


def parse(text: str, left: str = "", right: str = "") -> tuple[Template | None, tuple[TemplateError, ...]]:
    """The template of a text, or what is wrong with it: functions that are not to be had, then the syntax.

    Args:
        text: The template.
        left: What begins an action; empty: `{{`.
        right: What ends one; empty: `}}`.
    """
    parsed = parse_templates(text, left or LEFT, right or RIGHT, mistake)
    if parsed.mistakes:
        return None, parsed.mistakes
    return Template(text, parsed.templates), ()
