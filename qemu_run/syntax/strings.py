"""The parts of the lexer that read quoted strings, heredocs and characters that belong nowhere.

Source: the HCL native syntax specification, template expressions.
"""

import re
from difflib import get_close_matches

from qemu_run.errors import Diagnostics
from qemu_run.source import Source, Span
from qemu_run.syntax.frames import Frame, Frames, UnreadableError
from qemu_run.syntax.tokens import Token

QUOTED_TEXT = re.compile(r'(?:[^"\\$%\r\n]+|\$\$\{|%%\{|\$(?!\{)|%(?!\{)|\\[^\r\n]|\r(?!\n))+')
HEREDOC_TEXT = re.compile(r"(?:[^$%\n]+|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*\n?")
BARE_TEXT = re.compile(r"(?:[^$%]+|\$\$\{|%%\{|\$(?!\{)|%(?!\{))+")
SEQUENCE = re.compile(r"[$%]\{~?")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
DOUBLED = re.compile(r"([$%])\1\{")
MARKER = re.compile(r"""[ \t]*["']?([^\W\d][\w-]*)""")
HEREDOC = re.compile(r"<<-?([^\W\d][\w-]*)([ \t]*)(\r?\n|\Z)")
BARE_INTERPOLATION = re.compile(r"\$\{([^{}\n]*)\}")
OF_A_SHELL = re.compile(
    r"""\$\{(?:
        [#][\w@*] | [@*?$-]\}                           # ${#x} ${@}
      | [A-Za-z_]\w*(?:
            :[-=+?\d\ $] | \#                           # ${x:-y} ${x:0:3} ${x#y}
          | %%? [.*/%?] | //? [^\s\d/"}][^\s"}]*/       # ${x%.*} ${x/a/b}
          | // | \^\^? | ,,? | \[@\]                    # ${x//a} ${x^^} ${x[@]}
        )
    )[^"}\n]* \}""",
    re.VERBOSE,
)
"""A parameter as a shell expands it, in a form that cannot be an expression of HCL."""
QUOTES = {
    "'": "'",
    "`": "`",
    "\u2018": "\u2019",
    "\u2019": "\u2019",
    "\u201c": "\u201d",
    "\u201d": "\u201d",
    "\u201e": "\u201c",
}
"""Quotes that other languages and word processors know, each with what ends it."""
MOST_MISTAKES = 100
"""How many of them in one text are worth reading."""

SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}

ADVICE = {
    ";": ("statements end with the line", "remove the semicolon"),
    "&": ('"and" is written &&', ""),
    "|": ('"or" is written ||', ""),
    "\\": ("a backslash means something in a string only", ""),
    "\0": ("a NUL character", "is this a text file?"),
    "\xa0": ("a no-break space", "replace it with an ordinary one"),
    "\ufeff": ("a byte order mark that is not at the start of the file", "remove it"),
}
"""Characters that belong nowhere in code: what to say, and what to do."""


