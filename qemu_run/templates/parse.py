"""A template's tokens into its parts.

Source: Go's package text/template/parse. Unknown functions are all told; a mistake in the syntax is the last.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from qemu_run.golang.quoting import unquote
from qemu_run.records import record
from qemu_run.templates.lexer import SPACES, Lexer
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
    Plain,
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


@record
class Parsed:
    """All templates of a text: those it defines by name, and its own under the empty name."""

    templates: dict[str, tuple[Node, ...]]
    mistakes: tuple[TemplateError, ...]


def parse_templates(text: str, left: str, right: str, check_function: CheckFunction) -> Parsed:
    """The templates of a text, and what is wrong with it."""
    parser = _Parser(text, left, right, check_function)
    try:
        parser.parse()
    except TemplateError as mistake:
        parser.mistakes.append(mistake)
    return Parsed(parser.templates, tuple(parser.mistakes))


class _Parser:
    def __init__(self, text: str, left: str, right: str, check_function: CheckFunction) -> None:
        self._tokens: Iterator[Token] = Lexer(text, left, right).tokens()
        self._ahead: list[Token] = []
        self._check_function = check_function
        self._variables = ["$"]
        self._ranges = 0
        self._depth = 0
        self._open: list[Token] = []
        self.templates: dict[str, tuple[Node, ...]] = {}
        self.mistakes: list[TemplateError] = []

    # Tokens

    def _peek(self) -> Token:
        if not self._ahead:
            self._ahead.append(next(self._tokens))
        return self._ahead[-1]

    def _next(self) -> Token:
        token = self._peek()
        self._ahead.pop()
        return token

    def _back(self, token: Token) -> None:
        self._ahead.append(token)

    def _peek_word(self) -> Token:
        """The next token that is not blank."""
        while self._peek().kind is Kind.BLANK:
            self._next()
        return self._peek()

    def _next_word(self) -> Token:
        self._peek_word()
        return self._next()

    def _expect(self, kind: Kind, where: str) -> Token:
        token = self._next_word()
        if token.kind is not kind:
            raise _unexpected(token, where)
        return token

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TemplateError(
                f"nested more than {DEEPEST} levels deep", token.start, length=len(token.text)
            )

    # Templates and blocks

    def parse(self) -> None:
        """Read the whole text."""
        nodes: list[Node] = []
        while (token := self._peek()).kind is not Kind.END:
            if token.kind is Kind.LEFT:
                self._next()
                if (word := self._peek_word()).kind is Kind.KEYWORD and word.text == "define":
                    self._next()
                    self._define(word)
                    continue
                self._back(token)
            node = self._node()
            if isinstance(node, Token):
                raise TemplateError(
                    f'"{node.text}" without a block', node.start, length=len(node.text), hint=_stray(node)
                )
            nodes.append(node)
        self._add("", tuple(nodes), 0)

    def _add(self, name: str, nodes: tuple[Node, ...], start: int) -> None:
        """A template; an empty one gives way to another of its name."""
        known = self.templates.get(name)
        if known is None or _is_empty(known):
            self.templates[name] = nodes
        elif not _is_empty(nodes):
            raise TemplateError(f'the template "{name}" is defined twice', start)

    def _define(self, keyword: Token) -> None:
        name = self._template_name("define")
        self._expect(Kind.RIGHT, "define")
        self._separate(keyword, name)

    def _separate(self, keyword: Token, name: str) -> None:
        """The body of a template of its own, which knows no variables of the text around it."""
        outer = self._variables, self._ranges
        self._variables, self._ranges = ["$"], 0
        body, end = self._body(keyword)
        if end.text != "end":
            raise TemplateError(f'"else" in a {keyword.text}', end.start, length=4)
        self._variables, self._ranges = outer
        self._add(name, body, keyword.start)

    def _body(self, keyword: Token) -> tuple[tuple[Node, ...], Token]:
        """What stands up to the `end` or `else` that closes a block, and that word."""
        self._enter(keyword)
        nodes: list[Node] = []
        while self._peek_word().kind is not Kind.END:
            node = self._node()
            if isinstance(node, Token):
                self._depth -= 1
                return tuple(nodes), node
            nodes.append(node)
        raise TemplateError(
            f'"{keyword.text}" is never closed',
            keyword.start,
            length=len(keyword.text),
            hint="close it with {{ end }}",
        )

    def _node(self) -> "Node | Token":
        """Text or an action; the word itself where it is `end` or `else`."""
        token = self._next_word()
        if token.kind is Kind.TEXT:
            return Plain(start=token.start, end=token.end, text=token.text)
        if token.kind is not Kind.LEFT:
            raise _unexpected(token, "a template")
        word = self._peek_word()
        if word.kind is Kind.KEYWORD:
            self._next()
            return self._keyword(word)
        return Action(start=word.start, end=word.start, pipeline=self._pipeline("a command", Kind.RIGHT))

    def _keyword(self, word: Token) -> "Node | Token":
        match word.text:
            case "if" | "with" | "range":
                return self._branch(word)
            case "template" | "block":
                return self._call(word)
            case "break" | "continue":
                self._expect(Kind.RIGHT, word.text)
                if not self._ranges:
                    raise TemplateError(f'"{word.text}" outside a range', word.start, length=len(word.text))
                return Leave(start=word.start, end=word.end, keyword=word.text)
            case "end":
                self._expect(Kind.RIGHT, "end")
                return word
            case "else":
                if self._peek_word().text not in {"if", "with"}:
                    self._expect(Kind.RIGHT, "else")
                return word
        raise _unexpected(word, "a block")

    def _branch(self, keyword: Token) -> Branch:
        known = len(self._variables)
        pipeline = self._pipeline(keyword.text, Kind.RIGHT)
        self._ranges += keyword.text == "range"
        body, end = self._body(keyword)
        self._ranges -= keyword.text == "range"
        otherwise: tuple[Node, ...] = ()
        if end.text == "else":
            if keyword.text != "range" and self._peek_word().text == keyword.text:
                self._enter(end)
                otherwise = (self._branch(self._next()),)
                self._depth -= 1
            else:
                otherwise, end = self._body(end)
                if end.text != "end":
                    raise TemplateError('a second "else"', end.start, length=4, hint="one of them is enough")
        del self._variables[known:]
        return Branch(
            start=pipeline.start,
            end=pipeline.end,
            keyword=keyword.text,
            pipeline=pipeline,
            body=body,
            otherwise=otherwise,
        )

    def _call(self, keyword: Token) -> Call:
        name = self._template_name(keyword.text)
        pipeline = None
        if keyword.text == "block" or self._peek_word().kind is not Kind.RIGHT:
            pipeline = self._pipeline(keyword.text, Kind.RIGHT)
        else:
            self._next()
        if keyword.text == "block":
            self._separate(keyword, name)
        return Call(start=keyword.start, end=keyword.end, name=name, pipeline=pipeline)

    def _template_name(self, where: str) -> str:
        return _unquoted(self._expect(Kind.STRING, f"{where}: a name in double quotes is wanted"))

    # Pipelines

    def _pipeline(self, where: str, end: Kind) -> Pipeline:
        start = self._peek_word().start
        variables, assigns = self._declarations(where)
        commands: list[Command] = []
        while (token := self._peek_word()).kind is not end:
            if token.kind not in _STARTS_OPERAND:
                raise _unexpected(token, where)
            commands.append(self._command())
        if not commands:
            raise TemplateError(f"{where} without a value", token.start, length=len(token.text))
        for command in commands[1:]:
            first = command.operands[0]
            if isinstance(first, _NOT_CALLED):
                raise TemplateError(
                    "nothing can be piped into this", first.start, length=first.end - first.start
                )
        self._next()
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
        while (variable := self._peek_word()).kind is Kind.VARIABLE:
            self._next()
            blank = self._next() if self._peek().kind is Kind.BLANK else None
            token = self._peek()
            if token.kind in {Kind.ASSIGN, Kind.DECLARE}:
                self._next()
                self._variables.append(variable.text)
                return (*names, variable.text), token.kind is Kind.ASSIGN
            if token.text == ",":
                self._next()
                if where != "range" or names:
                    raise TemplateError("too many variables", token.start, length=1)
                self._variables.append(variable.text)
                names.append(variable.text)
                if self._peek_word().kind not in {Kind.VARIABLE, Kind.RIGHT, Kind.RIGHT_PAREN}:
                    raise _unexpected(self._peek(), "range: a second variable is wanted")
                continue
            if blank:
                self._back(blank)
            self._back(variable)
            break
        return tuple(names), False

    def _command(self) -> Command:
        operands: list[Operand] = []
        while True:
            self._peek_word()
            if (operand := self._operand()) is not None:
                operands.append(operand)
            token = self._peek()
            if token.kind is Kind.BLANK:
                self._next()
                continue
            if token.kind is Kind.PIPE:
                self._next()
            elif token.kind not in {Kind.RIGHT, Kind.RIGHT_PAREN}:
                raise _unexpected(token, "a command")
            break
        if not operands:
            raise TemplateError("an empty command", token.start, length=len(token.text))
        return Command(start=operands[0].start, end=operands[-1].end, operands=tuple(operands))

    def _operand(self) -> "Operand | None":
        node = self._term()
        if node is None or self._peek().kind is not Kind.FIELD:
            return node
        names: list[str] = []
        last = self._peek()
        while self._peek().kind is Kind.FIELD:
            last = self._next()
            names.append(last.text[1:])
        match node:
            case Field():
                return replace(node, end=last.end, names=(*node.names, *names))
            case Variable():
                return replace(node, end=last.end, fields=(*node.fields, *names))
            case Function() | Pipeline() | Chain():
                return Chain(start=node.start, end=last.end, operand=node, names=tuple(names))
        raise TemplateError("this has no fields", node.start, length=last.end - node.start)

    def _term(self) -> "Operand | None":
        token = self._next_word()
        start, end, text = token.start, token.end, token.text
        match token.kind:
            case Kind.IDENTIFIER:
                self._check(token)
                return Function(start=start, end=end, name=text)
            case Kind.DOT:
                return Dot(start=start, end=end)
            case Kind.NIL:
                return Nil(start=start, end=end)
            case Kind.VARIABLE:
                self._check_variable(token)
                return Variable(start=start, end=end, name=text)
            case Kind.FIELD:
                return Field(start=start, end=end, names=(text[1:],))
            case Kind.BOOL:
                return Bool(start=start, end=end, value=text == "true")
            case Kind.CHARACTER | Kind.COMPLEX | Kind.NUMBER:
                return parse_number(token)
            case Kind.STRING:
                return Text(start=start, end=end, value=_unquoted(token))
            case Kind.LEFT_PAREN:
                self._enter(token)
                inner = self._pipeline("parentheses", Kind.RIGHT_PAREN)
                self._depth -= 1
                return replace(inner, start=start, end=inner.end + 1)
        self._back(token)
        return None

    def _check(self, token: Token) -> None:
        if (mistake := self._check_function(token.text)) is not None:
            self.mistakes.append(
                TemplateError(mistake.message, token.start, length=len(token.text), hint=mistake.hint)
            )

    def _check_variable(self, token: Token) -> None:
        if token.text not in self._variables:
            from qemu_run.errors import did_you_mean

            hint = did_you_mean(token.text, self._variables)
            raise TemplateError(
                f'the variable "{token.text}" is not declared', token.start, length=len(token.text), hint=hint
            )


def _unquoted(token: Token) -> str:
    try:
        return unquote(token.text)
    except ValueError as error:
        raise TemplateError(str(error), token.start, length=len(token.text)) from None


def _unexpected(token: Token, where: str) -> TemplateError:
    return TemplateError(f"{token} cannot stand in {where}", token.start, length=max(1, len(token.text)))


def _stray(token: Token) -> str:
    return "every {{ end }} closes one if, with, range, define or block" if token.text == "end" else ""


def _is_empty(nodes: tuple[Node, ...]) -> bool:
    return all(isinstance(node, Plain) and not node.text.strip(SPACES + "\v\f") for node in nodes)
