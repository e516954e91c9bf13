"""A template's text into its parts.

Source: Go's package text/template/parse. Unknown functions are all told; a mistake in the syntax is the last.
"""

from qemu_run.records import record
from qemu_run.templates.lexer import SPACES
from qemu_run.templates.nodes import Action, Branch, Call, Leave, Node, Plain
from qemu_run.templates.parse_pipelines import CheckFunction, PipelineParser, unexpected, unquoted
from qemu_run.templates.tokens import Kind, Token
from qemu_run.templates.work import TemplateError


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


class _Parser(PipelineParser):
    """Reads blocks, and the templates that a text defines."""

    def __init__(self, text: str, left: str, right: str, check_function: CheckFunction) -> None:
        super().__init__(text, left, right, check_function)
        self.templates: dict[str, tuple[Node, ...]] = {}

    def parse(self) -> None:
        """Read the whole text."""
        nodes: list[Node] = []
        while (token := self.peek()).kind is not Kind.END:
            if token.kind is Kind.LEFT:
                self.next()
                if (word := self.peek_word()).kind is Kind.KEYWORD and word.text == "define":
                    self.next()
                    self._define(word)
                    continue
                self.back(token)
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
        self.expect(Kind.RIGHT, "define")
        self._separate(keyword, name)

    def _separate(self, keyword: Token, name: str) -> None:
        """The body of a template of its own, which knows no variables of the text around it."""
        outer = self.variables, self.ranges
        self.variables, self.ranges = ["$"], 0
        body, end = self._body(keyword)
        if end.text != "end":
            raise TemplateError(f'"else" in a {keyword.text}', end.start, length=4)
        self.variables, self.ranges = outer
        self._add(name, body, keyword.start)

    def _body(self, keyword: Token) -> tuple[tuple[Node, ...], Token]:
        """What stands up to the `end` or `else` that closes a block, and that word."""
        self.enter(keyword)
        nodes: list[Node] = []
        while self.peek_word().kind is not Kind.END:
            node = self._node()
            if isinstance(node, Token):
                self.depth -= 1
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
        token = self.next_word()
        if token.kind is Kind.TEXT:
            return Plain(start=token.start, end=token.end, text=token.text)
        if token.kind is not Kind.LEFT:
            raise unexpected(token, "a template")
        word = self.peek_word()
        if word.kind is Kind.KEYWORD:
            self.next()
            return self._keyword(word)
        return Action(start=word.start, end=word.start, pipeline=self.pipeline("a command", Kind.RIGHT))

    def _keyword(self, word: Token) -> "Node | Token":
        match word.text:
            case "if" | "with" | "range":
                return self._branch(word)
            case "template" | "block":
                return self._call(word)
            case "break" | "continue":
                self.expect(Kind.RIGHT, word.text)
                if not self.ranges:
                    raise TemplateError(f'"{word.text}" outside a range', word.start, length=len(word.text))
                return Leave(start=word.start, end=word.end, keyword=word.text)
            case "end":
                self.expect(Kind.RIGHT, "end")
                return word
            case "else":
                if self.peek_word().text not in {"if", "with"}:
                    self.expect(Kind.RIGHT, "else")
                return word
            case _:
                pass
        raise unexpected(word, "a block")

    def _branch(self, keyword: Token) -> Branch:
        known = len(self.variables)
        pipeline = self.pipeline(keyword.text, Kind.RIGHT)
        self.ranges += keyword.text == "range"
        body, end = self._body(keyword)
        self.ranges -= keyword.text == "range"
        otherwise: tuple[Node, ...] = ()
        if end.text == "else":
            if keyword.text != "range" and self.peek_word().text == keyword.text:
                self.enter(end)
                otherwise = (self._branch(self.next()),)
                self.depth -= 1
            else:
                otherwise, end = self._body(end)
                if end.text != "end":
                    raise TemplateError('a second "else"', end.start, length=4, hint="one of them is enough")
        del self.variables[known:]
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
        if keyword.text == "block" or self.peek_word().kind is not Kind.RIGHT:
            pipeline = self.pipeline(keyword.text, Kind.RIGHT)
        else:
            self.next()
        if keyword.text == "block":
            self._separate(keyword, name)
        return Call(start=keyword.start, end=keyword.end, name=name, pipeline=pipeline)

    def _template_name(self, where: str) -> str:
        return unquoted(self.expect(Kind.STRING, f"{where}: a name in double quotes is wanted"))


def _stray(token: Token) -> str:
    return "every {{ end }} closes one if, with, range, define or block" if token.text == "end" else ""


def _is_empty(nodes: tuple[Node, ...]) -> bool:
    return all(isinstance(node, Plain) and not node.text.strip(SPACES + "\v\f") for node in nodes)
