"""White space, words for truth, and patterns, as Go has them."""

import pytest

from qemu_run.golang.regexps import as_bytes, compile_regexp
from qemu_run.golang.text import SPACES, parse_bool

WORDS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
    **dict.fromkeys(("", "yes", "no", "tRUE", " true", "2", "off"), None),
}


@pytest.mark.parametrize(("word", "truth"), WORDS.items())
def test_a_word_for_truth(word, truth):
    assert parse_bool(word) is truth


@pytest.mark.parametrize("character", ["\t", "\n", "\v", "\f", "\r", " ", "\x85", "\xa0", "\u2003", "\u3000"])
def test_white_space(character):
    assert f"{character}x{character}".strip(SPACES) == "x"


@pytest.mark.parametrize("character", ["\x1c", "\x1f", "\u200b", "\ufeff", "_"])
def test_not_white_space(character):
    assert f"{character}x".strip(SPACES) == f"{character}x"


def test_a_pattern_searches_texts_or_bytes():
    assert compile_regexp("^a.c$").search("abc") is not None
    assert compile_regexp(as_bytes("\udc00|b")).search(as_bytes("\udc00")) is not None


@pytest.mark.parametrize("pattern", ["(", "(?<=a)b", r"(a)\1", "a**"])
def test_a_pattern_that_re2_refuses_says_why(pattern):
    with pytest.raises(ValueError, match=r"\w"):
        compile_regexp(pattern)
