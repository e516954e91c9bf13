"""The driver's own evaluation of `config`: references for run time, now that their values are known.

Every string of the config is an HCL template once more; here, unlike anywhere else, a reference that names
nothing is a mistake. Source: Nomad's `helper/pluginutils/hclutils` and `client/taskenv`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from qemu_run.errors import Diagnostic, Diagnostics, did_you_mean
from qemu_run.jobspec.qemu_config import Interpolate
from qemu_run.node.node import Node
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.source import Source, Span

if TYPE_CHECKING:
    from qemu_run.expressions.values import Value
    from qemu_run.syntax.nodes import Expression, ScopeTraversal

Tree: TypeAlias = "dict[str, Tree | str]"
"""Objects within objects, by name."""

_FUNCTIONS = (
    *("abs", "coalesce", "concat", "jsondecode", "jsonencode", "length", "lower"),
    *("max", "min", "reverse", "strlen", "substr", "upper"),
)
_TEMPLATE = re.compile(r"[$%]\{")
_PLAIN = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NOT_PLAIN = frozenset({"attr", "env", "meta", "node", "true", "false", "null"})
"""Objects and words of the language, whatever variables are called."""
_LONG = 10_000
_PORT_VARIABLE = re.compile(r"NOMAD_(?:HOST_|ALLOC_)?(?:PORT|ADDR|IP)_")
_BOTH = frozenset({"driver.qemu"})
"""Attributes that are also the beginning of other names: as objects they cannot be put into a text."""


def evaluator(known: TaskEnvironment, node: Node, diagnostics: Diagnostics) -> Interpolate:
    """A function that evaluates one text of the config; mistakes are told at the text's place in the job."""

    def interpolate(text: str, span: Span | None) -> str:
        if not _TEMPLATE.search(text):
            return text
        if (plain := with_plain_references(text, {**known.inherited, **known.variables})) is not None:
            return plain
        found = Diagnostics()
        value = _evaluate(text, known, node, found)
        diagnostics.items += [
            _lacking_quotes(text, span) or _at_job(mistake, text, span) for mistake in found
        ]
        return value

    return interpolate


def with_plain_references(text: str, variables: Mapping[str, str]) -> str | None:
    """A text whose references all are of the form `${NAME}`, with their values in their places.

    None, where more has to be known: the language is not loaded for what needs no more than this.
    """
    names = _PLAIN.findall(text)
    values = [variables.get(name, "") for name in names]
    rest = _PLAIN.sub("", text)
    can_be_more = _TEMPLATE.search(rest) or "$$" in text or "\r" in text or len(names) * len(text) > _LONG
    if can_be_more or not all(values) or not _NOT_PLAIN.isdisjoint(names):
        return None
    if not all(each.isascii() and len(each) < _LONG for each in (text, *values)):
        return None
    return _PLAIN.sub(lambda reference: variables[reference[1]], text)


def _lacking_quotes(text: str, span: Span | None) -> Diagnostic | None:
    """The mistake of a word without quotes: what the rules of the job have said of it, and is told once."""
    from qemu_run.jobspec.validate.bare_words import lacking_quotes

    return None if span is None else lacking_quotes(text, span)


def _at_job(mistake: Diagnostic, text: str, span: Span | None) -> Diagnostic:
    """The mistake at the text's place in the job, if the job has the text to the letter."""
    place = mistake.span
    if span is not None and place is not None:
        start = span.source.text.find(text, span.start, span.end)
        span = span.source.span(start + place.start, start + place.end) if start >= 0 else span
    return Diagnostic(mistake.summary, span, mistake.label, mistake.detail, mistake.hints)


