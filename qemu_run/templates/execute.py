"""A parsed template made into text.

Source: Go's package text/template (`exec.go`).
"""

from collections.abc import Iterable

from qemu_run.templates.evaluation import Evaluation
from qemu_run.templates.nodes import Action, Branch, Call, Leave, Node, Pipeline, Plain
from qemu_run.templates.operands import items_of_range
from qemu_run.templates.pipelines import Pipelines
from qemu_run.templates.printing import show_one
from qemu_run.templates.values import NO_VALUE, Channel, NoValue, Value, truth
from qemu_run.templates.work import FunctionError


def execute(evaluation: Evaluation) -> str:
    """The text of the template under the empty name.

    Raises:
        TemplateError: it cannot be made; says where.
    """
    _Run(evaluation, NO_VALUE).nodes(NO_VALUE, evaluation.templates[""])
    return evaluation.text


class _LeaveError(Exception):
    """`break` or `continue` on its way to its range."""

    def __init__(self, keyword: str) -> None:
        super().__init__(keyword)
        self.keyword = keyword


class _Run(Pipelines):
    """One template in execution."""

    def nodes(self, dot: Value, nodes: Iterable[Node]) -> None:
        """Execute some nodes."""
        for node in nodes:
            match node:
                case Plain():
                    with self.at(node):
                        self.evaluation.write(node.text)
                case Action():
                    self._action(dot, node)
                case Branch():
                    with self.at(node), self.work.deeper():
                        self._branch(dot, node)
                case Call():
                    with self.at(node), self.work.deeper():
                        self._call(dot, node)
                case Leave():
                    raise _LeaveError(node.keyword)

    def _action(self, dot: Value, node: Action) -> None:
        value = self.pipeline(dot, node.pipeline)
        if node.pipeline.variables:
            return
        with self.at(node.pipeline):
            if isinstance(value, Channel):
                raise FunctionError("the numbers of a loop can be gone through, not printed")
            text = "<no value>" if isinstance(value, NoValue) else show_one(value, self.work)
            self.evaluation.write(text)

    def _branch(self, dot: Value, node: Branch) -> None:
        mark = len(self.variables)
        value = self.pipeline(dot, node.pipeline)
        if node.keyword == "range":
            self._range(dot, node, value)
        elif truth(value):
            self.nodes(value if node.keyword == "with" else dot, node.body)
        else:
            self.nodes(dot, node.otherwise)
        del self.variables[mark:]

    def _call(self, dot: Value, node: Call) -> None:
        body = self.evaluation.templates.get(node.name)
        if body is None:
            raise FunctionError(f'no template is named "{node.name}"')
        value = self.pipeline(dot, node.pipeline) if node.pipeline else NO_VALUE
        _Run(self.evaluation, value).nodes(value, body)

    def _range(self, dot: Value, node: Branch, value: Value) -> None:
        mark = len(self.variables)
        is_empty = True
        for index, item in items_of_range(value, len(node.pipeline.variables)):
            is_empty = False
            self.work.step()
            self._bind(node.pipeline, index, item)
            try:
                self.nodes(item, node.body)
            except _LeaveError as leave:
                if leave.keyword == "break":
                    break
            finally:
                del self.variables[mark:]
        if is_empty:
            self.nodes(dot, node.otherwise)

    def _bind(self, pipeline: Pipeline, index: Value, item: Value) -> None:
        """The variables of a range for one turn."""
        names = pipeline.variables
        values = [item] if len(names) == 1 else [index, item]
        for name, value in zip(names, values, strict=False):
            self.set(name, value)
