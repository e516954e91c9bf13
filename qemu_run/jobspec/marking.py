"""The places of the elements of a list or object that is written out in a job file."""

from qemu_run.jobspec.marks import Marks
from qemu_run.jobspec.model import Json
from qemu_run.syntax.nodes import Expression, ObjectCons, Template, TemplateText, TupleCons


def mark_parts(expression: Expression, value: Json, marks: Marks) -> None:
    """Note where the elements of `value` stand in the expression it came from."""
    if isinstance(expression, TupleCons) and isinstance(value, list) and len(value) == len(expression.items):
        for index, element in enumerate(expression.items):
            marks.inside(value, index, element.span)
            mark_parts(element, value[index], marks)
    elif isinstance(expression, ObjectCons) and isinstance(value, dict):
        for item in expression.items:
            name = _name(item.key)
            if name in value:
                marks.inside(value, name, item.key.span.to(item.value.span))
                mark_parts(item.value, value[name], marks)


def _name(key: Expression) -> str:
    if isinstance(key, Template) and all(isinstance(part, TemplateText) for part in key.parts):
        return "".join(part.text for part in key.parts if isinstance(part, TemplateText))
    return ""
