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
    assert len(lines) < 24  # a screen, with the line of the next command
    assert [line for line in lines if len(line) > 80 or line != line.rstrip()] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_with_all_options_is_no_wider(name):
    assert [line for line in page(COMMANDS[name], everything=True).splitlines() if len(line) > 80] == []


def test_the_overview_has_every_command_with_its_line():
    for command in COMMANDS.values():
        (row,) = [row for row in PAGES[""].splitlines() if row[10:].startswith(f"{command.usage}  ")]
        assert row.endswith(command.about)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_exit_code_is_told(name):
    command = COMMANDS[name]
    for option in command.options:
        everything = page(command, everything=True).splitlines()
        (row,) = [row for row in everything if row[10:].startswith(f"{option.shown}  ")]
        assert row.endswith(option.about)
    for code in command.exits:
        assert f"{int(code)} {MEANINGS[code]}" in PAGES[name]


@pytest.mark.parametrize("name", ["run", "plan"])
def test_what_a_screen_has_no_room_for_is_counted(name):
    left_out = [option for option in COMMANDS[name].options if f" {option.shown} " not in PAGES[name]]
    assert f"More      {len(left_out)} options: qemu-run help {name} --all\n" in PAGES[name]
    assert left_out
    assert all(option.rare for option in left_out)


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
