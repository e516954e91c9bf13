"""What the lexer hands to the parser: kinds as the grammar names its terminals."""


class Token:
    """A stretch of the text and what it is."""

    __slots__ = ("depth", "end", "kind", "start", "text")

    def __init__(self, kind: str, start: int, end: int, text: str = "") -> None:
        self.kind = kind
        """The grammar's name of the terminal."""
        self.start = start
        self.end = end
        self.text = text
        """A name or number as written; template characters with their escapes replaced; else empty."""
        self.depth = 0
        """How many bodies are around it, for a statement's first token and a body's closing brace; else 0."""

    def __repr__(self) -> str:
        return f"{self.kind}({self.text!r})@{self.start}"


PUNCTUATION = {
    "{": "LBRACE",
    "}": "RBRACE",
    "[": "LSQB",
    "]": "RSQB",
    "(": "LPAR",
    ")": "RPAR",
    ",": "COMMA",
    ".": "DOT",
    "=": "EQ",
    ":": "COLON",
    "?": "QMARK",
    "+": "PLUS",
    "-": "MINUS",
    "*": "ASTERISK",
    "/": "SLASH",
    "%": "PERCENT",
    "!": "NOT",
    "<": "LT",
    ">": "GT",
    "==": "DOUBLE_EQ",
    "!=": "NEQ",
    "<=": "LEQ",
    ">=": "GEQ",
    "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE",
    "=>": "FOR_OBJECT_ARROW",
    "...": "ELLIPSIS",
}

OPENING = frozenset({"LBRACE", "LSQB", "LPAR"})
CLOSING = frozenset({"RBRACE", "RSQB", "RPAR"})

LITERALS = {"true": "TRUE", "false": "FALSE", "null": "NULL"}

DIRECTIVES = {"if": "IF", "else": "ELSE", "endif": "ENDIF", "for": "FOR", "endfor": "ENDFOR"}

END = "$END"
NEWLINE = "NL_OR_COMMENT"

SYMBOLS = {kind: text for text, kind in PUNCTUATION.items()}
"""How each punctuation terminal is written, for messages."""
