"""What an expression is evaluated in: its scope, where mistakes go, and how the parts of it are evaluated."""

from collections.abc import Callable, Mapping

from qemu_run.errors import Diagnostics
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import UNKNOWN, ExpressionError, Value
from qemu_run.records import record
from qemu_run.source import Span
from qemu_run.syntax.nodes import Expression, ScopeTraversal


@record
class Context:
    """Handed down from an expression to its parts."""

    scope: Scope
    diagnostics: Diagnostics
    compute: "Callable[[Expression, Context], Value]"
    """The value of a node; raises `ExpressionError` when it has none."""

    def value(self, expression: Expression) -> Value:
        """The value of an expression; `UNKNOWN`, and a diagnostic, when it has none."""
        try:
            budget = self.scope.budget
            budget.left -= 1
            if budget.left < 0:
                budget.spend(0)
            return self.compute(expression, self)
        except ExpressionError as error:
            self.report(error, expression.span)
            return UNKNOWN

    def report(self, error: ExpressionError, span: Span) -> None:
        """Make a failure a diagnostic; that the budget is spent is said once."""
        budget = self.scope.budget
        if budget.left < 0 or budget.statements < 0:
            if budget.exceeded:
                return
            budget.exceeded = True
        self.diagnostics.error(str(error), span)

    def error(self, summary: str, span: Span, label: str = "", *, hints: tuple[str, ...] = ()) -> None:
        """Add a diagnostic."""
        self.diagnostics.error(summary, span, label, hints=hints)

    def spend(self, units: int) -> None:
        """Take from what the file may make; raises `ExpressionError` when that is used up."""
        self.scope.budget.spend(units)

    def inside(self, variables: Mapping[str, Value]) -> "Context":
        """The same inside a `for`, whose names hide those outside."""
        return Context(self.scope.child(variables), self.diagnostics, self.compute)

    def aside(self) -> "Context":
        """The same with its mistakes put elsewhere: for what may fail, and for what may not be wanted."""
        return Context(self.scope, Diagnostics(), self.compute)

    def is_left_alone(self, reference: ScopeTraversal) -> bool:
        """Whether a name is not in scope and stays as it is written, for the client to resolve."""
        return self.scope.unresolved == "keep text" and self.scope.lookup(reference.root) is None
