"""Text to tokens, by the rules of HCL's own scanner.

The lexer knows which brackets, strings and heredocs it is in, so it decides where a line end means something,
which words are keywords, and where a template begins and ends. It reports every mistake in the characters
themselves and goes on behind it.

Source: the HCL native syntax specification, lexical elements and template sub-language.
"""

import re
from typing import NoReturn

from qemu_run.errors import Diagnostics
from qemu_run.source import Source
from qemu_run.syntax.frames import Frame, UnreadableError
from qemu_run.syntax.strings import Literals
from qemu_run.syntax.tokens import DIRECTIVES, END, LITERALS, NEWLINE, PUNCTUATION, Token

CODE = re.compile(
    r"""[ \t]*(?:
      (?P<name>[A-Za-z_][\w-]*(?:[^\x00-\x7f\s][\w-]*){0,99}(?:::[A-Za-z_][\w-]*)*)
    | (?P<newline>\r?\n)
    | (?P<quote>")
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<full_splat>\[[ \t]*\*[ \t]*\])
    | (?P<line_comment>(?:\#|//)[^\n]*)
    | (?P<comment>/\*(?:.*?\*/)?)
    | (?P<heredoc><<-?)
    | (?P<attribute_splat>\.[ \t]*\*)
    | (?P<operator>\.\.\.|==|!=|<=|>=|=>|&&|\|\||[{}\[\](),.=:?+\-*/%!<>])
    | (?P<strip>~(?=}))
    | (?P<foreign>[^\x00-\x7f\s][\w-]*(?:[^\x00-\x7f\s][\w-]*){0,99})
    | (?P<end>\Z)
    | (?P<wrong>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
"""One token of code with the blanks before it."""

OPERAND_ENDS = frozenset(
    {"NAME", "INT_LITERAL", "FLOAT_LITERAL", "TRUE", "FALSE", "NULL", "DBLQUOTE", "RPAR", "RSQB", "RBRACE"}
    | {"FULL_SPLAT_START", "ATTR_SPLAT", "ELLIPSIS"}
)
"""Terminals after which an expression may be complete."""


VALUE_FOLLOWS = frozenset({"EQ", "LSQB", "COMMA"})
"""Terminals after which a value may begin."""

MOST_TOKENS = 150_000
"""A job of some 25,000 lines: what is more is no job, and would only take long."""

NO_STATEMENT = frozenset({NEWLINE, "LBRACE", "RBRACE", END})
"""Terminals that no statement begins with."""

ASSIGNMENT = re.compile(r"[\w-]+[ \t]*=(?![=>])")


class Lexer(Literals):
    """The state of reading one text."""

    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        super().__init__(source, diagnostics)
        self.pos = 1 if self.text.startswith("\ufeff") else 0
        self.line_starts: set[int] = set()
        self.statement = False
        """Whether the next token begins a statement of a body."""
        self._line_broke = False
        """Whether a line ended that means nothing since the last name."""

    def run(self) -> None:
        """Read it all."""
        self.frames.push("body", 0)
        self.statement = True
        self._read(to_end=True)
        self.frames.finish()
        self.add(END, len(self.text), len(self.text))

    def run_expression(self) -> None:
        """Read it all as one expression."""
        self.frames.push("expression", 0)
        self._read(to_end=True)
        self.frames.finish()
        self.add(END, len(self.text), len(self.text))

    def run_template(self) -> None:
        """Read it all as the inside of one string."""
        self.add("DBLQUOTE", self.pos, self.pos)
        self.frames.push("text", self.pos)
        self._read(to_end=False)
        self.frames.finish()
        self.add("DBLQUOTE", len(self.text), len(self.text))
        self.add(END, len(self.text), len(self.text))

    def _read(self, *, to_end: bool) -> None:
        while True:
            if len(self.tokens) > MOST_TOKENS:
                self._too_large()
            frame = self.frames.top
            if frame.is_string:
                if not to_end and self.pos >= len(self.text):
                    return
                self.string_part(frame)
            elif self.tokens and self.tokens[-1].kind in VALUE_FOLLOWS and self.unquoted():
                pass
            elif self._code():
                return

    def _too_large(self) -> NoReturn:
        place = self.source.span(self.pos, self.pos + 1)
        label = f"{MOST_TOKENS} words and signs end here"
        self.diagnostics.error("the file is too large to be a job", place, label)
        raise UnreadableError

    def _code(self) -> bool:
        """Read one token of code; true at the end of the text."""
        match = CODE.match(self.text, self.pos)
        assert match is not None  # noqa: S101 - the last alternatives match whatever there is
        kind = match.lastgroup or "end"
        start, self.pos = match.span(kind)
        if kind == "name":
            self._name(match[kind], start)
        elif kind == "operator":
            self._operator(match[kind], start)
        elif kind == "newline":
            self._newline(start)
        elif kind == "end":
            return True
        else:
            getattr(self, f"_{kind}")(match[kind], start)
        return False

    def _newline(self, start: int) -> None:
        frame = self.frames.top
        if not frame.newlines:
            self._line_broke = True
            return
        if self.tokens and self.tokens[-1].kind != NEWLINE:
            self.add(NEWLINE, start, self.pos)
        if frame.kind == "body":
            frame.in_value = False
            self.statement = True
        frame.nested = 0

    def _name(self, text: str, start: int) -> None:
        if not text.isascii():
            text = self._identifier(text, start)
        frame = self.frames.top
        if self._line_broke:
            self._line_broke = False
            if frame.kind in {"tuple", "paren"} and ASSIGNMENT.match(self.text, start):
                frame = self.frames.give_up(frame, start)
        if frame.kind == "body" and not frame.in_value:
            self.add("NAME", start, self.pos, text)
        elif frame.kind == "directive" and self.tokens[-1].kind == "DIRECTIVE_START":
            self._directive(text, start, frame)
        else:
            self.add(self._word(text, frame), start, self.pos, text)

    def _identifier(self, text: str, start: int) -> str:
        """The part of a word outside ASCII that is a name; what follows is read anew."""
        end = next(
            (place for place, character in enumerate(text) if not _continues_name(character)), len(text)
        )
        self.pos = start + end
        return text[:end]

    def _word(self, text: str, frame: Frame) -> str:
        """The terminal of a word in an expression: keywords are such only where HCL wants one."""
        tokens = self.tokens
        before = tokens[-1].kind if tokens else ""
        if before == "DOT":
            return "NAME"
        if text == "for" and frame.kind in {"tuple", "object"} and frame.is_first(tokens):
            frame.newlines = False
            frame.is_for = True
            if before == NEWLINE:
                tokens.pop()
            return "FOR"
        if text == "in" and self._after_for_names():
            return "IN"
        if text == "if" and frame.is_for and before in OPERAND_ENDS:
            return "IF"
        if before == "FOR":
            return "NAME"
        return LITERALS.get(text, "NAME")

    def _after_for_names(self) -> bool:
        kinds = [token.kind for token in self.tokens[-4:]]
        return kinds[-2:] == ["FOR", "NAME"] or kinds == ["FOR", "NAME", "COMMA", "NAME"]

    def _directive(self, text: str, start: int, frame: Frame) -> None:
        """The word after `%{`."""
        kind = DIRECTIVES.get(text)
        if kind is not None:
            self.add(kind, start, self.pos, text)
            return
        self.error(
            f'"{text}" is not a template directive',
            self.source.span(start, self.pos),
            "if, else, endif, for or endfor",
            hints=("to write the characters %{ themselves, double the percent sign: %%{",),
        )
        self.frames.drop(frame)
        self.pos = self.text.find("}", self.pos) + 1 or len(self.text)

    def _foreign(self, text: str, start: int) -> None:
        """A name that begins with a letter outside ASCII, or no name at all."""
        if text[0].isidentifier():
            self._name(text, start)
        else:
            self.pos = start + 1
            self.wrong_character(text[0], start)

    def _operator(self, text: str, start: int) -> None:
        frame = self.frames.top
        kind = PUNCTUATION[text]
        if kind in {"LBRACE", "LSQB", "LPAR"}:
            body = kind == "LBRACE" and frame.kind == "body" and not frame.in_value
            self.add(kind, start, self.pos)
            self.frames.open(kind, start, body=body)
            self.statement = body
        elif kind in {"RBRACE", "RSQB", "RPAR"}:
            self.frames.close(kind, start)
        else:
            self.add(kind, start, self.pos)
            if kind == "EQ" and frame.kind == "body":
                frame.in_value = True
            elif kind in {"QMARK", "NOT", "MINUS"}:
                self.frames.count(kind, start)
            elif kind == "COMMA":
                frame.nested = 0

    def _strip(self, text: str, start: int) -> None:
        """The `~` before a closing brace: it belongs to the brace."""
        frame = self.frames.top
        if frame.kind in {"interpolation", "directive"}:
            self.pos += 1
            self.frames.close("RBRACE", start, text + "}")
        else:
            self._wrong(text, start)

    def _quote(self, _: str, start: int) -> None:
        self.add("DBLQUOTE", start, self.pos)
        self.frames.push("quoted", start)

    def _number(self, text: str, start: int) -> None:
        before = self.tokens[-1].kind if self.tokens else ""
        if before == "DOT" and "." in text:
            first, second = text.split(".", 1)
            self.error(
                "two indexes in a row cannot be written with dots",
                self.source.span(start, self.pos),
                f"write [{first}][{second}]",
            )
            text = first
        whole = before == "DOT" or text.isdigit()
        self.add("INT_LITERAL" if whole else "FLOAT_LITERAL", start, self.pos, text)

    def _full_splat(self, _: str, start: int) -> None:
        self.add("FULL_SPLAT_START", start, self.pos)
        self.frames.count("FULL_SPLAT_START", start)

    def _attribute_splat(self, _: str, start: int) -> None:
        self.add("ATTR_SPLAT", start, self.pos)

    def _line_comment(self, _text: str, _start: int) -> None:
        """Up to the end of its line, which still counts."""

    def _comment(self, text: str, start: int) -> None:
        if not text.endswith("*/") or len(text) < 4:
            self.error("a comment is never closed", self.source.span(start, start + 2), "no */ follows")
            self.pos = len(self.text)

    def _heredoc(self, text: str, start: int) -> None:
        self.open_heredoc(text, start)

    def _wrong(self, text: str, start: int) -> None:
        self.wrong_character(text, start)

    def add(self, kind: str, start: int, end: int, text: str = "") -> Token:
        """Put a token behind the others."""
        if self.tokens and self.tokens[-1].kind == NEWLINE:
            self.line_starts.add(start)
        token = Token(kind, start, end, text)
        self.tokens.append(token)
        if self.statement and kind not in NO_STATEMENT:
            token.depth = self.frames.bodies
            self.statement = False
        return token


def _continues_name(character: str) -> bool:
    return character in "-:" or f"x{character}".isidentifier()
