"""The brackets, strings and bodies a place in the text is inside of, and what is said of a mismatch."""

from qemu_run.records import mutable
from qemu_run.syntax.limits import DEEPEST
from qemu_run.syntax.token_sink import TokenSink
from qemu_run.syntax.tokens import NEWLINE, SYMBOLS, Token

KINDS = {"LBRACE": "object", "LSQB": "tuple", "LPAR": "paren"}
CLOSERS = {
    "body": "RBRACE",
    "object": "RBRACE",
    "interpolation": "RBRACE",
    "directive": "RBRACE",
    "tuple": "RSQB",
    "paren": "RPAR",
}
STRINGS = frozenset({"quoted", "heredoc", "text"})
OPENERS = {"interpolation": "${", "directive": "%{", "tuple": "[", "paren": "("}


@mutable(eq=False)
class Frame:
    """One thing a place is inside of."""

    kind: str
    """body, object, tuple, paren, interpolation, directive, quoted, heredoc or text."""
    start: int
    opened: int
    """How many tokens there were when it was opened, its own opening included."""
    newlines: bool
    """Whether line ends mean something directly in it."""
    is_string: bool
    in_value: bool = False
    """In a body: after the `=` of an attribute."""
    is_for: bool = False
    nested: int = 0
    """How many conditionals and splats stand in the expression so far: each is inside of the one before."""
    marker: str = ""
    """Of a heredoc: the word that ends it."""
    at_line_start: bool = False
    """Of a heredoc: whether the next character is the first of its line."""

    def is_first(self, tokens: list[Token]) -> bool:
        """Whether nothing but a line end stands between its opening and what comes next."""
        return len(tokens) - self.opened <= (tokens[-1].kind == NEWLINE)


