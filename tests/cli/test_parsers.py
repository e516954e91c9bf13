"""The two ways to read a command line: they read the same, and each where it should."""

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qemu_run.cli import typer_app
from qemu_run.cli.commands import COMMANDS
from qemu_run.cli.fast_path import sort, understand
from qemu_run.cli.line import Line
from qemu_run.cli.options import CONSOLE, QUIET, STRICT, TASK
from qemu_run.errors import UsageError

RIGHT = [
    ("run", ["web.hcl"]),
    ("run", ["web.hcl", "-q", "--var=a=1", "--var", "b=-2", "--no-hcl2-strict", "--", "make", "--check"]),
    ("run", ["--timeout", "-1", "--", "-web.hcl"]),
    ("validate", ["-", "a.hcl", "--json", "--", "--b.hcl"]),
    ("cache", ["prune", "--older", "30d"]),
    ("help", []),
    ("help", ["run", "--all"]),
    ("version", []),
]
WRONG = [
    ("run", []),
    ("run", ["web.hcl", "--quite"]),
    ("run", ["web.hcl", "--console", "loud"]),
    ("run", ["web.hcl", "--task"]),
    ("version", ["please"]),
]


@pytest.fixture
def is_typer_asked(monkeypatch):
    """Whether the Typer app was asked since the test began."""
    monkeypatch.delitem(sys.modules, "qemu_run.cli.typer_app")
    return lambda: "qemu_run.cli.typer_app" in sys.modules


@pytest.mark.parametrize(("name", "words"), RIGHT)
def test_a_right_line_needs_no_typer(is_typer_asked, parser, name, words):
    understand(COMMANDS[name], words)
    assert is_typer_asked() == (parser == "typer")


@pytest.mark.parametrize(("name", "words"), WRONG)
def test_typer_has_the_last_word_on_a_wrong_one(is_typer_asked, name, words):
    with pytest.raises(UsageError):
        understand(COMMANDS[name], words)
    assert is_typer_asked()


def test_what_only_typer_takes_is_taken():
    assert understand(COMMANDS["run"], ["-qq", "web.hcl"]).has(QUIET)


def by_typer(command, words):
    try:
        return typer_app.read(command, words)
    except UsageError:
        return None


@pytest.mark.parametrize(("name", "words"), RIGHT)
def test_both_read_the_same(name, words):
    line = Line(COMMANDS[name])
    assert sort(line, words)
    assert line == typer_app.read(COMMANDS[name], words)


def test_both_read_every_option_the_same():
    for command in COMMANDS.values():
        for option in command.options:
            for spelling in option.spellings:
                words = [spelling, "a=1"] if option.value else [spelling]
                line = Line(command)
                assert sort(line, words)
                found, mistakes = typer_app.parsed(command, words)
                assert (found, mistakes) == (line, [])
                assert line.given == {option: ["a=1" if option.value else line.last(option)]}


@st.composite
def lines(draw):
    command = draw(st.sampled_from([*COMMANDS.values()]))
    spellings = [each for option in command.options for each in option.spellings]
    word = st.sampled_from(
        [*spellings, "--", "-", "", "web.hcl", "a=1", "-x", "--=", "--nonsense", "30d", "prune"]
    )
    joined = st.builds("{}={}".format, word, word)
    return command, draw(st.lists(word | joined, max_size=6))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a machine that is busy
@given(lines())
def test_whatever_is_typed_the_quick_parser_says_nothing_that_typer_does_not(typed):
    command, words = typed
    quick = Line(command)
    is_right = sort(quick, words) and not quick.wrong_values() and not quick.wrong_operands()
    if is_right:
        assert quick == typer_app.read(command, words)
    else:
        read = by_typer(command, words)
        assert read is None or read.command == command  # told as wrong use, never a failure of another kind


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--task", "--quiet", "--quite", "-x", "--console=loud", "--keep=no"], 5),
        (["--quite", "--quite", "a", "b"], 2),
        (["a", "b"], 1),
        (["-qx", "a"], 1),
        (["-q=yes", "a"], 1),
    ],
)
def test_all_that_is_wrong_is_told_by_typer(words, told):
    with pytest.raises(UsageError) as raised:
        typer_app.read(COMMANDS["run"], words)
    assert len(raised.value.diagnostics) == told


def test_the_last_of_two_counts_in_both():
    words = ["web.hcl", "--console", "raw", "--no-hcl2-strict", "--console=none", "--hcl2-strict", "--task=a"]
    for line in (typer_app.read(COMMANDS["run"], words), understand(COMMANDS["run"], words)):
        assert (line.last(CONSOLE), line.has(STRICT), line.every(TASK)) == ("none", True, ("a",))
