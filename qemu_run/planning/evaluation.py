"""The driver's own evaluation of `config`: references for run time, now that their values are known.

Every string of the config is an HCL template once more; here, unlike anywhere else, a reference that names
nothing is a mistake. Source: Nomad's `helper/pluginutils/hclutils` and `client/taskenv`.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from qemu_run.errors import Diagnostic, Diagnostics
from qemu_run.node.node import Node
from qemu_run.planning.driver_config import Interpolate
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.source import Source, Span

if TYPE_CHECKING:
    from qemu_run.expressions.values import Value

Tree: TypeAlias = "dict[str, Tree | str]"
"""Objects within objects, by name."""

_FUNCTIONS = (
    *("abs", "coalesce", "concat", "jsondecode", "jsonencode", "length", "lower"),
    *("max", "min", "reverse", "strlen", "substr", "upper"),
)
_TEMPLATE = re.compile(r"[$%]\{")
_ATTRIBUTE = re.compile(r"\b(?P<root>node\.attr|attr)\.(?P<name>[A-Za-z_][\w.\-]*)")
_BOTH = frozenset({"driver.qemu"})
"""Attributes that are also the beginning of other names: as objects they cannot be put into a text."""


def evaluator(known: TaskEnvironment, node: Node, diagnostics: Diagnostics) -> Interpolate:
    """A function that evaluates one text of the config; mistakes are told at the text's place in the job."""

    def interpolate(text: str, span: Span | None) -> str:
        if not _TEMPLATE.search(text):
            return text
        found = Diagnostics()
        value = _evaluate(text, known, node, found)
        for mistake in found:
            diagnostics.items.append(_at_job(mistake, text, span))
        return value

    return interpolate


def _at_job(mistake: Diagnostic, text: str, span: Span | None) -> Diagnostic:
    """The mistake at the text's place in the job, if the job has it to the letter at its own place in it."""
    place = mistake.span
    if span is not None and place is not None:
        start = span.source.text.find(text, span.start, span.end)
        span = span.source.span(start + place.start, start + place.end) if start >= 0 else span
    return Diagnostic(mistake.summary, span, mistake.label, mistake.detail, mistake.hints)


def _evaluate(text: str, known: TaskEnvironment, node: Node, found: Diagnostics) -> str:
    from qemu_run.expressions.convert import ConversionError, convert
    from qemu_run.expressions.evaluate import evaluate
    from qemu_run.expressions.functions import FUNCTIONS
    from qemu_run.expressions.scope import Scope
    from qemu_run.expressions.types import STRING
    from qemu_run.syntax.parse import parse_template

    source = Source("config", text)
    expression = parse_template(source, found)
    if expression is None:
        return text
    functions = {name: FUNCTIONS[name] for name in _FUNCTIONS if name in FUNCTIONS}
    scope = Scope(_Names(known, node, text).variables, functions, unresolved="error")
    value = evaluate(expression, scope, found)
    if found.errors:
        return text
    try:
        result = convert(value, STRING)
    except ConversionError as error:
        found.error("this is no text", source.span(0, len(text)), str(error))
        return text
    return result if isinstance(result, str) else ""


class _Names:
    """What one text can name: only what it does name is looked up on the machine."""

    def __init__(self, known: TaskEnvironment, node: Node, text: str) -> None:
        self._known, self._node, self._text = known, node, text

    @property
    def variables(self) -> "Mapping[str, Value]":
        """The task's variables by name, and the objects `env`, `attr`, `meta` and `node`."""
        attributes, meta = self._attributes(), _nested(self._node.meta)
        values = {name.removeprefix("node."): value for name, value in self._node.values.items()}
        node = {**_nested({**values, "region": self._node.config.region}), "attr": attributes, "meta": meta}
        objects: Tree = {"env": dict(self._known.variables), "attr": attributes, "meta": meta, "node": node}
        return {**self._known.variables, **{name: _value(tree) for name, tree in objects.items()}}

    def _attributes(self) -> "Tree":
        names = {found["name"].rstrip(".-") for found in _ATTRIBUTE.finditer(self._text)}
        values = {name: self._node.attributes.get(name) for name in names - _BOTH}
        flat = {name: value for name, value in values.items() if value is not None}
        return _nested({**flat, **{f"{name}.version": "" for name in names & _BOTH}})


def _nested(flat: Mapping[str, str]) -> "Tree":
    """Dotted names as objects within objects; an object hides a text of the same name."""
    tree: Tree = {}
    for name, value in sorted(flat.items()):
        *path, last = name.split(".")
        branch = tree
        for step in path:
            inner = branch.get(step)
            if not isinstance(inner, dict):
                inner = branch[step] = {}
            branch = inner
        branch[last] = value
    return tree


def _value(tree: "Tree | str") -> "Value":
    from qemu_run.expressions.values import ObjectValue

    return tree if isinstance(tree, str) else ObjectValue({key: _value(each) for key, each in tree.items()})
