"""Reads what is between quotes, and heredocs: text, escapes, and where `${` and `%{` begin.

Source: the HCL native syntax specification, template expressions.
"""

import re
from difflib import get_close_matches

from qemu_run.syntax.foreign import skip_shell_text
from qemu_run.syntax.frames import Frame, Frames
from qemu_run.syntax.token_sink import TokenSink

QUOTED_TEXT = re.compile(r'(?:[^"\\$%\r\n]+|\$\$\{|%%\{|\$(?!\{)|%(?!\{)|\\[^\r\n]|\r(?!\n))+')
HEREDOC_TEXT = re.compile(r"(?:[^$%\n]+|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*\n?")
BARE_TEXT = re.compile(r"(?:[^$%]+|\$\$\{|%%\{|\$(?!\{)|%(?!\{))+")
SEQUENCE = re.compile(r"[$%]\{~?")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
DOUBLED = re.compile(r"([$%])\1\{")
MARKER = re.compile(r"""[ \t]*["']?([^\W\d][\w-]*)""")
HEREDOC = re.compile(r"<<-?([^\W\d][\w-]*)([ \t]*)(\r?\n|\Z)")
SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
TEXTS = {"quoted": QUOTED_TEXT, "heredoc": HEREDOC_TEXT, "text": BARE_TEXT}