def _evaluate(text: str, known: TaskEnvironment, node: Node, found: Diagnostics) -> str:
    """The value of a text as a template; the text itself when it has mistakes."""
    from qemu_run.expressions.convert import ConversionError, convert
    from qemu_run.expressions.evaluate import evaluate
    from qemu_run.expressions.functions import FUNCTIONS
    from qemu_run.expressions.scope import Scope
    from qemu_run.expressions.types import STRING
    from qemu_run.syntax.native import parse_template

    source = Source("config", text)
    expression = parse_template(source, found)
    if expression is None:
        return text
    references = _references(expression)
    _check(references, known, node, found)
    if found.errors:
        return text
    functions = {name: FUNCTIONS[name] for name in _FUNCTIONS}
    scope = Scope(_variables(references, known, node), functions, unresolved="error")
    try:
        value = convert(evaluate(expression, scope, found), STRING)
    except ConversionError as error:
        found.error("this is no text", source.span(0, len(text)), str(error))
        return text
    return value if isinstance(value, str) else ""


def _references(expression: "Expression") -> "Sequence[ScopeTraversal]":
    """All references but those to names that a `for` binds."""
    from qemu_run.expressions.references import loop_names, traversals

    bound = loop_names(expression)
    return [reference for reference in traversals(expression) if reference.root not in bound]


def _check(
    references: "Sequence[ScopeTraversal]", known: TaskEnvironment, node: Node, found: Diagnostics
) -> None:
    """Tell of references that name nothing, with what there is."""
    for reference in references:
        name = _dotted(reference)
        if reference.root == "attr":
            if name and name not in _BOTH and node.attributes.get(name) is None:
                names = list(node.attributes)
                whole = any(other.startswith(f"{name}.") for other in names)
                label = "this is not one value but several" if whole else did_you_mean(name, names)
                found.error(f'this machine has no attribute "{name}"', reference.span, label)
        elif reference.root not in {*known.variables, *known.inherited, "env", "meta", "node"}:
            ports = _ports_hint(reference.root, known)
            label = "" if ports else did_you_mean(reference.root, list(known.variables))
            summary = f'nothing is named "{reference.root}" when the task starts'
            found.error(summary, reference.span, label, hints=ports)


def _ports_hint(name: str, known: TaskEnvironment) -> tuple[str, ...]:
    """Which ports the task has, for a name that asks for one."""
    if not _PORT_VARIABLE.match(name):
        return ()
    prefix = "NOMAD_HOST_PORT_"
    labels = [each.removeprefix(prefix) for each in known.variables if each.startswith(prefix)]
    return (f"the task's ports are {', '.join(labels)}" if labels else "the task has no ports",)


def _dotted(reference: "ScopeTraversal") -> str:
    """`cpu.arch` for `attr.cpu.arch`; empty when it is not all names."""
    from qemu_run.syntax.nodes import AttributeStep

    names = [step.name for step in reference.steps if isinstance(step, AttributeStep)]
    return ".".join(names) if len(names) == len(reference.steps) else ""


def _variables(
    references: "Sequence[ScopeTraversal]", known: TaskEnvironment, node: Node
) -> "Mapping[str, Value]":
    """The task's variables, and the objects `env`, `attr`, `meta` and `node`.

    Of the machine's attributes only those are looked up that the references name.
    """
    names = {_dotted(reference) for reference in references if reference.root == "attr"}
    names |= {_dotted(each).removeprefix("attr.") for each in references if _dotted(each).startswith("attr.")}
    flat = {name: value for name in names - _BOTH if (value := node.attributes.get(name)) is not None}
    attributes = _nested({**flat, **{f"{name}.version": "" for name in names & _BOTH}})
    meta = _nested(node.meta)
    values = {name.removeprefix("node."): value for name, value in node.values.items()}
    about_node = {**_nested({**values, "region": node.config.region}), "attr": attributes, "meta": meta}
    variables = {**known.inherited, **known.variables}
    objects: Tree = {"env": dict(variables), "attr": attributes, "meta": meta, "node": about_node}
    return {**variables, **{name: _value(tree) for name, tree in objects.items()}}


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
