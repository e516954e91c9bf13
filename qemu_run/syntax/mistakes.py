"""What a token that does not fit most likely means, in words and with the caret in the right place."""

import re

from qemu_run.errors import Diagnostic
from qemu_run.source import Source, Span
from qemu_run.syntax.automaton import Automaton
from qemu_run.syntax.tokens import END, NEWLINE, SYMBOLS, Token

OPERAND_STARTS = frozenset(
    {"NAME", "INT_LITERAL", "FLOAT_LITERAL", "TRUE", "FALSE", "NULL", "DBLQUOTE", "LPAR", "LSQB", "LBRACE"}
)
NO_EQUALS = frozenset({"COLON", "DOUBLE_EQ", "FOR_OBJECT_ARROW"})
"""What other languages write where HCL wants an equals sign."""

ENDS = frozenset({NEWLINE, END, "RBRACE"})
BINARY = frozenset(
    {"PLUS", "ASTERISK", "SLASH", "PERCENT", "DOUBLE_EQ", "NEQ", "LT", "GT", "LEQ", "GEQ"}
    | {"DOUBLE_AMP", "DOUBLE_PIPE", "QMARK"}
)
NAME = re.compile(r"[^\W\d][\w-]*")


class Mistake:
    """One token that does not fit, with what stood before it."""

    def __init__(self, source: Source, automaton: Automaton, tokens: list[Token], index: int) -> None:
        self._source = source
        self._automaton = automaton
        self._token = tokens[index]
        self._before = tokens[index - 1] if index else None
        self._next = tokens[index + 1].kind if index + 1 < len(tokens) else END
        statement = index
        while statement and not (tokens[statement].depth and tokens[statement].kind != "RBRACE"):
            statement -= 1
        self._statement = tokens[statement : index + 1]
        self.start = self._statement[0].start
        """Where the statement begins that it is in."""

    def repair(self) -> Token | None:
        """A token that, put before the wrong one, makes it fit: a forgotten comma, or `=` for `:`."""
        start = self._token.start
        if self._lacks_comma() and self._keyword() is None:
            return Token("COMMA", start, start)
        return None

    def diagnostic(self) -> Diagnostic:
        """The message."""
        rules = (
            *(self._keyword, self._quoted_name, self._header, self._header_end, self._list),
            *(self._trailing, self._missing, self._line, self._template),
        )
        for rule in rules:
            found = rule()
            if found is not None:
                return found
        return self._unexpected()

    def _keyword(self) -> Diagnostic | None:
        """A word as a key that means something else there."""
        before = self._before
        if before is not None and before.kind == "FOR" and self._token.kind in {"EQ", "COLON"}:
            return self._say('"for" begins a loop here', before, 'as a key, write "for" in quotes')
        if before is not None and before.kind == "NAME" and before.text == "in" and self._after_for():
            return self._say('"for" has no name before "in"', before, "write for x in ...")
        return None

    def _after_for(self) -> bool:
        return len(self._statement) > 2 and self._statement[-3].kind == "FOR"

    def _in_header(self) -> bool:
        """Whether a statement has begun whose `=` or `{` has not come."""
        accepts, words = self._automaton.accepts, self._statement
        if not accepts("LBRACE") or (accepts("EQ") and len(words) != 2):
            return False
        name = words[0]
        return bool(name.depth) and name.kind == "NAME" and not any(word.kind == "EQ" for word in words[:-1])

    def _header(self) -> Diagnostic | None:
        """A sign in a statement's head that does not belong there."""
        token, words = self._token, self._statement
        if not self._in_header():
            return None
        text, alone = words[0].text, len(words) == 2
        if token.kind in NO_EQUALS and alone:
            return self._say(f'"{text}" is set with "{SYMBOLS[token.kind]}"', token, 'write "=" instead')
        if token.kind == "EQ":
            form = f'a block is written {text} "..." {{'
            return self._say(f'"{text}" has a label and an equals sign', token, form)
        if alone and token.kind in OPERAND_STARTS | {"MINUS"}:
            return self._say("an equals sign is missing", token, f"write {text} = ...")
        return None

    def _header_end(self) -> Diagnostic | None:
        """A statement that is neither `name = value` nor `type "label" {`."""
        token, words = self._token, self._statement
        if token.kind not in ENDS or not self._in_header():
            return None
        name, last = words[0], words[-2]
        if token.kind == NEWLINE and self._next == "LBRACE":
            brace = self._source.text.index("{", token.start)
            where = self._source.span(brace, brace + 1)
            label = f'it must follow "{name.text}" on its line'
            return Diagnostic("an opening brace on a line of its own", where, label)
        if last is name:
            forms = f"write {name.text} = ... or {name.text} {{ ... }}"
            return self._say(f'"{name.text}" is neither an argument nor a block', name, forms)
        labels = self._source.span(words[1].start, last.end)
        forms = f"write {name.text} = {labels.text} or {name.text} {labels.text} {{"
        return Diagnostic("an equals sign or an opening brace is missing", labels, forms)

    def _quoted_name(self) -> Diagnostic | None:
        """A name as the first version of HCL allowed it, and as keys of a map still are."""
        token = self._token
        if token is not self._statement[0] or token.kind != "DBLQUOTE" or not token.depth:
            return None
        where = self._operand()
        if NAME.fullmatch(where.text.strip('"')):
            return Diagnostic("the name of an argument has no quotes", where, "remove the quotes")
        return Diagnostic(
            "the name of an argument has no quotes",
            where,
            "only the keys of a map may be quoted",
            hints=(f"env and meta may be maps: env = {{ {where.text} = ... }}",),
        )

    def _list(self) -> Diagnostic | None:
        """Two elements side by side."""
        if self._lacks_comma():
            before = self._before or self._token
            end = self._source.span(before.end - 1, before.end)
            return Diagnostic("a comma is missing", end, "a comma must follow")
        return None

    def _lacks_comma(self) -> bool:
        accepts = self._automaton.accepts
        return self._token.kind in OPERAND_STARTS and accepts("COMMA") and not accepts("IN")

    def _trailing(self) -> Diagnostic | None:
        """A word after a value: often the rest of a text that should be in quotes, such as `5m`."""
        word = self._before
        if word is None or word.kind != "NAME" or len(self._statement) <= 3:
            return None
        accepts = self._automaton.accepts
        if self._token.kind not in ENDS or not accepts("EQ") or accepts("COLON"):
            return None
        value = self._statement[-3]
        if value.end == word.start and value.kind != "DBLQUOTE":
            written = self._source.span(value.start, word.end)
            return Diagnostic("a text without quotes", written, f'write "{written.text}"')
        return self._say("the line goes on after a value", word, "a new line must come before this")

    def _missing(self) -> Diagnostic | None:
        """A value, or a name in one, that is not there."""
        accepts, token, before = self._automaton.accepts, self._token, self._before
        if before is None:
            return None
        if before.kind == "DOT":
            return self._say("a name is missing", before, "a name must follow the dot")
        if not accepts("NULL") or accepts(NEWLINE):
            return None
        if token.kind == "EQ" and before.kind == "EQ":
            label = "equality is written == only between two values"
            return self._say("one equals sign too many", token, label)
        if token.kind in ENDS | {"RSQB", "RPAR", "COMMA", "COLON"}:
            text = SYMBOLS.get(before.kind, self._source.span(before.start, before.end).text)
            where = before if token.kind in {NEWLINE, END} else token
            return self._say("a value is missing", where, f'an expression must follow "{text.strip()}"')
        return self._say(f"{self._name(token)} cannot begin a value", token, "a value is wanted here")

    def _line(self) -> Diagnostic | None:
        """A line that goes on where it should end, or the next one that does."""
        accepts, token, words = self._automaton.accepts, self._token, self._statement
        if token.kind == "LBRACE" and len(words) > 2 and words[1].kind == "EQ":
            return self._say("a block has no equals sign", words[1], f"write {words[0].text} ... {{")
        if token.kind == "COMMA" and accepts(NEWLINE) and self._next in {NEWLINE, END}:
            label = "arguments are separated by lines: remove it"
            return self._say("a comma after an argument", token, label)
        if token.kind == "COMMA" and accepts("RBRACE") and not accepts("COLON"):
            label = "a block on one line can hold one argument only"
            return self._say("a comma after an argument", token, label)
        if token.kind in BINARY | {"MINUS"} and self._before is not None and self._before.kind == NEWLINE:
            label = "put it in parentheses, or in one line"
            return self._say("an expression cannot go on in the next line", token, label)
        if accepts(NEWLINE) and token.kind in OPERAND_STARTS:
            label = "a new line must come before this"
            return Diagnostic("the line goes on after a value", self._operand(), label)
        return None

    def _template(self) -> Diagnostic | None:
        """What is between `${` and `}` goes on wrongly."""
        if self._automaton.accepts("RBRACE") and self._token.kind in {"DBLQUOTE", "NAME", END}:
            return Diagnostic(
                "an operator or a closing brace is missing", self._operand(), '"}" or an operator is wanted'
            )
        return None

    def _unexpected(self) -> Diagnostic:
        token = self._token
        if token.kind == END:
            return self._say("the text ends too early", self._before or token, "more must follow")
        expected = self._automaton.expected()
        known = [
            SYMBOLS[kind]
            for kind in ("EQ", "IN", "COLON", "FOR_OBJECT_ARROW", "RSQB", "RPAR", "RBRACE")
            if kind in expected and kind in SYMBOLS
        ]
        wanted = ("IN" in expected and '"in" is wanted') or (
            f'"{known[0]}" is wanted' if len(known) == 1 else ""
        )
        return self._say(f"{self._name(token)} does not fit here", token, wanted)

    def _name(self, token: Token) -> str:
        if token.kind == NEWLINE:
            return "the end of the line"
        if token.kind == END:
            return "the end of the text"
        text = self._source.span(token.start, max(token.end, token.start + 1)).text.strip() or SYMBOLS.get(
            token.kind, ""
        )
        return f'"{text}"'

    def _operand(self) -> Span:
        """The wrong token; of a string, all of it that is on its line."""
        token = self._token
        end = max(token.end, token.start + 1)
        if token.kind == "DBLQUOTE" and token.end == token.start + 1:
            line_end = self._source.text.find("\n", token.start)
            closing = self._source.text.find('"', token.end, line_end if line_end >= 0 else None)
            end = closing + 1 if closing >= 0 else end
        return self._source.span(token.start, end)

    def _say(self, summary: str, token: Token, label: str) -> Diagnostic:
        return Diagnostic(summary, self._source.span(token.start, max(token.end, token.start + 1)), label)
