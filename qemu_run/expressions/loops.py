"""`for` in brackets, which makes a list, and in braces, which makes an object."""

from qemu_run.expressions.coercion import object_key, truth
from qemu_run.expressions.context import Context
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
from qemu_run.syntax.nodes import Expression, For


def walked(collection: Expression, context: Context) -> list[tuple[Value, Value]] | None:
    """Keys and values of a collection; None when it is not one, or unknown."""
    value = context.value(collection)
    if isinstance(value, Unknown):
        return None
    pairs = elements(value)
    if pairs is None:
        what = "null" if isinstance(value, Null) else describe(value)
        context.error(
            f'"for" cannot walk through {what}', collection.span, "a list, set, map or object is wanted here"
        )
        return None
    context.spend(len(pairs))
    return pairs


def inside(context: Context, key_name: str | None, value_name: str, key: Value, value: Value) -> Context:
    """The context of one round of a loop."""
    names = {value_name: value}
    if key_name is not None:
        names = {key_name: key, **names}
    return context.inside(names)


def evaluate_for(expression: For, context: Context) -> Value:
    """A tuple or an object made of the elements of a collection."""
    pairs = walked(expression.collection, context)
    if pairs is None:
        return UNKNOWN
    loop = _Loop(expression, context)
    if not loop.condition_is_sound():
        return UNKNOWN
    for key, value in pairs:
        loop.step(key, value)
    return loop.result()


class _Loop:
    """One `for` while it runs."""

    def __init__(self, expression: For, context: Context) -> None:
        self._expression = expression
        self._context = context
        self._known = True
        self._items: list[Value] = []
        self._named: dict[str, list[Value]] = {}

    def condition_is_sound(self) -> bool:
        """Whether the `if` can be true or false at all; asked even where there is nothing to walk through."""
        if self._expression.condition is None:
            return True
        before = len(self._context.diagnostics.errors)
        self._included(self._inside(UNKNOWN, UNKNOWN))
        return len(self._context.diagnostics.errors) == before

    def _inside(self, key: Value, value: Value) -> Context:
        return inside(self._context, self._expression.key_name, self._expression.value_name, key, value)

    def _included(self, context: Context) -> bool | None:
        if self._expression.condition is None:
            return True
        return truth(self._expression.condition, context, 'the "if" of a "for"')

    def step(self, key: Value, value: Value) -> None:
        """One element."""
        if not self._known:
            return
        expression = self._expression
        context = self._inside(key, value)
        self._context.spend(1)
        included = self._included(context)
        if included is None:
            self._known = False
        if not included:
            return
        if expression.key is None:
            self._items.append(context.value(expression.value))
            return
        found = context.value(expression.key)
        name = object_key(found, expression.key.span, context)
        if name is None:
            self._known = False
            return
        self._add(name, context.value(expression.value))

    def _add(self, name: str, value: Value) -> None:
        values = self._named.setdefault(name, [])
        values.append(value)
        key = self._expression.key
        if len(values) == 2 and not self._expression.group and key is not None:
            self._context.error(
                f'"for" makes the key "{name}" twice',
                key.span,
                "each key must be made once",
                hints=("... after the value collects the values of a key in a list",),
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
