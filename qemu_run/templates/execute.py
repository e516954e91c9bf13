"""A parsed template made into text.

Source: Go's package text/template (`exec.go`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from qemu_run.templates.functions.declare import ANY_VALUE, Functions, GoFunction, fitted
from qemu_run.templates.inputs import TemplateInputs
from qemu_run.templates.nodes import (
    Action,
    Bool,
    Branch,
    Call,
    Chain,
    Command,
    Dot,
    Field,
    Function,
    Leave,
    Nil,
    Node,
    Number,
    Operand,
    Pipeline,
    Placed,
    Plain,
    Text,
    Variable,
)
from qemu_run.templates.printing import show_one
from qemu_run.templates.scratch import Scratch
from qemu_run.templates.values import (
    ANY,
    NO_VALUE,
    Byte,
    Channel,
    Int64,
    Map,
    NoValue,
    Object,
    Slice,
    Uint32,
    Value,
    in_order,
    joined,
    truth,
    type_name,
    zero_of,
)
from qemu_run.templates.work import FunctionError, LimitError, TemplateError, Work

_INTEGERS = {"int": int, "int64": Int64}
_UNSIGNED = {"uint32": Uint32, "uint8": Byte}


class _Missing:
    """That nothing is piped into a command."""


_MISSING = _Missing()
Piped: TypeAlias = "Value | _Missing"


class _LeaveError(Exception):
    """`break` or `continue` on its way to its range."""

    def __init__(self, keyword: str) -> None:
        super().__init__(keyword)
        self.keyword = keyword


class Evaluation:
    """One rendering: what functions may use of it."""

    def __init__(
        self,
        templates: Mapping[str, tuple[Node, ...]],
        functions: Functions,
        inputs: TemplateInputs,
        work: Work,
    ) -> None:
        self.templates = templates
        self.functions = functions
        self.inputs = inputs
        self.work = work
        self.scratch = Scratch()
        self._parts: list[str] = []
        self._length = 0

    def render(self) -> str:
        """The text of the template under the empty name.

        Raises:
            TemplateError: it cannot be made; where.
        """
        _Run(self, NO_VALUE).nodes(NO_VALUE, self.templates[""])
        return joined(self._parts)

    def write(self, text: str) -> None:
        """Add to the text."""
        self._length += len(text)
        self.work.text(self._length if self._length > self.work.limits.text_bytes else len(text))
        self._parts.append(text)


class _Run:
    """One template in execution, with its variables."""

    def __init__(self, evaluation: Evaluation, dot: Value) -> None:
        self._evaluation = evaluation
        self._work = evaluation.work
        self._variables: list[tuple[str, Value]] = [("$", dot)]

    @contextmanager
    def _at(self, node: Placed) -> Iterator[None]:
        """Say of what goes wrong that it went wrong here."""
        try:
            yield
        except (FunctionError, LimitError) as error:
            raise TemplateError(str(error), node.start, length=node.end - node.start) from None

    # Blocks

    def nodes(self, dot: Value, nodes: Iterable[Node]) -> None:
        """Execute some nodes."""
        for node in nodes:
            match node:
                case Plain():
                    with self._at(node):
                        self._evaluation.write(node.text)
                case Action():
                    self._action(dot, node)
                case Branch():
                    with self._at(node), self._work.deeper():
                        self._branch(dot, node)
                case Call():
                    with self._at(node), self._work.deeper():
                        self._call(dot, node)
                case Leave():
                    raise _LeaveError(node.keyword)

    def _action(self, dot: Value, node: Action) -> None:
        value = self._pipeline(dot, node.pipeline)
        if node.pipeline.variables:
            return
        with self._at(node.pipeline):
            if isinstance(value, Channel):
                raise FunctionError("the numbers of a loop can be gone through, not printed")
            text = "<no value>" if isinstance(value, NoValue) else show_one(value, self._work)
            self._evaluation.write(text)

    def _branch(self, dot: Value, node: Branch) -> None:
        mark = len(self._variables)
        value = self._pipeline(dot, node.pipeline)
        if node.keyword == "range":
            self._range(dot, node, value)
        elif truth(value):
            self.nodes(value if node.keyword == "with" else dot, node.body)
        else:
            self.nodes(dot, node.otherwise)
        del self._variables[mark:]

    def _call(self, dot: Value, node: Call) -> None:
        body = self._evaluation.templates.get(node.name)
        if body is None:
            raise FunctionError(f'no template is named "{node.name}"')
        value = self._pipeline(dot, node.pipeline) if node.pipeline else NO_VALUE
        _Run(self._evaluation, value).nodes(value, body)

    def _range(self, dot: Value, node: Branch, value: Value) -> None:
        mark = len(self._variables)
        is_empty = True
        for index, item in _items(value, len(node.pipeline.variables)):
            is_empty = False
            self._work.step()
            self._bind(node.pipeline, index, item)
            try:
                self.nodes(item, node.body)
            except _LeaveError as leave:
                if leave.keyword == "break":
                    break
            finally:
                del self._variables[mark:]
        if is_empty:
            self.nodes(dot, node.otherwise)

    def _bind(self, pipeline: Pipeline, index: Value, item: Value) -> None:
        """The variables of a range for one turn."""
        names = pipeline.variables
        values = [item] if len(names) == 1 else [index, item]
        for name, value in zip(names, values, strict=False):
            self._set(name, value)

    # Variables

    def _set(self, name: str, value: Value) -> None:
        place = self._place(name)
        self._variables[place] = (name, value)

    def _place(self, name: str) -> int:
        for place in range(len(self._variables) - 1, -1, -1):
            if self._variables[place][0] == name:
                return place
        raise FunctionError(f'the variable "{name}" has no value here')

    # Pipelines

    def _pipeline(self, dot: Value, pipeline: Pipeline) -> Value:
        value: Piped = _MISSING
        for command in pipeline.commands:
            self._work_at(command)
            value = self._command(dot, command, value)
            if value is None:
                value = NO_VALUE
        result = NO_VALUE if isinstance(value, _Missing) else value
        with self._at(pipeline):
            for name in pipeline.variables:
                if pipeline.assigns:
                    self._set(name, result)
                else:
                    self._variables.append((name, result))
        return result

    def _work_at(self, node: Placed) -> None:
        with self._at(node):
            self._work.step()

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
                with self._at(first):
                    value = self._variables[self._place(first.name)][1]
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
        match operand:
            case Dot():
                return dot
            case Nil():
                return NO_VALUE
            case Bool() | Text():
                return operand.value
            case Number():
                with self._at(operand):
                    return _plain_number(operand)
            case Function():
                return self._function(dot, operand, operand, (), _MISSING)
            case Field():
                return self._fields(dot, dot, operand, operand.names, ((), _MISSING))
            case Chain():
                inner = self._operand(dot, operand.operand)
                return self._fields(dot, inner, operand, operand.names, ((), _MISSING))
            case Variable():
                with self._at(operand):
                    value = self._variables[self._place(operand.name)][1]
                return self._fields(dot, value, operand, operand.fields, ((), _MISSING))
            case Pipeline():
                with self._at(operand), self._work.deeper():
                    return self._pipeline(dot, operand)

    def _argument(self, dot: Value, operand: Operand, type_: str) -> Value:
        """The value of an operand as an argument of a type: a number literal takes the type it is wanted in."""
        with self._at(operand):
            if isinstance(operand, Number):
                return _number_as(operand, type_)
            if isinstance(operand, (Bool, Text)):
                return fitted(operand.value, type_)
        value = self._operand(dot, operand)
        with self._at(operand):
            return fitted(value, type_)

    # Functions and fields

    def _function(
        self, dot: Value, name: Function, whole: Placed, arguments: Sequence[Operand], piped: Piped
    ) -> Value:
        function = self._evaluation.functions.get(name.name)
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
        with self._at(whole):
            _check_count(function, name, count)
        values = [
            self._argument(dot, operand, function.parameter(index)) for index, operand in enumerate(operands)
        ]
        with self._at(whole):
            if not isinstance(piped, _Missing):
                values.append(fitted(piped, function.parameter(len(operands))))
            for value in values:
                self._work.step(1 + len(value) // 64 if isinstance(value, (str, Slice, Map)) else 1)
            try:
                result = function.call(self._evaluation, *values)
            except FunctionError as error:
                raise FunctionError(f"{name}: {error}") from None
            if isinstance(result, str):
                self._work.text(len(result))
            elif isinstance(result, (Slice, Map)):
                self._work.step(len(result))
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
        strict = self._evaluation.inputs.missing_key_is_error
        with self._at(node):
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
            raise FunctionError(f'a {type_name(value)} has no "{name}"')


def _check_count(function: GoFunction, name: str, count: int) -> None:
    least = function.least
    if function.is_variadic:
        if count < least:
            raise FunctionError(f'"{name}" wants {least} arguments or more, not {count}')
    elif count != least:
        plural = "argument" if least == 1 else "arguments"
        raise FunctionError(f'"{name}" wants {least} {plural}, not {count}')


def _items(value: Value, variables: int) -> Iterator[tuple[Value, Value]]:
    """What a range goes through: index and item."""
    match value:
        case bool():
            pass
        case int():
            if variables > 1:
                raise FunctionError("a range over a number has one variable")
            kind = type(value)
            yield from ((NO_VALUE, kind(number)) for number in range(int(value)))
            return
        case Slice() | Channel():
            yield from enumerate(value)
            return
        case Map():
            yield from ((name, value[name]) for name in in_order(value) if name in value)
            return
        case NoValue() | None:
            return
    raise FunctionError(f"a {type_name(value)} cannot be ranged over")


def _plain_number(number: Number) -> Value:
    """The type that a number literal has by itself."""
    if number.complex_ is not None:
        return number.complex_
    raw = number.raw
    is_hexadecimal = raw[:2].lower() == "0x" and not any(mark in raw for mark in "pP")
    if (
        number.floating is not None
        and not is_hexadecimal
        and raw[0] != "'"
        and any(m in raw for m in ".eEpP")
    ):
        return number.floating
    if number.integer is None:
        raise FunctionError(f"{raw} is too large")
    return number.integer


def _number_as(number: Number, type_: str) -> Value:
    """A number literal in the type a parameter wants."""
    if type_ in _INTEGERS and number.integer is not None:
        return _INTEGERS[type_](number.integer)
    if type_ in _UNSIGNED and number.unsigned is not None:
        return _UNSIGNED[type_](number.unsigned)
    if type_ == "float64" and number.floating is not None:
        return number.floating
    return fitted(_plain_number(number), type_)
