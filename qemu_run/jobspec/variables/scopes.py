"""What the expressions of a job file may use, place by place: names, functions, and a common budget.

Source: Nomad's `jobspec2` package: defaults and variable files see nothing, a variable's rule sees that
variable and no files, all else sees `var`, `local` and every function; other names are left for run time.
"""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from qemu_run.expressions.functions import FUNCTIONS, refusing_files, without_files
from qemu_run.expressions.scope import Budget, Scope
from qemu_run.expressions.values import ObjectValue, Value
from qemu_run.records import record


@record
class Scopes:
    """Makes the scopes of one job file."""

    folder: Path = field(default_factory=Path.cwd)
    budget: Budget = field(default_factory=Budget)
    may_read_files: bool = True
    """Whether functions may look at files of this host."""

    def constant(self) -> Scope:
        """No names and no functions: for defaults and given values."""
        return Scope({}, {}, self.folder, "error", None, self.budget)

    def of_variable(self, name: str, value: Value) -> Scope:
        """One variable: for its rules."""
        names = {"var": ObjectValue({name: value})}
        return Scope(names, without_files(), self.folder, "error", None, self.budget)

    def of_file(self, variables: Mapping[str, Value], local: Mapping[str, Value]) -> Scope:
        """All variables, and the locals that are known: for locals and the job.

        Raises:
            ExpressionError: together they are too large.
        """
        names = {"var": ObjectValue(variables), "local": ObjectValue(local)}
        functions = FUNCTIONS if self.may_read_files else refusing_files()
        return Scope(names, functions, self.folder, "keep text", None, self.budget)
