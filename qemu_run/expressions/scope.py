"""What an expression may refer to, and how much it may make."""

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Literal

from qemu_run.expressions.types import STRING, Type
from qemu_run.expressions.values import ExpressionError, Value
from qemu_run.records import mutable, record

MOST_STEPS = 500_000
"""What the expressions of one file may take: a step for each node, each element made or looked at, and every
64 characters. On the slowest machines of today it is a matter of a second or two."""

MOST_STATEMENTS = 25_000
"""How many blocks and attributes the dynamic blocks of one file may make."""


@mutable
class Budget:
    """What is left to spend on one file: counts, so that the same file is refused everywhere or nowhere."""

    left: int = MOST_STEPS
    statements: int = MOST_STATEMENTS
    exceeded: bool = False
    """Whether it was said already that something is used up."""

    def spend(self, steps: int) -> None:
        """Take from the steps that are left.

        Raises:
            ExpressionError: when there are fewer.
        """
        self.left -= steps
        if self.left < 0:
            raise ExpressionError(f"the expressions of this file take more than {MOST_STEPS:,} steps")

    def make(self, statements: int) -> None:
        """Take from the statements that dynamic blocks may still make.

        Raises:
            ExpressionError: when there are fewer.
        """
        self.statements -= statements
        if self.statements < 0:
            msg = f"the dynamic blocks of this file make more than {MOST_STATEMENTS:,} blocks and attributes"
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
    takes: Literal["values", "scope and values", "expressions"] = "values"
    """Also before the arguments: the scope; or the arguments unevaluated, and how to evaluate."""


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
