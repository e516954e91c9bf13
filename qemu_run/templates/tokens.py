"""What a template's lexer hands to its parser."""

from enum import Enum, auto

from qemu_run.records import record


class Kind(Enum):
    """The kinds of tokens."""

    TEXT = auto()
    LEFT = auto()
    RIGHT = auto()
    BLANK = auto()
    IDENTIFIER = auto()
    KEYWORD = auto()
    FIELD = auto()
    VARIABLE = auto()
    DOT = auto()
    NIL = auto()
    BOOL = auto()
    NUMBER = auto()
    COMPLEX = auto()
    CHARACTER = auto()
    STRING = auto()
    ASSIGN = auto()
    DECLARE = auto()
    PIPE = auto()
    LEFT_PAREN = auto()
    RIGHT_PAREN = auto()
    OTHER = auto()
    END = auto()


KEYWORDS = frozenset(
    {"block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"}
)


@record
class Token:
    """A stretch of a template; offsets in characters."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.start + len(self.text)

    def __str__(self) -> str:
        if self.kind is Kind.END:
            return "the end of the template"
        return f'"{self.text[:30].strip() or self.text[:30]}"'
