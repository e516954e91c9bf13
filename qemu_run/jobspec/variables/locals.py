"""Local values: `locals { name = expression }`, evaluated in the order in which they need each other.

Source: Nomad's `jobspec2` package (`types.config.go`), which tries them in any order until all are known.
"""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.references import first_step, traversals
from qemu_run.expressions.values import UNKNOWN, ExpressionError, Value
from qemu_run.jobspec.variables.scopes import Scopes
from qemu_run.jobspec.wording import first_is
from qemu_run.syntax.json_body import with_blocks
from qemu_run.syntax.nodes import Attribute, Body


def collect(body: Body, diagnostics: Diagnostics) -> Mapping[str, Attribute]:
    """The local values of a file by name; a name that is set twice is told of."""
    found: dict[str, Attribute] = {}
    for block in body.blocks:
        if block.type != "locals":
            continue
        attributes = with_blocks(block.body, {}, diagnostics).attributes
        for inner in block.body.blocks:
            diagnostics.error(f'locals holds no "{inner.type}" block', inner.header, "only name = value")
        for attribute in attributes:
            if attribute.name in found:
                diagnostics.error(
                    f'a second local "{attribute.name}"',
                    attribute.name_span,
                    first_is(found[attribute.name].name_span, attribute.name_span),
                )
            found.setdefault(attribute.name, attribute)
    return found


def evaluate_locals(
    definitions: Mapping[str, Attribute],
    variables: Mapping[str, Value],
    scopes: Scopes,
    diagnostics: Diagnostics,
) -> dict[str, Value]:
    """The value of every local; unknown where a mistake was told."""
    needs = {name: _needs(attribute) for name, attribute in definitions.items()}
    known = {
        name: {need for need in needed if need is not None and need in definitions}
        for name, needed in needs.items()
    }
    cyclic = _cycles(known, definitions, diagnostics)
    values: dict[str, Value] = dict.fromkeys(cyclic, UNKNOWN)
    for name in _order({name: needed - cyclic for name, needed in known.items() if name not in cyclic}):
        # Of many locals, a few are needed each time: no object of all of them is made for each.
        seen = values if needs[name] != known[name] else {need: values[need] for need in known[name]}
        values[name] = _evaluated(definitions[name], variables, seen, scopes, diagnostics)
    return values


def _evaluated(
    attribute: Attribute,
    variables: Mapping[str, Value],
    seen: Mapping[str, Value],
    scopes: Scopes,
    diagnostics: Diagnostics,
) -> Value:
    try:
        scope = scopes.of_file(variables, seen)
    except ExpressionError as error:  # what it needs is too much for one value
        diagnostics.error(str(error), attribute.name_span, "with all that it needs")
        return UNKNOWN
    return evaluate(attribute.expression, scope, diagnostics)


def _needs(attribute: Attribute) -> set[str | None]:
    """The names after `local` in an expression; None among them when the object of all locals is used."""
    return {
        first_step(traversal) for traversal in traversals(attribute.expression) if traversal.root == "local"
    }


def _order(needs: Mapping[str, set[str]]) -> list[str]:
    return list(TopologicalSorter(needs).static_order())


def _cycles(
    needs: Mapping[str, set[str]], definitions: Mapping[str, Attribute], diagnostics: Diagnostics
) -> frozenset[str]:
    """The locals that need each other in a circle, each circle told of once."""
    cyclic: set[str] = set()
    while True:
        rest = {name: needed - cyclic for name, needed in needs.items() if name not in cyclic}
        try:
            _order(rest)
        except CycleError as error:
            circle = _from_first(list(reversed(error.args[1]))[:-1], definitions)
            cyclic |= set(circle)
            first = definitions[circle[0]]
            diagnostics.error(
                "locals that need each other",
                first.expression.span,
                " -> ".join([*circle, circle[0]]),
                hints=("one of them must be given without the others",),
            )
        else:
            return frozenset(cyclic)


def _from_first(circle: list[str], definitions: Mapping[str, Attribute]) -> list[str]:
    """The circle turned so that it begins with the local that is written first."""
    first = min(range(len(circle)), key=lambda index: definitions[circle[index]].name_span.start)
    return circle[first:] + circle[:first]
