"""The inside of actions into pipelines.

Source: Go's package text/template/parse.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from qemu_run.golang.quoting import unquote
from qemu_run.templates.lexer import Lexer
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
    Text,
    Variable,
)
from qemu_run.templates.numbers import parse_number
from qemu_run.templates.tokens import Kind, Token
from qemu_run.templates.work import TemplateError

DEEPEST = 100
"""Blocks in blocks, parentheses in parentheses."""
_STARTS_OPERAND = frozenset(
    {
        *(Kind.BOOL, Kind.CHARACTER, Kind.COMPLEX, Kind.DOT, Kind.FIELD, Kind.IDENTIFIER, Kind.NUMBER),
        *(Kind.NIL, Kind.STRING, Kind.VARIABLE, Kind.LEFT_PAREN),
    }
)
_NOT_CALLED = (Bool, Dot, Nil, Number, Text)

CheckFunction = Callable[[str], TemplateError | None]
"""What is wrong with calling a function of a name; None: nothing."""


class PipelineParser:
    """Reads tokens, and pipelines of them."""

    def __init__(self, text: str, left: str, right: str, check_function: CheckFunction) -> None:
        self._tokens: Iterator[Token] = Lexer(text, left, right).tokens()
        self._ahead: list[Token] = []
        self._check_function = check_function
        self.variables = ["$"]
        self.ranges = 0
        self.depth = 0
        self.mistakes: list[TemplateError] = []

    def peek(self) -> Token:
        """The next token, which stays the next."""
        if not self._ahead:
            self._ahead.append(next(self._tokens))
        return self._ahead[-1]

    def next(self) -> Token:
        """The next token."""
        token = self.peek()
        self._ahead.pop()
        return token

    def back(self, token: Token) -> None:
        """Make a token the next one again."""
        self._ahead.append(token)

    def peek_word(self) -> Token:
        """The next token that is not blank."""
        while self.peek().kind is Kind.BLANK:
            self.next()
        return self.peek()

    def next_word(self) -> Token:
        """The next token that is not blank, taken."""
        self.peek_word()
        return self.next()

    def expect(self, kind: Kind, where: str) -> Token:
        """The next token that is not blank, of a kind.

        Raises:
            TemplateError: it is of another.
        """
        token = self.next_word()
        if token.kind is not kind:
            raise unexpected(token, where)
        return token

    def enter(self, token: Token) -> None:
        """Be one level further in.

        Raises:
            TemplateError: that is too deep.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            raise TemplateError(
                f"nested more than {DEEPEST} levels deep", token.start, length=len(token.text)
            )

    def pipeline(self, where: str, end: Kind) -> Pipeline:
        """The commands up to an end, with the variables they go to."""
        start = self.peek_word().start
        variables, assigns = self._declarations(where)
        commands: list[Command] = []
        while (token := self.peek_word()).kind is not end:
            if token.kind not in _STARTS_OPERAND:
                raise unexpected(token, where)
            commands.append(self._command())
        if not commands:
            raise TemplateError(f"{where} without a value", token.start, length=len(token.text))
        for command in commands[1:]:
            first = command.operands[0]
            if isinstance(first, _NOT_CALLED):
                raise TemplateError(
                    "nothing can be piped into this", first.start, length=first.end - first.start
                )
        self.next()
        return Pipeline(
            start=start,
            end=commands[-1].end,
            commands=tuple(commands),
            variables=variables,
            assigns=assigns,
        )

    def _declarations(self, where: str) -> tuple[tuple[str, ...], bool]:
        """`$x :=`, `$x =`, and of a range `$i, $x :=`."""
        names: list[str] = []
        while (variable := self.peek_word()).kind is Kind.VARIABLE:
            self.next()
            blank = self.next() if self.peek().kind is Kind.BLANK else None
            token = self.peek()
            if token.kind in {Kind.ASSIGN, Kind.DECLARE}:
                self.next()
                self.variables.append(variable.text)
                return (*names, variable.text), token.kind is Kind.ASSIGN
            if token.text == ",":
                self.next()
                if where != "range" or names:
                    raise TemplateError("too many variables", token.start, length=1)
                self.variables.append(variable.text)
                names.append(variable.text)
                if self.peek_word().kind not in {Kind.VARIABLE, Kind.RIGHT, Kind.RIGHT_PAREN}:
                    raise unexpected(self.peek(), "range: a second variable is wanted")
                continue
            if blank:
                self.back(blank)
            self.back(variable)
            break
        return tuple(names), False

    def _command(self) -> Command:
        operands: list[Operand] = []
        while True:
            self.peek_word()
            if (operand := self._operand()) is not None:
                operands.append(operand)
            token = self.peek()
            if token.kind is Kind.BLANK:
                self.next()
                continue
            if token.kind is Kind.PIPE:
                self.next()
            elif token.kind not in {Kind.RIGHT, Kind.RIGHT_PAREN}:
                raise unexpected(token, "a command")
            break
        if not operands:
            raise TemplateError("an empty command", token.start, length=len(token.text))
        return Command(start=operands[0].start, end=operands[-1].end, operands=tuple(operands))

    def _operand(self) -> "Operand | None":
        node = self._term()
        if node is None or self.peek().kind is not Kind.FIELD:
            return node
        names: list[str] = []
        last = self.peek()
        while self.peek().kind is Kind.FIELD:
            last = self.next()
            names.append(last.text[1:])
        match node:
            case Field():
                return replace(node, end=last.end, names=(*node.names, *names))
            case Variable():
                return replace(node, end=last.end, fields=(*node.fields, *names))
            case Function() | Pipeline() | Chain():
                return Chain(start=node.start, end=last.end, operand=node, names=tuple(names))
            case _:
                pass
        raise TemplateError("this has no fields", node.start, length=last.end - node.start)

    def _term(self) -> "Operand | None":
        token = self.next_word()
        place = {"start": token.start, "end": token.end}
        node: Operand | None = None
        match token.kind:
            case Kind.IDENTIFIER:
                self._check(token)
                node = Function(**place, name=token.text)
            case Kind.DOT:
                node = Dot(**place)
            case Kind.NIL:
                node = Nil(**place)
            case Kind.VARIABLE:
                self._check_variable(token)
                node = Variable(start=token.start, end=token.end, name=token.text)
            case Kind.FIELD:
                node = Field(**place, names=(token.text[1:],))
            case Kind.BOOL:
                node = Bool(**place, value=token.text == "true")
            case Kind.CHARACTER | Kind.COMPLEX | Kind.NUMBER:
                node = parse_number(token)
            case Kind.STRING:
                node = Text(**place, value=unquoted(token))
            case Kind.LEFT_PAREN:
                self.enter(token)
                inner = self.pipeline("parentheses", Kind.RIGHT_PAREN)
                self.depth -= 1
                node = replace(inner, start=token.start, end=inner.end + 1)
            case _:
                self.back(token)
        return node

    def _check(self, token: Token) -> None:
        if (mistake := self._check_function(token.text)) is not None:
            self.mistakes.append(
                TemplateError(mistake.message, token.start, length=len(token.text), hint=mistake.hint)
            )

    def _check_variable(self, token: Token) -> None:
        if token.text not in self.variables:
            from qemu_run.errors import did_you_mean

            hint = did_you_mean(token.text, self.variables)
            raise TemplateError(
                f'the variable "{token.text}" is not declared', token.start, length=len(token.text), hint=hint
            )


def unquoted(token: Token) -> str:
    """The text of a string literal.

    Raises:
        TemplateError: it is not one.
    """
    try:
        return unquote(token.text)
    except ValueError as error:
        raise TemplateError(str(error), token.start, length=len(token.text)) from None


def unexpected(token: Token, where: str) -> TemplateError:
    """That a token stands where it cannot."""
    return TemplateError(f"{token} cannot stand in {where}", token.start, length=max(1, len(token.text)))
