"""Declarations of input variables: `variable "name" { }`, and the short form `variables { name = default }`.

Source: Nomad's `jobspec2` package (`types.variables.go`), version 2.0.
"""

from collections.abc import Mapping

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.expressions.convert import convert
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.references import first_step, loop_names, traversals
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.type_expressions import read_quoted_type, read_type
from qemu_run.expressions.types import STRING, Type, constraint_text
from qemu_run.expressions.values import (
    NULL,
    UNKNOWN,
    ExpressionError,
    Null,
    Unknown,
    Value,
    describe,
    type_of,
)
from qemu_run.jobspec.variables.constants import Constant, constants, without
from qemu_run.jobspec.wording import first_is
from qemu_run.records import record
from qemu_run.source import Span
from qemu_run.syntax.json_body import with_blocks
from qemu_run.syntax.nodes import Attribute, Block, Body, Expression

SETTINGS = ("type", "default", "description")
OF_OTHERS = {
    "sensitive": "values are shown as they are; keep secrets in files or the environment of the guest",
    "nullable": "every variable may be null",
    "ephemeral": "no variable is kept",
}
"""Settings of Terraform's variables that are not here, and what is to know of them."""


@record
class Validation:
    """A rule for a variable's value."""

    condition: Expression
    message: str
    span: Span
    """Where the rule is."""


@record
class Declaration:
    """A variable of a job file."""

    name: str
    span: Span
    type: Type | None
    """None: whatever it is given, text from outside the job file."""
    default: Value | None
    """None without one; unknown after a mistake in it."""
    default_span: Span | None
    validations: tuple[Validation, ...] = ()


def declare(body: Body, scope: Scope, diagnostics: Diagnostics) -> Mapping[str, Declaration]:
    """All variables that a file declares, by name; mistakes are told and what they leave is kept.

    `scope` is the empty one: a default uses neither names nor functions.
    """
    declared: dict[str, Declaration] = {}
    for block in body.blocks:
        found: list[Declaration] = []
        if block.type == "variable" and block.labels:
            found = [_variable(block, scope, diagnostics)]
        elif block.type == "variables":
            found = [_short(each, scope, diagnostics) for each in constants(block.body, diagnostics)]
            _no_blocks(block, diagnostics)
        for declaration in found:
            if declaration.name in declared:
                diagnostics.error(
                    f'a second variable "{declaration.name}"',
                    declaration.span,
                    first_is(declared[declaration.name].span, declaration.span),
                )
            declared.setdefault(declaration.name, declaration)
    return declared


def _no_blocks(block: Block, diagnostics: Diagnostics) -> None:
    for inner in block.body.blocks:
        diagnostics.error(
            f'variables holds no "{inner.type}" block',
            inner.header,
            "only name = default",
            hints=(f'a block would be variable "{inner.type}" {{ ... }}',),
        )


def _short(constant: Constant, scope: Scope, diagnostics: Diagnostics) -> Declaration:
    value = constant.value(scope, diagnostics)
    kind = None if isinstance(value, Unknown) else type_of(value)
    return Declaration(constant.name, constant.name_span, kind, value, constant.span)


def _variable(block: Block, scope: Scope, diagnostics: Diagnostics) -> Declaration:
    label = block.labels[0]
    if not is_identifier(label.text):
        diagnostics.error(
            f'"{label.text}" cannot be the name of a variable',
            label.span,
            "letters, digits, _ and -, with a letter first",
        )
    given = next((each for each in constants(block.body, Diagnostics()) if each.name == "default"), None)
    body = with_blocks(without(block.body, "default"), {"validation": 0}, diagnostics)
    settings = _settings(body, diagnostics)
    _description(settings.get("description"), scope, diagnostics)
    kind = _type(settings.get("type"), diagnostics, is_json=block.body.json is not None)
    default, kind = _default(given, kind, label.text, scope, diagnostics)
    rules = [_validation(inner, label.text, scope, diagnostics) for inner in body.blocks]
    return Declaration(
        name=label.text,
        span=block.header,
        type=kind,
        default=default,
        default_span=given.span if given else None,
        validations=tuple(rule for rule in rules if rule),
    )


def is_identifier(text: str) -> bool:
    """Whether a text can be written as a name in HCL."""
    return text.replace("-", "_").isidentifier() and not text.startswith("-")


