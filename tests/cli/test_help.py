"""Help that teaches, a screen a command, the same on every machine."""

import pytest

from qemu_run import __version__
from qemu_run.cli.commands import COMMANDS
from qemu_run.cli.exits import MEANINGS
from qemu_run.cli.fast_path import understand
from qemu_run.cli.first_word import command_of
from qemu_run.cli.help import overview, page
from qemu_run.cli.nomad_flags import our_spelling
from qemu_run.errors import ExitCode

PAGES = {"": overview(), **{name: page(command) for name, command in COMMANDS.items()}}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_a_screen(name):
    lines = PAGES[name].splitlines()
    assert len(lines) <= 40
    assert [line for line in lines if len(line) > 80 or line != line.rstrip()] == []


def test_the_overview_has_every_command_with_its_line():
    for command in COMMANDS.values():
        (row,) = [row for row in PAGES[""].splitlines() if row.startswith(f"  {command.usage}  ")]
        assert row.endswith(command.about)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_has_every_option_and_exit_code(name):
    command = COMMANDS[name]
    for option in command.options:
        assert (option.opposite or option.name) in PAGES[name].replace(",", " ").split()
        (row,) = [
            row
            for row in page(command, everything=True).splitlines()
            if row.startswith(f"  {option.shown}  ")
        ]
        assert row.endswith(option.about)
    for code in command.exits:
        assert f"{int(code)} {MEANINGS[code]}" in PAGES[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_has_three_examples_that_can_be_typed(name):
    assert len(COMMANDS[name].examples) == 3
    for typed, _ in COMMANDS[name].examples:
        words = typed.split("qemu-run ", 1)[1].replace(')"', "").split()
        for end in ("&&", "|", ">", "<"):
            words = words[: words.index(end)] if end in words else words
        spelled, _ = our_spelling(words)
        command, rest = command_of(spelled)
        understand(COMMANDS[command], rest)


def test_every_exit_code_has_a_name():
    assert set(MEANINGS) == set(ExitCode)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--help"], ""),
        (["help"], ""),
        (["help", "run"], "run"),
        (["x.hcl", "-h"], "run"),
        (["init", "-h"], "init"),
    ],
)
def test_help_is_printed(qemu_run, arguments, name):
    result = qemu_run.run(*arguments)
    assert (result.code, result.out, result.err) == (0, PAGES[name], "")


def test_nothing_at_all_is_wrong_use(qemu_run):
    result = qemu_run.run()
    assert (result.code, result.out, result.err) == (ExitCode.USAGE, "", PAGES[""])


def test_help_of_nothing(qemu_run):
    result = qemu_run.run("help", "valdate")
    assert (result.code, result.out) == (ExitCode.USAGE, "")
    assert 'did you mean "validate"?' in result.err


@pytest.mark.parametrize("arguments", [["--version"], ["version"], ["-version"]])
def test_the_version(qemu_run, arguments):
    assert qemu_run.run(*arguments).out == f"qemu-run {__version__}\n"
