"""Text that is not HCL's: of a shell or of curl inside strings, and words that lack their quotes.

In a script within a job file `${x:-y}` is not an expression, and `%{http_code}` is not a directive; both are
left to the shell by doubling their first character. Recognising them is how the way out can be told.
"""

import re

PARAMETER = re.compile(
    r"""\$\{(?:
      \#[\w@*\#?]*(?:\[[@*]\])?(?=\})                 # ${#x} ${#x[@]} ${#}
    | ![\w]+(?:[@*]|\[[@*]\])(?=\})                   # ${!x@} ${!x[@]}
    | [@*?$!-](?=\})                                  # ${@} ${*} ${?}
    | \w+\[@\]                                        # ${x[@]}
    | \w+(?:\[[^\]\n]*\])?(?:
          :(?!:)                                      # ${x:-y} ${x:0:3}
        | \#                                          # ${x#y} ${x##*/}
        | //|/[^\w\s("'\[{!-]                         # ${x//a/b} ${x/#a/b}
        | %(?=[^\w\s("'\[{!-])|%-(?=\W)               # ${x%.*} ${x%%.*}
        | [\^,@]|=(?![=>])                            # ${x^^} ${x,,} ${x@Q} ${x=1}
        | -(?=["'$/.~:*])                             # ${x-/tmp}
        | \?(?=[^:\n}]*\})                            # ${x?missing}
      )
    )""",
    re.VERBOSE,
)
"""The beginning of a parameter expansion that no HCL expression begins with."""

DIRECTIVE = re.compile(r"%\{~?+[ \t]*+(?!(?:if|else|endif|for|endfor)\b)")
"""What no directive of HCL begins with."""

PERHAPS = re.compile(r"\$\{!?\w+(?:\[[*@]\])?(?:[-+%/?=][^\s{}]*)?\}")
"""Text that reads as a parameter expansion and as an expression."""

POSITIONAL = re.compile(r"[\s=]\$\{[0-9]\}")
"""`${1}` after a word, as in a script; HCL reads it as the number."""


UNQUOTED = re.compile(
    r"""[ \t]*+(?!["\[{(\r\n])(?P<word>
      (?:\.{0,2}/(?![/*])|~|@|\\|\$\w)(?:\$\{[^{}\n]*\}|[^\s"'\[\](){},])*     # ./x /srv/x ~/x $HOME/x
    | [A-Za-z]:\\[^\s"'\[\](){},]*                                             # C:\x
    | [A-Za-z][\w+.-]*://[^\s"'\[\](){},]+                                      # https://x
    | \d+\.\d+\.\d+[\w.:/-]*                                                   # 10.0.0.1
    | \d+(?:\.\d+)?(?![eE][+-]?\d+\b)[A-Za-z]\w*                                 # 5m 1.5GB
    | [\w./~-]*\$\{[^{}\n]*\}(?:\$\{[^{}\n]*\}|[^\s"'\[\](){},])+             # ${x}/y
    | [\w./~-]+\$\{[^{}\n]*\}                                                   # x/${y}
    )(?=[ \t]*(?:\r?\n|[,\]}\#]|//|\Z))""",
    re.VERBOSE,
)
"""A value that no expression is written as, to the end of its line or element."""


def shell_text(text: str, start: int) -> int | None:
    """Where a sequence at an offset ends, when it is the shell's; None when it may be HCL's."""
    pattern = PARAMETER if text[start] == "$" else DIRECTIVE
    if pattern.match(text, start) is None:
        return None
    depth = 0
    line_end = text.find("\n", start)
    for offset in range(start + 1, line_end if line_end >= 0 else len(text)):
        depth += {"{": 1, "}": -1}.get(text[offset], 0)
        if depth == 0:
            return offset + 1
    return None


def doubled(sequence: str) -> str:
    """The sequence as it is written to be left alone."""
    return sequence[0] + sequence
