"""The parsing tables of HCL: made by Lark from python-hcl2's grammar, kept as JSON between runs.

The grammar is python-hcl2's file `hcl2.lark`. Only its rules are used; which characters make a token is
decided by our own lexer, which follows HCL's scanner. That lexer knows where a line end means something, so
the grammar is told of line ends in bodies and objects only; everywhere else one is a mistake.

Making the tables takes a third of a second and needs Lark; reading them takes some milliseconds and does not.
"""

import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zlib import crc32

from qemu_run import folders
from qemu_run.errors import Diagnostic, HostError
from qemu_run.files import replace_file
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

FORMAT = 2
"""Raised when the meaning of a tables file changes."""


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
    """The tables: from the cache folder if they are there, else made anew and put there."""
    grammar = grammar_text()
    cached = _cache_file(grammar)
    if cached is not None:
        try:
            return _from_json(json.loads(_read_private(cached)))
        except (OSError, ValueError):
            pass  # absent, damaged or not ours alone: made anew
    made = make_tables(grammar)
    if cached is not None:
        _write_private(cached, json.dumps(made).encode())
    return _from_json(made)


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


def make_tables(grammar: str) -> dict[str, Any]:
    """The tables of a Lark grammar, as JSON can hold them."""
    from lark import Lark
    from lark.grammar import Rule as LarkRule
    from lark.lexer import Lexer, TerminalDef, Token

    class NoLexer(Lexer):
        """Stands where Lark wants a lexer; ours needs no help from it."""

        def __init__(self, lexer_conf: object) -> None: ...

        def lex(self, *_: object) -> Iterator[Token]:
            return iter(())

    parser = Lark(grammar, parser="lalr", lexer=NoLexer, start=list(STARTS))
    data, memo = parser.memo_serialize([TerminalDef, LarkRule])
    automaton = data["parser"]["parser"]
    rules = {key: entry for key, entry in memo.items() if entry["__type__"] == "Rule"}
    order = {key: number for number, key in enumerate(rules)}
    names = automaton["tokens"]
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in range(len(automaton["states"])):
        actions.append({})
        gotos.append({})
        for symbol, (kind, target) in automaton["states"][state].items():
            name = names[symbol]
            if kind == 1:
                actions[state][name] = -1 - order[target["@"]]
            else:
                (actions if name.isupper() else gotos)[state][name] = target
    return {
        "actions": actions,
        "gotos": gotos,
        "rules": [_rule(entry) for entry in rules.values()],
        "starts": automaton["start_states"],
        "ends": automaton["end_states"],
    }


def _rule(entry: dict[str, Any]) -> list[Any]:
    """One of Lark's rules as the arguments of `Rule`."""
    origin, expansion = entry["origin"]["name"], [symbol["name"] for symbol in entry["expansion"]]
    one = len(expansion) == 1
    passes = one and entry["alias"] is None and bool(entry["options"]["expand1"])
    spliced = origin.startswith("_")
    return [
        entry["alias"] or origin,
        origin,
        len(expansion),
        passes,
        spliced,
        any(name.startswith("_") for name in expansion),
    ]


def _from_json(data: Any) -> Tables:  # noqa: ANN401 - the shape is checked by using it
    rules = [Rule(*rule) for rule in data["rules"]]
    return Tables(data["actions"], data["gotos"], rules, data["starts"], data["ends"])


def _cache_file(grammar: str) -> Path | None:
    """Where the tables of a grammar are kept, named after it; None where no folder can be had."""
    try:
        folder = folders.make_private(folders.cache())
    except (OSError, RuntimeError):
        return None
    return folder / f"grammar-{FORMAT}-{crc32(grammar.encode()):08x}.json"


def _read_private(path: Path) -> bytes:
    """What a file holds after its checksum, if nobody but this user can have written it."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            msg = f"{path} could have been written by another user"
            raise PermissionError(msg)
        checksum, content = file.readline(), file.read()
    if checksum != _checksum(content):
        msg = f"{path} is damaged"
        raise ValueError(msg)
    return content


def _checksum(content: bytes) -> bytes:
    return b"%08x\n" % crc32(content)


def _write_private(path: Path, content: bytes) -> None:
    """Put a file in its place whole, or not at all."""
    with suppress(OSError):  # a full or read-only disk costs the next run a third of a second, no more
        replace_file(path, _checksum(content) + content)
