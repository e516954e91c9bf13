import json
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from qemu_run.errors import HostError
from qemu_run.syntax import grammar
from qemu_run.syntax.automaton import Automaton
from qemu_run.syntax.grammar import grammar_text, tables
from qemu_run.syntax.lalr import make_tables
from qemu_run.syntax.lower import RULES
from qemu_run.syntax.tokens import DIRECTIVES, LITERALS, PUNCTUATION

LEXED = {
    *PUNCTUATION.values(),
    *DIRECTIVES.values(),
    *LITERALS.values(),
    *("NAME", "IN", "INT_LITERAL", "FLOAT_LITERAL", "STRING_CHARS", "DBLQUOTE", "NL_OR_COMMENT"),
    *("INTERP_START", "DIRECTIVE_START", "FULL_SPLAT_START", "ATTR_SPLAT"),
}
NEVER_LEXED = {
    "COLONS",  # part of a name
    "ESCAPED_DIRECTIVE",  # part of a string's characters
    "ESCAPED_INTERPOLATION",
    "HEREDOC_TEMPLATE",  # cut into the parts of a string
    "HEREDOC_TEMPLATE_TRIM",
    "STRIP_MARKER",  # part of the brackets beside it
    "TEMPLATE_STRING",  # a string like any other
}


def test_every_rule_and_terminal_of_the_grammar_is_known():
    made = tables()
    assert {rule.name for rule in made.rules if not rule.spliced} <= set(RULES)
    assert {kind for state in made.actions for kind in state} - {"$END"} == LEXED | NEVER_LEXED


def test_every_change_still_applies():
    text = grammar_text()
    assert all(ours in text for _, ours in grammar.CHANGES)


def test_another_grammar_is_an_error_that_names_the_version(monkeypatch):
    monkeypatch.setattr(grammar, "CHANGES", (("no such rule", ""),))
    with pytest.raises(HostError) as raised:
        grammar_text()
    (diagnostic,) = raised.value.diagnostics
    assert f"python-hcl2 {version('python-hcl2')}" in diagnostic.summary
    assert "no such rule" in diagnostic.detail
    assert diagnostic.hints[0].endswith("pip install python-hcl2==8.1.4")


def test_a_rule_that_nothing_lowers_is_one_too():
    with pytest.raises(HostError) as raised:
        Automaton(tables(), "start", {name: None for name in RULES if name != "conditional"})
    assert raised.value.diagnostics[0].detail == "it has rules of its own: conditional"


def test_the_proven_version_is_the_one_that_is_asked_for():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert f"python-hcl2=={grammar.PROVEN}" in project["dependencies"]


def test_the_shipped_tables_are_those_of_the_installed_grammar(request):
    text = json.dumps(make_tables(grammar_text(), grammar.STARTS)).replace("}, {", "},\n{") + "\n"
    if request.config.getoption("--update-golden"):
        grammar.SHIPPED.write_text(text)
    assert grammar.SHIPPED.read_text() == text, "run pytest tests/syntax/test_grammar.py --update-golden"


def test_whoever_makes_the_tables_makes_the_same():
    printing = """
from qemu_run.syntax.grammar import STARTS, grammar_text
from qemu_run.syntax.lalr import make_tables
print(make_tables(grammar_text(), STARTS))
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", printing], env={"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, check=True
        ).stdout
        for seed in "01"
    }
    assert len(told) == 1


def test_a_grammar_without_shipped_tables_has_its_own_made(monkeypatch):
    shipped = tables()
    monkeypatch.setattr(grammar, "grammar_text", lambda: grammar_text().replace("tuple :", "tuple : DOT |"))
    other = tables.__wrapped__()
    assert {rule.name for rule in other.rules} == {rule.name for rule in shipped.rules}
    assert len(other.rules) == len(shipped.rules) + 1
