import pytest
from hypothesis import given
from hypothesis import strategies as st

from qemu_run.runtime.control_codes import ControlFilter

FIRMWARE = b"\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16)\r\n"


@pytest.mark.parametrize(
    ("said", "plain", "coloured"),
    [
        (FIRMWARE, b"SeaBIOS (version 1.16)\r\n", b"\x1b[0mSeaBIOS (version 1.16)\r\n"),
        (b"\x1b[1;32mok\x1b[0m\n", b"ok\n", b"\x1b[1;32mok\x1b[0m\n"),
        (b"\x1b]0;owned\x07title\n", b"title\n", b"title\n"),
        (b"\x1b]52;c;ZXZpbA==\x1b\\clip\n", b"clip\n", b"clip\n"),
        (b"\x1b[6n\x1b[?1049hx\n", b"x\n", b"x\n"),
        (
            b"bell\x07 tab\t back\x08 nul\x00\n",
            b"bell\x07 tab\t back\x08 nul\n",
            b"bell\x07 tab\t back\x08 nul\n",
        ),
        ("grüße\n".encode(), "grüße\n".encode(), "grüße\n".encode()),
    ],
)
def test_sequences_stay_behind_and_colours_may_pass(said, plain, coloured):
    for keep_colours, wanted in ((False, plain), (True, coloured)):
        clean = ControlFilter(keep_colours=keep_colours)
        assert clean(said) + clean(b"") == wanted


@pytest.mark.parametrize("cut", range(1, len(FIRMWARE)))
def test_a_chunk_may_end_anywhere(cut):
    clean = ControlFilter(keep_colours=False)
    assert clean(FIRMWARE[:cut]) + clean(FIRMWARE[cut:]) + clean(b"") == b"SeaBIOS (version 1.16)\r\n"


@given(st.binary(max_size=200))
def test_no_escape_ever_reaches_a_log(said):
    clean = ControlFilter(keep_colours=False)
    kept = clean(said) + clean(b"")
    assert b"\x1b[" not in kept
    assert b"\x1b]" not in kept


def test_an_endless_sequence_is_not_held_for_ever():
    clean = ControlFilter(keep_colours=False)
    assert len(clean(b"\x1b]" + b"x" * 10_000)) > 0
