"""The tokens of a file, of an expression, of a template."""

from collections.abc import Callable

from qemu_run.errors import Diagnostics
from qemu_run.records import record
from qemu_run.source import Source
from qemu_run.syntax.lexer import Lexer
from qemu_run.syntax.token_sink import UnreadableError
from qemu_run.syntax.tokens import Token


@record
class Lexed:
    """What became of a text."""

    tokens: list[Token]
    """The last of them is the end."""
    line_starts: set[int]
    """Offsets of the tokens that begin a line, where lines mean something: in bodies and objects."""
    sound_until: int
    """Where the brackets stop making sense; what the parser says of the text after it is guesswork."""


def tokenize(source: Source, diagnostics: Diagnostics) -> Lexed | None:
    """The tokens of a text; None when it is nested too deeply to be read."""
    lexer = Lexer(source, diagnostics)
    return _lexed(lexer, lexer.read_body)


def tokenize_template(
    source: Source, diagnostics: Diagnostics, start: int = 0, end: int | None = None
) -> Lexed | None:
    """The tokens of a stretch of text that is all one template: a string without quotes and escapes."""
    lexer = Lexer(source, diagnostics, start, end)
    return _lexed(lexer, lexer.read_template)


def tokenize_expression(source: Source, diagnostics: Diagnostics) -> Lexed | None:
    """The tokens of a text that is one expression, in which line ends mean nothing."""
    lexer = Lexer(source, diagnostics)
    return _lexed(lexer, lexer.read_expression)


def _lexed(lexer: Lexer, read: Callable[[], None]) -> Lexed | None:
    try:
        read()
    except UnreadableError:
        return None
    return Lexed(lexer.sink.tokens, lexer.sink.line_starts, lexer.sink.sound_until)
