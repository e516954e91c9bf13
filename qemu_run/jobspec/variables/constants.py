"""Values that are written out: defaults, and what variable files assign. No names, no functions.

In JSON their strings are taken as they are: no template is looked for in them.

Source: HCL's JSON syntax, where an expression evaluated without a scope is a literal.
"""

from collections.abc import Iterator

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import UNKNOWN, ExpressionError, ObjectValue, TupleValue, Value, text
from qemu_run.records import record
from qemu_run.source import Span
from qemu_run.syntax.json_body import COMMENT, json_expression
from qemu_run.syntax.json_reader import JsonArray, JsonObject, JsonString, JsonValue
from qemu_run.syntax.nodes import Body, Expression


@record
class Constant:
    """`name = value`."""

    name: str
    name_span: Span
    written: Expression | JsonValue

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return self.written.span

    def value(self, scope: Scope, diagnostics: Diagnostics) -> Value:
        """The value; unknown after a mistake, which is told."""
        if isinstance(self.written, Expression):
            return evaluate(self.written, scope, diagnostics)
        try:
            return _literal(self.written, scope, diagnostics)
        except ExpressionError as error:
            diagnostics.error(str(error), self.span)
            return UNKNOWN


def constants(body: Body, diagnostics: Diagnostics) -> list[Constant]:
    """All that a body assigns, in either syntax; a name that comes twice is told of."""
    found: dict[str, Constant] = {}
    for constant in _written(body):
        if constant.name in found:
            line = found[constant.name].name_span.first.line
            diagnostics.error(
                f'"{constant.name}" is set twice', constant.name_span, f"already set on line {line}"
            )
        found.setdefault(constant.name, constant)
    return list(found.values())


def _written(body: Body) -> Iterator[Constant]:
    if body.json is None:
        for attribute in body.attributes:
            yield Constant(attribute.name, attribute.name_span, attribute.expression)
    elif isinstance(body.json, JsonObject):
        for member in body.json.members:
            if member.name.text != COMMENT:
                yield Constant(member.name.text, member.name.span, member.value)


def _literal(value: JsonValue, scope: Scope, diagnostics: Diagnostics) -> Value:
    match value:
        case JsonString(characters):
            return text(characters)
        case JsonArray(items):
            return TupleValue(tuple(_literal(item, scope, diagnostics) for item in items))
        case JsonObject(members):
            return ObjectValue({m.name.text: _literal(m.value, scope, diagnostics) for m in members})
        case _:
            return evaluate(json_expression(value, diagnostics), scope, diagnostics)


def without(body: Body, name: str) -> Body:
    """A JSON body without one member, a native one as it is."""
    if not isinstance(body.json, JsonObject):
        return body
    members = tuple(member for member in body.json.members if member.name.text != name)
    return Body(attributes=(), blocks=(), span=body.span, json=JsonObject(members, body.json.span))
