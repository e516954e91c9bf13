"""What a template is made of, once parsed. `start` and `end` are offsets in the template's characters."""

from typing import TypeAlias

from qemu_run.records import record


@record(kw_only=True, eq=False)
class Placed:
    """A part with its place."""

    start: int
    end: int


@record(kw_only=True, eq=False)
class Dot(Placed):
    """`.`."""


@record(kw_only=True, eq=False)
class Nil(Placed):
    """`nil`."""


@record(kw_only=True, eq=False)
class Bool(Placed):
    """`true` or `false`."""

    value: bool


@record(kw_only=True, eq=False)
class Text(Placed):
    """A string literal."""

    value: str


@record(kw_only=True, eq=False)
class Number(Placed):
    """A number literal, in each type that can hold it."""

    raw: str
    integer: int | None = None
    unsigned: int | None = None
    floating: float | None = None
    complex_: complex | None = None


@record(kw_only=True, eq=False)
class Field(Placed):
    """`.a.b`."""

    names: tuple[str, ...]


@record(kw_only=True, eq=False)
class Variable(Placed):
    """`$x.a.b`."""

    name: str
    fields: tuple[str, ...] = ()


@record(kw_only=True, eq=False)
class Function(Placed):
    """A function's name."""

    name: str


@record(kw_only=True, eq=False)
class Chain(Placed):
    """Fields of a function's result or of a pipeline: `(x).a.b`."""

    operand: "Operand"
    names: tuple[str, ...]


@record(kw_only=True, eq=False)
class Command(Placed):
    """A function with its arguments, or one value."""

    operands: "tuple[Operand, ...]"


@record(kw_only=True, eq=False)
class Pipeline(Placed):
    """Commands, each one's result the last argument of the next; perhaps with variables for it."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False
    """The variables are there already."""


Operand: TypeAlias = "Dot | Nil | Bool | Text | Number | Field | Variable | Function | Chain | Pipeline"


@record(kw_only=True, eq=False)
class Plain(Placed):
    """Text between actions."""

    text: str


@record(kw_only=True, eq=False)
class Action(Placed):
    """`{{ pipeline }}`."""

    pipeline: Pipeline


@record(kw_only=True, eq=False)
class Branch(Placed):
    """`if`, `with` or `range`, with its `else`."""

    keyword: str
    pipeline: Pipeline
    body: "tuple[Node, ...]"
    otherwise: "tuple[Node, ...]"


@record(kw_only=True, eq=False)
class Call(Placed):
    """`template "name" pipeline`; `block` becomes one."""

    name: str
    pipeline: Pipeline | None


@record(kw_only=True, eq=False)
class Leave(Placed):
    """`break` or `continue`."""

    keyword: str


Node: TypeAlias = "Plain | Action | Branch | Call | Leave"
