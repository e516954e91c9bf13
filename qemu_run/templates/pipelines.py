"""Pipelines evaluated: variables, functions, fields.

Source: Go's package text/template (`exec.go`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from qemu_run.templates.declare import ANY_VALUE, GoFunction, fitted
from qemu_run.templates.evaluation import Evaluation
from qemu_run.templates.nodes import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Function,
    Nil,
    Number,
    Operand,
    Pipeline,
    Placed,
    Text,
    Variable,
)
from qemu_run.templates.operands import check_count, number_as, plain_number
from qemu_run.templates.values import (
    ANY,
    NO_VALUE,
    Map,
    NoValue,
    Object,
    Slice,
    Value,
    described,
    truth,
    zero_of,
)
from qemu_run.templates.work import FunctionError, LimitError, TemplateError


class _Missing:
    """That nothing is piped into a command."""


_MISSING = _Missing()
Piped: TypeAlias = "Value | _Missing"


class Pipelines:
    """Evaluates the pipelines of one template in execution, and knows its variables."""

    def __init__(self, evaluation: Evaluation, dot: Value) -> None:
        self.evaluation = evaluation
        self.work = evaluation.work
        self.variables: list[tuple[str, Value]] = [("$", dot)]

    @contextmanager
    def at(self, node: Placed) -> Iterator[None]:
        """Say of what goes wrong that it went wrong here."""
        try:
            yield
        except (FunctionError, LimitError) as error:
            raise TemplateError(str(error), node.start, length=node.end - node.start) from None

    # Variables

    def set(self, name: str, value: Value) -> None:
        """Give a variable that is there another value."""
        place = self.place(name)
        self.variables[place] = (name, value)

    def place(self, name: str) -> int:
        """Where a variable stands; the innermost of its name."""
        for place in range(len(self.variables) - 1, -1, -1):
            if self.variables[place][0] == name:
                return place
        raise FunctionError(f'the variable "{name}" has no value here')

    # Pipelines

    def pipeline(self, dot: Value, pipeline: Pipeline) -> Value:
        """The value of a pipeline; its variables are set to it."""
        value: Piped = _MISSING
        for command in pipeline.commands:
            self._work_at(command)
            value = self._command(dot, command, value)
            if value is None:
                value = NO_VALUE
        result = NO_VALUE if isinstance(value, _Missing) else value
        with self.at(pipeline):
            for name in pipeline.variables:
                if pipeline.assigns:
                    self.set(name, result)
                else:
                    self.variables.append((name, result))
        return result

    def _work_at(self, node: Placed) -> None:
        with self.at(node):
            self.work.step()

    def _command(self, dot: Value, command: Command, piped: Piped) -> Value:
        first, arguments = command.operands[0], command.operands[1:]
        match first:
            case Function():
                return self._function(dot, first, command, arguments, piped)
            case Field():
                return self._fields(dot, dot, first, first.names, (arguments, piped))
            case Chain():
                return self._fields(
                    dot, self._operand(dot, first.operand), first, first.names, (arguments, piped)
                )
            case Variable() if first.fields:
                with self.at(first):
                    value = self.variables[self.place(first.name)][1]
                return self._fields(dot, value, first, first.fields, (arguments, piped))
        if arguments or not isinstance(piped, _Missing):
            raise TemplateError(
                "this is not a function and takes no argument", first.start, length=first.end - first.start
            )
        if isinstance(first, Nil):
            raise TemplateError("nil alone is not a value to print", first.start, length=3)
        return self._operand(dot, first)

    def _operand(self, dot: Value, operand: Operand) -> Value:
        """The value of an operand that stands without arguments."""
        alone: tuple[tuple[Operand, ...], Piped] = ((), _MISSING)
        value: Value = NO_VALUE
        match operand:
            case Dot():
                value = dot
            case Bool() | Text():
                value = operand.value
            case Number():
                with self.at(operand):
                    value = plain_number(operand)
            case Function():
                value = self._function(dot, operand, operand, *alone)
            case Field():
                value = self._fields(dot, dot, operand, operand.names, alone)
            case Chain():
                inner = self._operand(dot, operand.operand)
                value = self._fields(dot, inner, operand, operand.names, alone)
            case Variable():
                with self.at(operand):
                    value = self.variables[self.place(operand.name)][1]
                value = self._fields(dot, value, operand, operand.fields, alone)
            case Pipeline():
                with self.at(operand), self.work.deeper():
                    value = self.pipeline(dot, operand)
            case Nil():
                pass
        return value

    def _argument(self, dot: Value, operand: Operand, type_: str) -> Value:
        """The value of an operand as an argument of a type; a number literal takes that type."""
        with self.at(operand):
            if isinstance(operand, Number):
                return number_as(operand, type_)
            if isinstance(operand, (Bool, Text)):
                return fitted(operand.value, type_)
        value = self._operand(dot, operand)
        with self.at(operand):
            return fitted(value, type_)

    # Functions and fields

    def _function(
        self, dot: Value, name: Function, whole: Placed, arguments: Sequence[Operand], piped: Piped
    ) -> Value:
        function = self.evaluation.functions.get(name.name)
        if function is None:
            raise TemplateError(f'"{name.name}" is not a function', name.start, length=name.end - name.start)
        if name.name in {"and", "or"}:
            return self._first(dot, name, arguments, piped)
        return self._apply(dot, function, whole, name.name, (arguments, piped))

    def _first(self, dot: Value, name: Function, arguments: Sequence[Operand], piped: Piped) -> Value:
        """`and` and `or`: further arguments are not evaluated once the answer is known."""
        if not arguments and isinstance(piped, _Missing):
            raise TemplateError(f'"{name.name}" wants an argument', name.start, length=name.end - name.start)
        value: Value = NO_VALUE
        for argument in arguments:
            value = self._argument(dot, argument, ANY_VALUE)
            if truth(value) == (name.name == "or"):
                return value
        return value if isinstance(piped, _Missing) else piped

    def _apply(
        self,
        dot: Value,
        function: GoFunction,
        whole: Placed,
        name: str,
        given: tuple[Sequence[Operand], Piped],
    ) -> Value:
        operands, piped = given
        count = len(operands) + (not isinstance(piped, _Missing))
        with self.at(whole):
            check_count(function, name, count)
        values = [
            self._argument(dot, operand, function.parameter(index)) for index, operand in enumerate(operands)
        ]
        with self.at(whole):
            if not isinstance(piped, _Missing):
                values.append(fitted(piped, function.parameter(len(operands))))
            for value in values:
                self.work.step(1 + len(value) // 64 if isinstance(value, (str, Slice, Map)) else 1)
            try:
                result = function.call(self.evaluation, *values)
            except FunctionError as error:
                raise FunctionError(f"{name}: {error}") from None
            if isinstance(result, str):
                self.work.text(len(result))
            elif isinstance(result, (Slice, Map)):
                self.work.step(len(result) // 16)
            return result

    def _fields(
        self,
        dot: Value,
        value: Value,
        node: Placed,
        names: Sequence[str],
        given: tuple[Sequence[Operand], Piped],
    ) -> Value:
        """`.a.b` of a value; the last of them may be a method with arguments."""
        for index, name in enumerate(names):
            is_last = index == len(names) - 1
            value = self._field(dot, value, node, name, given if is_last else ((), _MISSING))
        return value

    def _field(
        self,
        dot: Value,
        value: Value,
        node: Placed,
        name: str,
        given: tuple[Sequence[Operand], Piped],
    ) -> Value:
        if isinstance(value, Object):
            method = value.methods().get(name)
            if method is not None:
                return self._apply(dot, method, node, name, given)
        has_arguments = bool(given[0]) or not isinstance(given[1], _Missing)
        strict = self.evaluation.inputs.missing_key_is_error
        with self.at(node):
            match value:
                case NoValue():
                    if strict:
                        raise FunctionError(f'there is no value to take "{name}" from')
                    return NO_VALUE
                case None:
                    raise FunctionError(f'nil has no "{name}"')
                case Map() if value.key in {"string", ANY}:
                    if has_arguments:
                        raise FunctionError(f'"{name}" is not a function and takes no argument')
                    if name in value:
                        return value[name]
                    if strict:
                        raise FunctionError(f'the map has no "{name}"')
                    return zero_of(value.elem)
            raise FunctionError(f'a {described(value)} has no "{name}"')
