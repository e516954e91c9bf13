"""Text to tokens, by the rules of HCL's own scanner.

The lexer knows which brackets, strings and heredocs it is in, so it decides where a line end means something,
which words are keywords, and where a template begins and ends. It reports every mistake in the characters
themselves and goes on after it.

Source: the HCL native syntax specification, lexical elements and template sub-language.
"""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

from qemu_run.errors import Diagnostics
from qemu_run.source import Source
from qemu_run.syntax.foreign import skip_unquoted, skip_wrong_character
from qemu_run.syntax.frames import Frame, Frames
from qemu_run.syntax.limits import MOST_TOKENS
from qemu_run.syntax.strings import Strings
from qemu_run.syntax.token_sink import TokenSink
from qemu_run.syntax.tokens import CLOSING, DIRECTIVES, END, LITERALS, NEWLINE, OPENING, PUNCTUATION

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

NOTHING_TO_END = frozenset({"", NEWLINE})
"""What stands before a line end that need not be told: nothing, or another one."""

VALUE_FOLLOWS = frozenset({"EQ", "LSQB", "COMMA"})
"""Terminals after which a value may begin."""

ASSIGNMENT = re.compile(r"[\w-]+[ \t]*=(?![=>])")


class Lexer:
    """The state of reading one text: where it is, and what it is in."""

    def __init__(
        self, source: Source, diagnostics: Diagnostics, start: int = 0, end: int | None = None
    ) -> None:
        self.sink = TokenSink(source, diagnostics, end)
        self._frames = Frames(self.sink)
        self._strings = Strings(self.sink, self._frames)
        self._text = self.sink.text
        self._pos = start
        self._line_broke = False
        """Whether a line ended that means nothing since the last name."""

    def read_body(self) -> None:
        """Read it all as a file."""
        self._skip_byte_order_mark()
        self._frames.push("body", 0)
        self.sink.statement = True
        self._read()
        self._end()

    def read_expression(self) -> None:
        """Read it all as one expression."""
        self._skip_byte_order_mark()
        self._frames.push("expression", 0)
        self._read()
        self._end()

    def read_template(self) -> None:
        """Read it all as the inside of one string."""
        self.sink.add("DBLQUOTE", self._pos, self._pos)
        self._frames.push("text", self._pos)
        self._read()
        end = len(self._text)
        self._frames.close_all(end)
        self.sink.add("DBLQUOTE", end, end)
        self.sink.add(END, end, end)

    def _skip_byte_order_mark(self) -> None:
        self._pos += self._text.startswith("\ufeff", self._pos)

    def _end(self) -> None:
        end = len(self._text)
        self._frames.close_all(self._pos)
        self.sink.add(END, end, end)

    def _read(self) -> None:
        """Read to the end of the text, by turns what is in strings and what is not."""
        sink, frames, text = self.sink, self._frames, self._text
        tokens, code, readers = sink.tokens, CODE.match, self.READERS
        while True:
            if len(tokens) > MOST_TOKENS:
                label = f"{MOST_TOKENS:,} words and signs end here"
                sink.give_up("the file is too large to be a job", self._pos, label)
            frame = frames.top
            if frame.is_string:
                if frame.kind == "text" and self._pos >= len(text):
                    return
                self._pos = self._strings.part(frame, self._pos)
                continue
            if sink.last in VALUE_FOLLOWS:
                self._pos = skip_unquoted(sink, self._pos)
            match = code(text, self._pos)
            assert match is not None  # noqa: S101 - the last alternatives match whatever there is
            kind = match.lastgroup or "end"
            start, self._pos = match.span(kind)
            if kind == "end":
                return
            readers[kind](self, match[kind], start)

    def _newline(self, _: str, start: int) -> None:
        frame = self._frames.top
        if not frame.newlines:
            self._line_broke = True
            return
        if self.sink.last not in NOTHING_TO_END:
            self.sink.add(NEWLINE, start, self._pos)
        if frame.kind == "body":
            frame.in_value = False
            self.sink.statement = True
        frame.nested = 0

    def _name(self, text: str, start: int) -> None:
        if not text.isascii():
            text = self._identifier(text, start)
        frame = self._frames.top
        if self._line_broke:
            self._line_broke = False
            if frame.kind in {"tuple", "paren"} and ASSIGNMENT.match(self._text, start):
                frame = self._frames.give_up(frame, start)
        if frame.kind == "body" and not frame.in_value:
            self.sink.add("NAME", start, self._pos, text)
        elif frame.kind == "directive" and self.sink.last == "DIRECTIVE_START":
            self._directive(text, start, frame)
        else:
            self.sink.add(self._word(text, frame), start, self._pos, text)

    def _identifier(self, text: str, start: int) -> str:
        """The part of a word outside ASCII that is a name; what follows is read anew."""
        end = next(
            (place for place, character in enumerate(text) if not _continues_name(character)), len(text)
        )
        self._pos = start + end
        return text[:end]

    def _word(self, text: str, frame: Frame) -> str:
        """The terminal of a word in an expression: keywords are such only where HCL wants one."""
        tokens = self.sink.tokens
        before = self.sink.last
        if before == "DOT":
            return "NAME"
        if text == "for" and frame.kind in {"tuple", "object"} and frame.is_first(tokens):
            frame.newlines = False
            frame.is_for = True
            if before == NEWLINE:
                self.sink.take_back(len(tokens) - 1)
            return "FOR"
        if text == "in" and self._after_for_names():
            return "IN"
        if text == "if" and frame.is_for and before in OPERAND_ENDS:
            return "IF"
        if before == "FOR":
            return "NAME"
        return LITERALS.get(text, "NAME")

    def _after_for_names(self) -> bool:
        kinds = [token.kind for token in self.sink.tokens[-4:]]
        return kinds[-2:] == ["FOR", "NAME"] or kinds == ["FOR", "NAME", "COMMA", "NAME"]

    def _directive(self, text: str, start: int, frame: Frame) -> None:
        """The word after `%{`."""
        kind = DIRECTIVES.get(text)
        if kind is not None:
            self.sink.add(kind, start, self._pos, text)
            return
        self.sink.error(
            f'"{text}" is not a template directive',
            self.sink.source.span(start, self._pos),
            "if, else, endif, for or endfor",
            hints=("to write the characters %{ themselves, double the percent sign: %%{",),
        )
        self._frames.drop(frame)
        self._pos = self._text.find("}", self._pos) + 1 or len(self._text)

    def _foreign(self, text: str, start: int) -> None:
        """A name that begins with a letter outside ASCII, or no name at all."""
        if text[0].isidentifier():
            self._name(text, start)
        else:
            self._pos = skip_wrong_character(self.sink, text[0], start)

    def _operator(self, text: str, start: int) -> None:
        sink, frames = self.sink, self._frames
        frame = frames.top
        kind = PUNCTUATION[text]
        if kind in OPENING:
            body = kind == "LBRACE" and frame.kind == "body" and not frame.in_value
            sink.add(kind, start, self._pos)
            frames.open(kind, start, body=body)
            sink.statement = body
        elif kind in CLOSING:
            frames.close(kind, start, self._pos)
        else:
            sink.add(kind, start, self._pos)
            if kind == "EQ" and frame.kind == "body":
                frame.in_value = True
            elif kind in {"QMARK", "NOT", "MINUS"}:
                frames.count(kind, start)
            elif kind == "COMMA":
                frame.nested = 0

    def _strip(self, text: str, start: int) -> None:
        """The `~` before a closing brace: it belongs to the brace."""
        frame = self._frames.top
        if frame.kind in {"interpolation", "directive"}:
            self._pos += 1
            self._frames.close("RBRACE", start, self._pos, text + "}")
        else:
            self._wrong(text, start)

    def _quote(self, _: str, start: int) -> None:
        self.sink.add("DBLQUOTE", start, self._pos)
        self._frames.push("quoted", start)

    def _number(self, text: str, start: int) -> None:
        before = self.sink.last
        if before == "DOT" and "." in text:
            first, second = text.split(".", 1)
            self.sink.error(
                "two indexes in a row cannot be written with dots",
                self.sink.source.span(start, self._pos),
                f"write [{first}][{second}]",
            )
            text = first
        whole = before == "DOT" or text.isdigit()
        self.sink.add("INT_LITERAL" if whole else "FLOAT_LITERAL", start, self._pos, text)

    def _full_splat(self, _: str, start: int) -> None:
        self.sink.add("FULL_SPLAT_START", start, self._pos)
        self._frames.count("FULL_SPLAT_START", start)

    def _attribute_splat(self, _: str, start: int) -> None:
        self.sink.add("ATTR_SPLAT", start, self._pos)

    def _line_comment(self, _text: str, _start: int) -> None:
        """Up to the end of its line, which still counts."""

    def _comment(self, text: str, start: int) -> None:
        if not text.endswith("*/") or len(text) < 4:
            self.sink.error(
                "a comment is never closed", self.sink.source.span(start, start + 2), "no */ follows"
            )
            self._pos = len(self._text)

    def _heredoc(self, text: str, start: int) -> None:
        self._pos = self._strings.open_heredoc(text, start)

    def _wrong(self, text: str, start: int) -> None:
        self._pos = skip_wrong_character(self.sink, text, start)

    READERS: ClassVar["Mapping[str, Callable[[Lexer, str, int], None]]"] = {
        "name": _name,
        "newline": _newline,
        "quote": _quote,
        "number": _number,
        "full_splat": _full_splat,
        "line_comment": _line_comment,
        "comment": _comment,
        "heredoc": _heredoc,
        "attribute_splat": _attribute_splat,
        "operator": _operator,
        "strip": _strip,
        "foreign": _foreign,
        "wrong": _wrong,
    }
    """By the group of `CODE`: what reads it, given its text and its start."""


def _continues_name(character: str) -> bool:
    return character in "-:" or f"x{character}".isidentifier()
