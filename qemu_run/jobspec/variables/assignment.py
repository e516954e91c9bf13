"""Input variables: declared, assigned, checked.

A value comes, each over the one before, from the declaration's default, the environment (`NOMAD_VAR_name`),
variable files in their order, the command line.

Source: Nomad's `jobspec2` package (`types.variables.go`), version 2.0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field

from qemu_run.errors import Diagnostic, Diagnostics, did_you_mean
from qemu_run.expressions.convert import convert
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.types import BOOL, NUMBER, STRING, Type, constraint_text
from qemu_run.expressions.values import UNKNOWN, ExpressionError, Unknown, Value
from qemu_run.jobspec.variables.constants import Constant, constants
from qemu_run.jobspec.variables.declarations import Declaration, Validation, converted
from qemu_run.jobspec.variables.scopes import Scopes
from qemu_run.records import mutable, record
from qemu_run.source import Source, Span
from qemu_run.syntax.native import parse_expression
from qemu_run.syntax.nodes import Body
from qemu_run.syntax.parse import parse

PREFIX = "NOMAD_VAR_"

EXAMPLES: Mapping[str, str] = {
    "bool": "true",
    "list": '["a", "b"]',
    "set": '["a", "b"]',
    "tuple": '["a", 1]',
    "map": '{ name = "value" }',
    "object": '{ name = "value" }',
}
"""By the word that a type begins with: a value of it."""


@record
class Assigned:
    """A variable's value, and where it came from."""

    value: Value
    span: Span | None


@mutable
class Variables:
    """The declared variables of a job file and what they are assigned."""

    declarations: Mapping[str, Declaration]
    scopes: Scopes
    diagnostics: Diagnostics
    strict: bool = True
    """Whether a value for an undeclared name is a mistake."""
    _assigned: dict[str, Assigned] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, declaration in self.declarations.items():
            if declaration.default is not None:
                self._assigned[name] = Assigned(declaration.default, declaration.default_span)

    def from_environment(self, environment: Mapping[str, str]) -> None:
        """Take the values of `NOMAD_VAR_name`; names that are not declared are ignored."""
        for key in sorted(environment):
            name = key.removeprefix(PREFIX)
            if key.startswith(PREFIX) and name in self.declarations:
                self._from_text(name, environment[key], f"<value for var.{name} from {key}>")

    def from_files(self, files: Iterable[Source]) -> None:
        """Take the values of variable files, later ones over earlier ones."""
        for source in files:
            body = parse(source, self.diagnostics)
            if body is not None and not self._blocks(body):
                for constant in constants(body, self.diagnostics):
                    self._from_file(constant)

    def from_command_line(self, assignments: Iterable[str]) -> None:
        """Take `name=value` texts, later ones over earlier ones; a text without `=` is ignored."""
        last = dict(text.split("=", 1) for text in assignments if "=" in text)
        for name, text in last.items():
            if name in self.declarations:
                self._from_text(name, text, f"<value for var.{name}>")
            elif self.strict:
                source = Source("<command line>", f"{name}={text}")
                self._undeclared(name, source.span(0, len(name)))

    def values(self) -> dict[str, Value]:
        """Every declared variable's value: checked by its rules, unknown where a mistake was told."""
        return {name: self._value(declaration) for name, declaration in self.declarations.items()}

    def _blocks(self, body: Body) -> bool:
        for block in body.blocks:
            if block.type == "variable" and block.labels:
                self.diagnostics.error(
                    "a variable file only assigns variables",
                    block.header,
                    "declarations belong in the job file",
                    hints=(f"write {block.labels[0].text} = ...",),
                )
            else:
                self.diagnostics.error(
                    f'a variable file has no block "{block.type}"', block.header, "only name = value"
                )
        return bool(body.blocks)

    def _from_file(self, constant: Constant) -> None:
        name = constant.name
        if name not in self.declarations:
            if self.strict:
                self._undeclared(name, constant.name_span)
            return
        value = constant.value(self.scopes.constant(), self.diagnostics)
        self._assign(name, value, constant.span)

    def _from_text(self, name: str, text: str, place: str) -> None:
        """Text is the value of a string, a number or a variable without type; else it is an expression."""
        source = Source(place, text)
        wanted = self.declarations[name].type
        if wanted in {None, STRING, NUMBER}:
            self._assign(name, text, source.whole)
            return
        found = Diagnostics()
        expression = parse_expression(source, found)
        value = UNKNOWN if expression is None else evaluate(expression, self.scopes.constant(), found)
        if found.errors:
            self._no_expression(name, wanted, found.in_order()[0])
            value = UNKNOWN
        self._assign(name, value, source.whole)

    def _no_expression(self, name: str, wanted: Type, first: Diagnostic) -> None:
        kind = constraint_text(wanted)
        example = next((text for start, text in EXAMPLES.items() if kind.startswith(start)), "true")
        self.diagnostics.error(
            f'this value for the variable "{name}" is not of the type {kind}',
            first.span,
            first.summary,
            hints=(f"such a value is written as an expression: {example}", *first.hints),
        )

    def _assign(self, name: str, value: Value, span: Span) -> None:
        declaration = self.declarations[name]
        self._assigned[name] = Assigned(
            converted(value, declaration.type, f'value for the variable "{name}"', span, self.diagnostics),
            span,
        )

    def _undeclared(self, name: str, span: Span) -> None:
        known = sorted(self.declarations)
        close = did_you_mean(name, known)
        listed = f"declared: {', '.join(known)}" if known else "the job file declares none"
        self.diagnostics.error(
            f'no variable is called "{name}"',
            span,
            "not declared in the job file",
            hints=(close or listed, f'to declare it, add variable "{name}" {{}} to the job file'),
        )

    def _value(self, declaration: Declaration) -> Value:
        assigned = self._assigned.get(declaration.name)
        if assigned is None:
            self.diagnostics.error(
                f'the variable "{declaration.name}" has no value',
                declaration.span,
                "no default, and no value given",
                hints=(f"give one: --var {declaration.name}=...",),
            )
            return UNKNOWN
        if isinstance(assigned.value, Unknown):
            return assigned.value
        kept = [self._check(rule, declaration, assigned) for rule in declaration.validations]
        return assigned.value if all(kept) else UNKNOWN

    def _check(self, rule: Validation, declaration: Declaration, assigned: Assigned) -> bool:
        """Whether a value keeps a rule; that it does not is told."""
        scope = self.scopes.of_variable(declaration.name, assigned.value)
        result = evaluate(rule.condition, scope, self.diagnostics)
        if isinstance(result, Unknown):
            return False
        place = rule.condition.span
        try:
            kept = convert(result, BOOL)
        except ExpressionError as error:
            self.diagnostics.error("a condition must be true or false", place, str(error))
            return False
        if not isinstance(kept, bool):
            self.diagnostics.error("a condition must be true or false", place, "this is null")
        elif not kept:
            self.diagnostics.error(
                f'this value of the variable "{declaration.name}" breaks its rule',
                assigned.span or declaration.span,
                rule.message,
                detail=f"The rule is at {rule.span}.",
            )
        return kept is True
