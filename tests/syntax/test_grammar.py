import stat
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from qemu_run.errors import HostError
from qemu_run.syntax import grammar
from qemu_run.syntax.automaton import Automaton
from qemu_run.syntax.grammar import grammar_text, tables
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


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", f"{tmp_path}")
    grammar.tables.cache_clear()
    yield tmp_path / "qemu-run"
    grammar.tables.cache_clear()


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


def test_tables_are_kept_and_read_again(cache):
    made = tables()
    (file,) = cache.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    tables.cache_clear()
    assert tables() == made


@pytest.mark.parametrize("damage", [b"", b"{}", b"00000000\n[1, 2"])
def test_a_damaged_file_is_made_anew(cache, damage):
    rules = tables().rules
    (file,) = cache.iterdir()
    file.write_bytes(damage or file.read_bytes()[:-100])
    tables.cache_clear()
    assert tables().rules == rules
    tables.cache_clear()
    kept = file.read_bytes()
    assert tables().rules == rules
    assert file.read_bytes() == kept


def test_a_file_that_others_can_write_is_not_trusted(cache):
    rules = tables().rules
    (file,) = cache.iterdir()
    file.chmod(0o666)
    tables.cache_clear()
    assert tables().rules == rules
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_folder_the_tables_are_made_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", f"{tmp_path}/file")
    grammar.tables.cache_clear()
    assert tables().rules
    grammar.tables.cache_clear()
