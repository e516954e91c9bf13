"""What an expression may refer to, and how much it may make."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from qemu_run.expressions.types import STRING, Type
from qemu_run.expressions.values import ExpressionError, Value
from qemu_run.records import record


@dataclass(slots=True)
class Budget:
    """What is left to spend on one file's expressions: a unit for each element or 64 characters."""

    left: int = 300_000
    exceeded: bool = False
    """Whether that was said already."""

    def spend(self, units: int) -> None:
        """Take from what is left.

        Raises:
            ExpressionError: when there is less.
        """
        self.left -= units
        if self.left < 0:
            msg = "the expressions of this file make too much"
            raise ExpressionError(msg)


@record
class Parameter:
    """One argument a function takes."""

    name: str
    type: Type = STRING
    nullable: bool = False


@record
class Function:
    """A function of the job language."""

    call: "Callable[..., Value]"
    """Takes the arguments, converted; raises `ExpressionError`."""
    parameters: tuple[Parameter, ...] = ()
    rest: Parameter | None = None
    """For all further arguments, if it takes them."""
    takes: Literal["values", "folder and values", "expressions"] = "values"
    """Also before the arguments: the working directory; or the arguments unevaluated, and how to evaluate."""


@record
class Scope:
    """Names, functions, and the folder that relative paths are meant from."""

    variables: Mapping[str, Value]
    functions: Mapping[str, Function]
    folder: Path = field(default_factory=Path.cwd)
    unresolved: Literal["keep text", "error"] = "keep text"
    """What a name that is not in scope is: its own source text, for the client to resolve; or a mistake."""
    parent: "Scope | None" = None
    budget: Budget = field(default_factory=Budget)

    def child(self, variables: Mapping[str, Value]) -> "Scope":
        """The scope inside a `for` or dynamic block: its names hide those outside."""
        return Scope(variables, self.functions, self.folder, self.unresolved, self, self.budget)

    def lookup(self, name: str) -> Value | None:
        """The value of a name, the innermost one, or None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.parent
        return None

    def names(self) -> list[str]:
        """All names in scope."""
        outer = self.parent.names() if self.parent else []
        return [*self.variables, *outer]
