import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qemu_run.control_codes import ControlFilter, clean

FIRMWARE = b"\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16)\r\n"


def filtered(said, kept="nothing"):
    one = ControlFilter(kept)
    return one(said) + one(b"")


@pytest.mark.parametrize(
    ("said", "plain", "coloured"),
    [
        (FIRMWARE, b"SeaBIOS (version 1.16)\r\n", b"\x1b[0mSeaBIOS (version 1.16)\r\n"),
        (b"\x1b[1;32mok\x1b[0m\n", b"ok\n", b"\x1b[1;32mok\x1b[0m\n"),
        (b"\x1b[38:5:208mok\n", b"ok\n", b"\x1b[38:5:208mok\n"),
        (b"\x1b]0;owned\x07title\n", b"title\n", b"title\n"),
        (b"\x1b]52;c;ZXZpbA==\x1b\\clip\n", b"clip\n", b"clip\n"),
        (b"\x1bP+q544e\x1b\\dcs\n", b"dcs\n", b"dcs\n"),
        (b"\x1b[6n\x1b[?1049hx\n", b"x\n", b"x\n"),
        (b"\x1b[>4;2mkeys\x1b[?4m\n", b"keys\n", b"keys\n"),
        (b"\x1b[5;5Hhome\x1b[2K\n", b"home\n", b"home\n"),
        (b"\x1b[0 qcursor\x1b[1$mx\n", b"cursorx\n", b"cursorx\n"),
        (b"\x9b6nraw\x9d0;t\x07c1\n", b"rawc1\n", b"rawc1\n"),
        (b"\xc2\x9b6nutf8\xc2\x9d0;t\xc2\x9cc1\xc2\x85\n", b"utf8c1\n", b"utf8c1\n"),
        (b"bell\x07 tab\t back\x08 nul\x00\n", b"bell tab\t back nul\n", b"bell\x07 tab\t back\x08 nul\n"),
        ("grüße \N{PILE OF POO} 日本\n".encode(), *(["grüße \N{PILE OF POO} 日本\n".encode()] * 2)),
        (
            b"latin \xe4\n",
            "latin \N{REPLACEMENT CHARACTER}\n".encode(),
            "latin \N{REPLACEMENT CHARACTER}\n".encode(),
        ),
    ],
)
def test_sequences_stay_behind_and_colours_may_pass(said, plain, coloured):
    assert filtered(said) == plain
    assert filtered(said, "colours") == coloured


def test_where_a_person_types_the_cursor_may_move():
    said = b"\x1b[K\x1b[3D\x1b[1;1H\x1b[2Jab\x08\x1b[31mred"
    assert filtered(said, "moves") == said
    assert filtered(b"\x1b[?1049h\x1b[6n\x1b[?25l\x1b[5$p\x1b]0;t\x07", "moves") == b""


@pytest.mark.parametrize("cut", range(1, len(FIRMWARE)))
def test_a_chunk_may_end_anywhere(cut):
    clean = ControlFilter("nothing")
    assert clean(FIRMWARE[:cut]) + clean(FIRMWARE[cut:]) + clean(b"") == b"SeaBIOS (version 1.16)\r\n"


@given(text=st.text(st.characters(min_codepoint=0xA0), max_size=20), data=st.data())
def test_text_passes_whole_wherever_a_chunk_ends(text, data):
    said = text.encode("utf-8", "replace")
    cut = data.draw(st.integers(0, len(said)))
    one = ControlFilter("nothing")
    first = one(said[:cut]) if cut else b""
    rest = one(said[cut:]) if cut < len(said) else b""
    assert first + rest + one(b"") == said


@given(st.lists(st.binary(max_size=60), max_size=6), st.sampled_from(["nothing", "colours", "moves"]))
def test_no_control_ever_reaches_a_terminal(chunks, kept):
    one = ControlFilter(kept)
    shown = b"".join(one(chunk) for chunk in chunks if chunk) + one(b"")
    text = shown.decode("utf-8")  # it is always UTF-8
    allowed = {"nothing": "", "colours": "m", "moves": "m@ABCDEFGHJKLMPSTXdf"}[kept]
    left = re.sub(rf"\x1b\[[0-9;:]*[{allowed or '$'}]", "", text)
    assert not re.search(r"[\x00-\x06\x0e-\x1f\x7f-\x9f]", left)


def test_an_endless_sequence_is_not_held_for_ever():
    assert len(ControlFilter("nothing")(b"\x1b]" + b"x" * 10_000)) > 0


@pytest.mark.parametrize("name", ["a\x1b]0;x\x07", "a\nb", "a\x9b6nb", "a\r\x1b[2Kb", "a\x7fb"])
def test_a_name_is_one_clean_line(name):
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", clean(name))
