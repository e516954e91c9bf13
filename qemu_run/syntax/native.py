"""Text in HCL's native syntax to a tree: a whole file, one expression, or one template.

Source: the HCL native syntax specification.
"""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qemu_run.errors import Diagnostics
from qemu_run.source import Source
from qemu_run.syntax.automaton import Automaton
from qemu_run.syntax.grammar import tables
from qemu_run.syntax.lower import Lowering
from qemu_run.syntax.mistakes import Mistake
from qemu_run.syntax.nodes import Body, Expression
from qemu_run.syntax.tokenize import Lexed, tokenize, tokenize_expression, tokenize_template
from qemu_run.syntax.tokens import END, NEWLINE, Token

MOST_MISTAKES = 20
"""How many syntax errors of one text are worth reading."""


def parse_native(source: Source, diagnostics: Diagnostics) -> Body | None:
    """The tree of a file in HCL's native syntax."""
    body: Body | None = _parse(source, tokenize(source, diagnostics), "start", diagnostics)
    return body


def parse_expression(source: Source, diagnostics: Diagnostics) -> Expression | None:
    """The tree of a text that is one expression, as after `-var name=`."""
    if not is_text(source, diagnostics):
        return None
    lexed = tokenize_expression(source, diagnostics)
    expression: Expression | None = _parse(source, lexed, "expression", diagnostics)
    return expression


def parse_template(
    source: Source, diagnostics: Diagnostics, start: int = 0, end: int | None = None
) -> Expression | None:
    """The tree of a text that is one template without quotes around it, as strings in HCL-JSON are.

    Args:
        source: Where it stands.
        diagnostics: Where its mistakes are put.
        start: The offset of its first character.
        end: The offset after its last; by default the end of the source.
    """
    lexed = tokenize_template(source, diagnostics, start, end)
    template: Expression | None = _parse(source, lexed, "expression", diagnostics)
    return template


BROKEN = re.compile("[\ud800-\udfff]")


def is_text(source: Source, diagnostics: Diagnostics) -> bool:
    """Whether a text holds whole characters only: where it was no UTF-8, its reader left halves of pairs."""
    broken = BROKEN.search(source.text)
    if broken is not None:
        diagnostics.error("this is not UTF-8 text", source.span(*broken.span()), "a broken character")
    return broken is None


def _parse(source: Source, lexed: Lexed | None, start: str, diagnostics: Diagnostics) -> Any:  # noqa: ANN401 - what the start rule makes
    if lexed is None:
        return None
    with _no_garbage_collection():
        lowering = Lowering(source, lexed.line_starts, diagnostics)
        automaton = Automaton(tables(), start, lowering.table())
        run = Run(source, automaton, lexed, diagnostics)
        return automaton.values[0] if run.to_the_end() else None


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A tree is made of objects that all stay; looking for garbage among them takes longer than parsing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Run:
    """Feeds the tokens of a text to the automaton; after a mistake it goes on with the next statement."""

    def __init__(self, source: Source, automaton: Automaton, lexed: Lexed, diagnostics: Diagnostics) -> None:
        self._source = source
        self._automaton = automaton
        self._tokens = lexed.tokens
        self._sound_until = lexed.sound_until
        self._diagnostics = diagnostics
        self._statements: list[tuple[int, int]] = []
        """The statements we are in: how many bodies are around each, and how many states there were."""
        self._mistakes = 0
        self._lexical = [
            item.span.start for item in diagnostics.items if item.span and item.span.source is source
        ]

    def to_the_end(self) -> bool:
        """Whether the automaton came to the end of the text, by whatever repairs."""
        tokens, automaton = self._tokens, self._automaton
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.depth and token.kind != "RBRACE":
                self._enter_statement(token.depth)
            if automaton.feed(token):
                index += 1
                continue
            index = self._recover(index)
            if index < 0:
                return False
        return True

    def _enter_statement(self, depth: int) -> None:
        while self._statements and self._statements[-1][0] >= depth:
            self._statements.pop()
        self._statements.append((depth, len(self._automaton.states)))

    def _recover(self, index: int) -> int:
        """Report a token that does not fit; the index of the one to go on with, or -1 to give up."""
        mistake = Mistake(self._source, self._automaton, self._tokens, index)
        token = self._tokens[index]
        if token.start < self._sound_until and not self._said_of(mistake.start, token.end):
            self._diagnostics.items.append(mistake.diagnostic())
        self._mistakes += 1
        if self._mistakes > MOST_MISTAKES:
            return -1
        repair = mistake.repair()
        if repair is not None and self._automaton.feed(repair):
            return index
        while self._statements and self._statements[-1][1] > len(self._automaton.states):
            self._statements.pop()
        if not self._statements:
            return -1
        depth, states = self._statements.pop()
        self._automaton.back_to(states)
        return self._next_statement(index, depth)

    def _said_of(self, start: int, end: int) -> bool:
        """Whether the lexer found a mistake in a stretch already; what does not fit there follows from it."""
        return any(start <= offset < end for offset in self._lexical)

    def _next_statement(self, index: int, depth: int) -> int:
        """The first token at or after an index that can follow a whole statement of a body."""
        while index < len(self._tokens):
            token: Token = self._tokens[index]
            if token.kind == END or (
                token.depth == depth
                and (
                    token.kind == "RBRACE"
                    or (token.kind == "NAME" and self._tokens[index - 1].kind == NEWLINE)
                )
            ):
                return index
            index += 1
        return -1
