"""Lines of plain text from what guests say."""

from hypothesis import given
from hypothesis import strategies as st

from qemu_run.reports.console_lines import ConsoleLines, Tail, plain_lines


def passed_on(*chunks):
    lines = []
    sink = ConsoleLines(lines.append)
    for chunk in chunks:
        sink.write(chunk)
    sink.close()
    return lines


def test_a_line_is_passed_on_whole():
    assert passed_on(b"on", b"e\r", b"\ntw", b"o\r\r\n", b"three") == ["one", "two", "three"]


def test_what_is_overwritten_is_a_line_of_its_own():
    assert passed_on(b"10%\r20%\r100%\n") == ["10%", "20%", "100%"]


def test_a_line_without_an_end_is_cut():
    assert [len(line) for line in passed_on(b"x" * 50_000, b"x" * 50_000, b"\n")] == [100_000, 0]


def test_lines_are_plain():
    said = "\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x9b2J \ufffe grün\n".encode()
    assert passed_on(said) == ["red  \N{REPLACEMENT CHARACTER} grün"]


@given(st.lists(st.binary(max_size=40)))
def test_no_control_character_passes(chunks):
    said = "".join(passed_on(*chunks))
    assert not any((ord(c) < 32 and c != "\t") or 0x7F <= ord(c) < 0xA0 for c in said)
    assert not any(0xD800 <= ord(c) < 0xE000 or c in "\ufffe\uffff" for c in said)


def test_the_tail_has_the_last_lines():
    tail = Tail()
    for number in range(100_000):
        tail.write(b"%d\r\n" % number)
    tail.write(b"\r\n\r\n")
    tail.close()
    assert tail.lines(3) == ["99997", "99998", "99999"]
    numbers = [int(line) for line in tail.lines(10**6)]
    assert 5_000 < len(numbers) < 50_000
    assert numbers == list(range(numbers[0], 100_000))


def test_another_attempt_begins_on_a_line_of_its_own():
    tail = Tail()
    tail.write(b"the first")
    tail.close()
    tail.write(b"the second")
    assert tail.lines(40) == ["the first", "the second"]


def test_a_guest_that_said_nothing_has_no_lines():
    assert Tail().lines(40) == []
    assert plain_lines(b"") == [""]
