"""A template's text into tokens.

Source: Go's package text/template/parse.
"""

import re
from collections.abc import Iterator

from qemu_run.templates.tokens import KEYWORDS, Kind, Token
from qemu_run.templates.work import TemplateError

SPACES = " \t\r\n"
_BLANKS = re.compile(r"[ \t\r\n]+")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?",
    re.ASCII,
)
_QUOTED = {
    '"': re.compile(r'"(?:[^"\\\n]|\\[^\n])*"'),
    "'": re.compile(r"'(?:[^'\\\n]|\\[^\n])*'"),
    "`": re.compile(r"`[^`]*`"),
}
_SINGLE = {"=": Kind.ASSIGN, "|": Kind.PIPE, "(": Kind.LEFT_PAREN, ")": Kind.RIGHT_PAREN}
_TERMINATORS = frozenset(f"{SPACES}.,|:)(")
_WRITTEN = {'"': "string", "'": "character", "`": "raw string"}


class Lexer:
    """Goes through a template once."""

    def __init__(self, text: str, left: str, right: str) -> None:
        self._text = text
        self._left = left
        self._right = right
        self._at = 0

    def tokens(self) -> Iterator[Token]:
        """All tokens, the end last.

        Raises:
            TemplateError: a place where no token can be.
        """
        while (start := self._text.find(self._left, self._at)) >= 0:
            yield from self._plain(start)
            yield from self._action(start)
        yield from self._plain(len(self._text), trim=False)
        yield Token(Kind.END, "", len(self._text))

    def _plain(self, end: int, *, trim: bool = True) -> Iterator[Token]:
        """The text up to an action; a trim marker takes the blanks before it."""
        text = self._text[self._at : end]
        if trim and self._is_trim(end + len(self._left)):
            text = text.rstrip(SPACES)
        if text:
            yield Token(Kind.TEXT, text, self._at)
        self._at = end

    def _is_trim(self, place: int) -> bool:
        return self._text.startswith("-", place) and self._text[place + 1 : place + 2] in {*SPACES}

    def _action(self, start: int) -> Iterator[Token]:
        self._at = start + len(self._left)
        marked = self._is_trim(self._at)
        if self._text.startswith("/*", self._at + 2 * marked):
            self._at += 2 * marked
            self._comment(start)
            return
        yield Token(Kind.LEFT, self._left, start)
        self._at += marked
        parens: list[int] = []
        while (trims := self._right_delimiter()) is None:
            yield self._inside(start, parens)
        if parens:
            raise TemplateError("a parenthesis is never closed", parens[-1], length=1)
        yield self._close(trims=trims)

    def _comment(self, start: int) -> None:
        end = self._text.find("*/", self._at + 2)
        if end < 0:
            raise TemplateError("the comment is never closed", start, length=len(self._left) + 2)
        self._at = end + 2
        trims = self._right_delimiter()
        if trims is None:
            raise TemplateError(
                f'after a comment "{self._right}" is wanted', self._at, hint="a comment stands alone"
            )
        self._close(trims=trims)

    def _right_delimiter(self) -> bool | None:
        """Whether the action ends here, and if so, whether it takes the blanks behind it."""
        if (
            self._text[self._at : self._at + 1] in {*SPACES}
            and self._text.startswith("-", self._at + 1)
            and self._text.startswith(self._right, self._at + 2)
        ):
            return True
        return False if self._text.startswith(self._right, self._at) else None

    def _close(self, *, trims: bool) -> Token:
        self._at += 2 * trims
        token = Token(Kind.RIGHT, self._right, self._at)
        self._at = token.end
        if trims and (blanks := _BLANKS.match(self._text, self._at)):
            self._at = blanks.end()
        return token

    def _take(self, kind: Kind, end: int) -> Token:
        token = Token(kind, self._text[self._at : end], self._at)
        self._at = end
        return token

    def _inside(self, start: int, parens: list[int]) -> Token:
        """One token of an action."""
        text, at = self._text, self._at
        first = text[at : at + 1]
        if not first:
            hint = f'close it with "{self._right}"'
            raise TemplateError("the action is never closed", start, length=len(self._left), hint=hint)
        if blanks := _BLANKS.match(text, at):
            return self._blank(blanks.end())
        if first in "()":
            return self._paren(first, parens)
        if first in _QUOTED:
            return self._quoted(first)
        if first == "$" or (first == "." and not text[at + 1 : at + 2].isdecimal()):
            return self._name(Kind.VARIABLE if first == "$" else Kind.FIELD)
        if first in "+-." or (first.isascii() and first.isdecimal()):
            return self._number()
        return self._word() if _WORD.match(first) else self._sign(first)

    def _sign(self, first: str) -> Token:
        if first in _SINGLE:
            return self._take(_SINGLE[first], self._at + 1)
        if first == ":":
            if not self._text.startswith(":=", self._at):
                hint = '":=" declares a variable'
                raise TemplateError('":" stands for nothing', self._at, length=1, hint=hint)
            return self._take(Kind.DECLARE, self._at + 2)
        if first.isascii() and first.isprintable():
            return self._take(Kind.OTHER, self._at + 1)
        raise TemplateError(f"{first!r} cannot stand in an action", self._at, length=1)

    def _blank(self, end: int) -> Token:
        """Blanks; the last of them is left where a trim marker begins with it."""
        if self._text.startswith(f"-{self._right}", end) and end - self._at > 1:
            end -= 1
        return self._take(Kind.BLANK, end)

    def _paren(self, first: str, parens: list[int]) -> Token:
        if first == "(":
            parens.append(self._at)
        elif parens:
            parens.pop()
        else:
            raise TemplateError("a parenthesis that nothing opens", self._at, length=1)
        return self._take(_SINGLE[first], self._at + 1)

    def _quoted(self, quote: str) -> Token:
        found = _QUOTED[quote].match(self._text, self._at)
        if found is None:
            hint = "text in single quotes is one character in Go; strings have double quotes"
            raise TemplateError(
                f"the {_WRITTEN[quote]} is never closed",
                self._at,
                length=1,
                hint=hint if quote == "'" else "",
            )
        return self._take(Kind.CHARACTER if quote == "'" else Kind.STRING, found.end())

    def _check_terminator(self, end: int) -> None:
        character = self._text[end : end + 1]
        if character and character not in _TERMINATORS and not self._text.startswith(self._right, end):
            raise TemplateError(f'"{character}" cannot stand here', end, length=1, hint=self._hint(end))

    def _hint(self, end: int) -> str:
        if self._text.startswith("-", end):
            return 'a name with a dash is reached by index: {{ index . "a-b" }}'
        return ""

    def _name(self, kind: Kind) -> Token:
        """`$x`, `.Name`, or the sign alone."""
        word = _WORD.match(self._text, self._at + 1)
        end = word.end() if word else self._at + 1
        self._check_terminator(end)
        alone = end == self._at + 1
        return self._take(Kind.DOT if alone and kind is Kind.FIELD else kind, end)

    def _number(self) -> Token:
        found = _NUMBER.match(self._text, self._at)
        end = found.end() if found else self._at + 1
        kind = Kind.NUMBER
        if self._text[end : end + 1] in {"+", "-"}:
            found = _NUMBER.match(self._text, end)
            end = found.end() if found else end + 1
            kind = Kind.COMPLEX
        if _WORD.match(self._text, end) or (kind is Kind.COMPLEX and self._text[end - 1] != "i"):
            wrong = self._text[self._at : end + 1]
            raise TemplateError(f'"{wrong}" is not a number', self._at, length=len(wrong))
        return self._take(kind, end)

    def _word(self) -> Token:
        found = _WORD.match(self._text, self._at)
        end = found.end() if found else self._at + 1
        self._check_terminator(end)
        word = self._text[self._at : end]
        if word in KEYWORDS:
            return self._take(Kind.KEYWORD, end)
        if word == "nil":
            return self._take(Kind.NIL, end)
        return self._take(Kind.BOOL if word in {"true", "false"} else Kind.IDENTIFIER, end)