class Frames:
    """The stack of them, innermost last."""

    def __init__(self, sink: TokenSink) -> None:
        self._sink = sink
        self._stack: list[Frame] = []
        self._signs = 0
        self._suspect: Frame | None = None

    @property
    def top(self) -> Frame:
        """The innermost."""
        return self._stack[-1]

    def parent(self, frame: Frame) -> Frame | None:
        """What a frame is directly inside of."""
        place = self._stack.index(frame)
        return self._stack[place - 1] if place else None

    def push(self, kind: str, start: int) -> Frame:
        """Go into one."""
        frame = Frame(
            kind,
            start,
            len(self._sink.tokens),
            newlines=kind in {"body", "object"},
            is_string=kind in STRINGS,
        )
        self._stack.append(frame)
        self._sink.bodies += kind == "body"
        self._check_depth(start)
        return frame

    def open(self, bracket: str, start: int, *, body: bool) -> None:
        """Go into what an opening bracket begins."""
        self.push("body" if body else KINDS[bracket], start)

    def count(self, operator: str, start: int) -> None:
        """Note a `?`, `[*]`, `!` or `-`: what they nest is as deep as brackets would be."""
        if operator in {"QMARK", "FULL_SPLAT_START"}:
            self.top.nested += 1
        else:
            run = len(self._sink.tokens) > 1 and self._sink.tokens[-2].kind in {"NOT", "MINUS"}
            self._signs = self._signs + 1 if run else 1
        if self._signs > DEEPEST // 2 or self.top.nested > DEEPEST // 2:
            self._too_deep(start)
        self._check_depth(start)

    def _check_depth(self, start: int) -> None:
        if len(self._stack) > DEEPEST // 4:
            depth = len(self._stack) + sum(frame.nested for frame in self._stack)
            if depth > DEEPEST:
                self._too_deep(start)

    def _too_deep(self, start: int) -> None:
        label, hint = f"more than {DEEPEST} levels", "give parts of it names in a locals block"
        self._sink.give_up("this is nested too deeply", start, label, hint)

    def pop(self) -> Frame:
        """Leave the innermost."""
        frame = self._stack.pop()
        self._sink.bodies -= frame.kind == "body"
        return frame

    def drop(self, frame: Frame) -> None:
        """Leave a frame as if it and all in it had never been."""
        while self._stack.pop() is not frame:
            pass
        self._sink.take_back(frame.opened - 1)

    def close(self, kind: str, start: int, end: int, text: str = "") -> None:
        """Leave what a closing bracket ends; where it ends nothing, or too much, say so."""
        wanted = self._partner(kind)
        if wanted is None:
            self._stray(kind, start)
            return
        unclosed = self.top is not wanted
        while self.top is not wanted:
            self._unclosed(self.top)
            self._add_closer(self.pop(), start)
        if unclosed and wanted.newlines:
            self._sink.add(NEWLINE, start, start)
        if wanted.kind == "body":
            self._compare_indents(wanted, start)
            self._sink.statement = False
        depth = self._sink.bodies if wanted.kind == "body" else 0
        self.pop()
        self._sink.add(kind, start, end, text).depth = depth

    def give_up(self, frame: Frame, start: int) -> Frame:
        """Leave brackets that a new attribute shows to be unclosed; the frame to go on in."""
        while self.top.kind in {"tuple", "paren"}:
            self._unclosed(self.top)
            frame = self.pop()
            self._add_closer(frame, start)
        if self.top.newlines:
            self._sink.add(NEWLINE, start, start)
            self.top.in_value = False
            self._sink.statement = self.top.kind == "body"
        return self.top

    def close_all(self, end: int) -> None:
        """At the end of the text: what is still open should not be."""
        outermost = self._stack[0]
        open_frames = [frame for frame in self._stack[1:] if not frame.is_string]
        if open_frames:
            self._unclosed(self._suspect or open_frames[-1])
        while self.top is not outermost:
            frame = self.pop()
            if frame.kind in CLOSERS:
                if frame.newlines:
                    self._sink.add(NEWLINE, end, end)
                self._add_closer(frame, end)
            else:
                self._sink.add("DBLQUOTE", end, end)

    def _partner(self, kind: str) -> Frame | None:
        """The frame a closing bracket ends: the nearest of its kind, but none outside a string."""
        for frame in reversed(self._stack[1:]):
            if frame.is_string:
                return None
            if CLOSERS[frame.kind] == kind:
                return frame
        return None

    def _stray(self, kind: str, start: int) -> None:
        sink = self._sink
        span = sink.source.span(start, start + 1)
        if kind == "RBRACE" and len(self._stack) == 1:
            sink.error(
                'one "}" too many',
                span,
                "nothing is open here",
                hints=("remove it, or look for a block closed early",),
            )
        else:
            sink.error(f'"{SYMBOLS[kind]}" closes nothing', span, "nothing it could close is open")

    def _unclosed(self, frame: Frame) -> None:
        sink = self._sink
        what = OPENERS.get(frame.kind, "{")
        sink.unsound_from(frame.start)
        header = sink.text[sink.text.rfind("\n", 0, frame.start) + 1 : frame.start].strip()
        name = f'the "{header}" block' if frame.kind == "body" and '"' not in header else f'this "{what}"'
        closer = SYMBOLS[CLOSERS[frame.kind]]
        sink.error(
            f"{name} is never closed",
            sink.source.span(frame.start, frame.start + len(what)),
            f'its "{closer}" is missing',
        )

    def _add_closer(self, frame: Frame, start: int) -> None:
        depth = self._sink.bodies + 1 if frame.kind == "body" else 0
        self._sink.statement = False
        self._sink.add(CLOSERS[frame.kind], start, start).depth = depth

    def _compare_indents(self, frame: Frame, start: int) -> None:
        """A block closed further left than it was opened probably lacks its own closing brace."""
        if self._suspect is None:
            closing, first = self._indent(start)
            opening, _ = self._indent(frame.start)
            if first and closing < opening:
                self._suspect = frame

    def _indent(self, offset: int) -> tuple[int, bool]:
        """How far the line of an offset is indented, and whether the offset is its first character."""
        text = self._sink.text
        line = text.rfind("\n", 0, offset) + 1
        before = text[line : offset + 1]
        indent = len(before) - len(before.lstrip())
        return indent, line + indent == offset