class Literals:
    """Reads what is between quotes; the other half of the lexer."""

    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self.source = source
        self.text = source.text
        self.diagnostics = diagnostics
        self.tokens: list[Token] = []
        self.pos = 0
        self.statement = False
        self.frames = Frames(self)
        self._mistakes = 0

    def error(self, summary: str, span: Span, label: str = "", *, hints: tuple[str, ...] = ()) -> None:
        """Add a diagnostic; give up when there are too many."""
        self.diagnostics.error(summary, span, label, hints=hints)
        self._mistakes += 1
        if self._mistakes >= MOST_MISTAKES:
            raise UnreadableError

    def add(self, kind: str, start: int, end: int, text: str = "") -> Token:
        """Put a token behind the others."""
        raise NotImplementedError

    def string_part(self, frame: Frame) -> None:
        """Read the next run of characters of a string, the start of a sequence in it, or its end."""
        start = self.pos
        if frame.kind == "heredoc" and frame.at_line_start and self._end_heredoc(frame):
            return
        pattern = {"quoted": QUOTED_TEXT, "heredoc": HEREDOC_TEXT}.get(frame.kind, BARE_TEXT)
        match = pattern.match(self.text, start)
        if match is not None and match.end() > start:
            self.pos = match.end()
            frame.at_line_start = self.text[self.pos - 1] == "\n"
            self.add("STRING_CHARS", start, self.pos, self._decode(match[0], start, frame))
        elif frame.kind != "text" and (shell := OF_A_SHELL.match(self.text, start)):
            self._shell_text(shell[0], start)
        elif sequence := SEQUENCE.match(self.text, start):
            self.pos = sequence.end()
            frame.at_line_start = False
            interpolation = sequence[0][0] == "$"
            self.add("INTERP_START" if interpolation else "DIRECTIVE_START", start, self.pos, sequence[0])
            self.frames.push("interpolation" if interpolation else "directive", start)
        elif frame.kind == "heredoc":
            self._unterminated_heredoc(frame)
        elif self.text[start : start + 1] == '"':
            self.pos += 1
            self.frames.pop()
            self.add("DBLQUOTE", start, self.pos)
        else:
            self._unclosed_string(frame)

    def _shell_text(self, text: str, start: int) -> None:
        """Report what is meant for a shell, and go on as if it had been written so that it gets there."""
        self.pos = start + len(text)
        label = "no expression of the job language"
        hints = (f"to leave it to the shell, double the dollar sign: ${text}",)
        self.error(f'"{text}" is for a shell', self.source.span(start, self.pos), label, hints=hints)
        self.add("STRING_CHARS", start, self.pos, text)

    def _decode(self, text: str, start: int, frame: Frame) -> str:
        """The characters a run stands for."""
        if frame.kind == "quoted" and "\\" in text:
            text = self._unescape(text, start)
        elif "{" in text:
            text = DOUBLED.sub(r"\1{", text)
        return text

    def _unescape(self, text: str, start: int) -> str:
        """Replace escapes; `$${` between them stands for `${`."""
        parts, done = [], 0
        for match in ESCAPE.finditer(text):
            parts += [DOUBLED.sub(r"\1{", text[done : match.start()]), self._escape(match, start)]
            done = match.end()
        parts.append(DOUBLED.sub(r"\1{", text[done:]))
        return "".join(parts)

    def _escape(self, match: re.Match[str], start: int) -> str:
        """The character of one escape; half a surrogate pair becomes the replacement character, as in Go."""
        escape = match[1]
        if escape in SIMPLE_ESCAPES:
            return SIMPLE_ESCAPES[escape]
        if len(escape) > 1:
            code = int(escape[1:], 16)
            return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
        hint = "write the backslash twice: \\\\" if escape not in "uU" else ""
        wants = {"u": "four hexadecimal digits must follow", "U": "eight hexadecimal digits must follow"}
        self.error(
            f'"\\{escape}" is no escape sequence',
            self.source.span(start + match.start(), start + match.end()),
            wants.get(escape, 'known are \\n \\r \\t \\" \\\\ \\uXXXX \\UXXXXXXXX'),
            hints=(hint,) if hint else (),
        )
        return escape

    def _unclosed_string(self, frame: Frame) -> None:
        """A line end or the end of the text inside quotes."""
        outer = self._interpolation_without_end(frame)
        if outer is not None:
            self._close_at_quote(outer, frame)
            return
        self.frames.sound_until = min(self.frames.sound_until, frame.start)
        self.error(
            "a string is never closed",
            self.source.span(frame.start, max(self.pos, frame.start + 1)),
            "its closing quote is missing",
            hints=("a text of several lines is written as a heredoc: <<EOF",) if self._continues() else (),
        )
        self.frames.pop()
        self.add("DBLQUOTE", self.pos, self.pos)

    def _continues(self) -> bool:
        """Whether the next line looks like more text of a string rather than the next statement."""
        start = self.text.find("\n", self.pos) + 1 or len(self.text)
        following = self._rest_of_line(start).text.strip()
        return bool(following) and "=" not in following and following[-1:] not in "{}"

    def _interpolation_without_end(self, frame: Frame) -> Frame | None:
        """The `${` that took a string's closing quote for an opening one, if that is what happened."""
        outer = self.frames.parent(frame)
        quoted = self.frames.parent(outer) if outer else None
        if outer is None or quoted is None or outer.kind not in {"interpolation", "directive"}:
            return None
        return outer if quoted.kind == "quoted" and "\n" not in self.text[outer.start : self.pos] else None

    def _close_at_quote(self, outer: Frame, inner: Frame) -> None:
        """Report a `${` without end and go on as if it had ended before the quote."""
        self.error(
            f'"{self.text[outer.start : outer.start + 2]}" is never closed',
            self.source.span(outer.start, inner.start),
            'its "}" is missing',
        )
        self.frames.drop(inner)
        self.frames.pop()
        self.add("RBRACE", inner.start, inner.start)
        self.frames.pop()
        self.pos = inner.start + 1
        self.add("DBLQUOTE", inner.start, self.pos)

    def open_heredoc(self, text: str, start: int) -> None:
        """Read `<<EOF` and the line end behind it."""
        match = HEREDOC.match(self.text, start)
        if match is None or match[2]:
            word = MARKER.match(self.text, start + len(text))
            marker = word[1] if word else ""
            label = f"write {text}{marker} and a new line" if word else "a word must follow"
            self.error("a heredoc begins with << and a word, nothing else", self._rest_of_line(start), label)
            if word is None:
                return
            self.pos = self.text.find("\n", start) + 1 or len(self.text)
        else:
            marker, self.pos = match[1], match.end()
        self.add("DBLQUOTE", start, self.pos, text)
        frame = self.frames.push("heredoc", start)
        frame.marker = marker
        frame.at_line_start = True

    def _end_heredoc(self, frame: Frame) -> bool:
        """Read a line that holds the marker alone; the line end behind it is left."""
        match = re.compile(rf"[^\S\n]*({re.escape(frame.marker)})[^\S\n]*(?=\n|\Z)").match(
            self.text, self.pos
        )
        if match is None:
            return False
        self.frames.pop()
        self.add("DBLQUOTE", match.start(1), match.end(1))
        self.pos = match.end() - (self.text[match.end() - 1] == "\r")
        if match.end() == len(self.text):
            self.error(
                "the file ends behind a heredoc's marker",
                self.source.span(match.start(1), match.end(1)),
                "a line end must follow",
            )
        return True

    def _unterminated_heredoc(self, frame: Frame) -> None:
        """The end of the text in a heredoc: go on behind the line that was probably meant to end it."""
        lines = {line.strip(): number for number, line in self._lines_after(frame)}
        close = get_close_matches(frame.marker, list(lines), n=1, cutoff=0.6)
        self.error(
            f'the heredoc "{frame.marker}" never ends',
            self._rest_of_line(frame.start),
            f'no line holds "{frame.marker}" alone',
            hints=(f'line {lines[close[0]]} is "{close[0]}"',) if close else (),
        )
        self.frames.pop()
        if close:
            offset = self._offset_of_line(lines[close[0]])
            while self.tokens[-1].start >= offset:
                self.tokens.pop()
            self.pos = offset + len(self.source.line(lines[close[0]]))
        else:
            self.frames.sound_until = min(self.frames.sound_until, frame.start)
        self.add("DBLQUOTE", self.pos, self.pos)

    def _rest_of_line(self, start: int) -> Span:
        """From an offset to the end of its line, blanks there left out."""
        end = self.text.find("\n", start)
        line = self.text[start : end if end >= 0 else len(self.text)].rstrip()
        return self.source.span(start, start + max(len(line), 1))

    def _offset_of_line(self, number: int) -> int:
        return sum(len(line) + 1 for line in self.text.split("\n")[: number - 1])

    def _lines_after(self, frame: Frame) -> list[tuple[int, str]]:
        first = self.source.position(frame.start).line + 1
        count = self.text.count("\n", frame.start) + 1
        return [(number, self.source.line(number)) for number in range(first, first + count)]

    def wrong_character(self, text: str, start: int) -> None:
        """Report a character that no token begins with, and go on behind it."""
        if text in QUOTES and self._wrong_quotes(text, start):
            return
        bare = BARE_INTERPOLATION.match(self.text, start)
        if bare:
            self.pos = bare.end()
            self.error(
                '"${" outside of a string',
                self.source.span(start, self.pos),
                f"write {bare[1].strip()} or put it in quotes",
            )
            self.add("NAME", start, self.pos, "unquoted")
            return
        label, hint = ADVICE.get(text, ("", ""))
        shown = text if text.isprintable() else f"U+{ord(text):04X}"
        self.error(
            f'unexpected character "{shown}"',
            self.source.span(start, self.pos),
            label,
            hints=(hint,) if hint else (),
        )

    def _wrong_quotes(self, text: str, start: int) -> bool:
        """Take text in single or typographic quotes for the string that was meant."""
        line_end = self.text.find("\n", start)
        line_end = line_end if line_end >= 0 else len(self.text)
        ends = [self.text.find(closer, start + 1, line_end) for closer in (QUOTES[text], text, '"')]
        end = min((found for found in ends if found >= 0), default=-1)
        if end < 0:
            return False
        self.pos = end + 1
        meant = f'write "{self.text[start + 1 : end]}"' if '"' not in self.text[start:end] else ""
        kind = "single quotes" if text == "'" else "these quotes"
        self.error(
            f"{kind} do not make a string", self.source.span(start, self.pos), meant or 'strings stand in "'
        )
        self.add("DBLQUOTE", start, start + 1)
        self.add("STRING_CHARS", start + 1, end, self.text[start + 1 : end])
        self.add("DBLQUOTE", end, self.pos)
        return True
