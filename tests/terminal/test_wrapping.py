"""Lines of ours on terminals of every width, and how their words look there."""

import fcntl
import io
import os
import pty
import struct
import termios

import pytest
from rich.ansi import AnsiDecoder

from qemu_run.errors import Diagnostic
from qemu_run.source import Source
from qemu_run.terminal.diagnostics import lines
from qemu_run.terminal.screen import Screen
from qemu_run.terminal.styles import STYLES, TASK_COLOURS
from qemu_run.terminal.wrapping import Gutter, Whole, plain, wrapped

NAME = ("web.vm  ", "strong")
LONG = "stopped by Ctrl-C: the guest ignored its power button and was killed after 12s"
READABLE = {"1", "2", "31", "32", "35", "36"}
"""What is seen on black and on white: no yellow, no white, no blue, nothing bright."""


def shown(*pieces, width):
    return [plain(line) for line in wrapped(pieces, width)]


@pytest.mark.parametrize(
    ("pieces", "width", "expected"),
    [
        ((NAME, LONG), 0, [f"web.vm  {LONG}"]),
        ((NAME, LONG), 200, [f"web.vm  {LONG}"]),
        (
            (NAME, LONG),
            60,
            [
                "web.vm  stopped by Ctrl-C: the guest ignored its power",
                "        button and was killed after 12s",
            ],
        ),
        ((NAME, "exactly twenty"), 22, ["web.vm  exactly twenty"]),
        ((NAME, "exactly twenty"), 21, ["web.vm  exactly", "        twenty"]),
        (("    ", "one two"), 9, ["    one", "    two"]),
        (("    one two",), 9, ["    one", "    two"]),
        (
            (NAME, "/a/path/that/is/longer/than/the/line"),
            20,
            ["web.vm  /a/path/that/is/longer/than/the/line"],
        ),
        (
            ("logs: ", "/a/path/that/is/longer and more"),
            20,
            ["logs: /a/path/that/is/longer", "      and more"],
        ),
        (("a-name-as-long-as-the-line  ", "one two"), 30, ["a-name-as-long-as-the-line  one", "  two"]),
        (("  ", Whole("qemu-run plan job.hcl")), 10, ["  qemu-run plan job.hcl"]),
        (("run it: ", Whole("qemu-run plan job.hcl")), 10, ["run it: qemu-run plan job.hcl"]),
        (
            ((Gutter("  |"), "faint"), Whole("   "), (Whole("^^^"), "error"), " did you mean it"),
            20,
            ["  |   ^^^ did you", "  |   mean it"],
        ),
        (((Gutter("  |"), "faint"), Whole(" " * 20), " far to the right"), 30, None),
        (("  ", "\u9577\u3044 \u884c"), 7, ["  \u9577\u3044", "  \u884c"]),
        (("", "one two  ", (Whole("(exit 137)"), "faint")), 16, ["one two", "(exit 137)"]),
        (("",), 5, [""]),
    ],
)
def test_a_line_is_broken_between_words(pieces, width, expected):
    found = shown(*pieces, width=width)
    if expected is not None:
        assert found == expected
    together = " ".join(line.removeprefix("  |").strip() for line in found)
    assert together.split() == plain(pieces).replace("  |", "").split()


@pytest.mark.parametrize("width", range(1, 90, 7))
def test_no_word_and_no_style_is_lost(width):
    pieces = [NAME, ("FAILED: ", "error"), LONG, ("  (exit 137)", "faint")]
    found = list(wrapped(pieces, width))
    assert " ".join(plain(line) for line in found).split() == plain(pieces).split()
    styles = {piece[1] for line in found for piece in line if not isinstance(piece, str)}
    assert styles == {"strong", "error", "faint"}


class Pty:
    """A terminal of so many columns that a screen draws on."""

    def __init__(self, columns):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.stream = os.fdopen(theirs, "w")

    def text(self):
        self.stream.close()
        said = b""
        while True:
            try:
                said += os.read(self._ours, 65536)
            except OSError:
                os.close(self._ours)
                return said.decode().replace("\r\n", "\n")


def draw(columns, monkeypatch, **environment):
    for name in ("NO_COLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Pty(columns)
    Screen(terminal.stream).line(NAME, ("FAILED: ", "error"), LONG)
    return terminal.text()


def test_a_terminal_wraps_and_colours(monkeypatch):
    text = draw(60, monkeypatch, TERM="xterm")
    assert "\x1b[1;31mFAILED: \x1b[0m" in text
    assert [line.plain for line in AnsiDecoder().decode(text.rstrip())] == [
        "web.vm  FAILED: stopped by Ctrl-C: the guest ignored its",
        "        power button and was killed after 12s",
    ]


def test_a_command_to_the_runner_stays_on_one_line():
    terminal = Pty(40)
    Screen(terminal.stream).command("::error file=web.nomad.hcl,line=3::" + "a word " * 20)
    assert len(terminal.text().splitlines()) == 1


def test_one_that_says_no_width_does_not_wrap(monkeypatch):
    assert len(draw(0, monkeypatch, TERM="xterm").splitlines()) == 1


def test_a_simple_terminal_gets_whole_plain_lines(monkeypatch):
    assert draw(60, monkeypatch, TERM="dumb") == f"web.vm  FAILED: {LONG}\n"


def test_without_colour_lines_are_wrapped_all_the_same(monkeypatch):
    text = draw(60, monkeypatch, TERM="xterm", NO_COLOR="1")
    assert "\x1b" not in text
    assert len(text.splitlines()) == 2


def test_off_a_terminal_lines_are_whole(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    stream = io.StringIO()
    Screen(stream).line(NAME, ("FAILED: ", "error"), LONG)
    assert stream.getvalue() == f"web.vm  FAILED: {LONG}\n"


def test_a_source_line_and_its_caret_stay_whole():
    source = Source("web.hcl", f'  image_path = "{"x " * 40}"\n')
    diagnostic = Diagnostic("a long summary " * 5, source.span(2, 12), "a label of some length")
    drawn = [plain(line) for pieces in lines(diagnostic) for line in wrapped(list(pieces), 30)]
    assert f'   1 |   image_path = "{"x " * 40}"' in drawn
    assert "     |   ^^^^^^^^^^ a label of" in drawn
    assert "     |   some length" in drawn


@pytest.mark.parametrize(("width", "carets"), [(0, 88), (40, 9), (20, 1)])
def test_carets_go_no_further_than_the_line(width, carets):
    source = Source("web.hcl", f'{" " * 10}image_path  = "{"x" * 86}"\n')
    drawn = list(map(plain, lines(Diagnostic("wrong", source.span(24, 112)), width)))
    assert drawn[-1].count("^") == carets
    assert not width or len(drawn[-1]) <= max(width, 32)


def test_all_styles_can_be_read_on_black_and_on_white():
    used = {number for sgr in (*STYLES.values(), *TASK_COLOURS) for number in sgr.split(";")}
    assert used <= READABLE
