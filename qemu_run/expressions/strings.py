"""Strings and heredocs: text, interpolations, and directives.

Source: the HCL native syntax specification, templates; Nomad's jobspec2 for references left as they are.
"""

import re

from qemu_run.expressions.coercion import as_text, truth
from qemu_run.expressions.context import Context
from qemu_run.expressions.loops import inside, walked
from qemu_run.expressions.types import STRING
from qemu_run.expressions.values import Unknown, Value, text, weight
from qemu_run.syntax.nodes import (
    ForDirective,
    IfDirective,
    Interpolation,
    LiteralValue,
    ScopeTraversal,
    Template,
    TemplatePart,
    TemplateText,
)
from qemu_run.syntax.shell import PERHAPS, POSITIONAL, doubled

CLOSING_BRACE = re.compile(r"[ \t]*\}")


def evaluate_template(template: Template, context: Context) -> Value:
    """A string; a lone interpolation keeps the type of what is in it."""
    parts = template.parts
    if len(parts) == 1:
        part = parts[0]
        if isinstance(part, TemplateText):
            return text(part.text)
        if isinstance(part, Interpolation):
            return _interpolated(part, context)
    return _joined(parts, context)


def _joined(parts: tuple[TemplatePart, ...], context: Context) -> Value:
    """The parts of a template as one string."""
    texts: list[str] = []
    known = True
    for part in parts:
        string = _part_text(part, context)
        known = known and string is not None
        texts.append(string or "")
    context.spend(sum(map(len, texts)) // 64 + 1)
    return text("".join(texts)) if known else Unknown(STRING)


def _part_text(part: TemplatePart, context: Context) -> str | None:
    """What one part adds to a string; None when that is unknown."""
    match part:
        case TemplateText(text=characters):
            return characters
        case Interpolation(expression=expression):
            value = _interpolated(part, context)
            context.spend(weight(value) // 4)
            before = len(context.diagnostics.items)
            string = as_text(value, expression.span, context)
            _advise(part, before, context)
            return string
        case IfDirective(span=span):
            return as_text(_if_directive(part, context), span, context)
        case ForDirective(span=span):
            return as_text(_for_directive(part, context), span, context)


def _interpolated(part: Interpolation, context: Context) -> Value:
    """The value between `${` and `}`; of a reference left alone, the text with the blanks around it."""
    expression = part.expression
    if isinstance(expression, ScopeTraversal) and context.is_left_alone(expression):
        return text(kept_text(part))
    before = len(context.diagnostics.items)
    value = context.value(expression)
    _advise(part, before, context)
    if isinstance(expression, LiteralValue) and POSITIONAL.match(part.span.source.text, part.span.start - 1):
        label = f"an argument of a script is written {doubled(part.span.text)}"
        context.diagnostics.warning(f"this is the number {expression.span.text}", part.span, label)
    return value


def _advise(part: Interpolation, since: int, context: Context) -> None:
    """Tell the way out to whoever wrote for the shell what is an expression here, and a wrong one."""
    if len(context.diagnostics.items) > since and PERHAPS.fullmatch(part.span.text):
        hint = f"if this is meant for the shell, write {doubled(part.span.text)}"
        context.diagnostics.advise(since, hint)


def kept_text(part: Interpolation) -> str:
    """The text of an interpolation that is left for the client to resolve.

    Blanks inside it are kept, but not beside a trim marker. Where another closing brace follows, if need be
    after blanks, Nomad's parser takes one brace too many into the reference; jobs run so, and so it is here.
    """
    whole, inner = part.span, part.expression.span
    source = whole.source.text
    before = source[whole.start + 2 : inner.start]
    after = source[inner.end : whole.end - 1]
    before = "" if before.startswith("~") else before
    after = "" if after.endswith("~") else after
    if CLOSING_BRACE.match(source, whole.end):
        after += source[inner.end : whole.end]
    return f"${{{before}{inner.text}{after}}}"


def _if_directive(directive: IfDirective, context: Context) -> Value:
    """One of two template texts; as with any conditional, mistakes in the other are not looked for."""
    condition = truth(directive.condition, context, "the condition of %{ if }")
    if condition is None:
        return Unknown(STRING)
    return _joined(directive.then if condition else directive.otherwise, context)


def _for_directive(directive: ForDirective, context: Context) -> Value:
    """The body once for each element."""
    pairs = walked(directive.collection, context)
    if pairs is None:
        return Unknown(STRING)
    texts: list[str] = []
    for key, value in pairs:
        made = _joined(directive.body, inside(context, directive.key, directive.value, key, value))
        if not isinstance(made, str):
            return Unknown(STRING)
        texts.append(made)
    return "".join(texts)
