import pytest
from hypothesis import given
from hypothesis import strategies as st

from qemu_run.verdict.console_watch import ConsoleWatch, Seen
from qemu_run.verdict.signatures import SIGNATURES


def seen(watch, *chunks):
    return [each for chunk in chunks for each in watch.feed(chunk)]


def test_a_pattern_is_told_once_a_line():
    assert seen(ConsoleWatch(["ok"]), b"ok ok\nnot o", b"k\n") == [Seen("ok", "ok ok"), Seen("ok", "not ok")]


def test_control_sequences_do_not_count():
    assert seen(ConsoleWatch(["^login$"]), b"\x1b[1mlog\x1b[0min\n") == [Seen("^login$", "login")]


def test_a_line_that_has_not_ended_is_looked_at_only_when_nothing_more_comes_of_it():
    watch = ConsoleWatch(["^login: $"])
    assert seen(watch, b"login: ") == []
    assert watch.has_rest
    assert list(watch.feed_rest()) == [Seen("^login: $", "login:")]
    assert list(watch.feed_rest()) == []
    assert seen(watch, b"root\n") == []
    assert not watch.has_rest


def test_a_carriage_return_begins_a_line():
    assert seen(ConsoleWatch(["^100%"]), b"50%\r100%\r\n") == [Seen("^100%", "100%")]


def test_a_pattern_of_whole_lines_waits_for_the_end():
    watch = ConsoleWatch([], ["panic"])
    assert seen(watch, b"Kernel panic") == []
    assert seen(watch, b" - not syncing\n") == [Seen("panic", "Kernel panic - not syncing")]


@given(st.data())
def test_it_does_not_matter_where_a_chunk_ends(data):
    said = "héllo wörld, the end\nnext".encode()
    cut = data.draw(st.integers(1, len(said) - 1))
    watch = ConsoleWatch(["wörld", "next"])
    found = seen(watch, said[:cut], said[cut:])
    assert [each.pattern for each in found] == ["wörld"]
    assert [each.pattern for each in watch.feed_rest()] == ["next"]


def test_a_line_without_an_end_costs_no_memory_and_is_still_searched():
    watch = ConsoleWatch(["needle"])
    for _ in range(200):
        assert seen(watch, b"x" * 4096) == []
    assert seen(watch, b"need", b"le") == []
    assert [each.pattern for each in watch.feed_rest()] == ["needle"]
    assert len(watch._line) < 1 << 15


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("No bootable device.", "no-boot"),
        ("BdsDxe: No bootable option or device was found.", "no-boot"),
        ("[    2.7] Kernel panic - not syncing: Attempted to kill init!", "panic"),
        ("Kernel panic - not syncing: VFS: Unable to mount root fs", "panic"),
        ("[ 12.9] Oops: 0002 [#1] PREEMPT SMP", "oops"),
        ("[ 99.1] BUG: unable to handle page fault", "oops"),
        ("[  5.0] Out of memory: Killed process 123 (cc1)", "oom"),
        ("(initramfs) ", "emergency-shell"),
        ("Fatal glibc error: CPU does not support x86-64-v2", "cpu-too-old"),
    ],
)
def test_signatures_know_what_is_said(line, name):
    watch = ConsoleWatch([each.pattern for each in SIGNATURES])
    by_pattern = {each.pattern: each.name for each in SIGNATURES}
    assert [by_pattern[each.pattern] for each in seen(watch, line.encode() + b"\n")] == [name]


@pytest.mark.parametrize("line", ["grep 'Kernel panic - not syncing' log", "Booting from Hard Disk...", "ok"])
def test_signatures_leave_other_text_alone(line):
    assert seen(ConsoleWatch([each.pattern for each in SIGNATURES]), line.encode() + b"\n") == []


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (b"No bootable devicc\x1b[10;18He.\r\n", "No bootable device."),
        (b"No bootablee\x1b[10;12H device.\r\n", "No bootable device."),
        (b"No boo\x1b[10;60Htable device.\r\n", "No bootable device."),
        (b"No boo\x1b[60Ctable \x1b[Kdev\x07ice.\r\n", "No bootable device."),
        (b"BdsDxe: starti\x1b[2J\x1b[01;01H\x1b[01;01HNo bootable device.\r\n", "No bootable device."),
        (b"another\x1b[HNo bootable device.\r\n", "No bootable device."),
        (b"another\x1b[7HNo bootable device.\r\n", "No bootable device."),
        (b"No boo\x1b[1mtable\x1b[0m device.\r\n", "No bootable device."),
    ],
)
def test_a_line_reads_as_a_terminal_shows_it(said, line):
    """What firmware sends, seen on a busy host, and things like it."""
    for cut in range(1, len(said)):
        watch = ConsoleWatch([], [r"^No bootable device\.$"])
        assert [each.line for each in seen(watch, said[:cut], said[cut:])] == [line]


def test_what_is_written_over_was_looked_at():
    assert seen(ConsoleWatch(["menu"]), b"a menu\x1b[3;2H item\n") == [Seen("menu", "a menu")]


def test_a_line_longer_than_any_terminal_ends_where_the_cursor_moves():
    said = b"x" * 600 + b"\x1b[1;300Hbegin" + b"\n"
    assert seen(ConsoleWatch(["^begin$"]), said) == [Seen("^begin$", "begin")]