def _settings(body: Body, diagnostics: Diagnostics) -> Mapping[str, Attribute]:
    for attribute in body.attributes:
        if attribute.name not in SETTINGS:
            hint = OF_OTHERS.get(attribute.name) or did_you_mean(attribute.name, [*SETTINGS, "validation"])
            diagnostics.error(
                f'a variable has no setting "{attribute.name}"',
                attribute.name_span,
                f"it has {', '.join(SETTINGS)} and validation blocks",
                hints=(hint,) if hint else (),
            )
    for inner in body.blocks:
        if inner.type != "validation":
            diagnostics.error(f'a variable has no block "{inner.type}"', inner.header, "only validation")
    return {attribute.name: attribute for attribute in body.attributes}


def _description(attribute: Attribute | None, scope: Scope, diagnostics: Diagnostics) -> None:
    if attribute is None:
        return
    _string(attribute, scope, diagnostics)


def _type(attribute: Attribute | None, diagnostics: Diagnostics, *, is_json: bool) -> Type | None:
    if attribute is None:
        return None
    read = read_quoted_type if is_json else read_type
    return read(attribute.expression, diagnostics)


def _default(
    given: Constant | None, kind: Type | None, name: str, scope: Scope, diagnostics: Diagnostics
) -> tuple[Value | None, Type | None]:
    """The default, converted to the type or giving its own."""
    if given is None:
        return None, kind
    value = given.value(scope, diagnostics)
    if kind is not None:
        return converted(value, kind, f'default of the variable "{name}"', given.span, diagnostics), kind
    return value, None if isinstance(value, Unknown) else type_of(value)


def converted(value: Value, wanted: Type | None, what: str, span: Span, diagnostics: Diagnostics) -> Value:
    """The value as the type that is wanted; unknown when it cannot be that, which is told."""
    if wanted is None or isinstance(value, Unknown):
        return value
    try:
        return convert(value, wanted)
    except ExpressionError as error:
        diagnostics.error(
            f"this {what} does not fit its type",
            span,
            str(error),
            hints=(f"its type is {constraint_text(wanted)}",),
        )
        return UNKNOWN


def _validation(block: Block, name: str, scope: Scope, diagnostics: Diagnostics) -> Validation | None:
    if block.type != "validation":
        return None
    body = with_blocks(block.body, {}, diagnostics)
    settings = {attribute.name: attribute for attribute in body.attributes}
    for attribute in settings.values():
        if attribute.name not in {"condition", "error_message"}:
            diagnostics.error(
                f'validation has no attribute "{attribute.name}"',
                attribute.name_span,
                "it has condition and error_message",
            )
    for missing in ("condition", "error_message"):
        if missing not in settings:
            diagnostics.error(f"validation without {missing}", block.header, f"{missing} is required")
    if "condition" not in settings or "error_message" not in settings:
        return None
    condition = settings["condition"].expression
    message = _message(settings["error_message"], scope, diagnostics)
    if not _refers_to_itself(condition, name, diagnostics):
        return None
    return Validation(condition, message, block.header)


def _message(attribute: Attribute, scope: Scope, diagnostics: Diagnostics) -> str:
    message = _string(attribute, scope, diagnostics)
    if message is not None and not message.strip():
        span = attribute.expression.span
        diagnostics.error("error_message is empty", span, "say what the value must be")
    return message or ""


def _string(attribute: Attribute, scope: Scope, diagnostics: Diagnostics) -> str | None:
    """What a setting is as a string; None when it cannot be one, which is told, or is unknown."""
    value = evaluate(attribute.expression, scope, diagnostics)
    try:
        found = convert(value, STRING)
    except ExpressionError:
        found = NULL
    if isinstance(found, Null):
        span = attribute.expression.span
        diagnostics.error(f'"{attribute.name}" must be a string', span, f"this is {describe(value)}")
    return found if isinstance(found, str) else None


def _refers_to_itself(condition: Expression, name: str, diagnostics: Diagnostics) -> bool:
    """A condition may use `var.name` of its own variable and nothing else, and must use it."""
    itself, others = 0, 0
    bound = loop_names(condition)
    for traversal in traversals(condition):
        if traversal.root == "var" and first_step(traversal) == name:
            itself += 1
        elif traversal.root not in bound:
            others += 1
            diagnostics.error(
                f'the condition of "{name}" can refer only to var.{name}', traversal.span, "another name"
            )
    if not itself and not others:
        diagnostics.error(
            f'the condition of "{name}" does not look at it', condition.span, f"use var.{name} in it"
        )
    return bool(itself) and not others
