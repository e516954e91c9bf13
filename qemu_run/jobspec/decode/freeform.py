"""Blocks without a schema: a driver's `config`, a scaling policy.

What is written as an object becomes a list of that one object, a nested block a list with an element for each
repetition, a block's labels levels of their own:

    port_map { ssh = 22 }      ->  {"port_map": [{"ssh": 22}]}
    port_map = { ssh = 22 }    ->  {"port_map": [{"ssh": 22}]}
    check "load" { at = 1 }    ->  {"check": [{"load": [{"at": 1}]}]}

The wrapping goes by what is written: an object that a variable or function gives stays as it is, and so does
all of a file in JSON.

Source: Nomad's `jobspec2` package (`hclutil/blockattrs.go`, `parse_map.go`), version 2.0.
"""

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import is_known
from qemu_run.jobspec.api.objects import Object
from qemu_run.jobspec.api.places import NotedPlaces, note_parts
from qemu_run.jobspec.decode import attribute_values
from qemu_run.jobspec.gaps import Gaps
from qemu_run.jobspec.model import Json
from qemu_run.syntax.json_body import with_blocks
from qemu_run.syntax.nodes import Block, Body, Expression, ObjectCons


def config_map(body: Body, scope: Scope, noted: NotedPlaces, gaps: Gaps, diagnostics: Diagnostics) -> Object:
    """The values of a body without a schema; a name set to null is left out."""
    if body.json is not None:
        decoded = _attributes(with_blocks(body, {}, diagnostics), scope, noted, gaps, diagnostics)
    else:
        decoded = _object(body, scope, noted, gaps, diagnostics)
    for name in [name for name, value in decoded.items() if value is None]:
        del decoded[name]
    return decoded


def _object(body: Body, scope: Scope, noted: NotedPlaces, gaps: Gaps, diagnostics: Diagnostics) -> Object:
    decoded = _attributes(body, scope, noted, gaps, diagnostics)
    for attribute in body.attributes:
        if isinstance(attribute.expression, ObjectCons):
            decoded[attribute.name] = [decoded[attribute.name]]
    repeated: dict[str, list[Json]] = {}
    for block in body.blocks:
        made = _labelled(block, _object(block.body, scope, noted, gaps, diagnostics), noted)
        repeated.setdefault(block.type, []).append(made)
        noted.inside(decoded, block.type, block.header)
        noted.name(decoded, block.type, block.type_span)
    decoded.update(repeated)
    return decoded


def _attributes(body: Body, scope: Scope, noted: NotedPlaces, gaps: Gaps, diagnostics: Diagnostics) -> Object:
    decoded: Object = {}
    for attribute in body.attributes:
        decoded[attribute.name] = _value(attribute.expression, scope, noted, gaps, diagnostics)
        noted.inside(decoded, attribute.name, attribute.expression.span)
        noted.name(decoded, attribute.name, attribute.name_span)
    return decoded


def _labelled(block: Block, value: Object, noted: NotedPlaces) -> Object:
    for label in reversed(block.labels):
        value = {label.text: [value]}
        noted.inside(value, label.text, label.span)
    return value


def _value(
    expression: Expression, scope: Scope, noted: NotedPlaces, gaps: Gaps, diagnostics: Diagnostics
) -> Json:
    try:
        found = evaluate(expression, scope, diagnostics)
        if diagnostics.items and not is_known(found):
            gaps.places.append(expression.span)
            return None
        value = attribute_values.json(found)
    except attribute_values.UnsuitableError as error:
        diagnostics.error("a number that JSON cannot hold", expression.span, error.label)
        return None
    note_parts(expression, value, noted)
    return value
