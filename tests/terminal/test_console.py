"""Standard output as guests share it: a table of what is said and what is shown."""

import os
import pty
import threading

import pytest

from qemu_run.terminal.backlog import Backlog
from qemu_run.terminal.console import Console
from qemu_run.terminal.cursor import Cursor
from tests.conftest import PATIENCE_SECONDS


class Shown:
    """A console that writes into a pipe."""

    def __init__(self, *, prefixed=False):
        self.reading, self.writing = os.pipe()
        self.cursor = Cursor(self.writing, self.writing)
        self.console = Console(self.writing, self.cursor, prefixed=prefixed)

    def text(self):
        os.close(self.writing)
        with os.fdopen(self.reading, "rb") as pipe:
            return pipe.read()


@pytest.mark.parametrize(
    ("chunks", "shown"),
    [
        ([b"one\r\ntwo\r\n"], b"one\ntwo\n"),
        ([b"one\r", b"\ntwo"], b"one\ntwo\n"),
        ([b"no end"], b"no end\n"),
        ([b"50%\r", b"100%\r\n"], b"50%\n100%\n"),
        ([b"a\r\r\nb\n"], b"a\nb\n"),
        ([b"\x1b[31mred\x1b[0m\n"], b"red\n"),
        ([b"\x1b]0;ti", b"tle\x07text\n"], b"text\n"),
        ([b""], b""),
        ([b"\n\n"], b"\n\n"),
        (["é".encode()[:1], "é".encode()[1:] + b"\n"], "é\n".encode()),
    ],
)
def test_off_a_terminal_lines_are_whole_and_clean(chunks, shown):
    here = Shown()
    sink = here.console.sink("web.vm")
    for chunk in chunks:
        sink.write(chunk)
    sink.close()
    assert here.text() == shown


def test_of_several_guests_each_line_has_its_name():
    here = Shown(prefixed=True)
    first, second = here.console.sink("web.a"), here.console.sink("web.b")
    first.write(b"half")
    second.write(b"whole\r\n")
    first.write(b" and half\r\n")
    second.write(b"rest")
    first.close()
    second.close()
    assert here.text() == b"web.b  whole\nweb.a  half and half\nweb.b  rest\n"


def test_a_guest_without_newlines_costs_no_memory():
    here = Shown(prefixed=True)
    sink = here.console.sink("web.a")
    written = 0
    for _ in range(10):
        sink.write(b"x" * 5000)
        written += 5000
        assert len(sink._pending) <= 1 << 16
    sink.close()
    assert here.text().count(b"x") == written


def test_a_reader_that_left_is_not_a_failure_and_a_full_disk_is():
    here = Shown()
    sink = here.console.sink("web.a")
    os.close(here.reading)
    with pytest.raises(BrokenPipeError):
        sink.write(b"line\n")
    assert here.console.failure is None
    os.close(here.writing)
    full = os.open("/dev/full", os.O_WRONLY)
    console = Console(full, Cursor(full, full), prefixed=False)
    with pytest.raises(OSError, match="No space"):
        console.sink("web.a").write(b"line\n")
    assert console.failure is not None
    os.close(full)


def test_a_reader_that_does_not_read_holds_nothing_up_once_the_run_is_to_end():
    here = Shown()
    sink = here.console.sink("web.a")
    here.console.hasten()
    sink.write(b"line\n" * 100_000)  # far more than the pipe holds
    assert here.console.unread > 400_000
    os.close(here.reading)
    os.close(here.writing)


def test_the_cursor_is_moved_only_once_somebody_types():
    ours, theirs = pty.openpty()
    try:
        console = Console(theirs, Cursor(theirs, theirs), prefixed=False, moves=True)
        sink = console.sink("vm")
        sink.write(b"firm\x1b[2Jware ")
        console.typed()
        sink.write(b"sh\x1b[2Jell\n")
        seen = b""
        while not seen.endswith(b"\n"):  # a terminal hands over what it has, not what was written at once
            seen += os.read(ours, 4096)
        assert seen == b"firmware sh\x1b[2Jell\r\n"
    finally:
        os.close(ours)
        os.close(theirs)


def in_the_background(do):
    thread = threading.Thread(target=do)
    thread.start()
    return thread


def test_a_reader_that_pauses_holds_no_guest_up_and_gets_all_in_the_end():
    here = Shown()
    sink = here.console.sink("web.vm")
    lines = [b"line %d\n" % number for number in range(100_000)]
    writing = in_the_background(lambda: [sink.write(line) for line in lines])
    writing.join(PATIENCE_SECONDS)
    assert not writing.is_alive()
    sink.close()
    closing = in_the_background(lambda: here.console.close(patiently=True))
    with os.fdopen(here.reading, "rb", buffering=0) as pipe:
        said = b""
        while len(said) < len(b"".join(lines)):
            said += pipe.read(1 << 20)
        closing.join(PATIENCE_SECONDS)
    os.close(here.writing)
    assert said == b"".join(lines)
    assert here.console.unread == 0


def test_what_there_is_no_room_for_is_left_out_and_counted():
    here = Shown()
    sink = here.console.sink("web.vm")
    line = b"x" * 999 + b"\n"
    for _ in range(9_500):
        sink.write(line)
    sink.close()
    here.console.close()
    os.close(here.reading)
    os.close(here.writing)
    assert here.console.unread > 9_000_000


def test_a_line_stands_where_text_was_left_out():
    backlog = Backlog()
    backlog.put(b"a" * (8 << 20))
    backlog.put(b"lost")
    assert backlog.take() == b"a" * (8 << 20)
    backlog.put(b"b")
    assert backlog.take() == b"\n[4 bytes are left out here: nobody read them in time]\n"
    assert backlog.take() == b"b"
    assert backlog.take() == b""


def test_a_line_that_firmware_wiped_is_an_empty_one_behind_its_name():
    here = Shown(prefixed=True)
    sink = here.console.sink("web.vm")
    sink.write(b"Press Ctrl-B...\r" + b" " * 79 + b"\r\n  done\r\n")
    sink.close()
    assert here.text() == b"web.vm  Press Ctrl-B...\nweb.vm  \nweb.vm    done\n"
