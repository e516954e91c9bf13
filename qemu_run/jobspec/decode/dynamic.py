"""Dynamic blocks: one block written once, made once for each element of a collection.

    dynamic "port" {
      for_each = var.ports
      iterator = each          # the block's type without it
      labels   = [each.key]
      content { to = each.value }
    }

Source: HCL's `ext/dynblock`.
"""

from dataclasses import replace

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import ExpressionError, Unknown
from qemu_run.jobspec.decode import attribute_values
from qemu_run.jobspec.wording import first_is
from qemu_run.syntax.json_body import with_blocks
from qemu_run.syntax.json_reader import JsonArray, JsonObject, JsonValue
from qemu_run.syntax.nodes import Attribute, Block, Body, Label, ScopeTraversal, Template, TemplateText

Made = tuple[Block, Scope]
"""A block and the scope its expressions are evaluated in."""

SETTINGS = ("for_each", "iterator", "labels")


def expand(dynamic: Block, scope: Scope, diagnostics: Diagnostics, *, has_label: bool) -> list[Made]:
    """The blocks that a dynamic block stands for; none when it has mistakes, which are told."""
    before = len(diagnostics.errors)
    is_json = dynamic.body.json is not None
    dynamic = replace(dynamic, body=with_blocks(dynamic.body, {"content": 0}, diagnostics))
    kind = dynamic.labels[0].text
    settings = _settings(dynamic, diagnostics)
    content = _content(dynamic, diagnostics)
    for_each = settings.get("for_each")
    if for_each is None:
        diagnostics.error(f'dynamic "{kind}" without for_each', dynamic.header, "for_each is required")
    _check_labels(settings.get("labels"), dynamic, diagnostics, has_label=has_label)
    iterator = _iterator(settings.get("iterator"), kind, diagnostics, is_json=is_json)
    if for_each is None or content is None or len(diagnostics.errors) > before:
        return []
    collection = evaluate(for_each.expression, scope, diagnostics)
    try:
        elements = attribute_values.elements(collection)
    except attribute_values.UnsuitableError as error:
        diagnostics.error(
            f'dynamic "{kind}" cannot go through this', for_each.expression.span, error.label, hints=(WANTED,)
        )
        return []
    made = []
    size = 1 + _statements(content)
    for key, value in elements:
        try:
            scope.budget.make(size)
        except ExpressionError as error:
            _used_up(error, dynamic, scope, diagnostics)
            return []
        inner = scope.child({iterator: attribute_values.element(key, value)})
        labels = _labels(settings.get("labels"), inner, diagnostics)
        if labels is not None:
            made.append((_block(dynamic, labels, content), inner))
    return made


def _statements(body: Body) -> int:
    """How many blocks and attributes a body holds; what dynamic blocks in it hold counts later."""
    if body.json is not None:
        return _members(body.json)
    inside = (_statements(block.body) for block in body.blocks if block.type != "dynamic")
    return len(body.attributes) + len(body.blocks) + sum(inside)


def _members(value: JsonValue) -> int:
    if isinstance(value, JsonArray):
        return sum(map(_members, value.items))
    if isinstance(value, JsonObject):
        return sum(1 + (0 if each.name.text == "dynamic" else _members(each.value)) for each in value.members)
    return 0


def _used_up(error: ExpressionError, dynamic: Block, scope: Scope, diagnostics: Diagnostics) -> None:
    """Say once that dynamic blocks make too much."""
    if not scope.budget.exceeded:
        scope.budget.exceeded = True
        diagnostics.error(str(error), dynamic.header, "no job is so large")


WANTED = "for_each wants a list, a set, a map or an object"


def _settings(dynamic: Block, diagnostics: Diagnostics) -> dict[str, Attribute]:
    for attribute in dynamic.body.attributes:
        if attribute.name not in SETTINGS:
            diagnostics.error(
                f'a dynamic block has no attribute "{attribute.name}"',
                attribute.name_span,
                "not known here",
                hints=("what each made block holds goes into its content block",),
            )
    return {attribute.name: attribute for attribute in dynamic.body.attributes}


def _content(dynamic: Block, diagnostics: Diagnostics) -> Body | None:
    kind = dynamic.labels[0].text
    contents = [block for block in dynamic.body.blocks if block.type == "content"]
    for block in dynamic.body.blocks:
        if block.type != "content":
            diagnostics.error(f'a dynamic block has no block "{block.type}"', block.header, "only content")
    for label in [label for block in contents[:1] for label in block.labels]:
        diagnostics.error("a content block takes no name", label.span, "labels = [...] names what is made")
    for again in contents[1:]:
        diagnostics.error("a second content block", again.header, first_is(contents[0].header, again.header))
    if not contents:
        diagnostics.error(
            f'dynamic "{kind}" without content',
            dynamic.header,
            "a content block is required",
            hints=(f"content {{ }} holds what each {kind} block shall hold",),
        )
        return None
    return contents[0].body


def _check_labels(
    labels: Attribute | None, dynamic: Block, diagnostics: Diagnostics, *, has_label: bool
) -> None:
    kind = dynamic.labels[0].text
    for extra in dynamic.labels[1:]:
        diagnostics.error("a dynamic block has one name only", extra.span, "leave it out")
    if has_label and labels is None:
        diagnostics.error(
            f'dynamic "{kind}" without labels',
            dynamic.header,
            f"{kind} blocks have a name",
            hints=(f"add labels = [{kind}.value]",),
        )
    elif labels is not None and not has_label:
        diagnostics.error(f"{kind} blocks have no name", labels.name_span, "leave labels out")


def _iterator(setting: Attribute | None, kind: str, diagnostics: Diagnostics, *, is_json: bool) -> str:
    if setting is None:
        return kind
    expression = setting.expression
    match expression:
        case ScopeTraversal(root=name, steps=()):
            return name
        case Template(parts=(TemplateText(text=name),)) if is_json:
            return name
        case _:
            pass
    diagnostics.error("iterator must be a name", expression.span, "a bare word, without quotes")
    return kind


def _labels(setting: Attribute | None, scope: Scope, diagnostics: Diagnostics) -> tuple[str, ...] | None:
    """The one label a made block gets, none if its kind has none; None after a mistake, which is told."""
    if setting is None:
        return ()
    span = setting.expression.span
    value = evaluate(setting.expression, scope, diagnostics)
    try:
        texts = attribute_values.texts(value)
    except attribute_values.UnsuitableError as error:
        diagnostics.error("labels must be a list of strings", span, error.label)
        return None
    if len(texts) == 1:
        return (texts[0],)
    if not isinstance(value, Unknown):
        diagnostics.error(f"{len(texts)} labels", span, "one is wanted: a block has one name")
    return None


def _block(dynamic: Block, labels: tuple[str, ...], content: Body) -> Block:
    """A made block; whoever points at it points at the dynamic block that made it."""
    place = dynamic.header
    return Block(
        type=dynamic.labels[0].text,
        type_span=place,
        labels=tuple(Label(text=text, span=place) for text in labels),
        body=content,
    )
