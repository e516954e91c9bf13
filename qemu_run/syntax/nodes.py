"""The typed tree of a file: HCL's own words, every node with its place; a node equals itself only.

Source: the HCL native syntax specification (bodies, blocks, expressions, templates).
"""

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from qemu_run.records import record
from qemu_run.source import Span

if TYPE_CHECKING:
    from qemu_run.syntax.json_reader import JsonValue


@record(kw_only=True, eq=False)
class Body:
    """What stands in a file or between a block's braces, in the order of writing."""

    attributes: "tuple[Attribute, ...]"
    blocks: "tuple[Block, ...]"
    span: Span
    """The whole body; for a block: from its opening to its closing brace."""
    json: "JsonValue | None" = None
    """What a file in HCL-JSON holds instead: `json_body.with_blocks` tells its attributes from its blocks."""


@record(kw_only=True, eq=False)
class Attribute:
    """`name = expression`."""

    name: str
    name_span: Span
    expression: "Expression"


@record(kw_only=True, eq=False)
class Label:
    """A block's label, quoted or bare."""

    text: str
    span: Span


@record(kw_only=True, eq=False)
class Block:
    """`type "label" { body }`."""

    type: str
    type_span: Span
    labels: tuple[Label, ...]
    body: Body

    @property
    def header(self) -> Span:
        """From the type to the last label: what Nomad points at for a block as a whole."""
        return self.type_span.to(self.labels[-1].span) if self.labels else self.type_span


@record(kw_only=True, eq=False)
class LiteralValue:
    """A number, `true`, `false` or `null` (a string is a Template of one text part)."""

    value: "int | Fraction | float | bool | None"
    span: Span


@record(kw_only=True, eq=False)
class TemplateText:
    """Characters of a template, escapes already replaced."""

    text: str
    span: Span


@record(kw_only=True, eq=False)
class Interpolation:
    """`${ expression }`; the parser has already applied the trim markers to its neighbours."""

    expression: "Expression"
    span: Span
    """From `${` to `}`."""


@record(kw_only=True, eq=False)
class IfDirective:
    """`%{ if condition } then %{ else } otherwise %{ endif }`."""

    condition: "Expression"
    then: "tuple[TemplatePart, ...]"
    otherwise: "tuple[TemplatePart, ...]"
    span: Span


@record(kw_only=True, eq=False)
class ForDirective:
    """`%{ for key, value in collection } body %{ endfor }`."""

    key: str | None
    value: str
    collection: "Expression"
    body: "tuple[TemplatePart, ...]"
    span: Span


TemplatePart: TypeAlias = "TemplateText | Interpolation | IfDirective | ForDirective"


@record(kw_only=True, eq=False)
class Template:
    """A quoted string or a heredoc."""

    parts: tuple[TemplatePart, ...]
    span: Span


@record(kw_only=True, eq=False)
class AttributeStep:
    """`.name`."""

    name: str
    span: Span


@record(kw_only=True, eq=False)
class IndexStep:
    """`[key]` or the legacy `.0`, with a constant key (inside a ScopeTraversal) or any expression."""

    key: "Expression"
    span: Span


@record(kw_only=True, eq=False)
class SplatStep:
    """`[*]` and all steps after it, or the legacy `.*` and the `.name` steps after it."""

    each: "tuple[Step, ...]"
    """Applied to each element by itself."""
    span: Span


Step: TypeAlias = "AttributeStep | IndexStep | SplatStep"


@record(kw_only=True, eq=False)
class ScopeTraversal:
    """`root.name["key"][0]`: a name and steps whose indexes are all constants.

    For names that exist only at run time, the exact source text of the span is the value.
    """

    root: str
    steps: tuple[AttributeStep | IndexStep, ...]
    span: Span


@record(kw_only=True, eq=False)
class RelativeTraversal:
    """Steps applied to any expression, `f(x).name[key]`; also a name with a computed index or a splat."""

    source: "Expression"
    steps: tuple[Step, ...]
    span: Span


@record(kw_only=True, eq=False)
class FunctionCall:
    """`name(argument, ...)`; `expand` when the last argument is followed by `...`."""

    name: str
    name_span: Span
    arguments: "tuple[Expression, ...]"
    expand: bool
    span: Span
    """From the name to the closing parenthesis."""


@record(kw_only=True, eq=False)
class UnaryOp:
    """`-operand` or `!operand`."""

    operator: str
    operand: "Expression"
    span: Span


@record(kw_only=True, eq=False)
class BinaryOp:
    """`left operator right`."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span


@record(kw_only=True, eq=False)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    span: Span


@record(kw_only=True, eq=False)
class TupleCons:
    """`[a, b]`."""

    items: "tuple[Expression, ...]"
    span: Span


@record(kw_only=True, eq=False)
class ObjectItem:
    """`key = value` in an object; a bare name as key is a Template of that text."""

    key: "Expression"
    value: "Expression"


@record(kw_only=True, eq=False)
class ObjectCons:
    """`{ key = value }`."""

    items: tuple[ObjectItem, ...]
    span: Span


@record(kw_only=True, eq=False)
class For:
    """`[for k, v in c : value if condition]` or `{for k, v in c : key => value...}`."""

    key_name: str | None
    value_name: str
    collection: "Expression"
    key: "Expression | None"
    """Present in the object form only."""
    value: "Expression"
    condition: "Expression | None"
    group: bool
    span: Span


@record(kw_only=True, eq=False)
class Parentheses:
    """`(expression)`; kept because an object key in parentheses is computed, not literal."""

    expression: "Expression"
    span: Span


Expression: TypeAlias = (
    LiteralValue
    | Template
    | ScopeTraversal
    | RelativeTraversal
    | FunctionCall
    | UnaryOp
    | BinaryOp
    | Conditional
    | TupleCons
    | ObjectCons
    | For
    | Parentheses
)
