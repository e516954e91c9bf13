"""`for` in its three forms: in brackets, in braces, and as a template directive."""

from qemu_run.errors import Diagnostics
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import (
    UNKNOWN,
    Null,
    ObjectValue,
    TupleValue,
    Unknown,
    Value,
    describe,
    elements,
)
from qemu_run.syntax.nodes import Expression, For, ForDirective


def _walked(
    collection: Expression, scope: Scope, diagnostics: Diagnostics
) -> "list[tuple[Value, Value]] | None":
    """Keys and values of a collection; None when it is none, or unknown."""
    from qemu_run.expressions.evaluate import evaluate

    value = evaluate(collection, scope, diagnostics)
    if isinstance(value, Unknown):
        return None
    pairs = elements(value)
    if pairs is None:
        what = "null" if isinstance(value, Null) else describe(value)
        diagnostics.error(
            f'"for" cannot walk through {what}', collection.span, "a list, set, map or object is wanted here"
        )
        return None
    scope.budget.spend(len(pairs))
    return pairs


def _inner(scope: Scope, key_name: str | None, value_name: str, key: Value, value: Value) -> Scope:
    names = {value_name: value}
    if key_name is not None:
        names = {key_name: key, **names}
    return scope.child(names)


def evaluate_for(expression: For, scope: Scope, diagnostics: Diagnostics) -> Value:
    """A tuple or an object made of the elements of a collection."""
    pairs = _walked(expression.collection, scope, diagnostics)
    if pairs is None:
        return UNKNOWN
    loop = _Loop(expression, scope, diagnostics)
    if not loop.condition_is_sound():
        return UNKNOWN
    for key, value in pairs:
        loop.step(key, value)
    return loop.result()


class _Loop:
    """One `for` while it runs."""

    def __init__(self, expression: For, scope: Scope, diagnostics: Diagnostics) -> None:
        self._expression = expression
        self._scope = scope
        self._diagnostics = diagnostics
        self._known = True
        self._items: list[Value] = []
        self._named: dict[str, list[Value]] = {}

    def condition_is_sound(self) -> bool:
        """Whether the `if` can be true or false at all; asked even where there is nothing to walk through."""
        if self._expression.condition is None:
            return True
        before = len(self._diagnostics.errors)
        self._included(
            _inner(self._scope, self._expression.key_name, self._expression.value_name, UNKNOWN, UNKNOWN)
        )
        return len(self._diagnostics.errors) == before

    def _included(self, scope: Scope) -> bool | None:
        from qemu_run.expressions.evaluate import truth

        if self._expression.condition is None:
            return True
        return truth(self._expression.condition, scope, self._diagnostics, 'the "if" of a "for"')

    def step(self, key: Value, value: Value) -> None:
        """One element."""
        from qemu_run.expressions.evaluate import evaluate, object_key

        if not self._known:
            return
        expression = self._expression
        scope = _inner(self._scope, expression.key_name, expression.value_name, key, value)
        self._scope.budget.spend(1)
        included = self._included(scope)
        if included is None:
            self._known = False
        if not included:
            return
        if expression.key is None:
            self._items.append(evaluate(expression.value, scope, self._diagnostics))
            return
        found = evaluate(expression.key, scope, self._diagnostics)
        name = object_key(found, expression.key.span, self._diagnostics)
        if name is None:
            self._known = False
            return
        self._add(name, evaluate(expression.value, scope, self._diagnostics))

    def _add(self, name: str, value: Value) -> None:
        values = self._named.setdefault(name, [])
        values.append(value)
        key = self._expression.key
        if len(values) == 2 and not self._expression.group and key is not None:
            self._diagnostics.error(
                f'"for" makes the key "{name}" twice',
                key.span,
                "each key must be made once",
                hints=("... behind the value collects the values of a key in a list",),
            )
            self._known = False

    def result(self) -> Value:
        """What all steps made."""
        if not self._known:
            return UNKNOWN
        if self._expression.key is None:
            return TupleValue(tuple(self._items))
        if self._expression.group:
            return ObjectValue({name: TupleValue(tuple(values)) for name, values in self._named.items()})
        return ObjectValue({name: values[0] for name, values in self._named.items()})


def evaluate_for_directive(directive: ForDirective, scope: Scope, diagnostics: Diagnostics) -> Value:
    """The body of `%{ for }` once for each element."""
    from qemu_run.expressions.evaluate import template_text

    pairs = _walked(directive.collection, scope, diagnostics)
    if pairs is None:
        return UNKNOWN
    texts: list[str] = []
    for key, value in pairs:
        inner = _inner(scope, directive.key, directive.value, key, value)
        made = template_text(directive.body, inner, diagnostics)
        if not isinstance(made, str):
            return UNKNOWN
        texts.append(made)
    return "".join(texts)