class Strings:
    """Puts the parts of strings into the sink; each method says where to go on."""

    def __init__(self, sink: TokenSink, frames: Frames) -> None:
        self._sink = sink
        self._frames = frames

    def part(self, frame: Frame, start: int) -> int:
        """Read the next run of characters of a string, the start of a sequence in it, or its end."""
        text = self._sink.text
        if frame.at_line_start and (end := self._end_heredoc(frame, start)) is not None:
            return end
        match = TEXTS[frame.kind].match(text, start)
        if match is not None and match.end() > start:
            frame.at_line_start = frame.kind == "heredoc" and text[match.end() - 1] == "\n"
            self._sink.add("STRING_CHARS", start, match.end(), self._decode(match[0], start, frame))
            return match.end()
        frame.at_line_start = False
        if (end := skip_shell_text(self._sink, start)) is not None:
            return end
        if sequence := SEQUENCE.match(text, start):
            return self._open_sequence(sequence)
        if frame.kind == "heredoc":
            return self._unterminated_heredoc(frame, start)
        if text[start : start + 1] == '"':
            self._frames.pop()
            self._sink.add("DBLQUOTE", start, start + 1)
            return start + 1
        return self._unclosed_string(frame, start)

    def _open_sequence(self, sequence: re.Match[str]) -> int:
        """Go into `${` or `%{`."""
        start, end = sequence.span()
        interpolation = sequence[0][0] == "$"
        self._sink.add("INTERP_START" if interpolation else "DIRECTIVE_START", start, end, sequence[0])
        self._frames.push("interpolation" if interpolation else "directive", start)
        return end

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
        """The character of one escape; halves of surrogate pairs are not characters."""
        escape = match[1]
        if escape in SIMPLE_ESCAPES:
            return SIMPLE_ESCAPES[escape]
        if len(escape) > 1:
            code = int(escape[1:], 16)
            if code < 0xD800 or 0xDFFF < code < 0x110000:
                return chr(code)
            self._sink.error(
                f'"\\{escape}" is half a character' if code < 0x110000 else f'"\\{escape}" is beyond Unicode',
                self._sink.source.span(start + match.start(), start + match.end()),
                "U+D800 to U+DFFF are not characters" if code < 0x110000 else "the last is \\U0010FFFF",
                hints=("write the character itself, or \\UXXXXXXXX",),
            )
            return "\ufffd"
        hint = "write the backslash twice: \\\\" if escape not in "uU" else ""
        wants = {"u": "four hexadecimal digits must follow", "U": "eight hexadecimal digits must follow"}
        self._sink.error(
            f'"\\{escape}" is not an escape sequence',
            self._sink.source.span(start + match.start(), start + match.end()),
            wants.get(escape, 'known are \\n \\r \\t \\" \\\\ \\uXXXX \\UXXXXXXXX'),
            hints=(hint,) if hint else (),
        )
        return escape

    def _unclosed_string(self, frame: Frame, end: int) -> int:
        """A line end or the end of the text inside quotes."""
        outer = self._interpolation_without_end(frame, end)
        if outer is not None:
            return self._close_at_quote(outer, frame)
        self._sink.unsound_from(frame.start)
        hint = "a text of several lines is written as a heredoc: <<EOF"
        self._sink.error(
            "a string is never closed",
            self._sink.source.span(frame.start, max(end, frame.start + 1)),
            "its closing quote is missing",
            hints=(hint,) if self._continues(end) else (),
        )
        self._frames.pop()
        self._sink.add("DBLQUOTE", end, end)
        return end

    def _continues(self, end: int) -> bool:
        """Whether the next line looks like more text of a string rather than the next statement."""
        start = self._sink.text.find("\n", end) + 1 or len(self._sink.text)
        following = self._sink.rest_of_line(start).text.strip()
        return bool(following) and "=" not in following and following[-1:] not in "{}"

    def _interpolation_without_end(self, frame: Frame, end: int) -> Frame | None:
        """The `${` that took a string's closing quote for an opening one, if that is what happened."""
        outer = self._frames.parent(frame)
        quoted = self._frames.parent(outer) if outer else None
        if outer is None or quoted is None or outer.kind not in {"interpolation", "directive"}:
            return None
        return outer if quoted.kind == "quoted" and "\n" not in self._sink.text[outer.start : end] else None

    def _close_at_quote(self, outer: Frame, inner: Frame) -> int:
        """Report a `${` without end and go on as if it had ended before the quote."""
        sink, quote = self._sink, inner.start
        opening = sink.text[outer.start : outer.start + 2]
        sink.error(f'"{opening}" is never closed', sink.source.span(outer.start, quote), 'its "}" is missing')
        self._frames.drop(inner)
        self._frames.pop()
        sink.add("RBRACE", quote, quote)
        self._frames.pop()
        sink.add("DBLQUOTE", quote, quote + 1)
        return quote + 1

    def open_heredoc(self, text: str, start: int) -> int:
        """Read `<<EOF` and the line end after it."""
        sink = self._sink
        match = HEREDOC.match(sink.text, start)
        if match is None or match[2]:
            word = MARKER.match(sink.text, start + len(text))
            marker = word[1] if word else ""
            label = f"write {text}{marker} and a new line" if word else "a word must follow"
            sink.error("a heredoc begins with << and a word, nothing else", sink.rest_of_line(start), label)
            if word is None:
                return start + len(text)
            end = sink.text.find("\n", start) + 1 or len(sink.text)
        else:
            marker, end = match[1], match.end()
        sink.add("DBLQUOTE", start, end, text)
        frame = self._frames.push("heredoc", start)
        frame.marker = marker
        frame.at_line_start = True
        return end

    def _end_heredoc(self, frame: Frame, start: int) -> int | None:
        """Read a line that holds the marker alone; the line end after it is left. None for another line."""
        sink = self._sink
        ending = re.compile(rf"[^\S\n]*({re.escape(frame.marker)})[^\S\n]*(?=\n|\Z)")
        match = ending.match(sink.text, start)
        if match is None:
            return None
        self._frames.pop()
        sink.add("DBLQUOTE", match.start(1), match.end(1))
        if match.end() == len(sink.text):
            place = sink.source.span(match.start(1), match.end(1))
            sink.error("the file ends after a heredoc's marker", place, "a line end must follow")
        return match.end() - (sink.text[match.end() - 1] == "\r")

    def _unterminated_heredoc(self, frame: Frame, end: int) -> int:
        """The end of the text in a heredoc: go on after the line that was probably meant to end it."""
        sink = self._sink
        lines = {line.strip(): number for number, line in self._lines_after(frame)}
        close = get_close_matches(frame.marker, list(lines), n=1, cutoff=0.6)
        sink.error(
            f'the heredoc "{frame.marker}" never ends',
            sink.rest_of_line(frame.start),
            f'no line holds "{frame.marker}" alone',
            hints=(f'line {lines[close[0]]} is "{close[0]}"',) if close else (),
        )
        self._frames.pop()
        if close:
            offset = self._offset_of_line(lines[close[0]])
            sink.take_back(next(n for n, token in enumerate(sink.tokens) if token.start >= offset))
            end = offset + len(sink.source.line(lines[close[0]]))
        else:
            sink.unsound_from(frame.start)
        sink.add("DBLQUOTE", end, end)
        return end

    def _offset_of_line(self, number: int) -> int:
        return sum(len(line) + 1 for line in self._sink.text.split("\n")[: number - 1])

    def _lines_after(self, frame: Frame) -> list[tuple[int, str]]:
        source = self._sink.source
        first = source.position(frame.start).line + 1
        count = self._sink.text.count("\n", frame.start) + 1
        return [(number, source.line(number)) for number in range(first, first + count)]
