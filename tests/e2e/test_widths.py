"""A real terminal of some width: our lines are broken between words, commands and source lines are not."""

import re

import pytest

from qemu_run.errors import ExitCode
from tests.e2e.test_keyboard import Terminal

STYLE = re.compile(r"\x1b\[[0-9;]*m")
LONG_ARGS = (
    'args = ["-nodefconfig", "-name", "a-name-that-makes-this-line-longer-than-any-terminal-of-these"]'
)


@pytest.fixture
def terminal(qemu_run):
    opened = []

    def start(*arguments, columns):
        opened.append(Terminal(qemu_run, *arguments, columns=columns))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def lines(screen):
    return STYLE.sub("", screen.said.decode()).replace("\r", "").splitlines()


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_what_a_run_says_fits(terminal, guest, job, columns):
    guest(ignore_power_button=True)
    name = job(image="local/disk.img", task='kill_timeout = "300ms"\n artifact {\n source = "disk.img"\n }')
    screen = terminal(name, columns=columns)
    screen.wait_for(b"ready")
    screen.type(b"\x03")
    assert screen.end() == ExitCode.KILLED
    said = lines(screen)
    ours = [line for line in said if re.match(r"web|        [^ ]", line)]
    assert not [line for line in ours if len(line) > columns and len(line.split()) > 1]
    told = " ".join(line.strip() for line in said)
    assert "type to it; Ctrl-C: power button, kill after 0.3s; Ctrl-] for more" in told
    assert "the guest ignored its power button and was killed after" in told
    assert "(exit 137)" in "\n".join(said)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_command_and_the_source_stay_whole(terminal, qemu_run, guest, job, columns):
    guest()
    name = job(config=LONG_ARGS)
    (source,) = (line for line in (qemu_run.folder / name).read_text().splitlines() if LONG_ARGS in line)
    command = qemu_run.run("plan", name).out.partition("\ncommand\n")[2].partition("\n\n")[0].splitlines()
    screen = terminal("plan", name, columns=columns)
    assert screen.end() == 0
    said = lines(screen)
    assert any(line.endswith(f"| {source}") for line in said)
    assert set(command) <= set(said)
    notes = said[said.index("on a cluster") :]
    assert max(map(len, notes)) <= columns


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("command", ["plan", "run"])
def test_the_table_of_what_does_not_fit_fits(terminal, guest, job, columns, command):
    guest()
    group = """constraint {
      attribute = "${attr.driver.qemu.version}"
      operator  = "version"
      value     = ">= 1000.0, < 2000.0"
    }"""
    screen = terminal(command, job(group=group), columns=columns)
    assert screen.end() == ExitCode.PLACEMENT
    table = "\n".join(lines(screen)).partition("  line  ")[2].partition("\n\n")[0]
    assert max(map(len, table.splitlines())) <= columns
    assert "  no" in table


def test_the_width_is_that_of_the_moment(terminal, guest, job):
    guest(ignore_power_button=True)
    screen = terminal(job(task='kill_timeout = "300ms"'), columns=120)
    screen.wait_for(b"ready")
    screen.resize(40)
    screen.type(b"\x03")
    screen.end()
    assert "web     FAILED: stopped by Ctrl-C: the" in lines(screen)
