"""Reports of text that belongs nowhere in HCL, each taken for what was meant so that reading can go on.

Each function puts what it reads into the sink and says where to go on.
"""

import re

from qemu_run.syntax.shell import UNQUOTED, doubled, shell_text
from qemu_run.syntax.token_sink import TokenSink

BARE_INTERPOLATION = re.compile(r"\$\{([^{}\n]*)\}")
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
SIGNS = {"$": "dollar", "%": "percent"}

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


def skip_shell_text(sink: TokenSink, start: int) -> int | None:
    """Take a sequence in a string that is the shell's for text; None when it may be HCL's."""
    end = shell_text(sink.text, start) if sink.text[start : start + 2] in {"${", "%{"} else None
    if end is None:
        return None
    written = sink.text[start:end]
    what = "an expression" if written[0] == "$" else "a directive"
    known = "" if written[0] == "$" else " (if, else, endif, for or endfor)"
    sink.error(
        f'"{written}" is not {what}',
        sink.source.span(start, end),
        f"write {doubled(written)}",
        hints=(f"a single {SIGNS[written[0]]} sign begins {what}{known} here",),
    )
    sink.add("STRING_CHARS", start, end, written)
    return end


def skip_unquoted(sink: TokenSink, start: int) -> int:
    """Take a word without quotes, where a value should begin, for a string; stay where there is none."""
    match = UNQUOTED.match(sink.text, start)
    if match is None:
        return start
    start, end = match.span("word")
    meant = match["word"].replace("\\", "\\\\")
    sink.error("a text without quotes", sink.source.span(start, end), f'write "{meant}"')
    sink.add_string(start, end, match["word"])
    return end


def skip_wrong_character(sink: TokenSink, text: str, start: int) -> int:
    """Report a character that no token begins with."""
    if text in QUOTES and (end := _skip_wrong_quotes(sink, text, start)):
        return end
    bare = BARE_INTERPOLATION.match(sink.text, start)
    if bare:
        place = sink.source.span(start, bare.end())
        sink.error('"${" outside of a string', place, f"write {bare[1].strip()} or put it in quotes")
        sink.add("NAME", start, bare.end(), "unquoted")
        return bare.end()
    label, hint = ADVICE.get(text, ("", ""))
    shown = text if text.isprintable() else f"U+{ord(text):04X}"
    end = start + 1
    hints = (hint,) if hint else ()
    sink.error(f'unexpected character "{shown}"', sink.source.span(start, end), label, hints=hints)
    return end


def _skip_wrong_quotes(sink: TokenSink, text: str, start: int) -> int:
    """Take text in single or typographic quotes for the string that was meant; 0 when they do not close."""
    line_end = sink.text.find("\n", start)
    line_end = line_end if line_end >= 0 else len(sink.text)
    ends = [sink.text.find(closer, start + 1, line_end) for closer in (QUOTES[text], text, '"')]
    end = min((found for found in ends if found >= 0), default=-1)
    if end < 0:
        return 0
    inside = sink.text[start + 1 : end]
    meant = f'write "{inside}"' if '"' not in inside else 'strings stand in "'
    kind = "single quotes" if text == "'" else "these quotes"
    sink.error(f"{kind} do not make a string", sink.source.span(start, end + 1), meant)
    sink.add("DBLQUOTE", start, start + 1)
    sink.add("STRING_CHARS", start + 1, end, inside)
    sink.add("DBLQUOTE", end, end + 1)
    return end + 1
