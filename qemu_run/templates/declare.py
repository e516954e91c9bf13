"""How functions of templates are declared: Go's parameter types, and the Python function behind them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from qemu_run.records import record
from qemu_run.templates.values import (
    ANY,
    NO_VALUE,
    Map,
    NoValue,
    Slice,
    Value,
    described,
    in_words,
    type_name,
    zero_of,
)
from qemu_run.templates.work import FunctionError

ANY_VALUE = "value"
"""The type of parameters that take even nothing at all: Go's reflect.Value."""
_SHORT = {"any": ANY, "object": f"map[string]{ANY}", "list": f"[]{ANY}", "strings": "[]string"}
_MAY_BE_NIL = ("[]", "map[", "*", "func(", ANY)


@record
class GoFunction:
    """A function a template can call."""

    parameters: tuple[str, ...]
    """Go's types; the last is of all further arguments where there can be any number."""
    is_variadic: bool
    call: Callable[..., Value]
    """Takes the evaluation and the arguments."""

    def parameter(self, index: int) -> str:
        """The type of an argument by its place from 0."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    @property
    def least(self) -> int:
        """The number of arguments there must be."""
        return len(self.parameters) - self.is_variadic


Functions: TypeAlias = Mapping[str, GoFunction]


def parameters(signature: str) -> tuple[tuple[str, ...], bool]:
    """The types of `string, ...any`, and whether the last may repeat."""
    types = [each.strip() for each in signature.split(",") if each.strip()]
    is_variadic = bool(types) and types[-1].startswith("...")
    types = [each.removeprefix("...") for each in types]
    return tuple(_SHORT.get(each, each) for each in types), is_variadic


def pure(signature: str, call: Callable[..., Any]) -> GoFunction:
    """A function of its arguments alone."""
    types, is_variadic = parameters(signature)
    return GoFunction(types, is_variadic, lambda _, *arguments: call(*arguments))


def working(signature: str, call: Callable[..., Any]) -> GoFunction:
    """A function that gets the evaluation first: it counts its work, or looks at the inputs."""
    types, is_variadic = parameters(signature)
    return GoFunction(types, is_variadic, call)


def fitted(value: Value, type_: str) -> Value:
    """A value as an argument of a Go type.

    Raises:
        FunctionError: it has another type.
    """
    if isinstance(value, NoValue):
        if type_ == ANY_VALUE:
            return NO_VALUE
        if type_.startswith(_MAY_BE_NIL):
            return zero_of(type_)
        raise FunctionError(f"there is no value here; a {in_words(type_)} is wanted")
    if type_ in {ANY, ANY_VALUE} or type_name(value) == type_:
        return value
    if value is None:
        raise FunctionError(f"nil is not a {in_words(type_)}")
    raise FunctionError(f"a {in_words(type_)} is wanted, not a {described(value)}")


def nil_slice(elem: str = ANY) -> Slice:
    """Go's slice of nothing."""
    return Slice((), elem, is_nil=True)


def as_map(value: Value) -> Map:
    """A value that its parameter's type makes a map."""
    if not isinstance(value, Map):
        raise FunctionError("a map is wanted")
    return value
