import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from qemu_run.artifacts.words import size_in_words
from qemu_run.runtime.events import Downloading
from qemu_run.terminal.progress import Downloads
from qemu_run.terminal.screen import Screen


class Terminal(io.StringIO):
    def isatty(self):
        return True


def downloading(name, received, total, task="web.vm"):
    return Downloading(
        task=SimpleNamespace(name=task), file_name=name, received_bytes=received, total_bytes=total
    )


@pytest.fixture
def screen(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Screen(Terminal())
    screen.console = Console(file=Terminal(), width=80, force_terminal=True, highlight=False, markup=False)
    return screen


@pytest.mark.parametrize("total", [None, 5_000_000_000])
def test_bars_fit_80_columns(screen, total):
    bars = Downloads(screen)
    names = ("debian-12-genericcloud-amd64-daily-20240101-1614.qcow2", "[odd] name.img")
    for name in names:
        bars.show(downloading(name, 3_123_456_789, total))
    drawn = io.StringIO()
    Console(file=drawn, width=80, color_system=None).print(bars._progress.get_renderable())
    bars.clear()
    first, second = drawn.getvalue().splitlines()
    assert max(len(first), len(second)) <= 80
    assert first.startswith("web.vm  debian-12-gen")
    assert second.startswith("web.vm  [odd] name.img")
    assert ("5.0 GB" in first) == (total is not None)


def test_bars_are_quiet(screen):
    bars = Downloads(screen)
    bars.show(downloading("debian-12.qcow2", 3_123_456_789, 5_000_000_000))
    drawn = Terminal()
    screen.console.file, was = drawn, screen.console.file
    screen.console.print(bars._progress.get_renderable())
    screen.console.file = was
    bars.clear()
    used = {number for sgr in re.findall(r"\x1b\[([\d;]*)m", drawn.getvalue()) for number in sgr.split(";")}
    assert "2" in used
    assert used <= {"0", "1", "2", ""}


def test_no_line_is_written_for_a_short_download(monkeypatch):
    monkeypatch.setattr("time.monotonic", lambda: 5.0)
    stream = io.StringIO()
    bars = Downloads(Screen(stream))
    bars.show(downloading("a.img", 1, 2))
    bars.show(downloading("a.img", 2, 2))
    assert stream.getvalue() == ""


def test_plain_lines_each_ten_seconds_for_each_download(monkeypatch):
    now = iter(range(0, 1000, 6))
    monkeypatch.setattr("time.monotonic", lambda: float(next(now)))
    stream = io.StringIO()
    bars = Downloads(Screen(stream))
    for received in range(1, 4):
        for name in ("a.img", "b.img"):
            bars.show(downloading(name, received * 1_000_000, 4_000_000))
    told = stream.getvalue().splitlines()
    assert told == [
        f"web.vm  {name}  {size_in_words(received)} of 4.0 MB"
        for received in (2_000_000, 3_000_000)
        for name in ("a.img", "b.img")
    ]


def test_a_download_off_a_terminal_is_told_of_after_two_seconds(monkeypatch):
    now = iter([0.0, 1.0, 2.0, 3.0, 11.9, 12.0])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    stream = io.StringIO()
    bars = Downloads(Screen(stream))
    for received in range(1, 7):
        bars.show(downloading("a.img", received * 1_000_000, 9_000_000))
    assert [line.split()[2] for line in stream.getvalue().splitlines()] == ["3.0", "6.0"]
