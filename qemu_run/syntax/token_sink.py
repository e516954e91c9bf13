"""Where the parts of the lexer put what they read: tokens, and the mistakes in the characters themselves."""

from typing import NoReturn

from qemu_run.errors import Diagnostics
from qemu_run.source import Source, Span
from qemu_run.syntax.tokens import END, NEWLINE, Token

MOST_MISTAKES = 100
"""How many of them in one text are worth reading."""

NO_STATEMENT = frozenset({NEWLINE, "LBRACE", "RBRACE", END})
"""Terminals that no statement begins with."""


class UnreadableError(Exception):
    """The text is nested more deeply, or has more mistakes, than is read; the diagnostics are made."""


class TokenSink:
    """The tokens of one text so far. It knows nothing of what they mean."""

    def __init__(self, source: Source, diagnostics: Diagnostics, end: int | None = None) -> None:
        self.source = source
        self.text = source.text[:end]
        """What is read; offsets are those of the source."""
        self.tokens: list[Token] = []
        self.last = ""
        """The kind of the last token; empty before the first."""
        self.line_starts: set[int] = set()
        """Offsets of the tokens that begin a line, where lines mean something."""
        self.statement = False
        """Whether the next token begins a statement of a body."""
        self.bodies = 0
        """How many bodies the next token is in."""
        self.sound_until = len(self.text) + 1
        """The offset of the first bracket or quote that has no partner."""
        self._diagnostics = diagnostics
        self._mistakes = 0

    def add(self, kind: str, start: int, end: int, text: str = "") -> Token:
        """Put a token after the others."""
        if self.last == NEWLINE:
            self.line_starts.add(start)
        self.last = kind
        token = Token(kind, start, end, text)
        self.tokens.append(token)
        if self.statement and kind not in NO_STATEMENT:
            token.depth = self.bodies
            self.statement = False
        return token

    def add_string(self, start: int, end: int, text: str) -> None:
        """Put the three tokens of a string without escapes after the others."""
        self.add("DBLQUOTE", start, start)
        self.add("STRING_CHARS", start, end, text)
        self.add("DBLQUOTE", end, end)

    def take_back(self, count: int) -> None:
        """Forget all tokens but the first `count`."""
        del self.tokens[count:]
        self.last = self.tokens[-1].kind if self.tokens else ""

    def error(self, summary: str, span: Span, label: str = "", *, hints: tuple[str, ...] = ()) -> None:
        """Add a diagnostic.

        Raises:
            UnreadableError: there are too many.
        """
        self._diagnostics.error(summary, span, label, hints=hints)
        self._mistakes += 1
        if self._mistakes >= MOST_MISTAKES:
            raise UnreadableError

    def give_up(self, summary: str, offset: int, label: str, *hints: str) -> NoReturn:
        """Add the diagnostic that is the last one.

        Raises:
            UnreadableError: always.
        """
        self._diagnostics.error(summary, self.source.span(offset, offset + 1), label, hints=hints)
        raise UnreadableError

    def unsound_from(self, offset: int) -> None:
        """Note that brackets or quotes make no sense from an offset on."""
        self.sound_until = min(self.sound_until, offset)

    def rest_of_line(self, start: int) -> Span:
        """From an offset to the end of its line, blanks there left out."""
        end = self.text.find("\n", start)
        line = self.text[start : end if end >= 0 else len(self.text)].rstrip()
        return self.source.span(start, start + max(len(line), 1))
