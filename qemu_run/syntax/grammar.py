"""The parsing tables of HCL: made by Lark from python-hcl2's grammar, and shipped as JSON.

The grammar is python-hcl2's file `hcl2.lark`. Only its rules are used; which characters make a token is
decided by our own lexer, which follows HCL's scanner. That lexer knows where a line end means something, so
the grammar is told of line ends in bodies and objects only; everywhere else one is a mistake.

Making the tables takes a third of a second and needs Lark; reading them takes some milliseconds and does not.
So those of the proven grammar lie beside this module. Those of another one are made by each run.
"""

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from qemu_run.digests import name_of
from qemu_run.errors import Diagnostic, HostError
from qemu_run.records import record

STARTS = ("start", "expression")
"""The rules a text may be parsed as: a whole body, or one expression."""

LINE_END = "new_line_or_comment"
KEEPS_LINE_ENDS = frozenset({LINE_END, "body", "object"})

CHANGES = (
    # `--x` and `!-x`: HCL lets a unary operator stand before another.
    ("!unary_op : (MINUS | NOT) expr_term", "!unary_op : (MINUS | NOT) unary_expr"),
    # Where a keyword is a plain name, our lexer says so.
    ("_attribute_name : identifier | keyword | literal_value", "_attribute_name : identifier"),
    ("object_elem_key : expression | keyword", "object_elem_key : expression"),
    ("get_attr : DOT (identifier | literal_value)", "get_attr : DOT identifier"),
    ("keyword: IN | FOR | IF | FOR_EACH | ELSE | ENDIF | ENDFOR", ""),
)
"""Where HCL's rules differ from python-hcl2's: its text, and ours."""

PROVEN = "8.1.4"
"""The version of python-hcl2 whose grammar this is; pyproject.toml asks for it."""
INSTALL = f"install the one that is proven: pip install python-hcl2=={PROVEN}"

SHIPPED = Path(__file__).with_name("tables.json")


@record
class Rule:
    """One production of the grammar."""

    name: str
    """What lowering knows it by: its alias, or the symbol it produces."""
    origin: str
    size: int
    passes: bool
    """Whether its only child's value is its own."""
    spliced: bool
    """Whether its children belong to the rule around it; lists of children are made so."""
    splices: bool
    """Whether a child of it is such a list."""


@record
class Tables:
    """A deterministic automaton for the grammar."""

    actions: list[dict[str, int]]
    """By state and terminal: the state to go to, or `-1 - rule` to reduce by a rule."""
    gotos: list[dict[str, int]]
    """By state and symbol: the state after a reduction to that symbol."""
    rules: list[Rule]
    starts: dict[str, int]
    ends: dict[str, int]


@cache
def tables() -> Tables:
    """The tables of the grammar that is installed: those we ship if it is the proven one, else made anew."""
    grammar = grammar_text()
    data = json.loads(SHIPPED.read_bytes())
    if data["grammar"] != name_of(grammar.encode()):
        from qemu_run.syntax.lalr import make_tables

        data = make_tables(grammar, STARTS)
    rules = [Rule(*rule) for rule in data["rules"]]
    return Tables(data["actions"], data["gotos"], rules, data["starts"], data["ends"])


def grammar_file() -> Path:
    """Where python-hcl2 keeps its grammar; found without importing the package, which takes long.

    Raises:
        HostError: python-hcl2 is not installed.
    """
    spec = find_spec("hcl2")
    if spec is None or spec.origin is None:
        raise HostError(Diagnostic("python-hcl2 is not installed", hints=(INSTALL,)))
    return Path(spec.origin).with_name("hcl2.lark")


def grammar_text() -> str:
    """Python-hcl2's grammar with our changes.

    Raises:
        HostError: it is not the grammar that `CHANGES` was written for.
    """
    text = grammar_file().read_text(encoding="utf-8")
    for theirs, ours in CHANGES:
        if text.count(theirs) != 1:
            raise unfit_grammar(f"it does not say: {theirs}")
        text = text.replace(theirs, ours)
    lines, rule = [], LINE_END
    for line in text.splitlines():
        if head := re.match(r"[?!]*(\w+)\s*:", line):
            rule = head[1]
        lines.append(line if rule in KEEPS_LINE_ENDS else line.replace(f"{LINE_END}?", ""))
    return "\n".join(lines)


def unfit_grammar(reason: str) -> HostError:
    """What to say of an installation whose python-hcl2 is not the one that `CHANGES` and lowering know."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("python-hcl2")
    except PackageNotFoundError:
        installed = "of an unknown version"
    summary = f"the grammar of python-hcl2 {installed} is not one that qemu-run knows"
    return HostError(Diagnostic(summary, detail=reason, hints=(INSTALL,)))
