"""Lines of NAME=value as hashicorp/go-envparse read them when asked."""

import pytest

from qemu_run.planning.environment_file import EnvironmentFileError, parse_environment_file


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("A=1\nB=2", {"A": "1", "B": "2"}),
        ("A = 1", {"A": "1"}),
        ("A=1 # c", {"A": "1"}),
        ("A=#c", {"A": ""}),
        ("A=a#b", {"A": "a"}),
        ("# c\n\nA=1", {"A": "1"}),
        ("export A=1", {"A": "1"}),
        ("A='x y'", {"A": "x y"}),
        ('A="x\\ny"', {"A": "x\ny"}),
        ('A="a\\"b"', {"A": 'a"b'}),
        ("A=1=2", {"A": "1=2"}),
        ("A.B=1", {"A.B": "1"}),
        ('A="x" y', {"A": "x y"}),
        ("A='x'y", {"A": "xy"}),
        ("A=  x  ", {"A": "x"}),
        ("A=", {"A": ""}),
        ('A=""', {"A": ""}),
        ("A=\\n", {"A": "\\n"}),
        ('A="\\u00e9"', {"A": "\u00e9"}),
        ("A=$B", {"A": "$B"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A=1\nA=2", {"A": "2"}),
        ("\t A=1", {"A": "1"}),
        ("A='it''s'", {"A": "its"}),
        ('A="a""b"', {"A": "ab"}),
        ("A=a b", {"A": "a b"}),
        ('A="\\t|\\\\|\\/|\\b"', {"A": "\t|\\|/|\b"}),
        ("A='x' # y", {"A": "x"}),
        ("export=1", {"export": "1"}),
        ("exportA=1", {"exportA": "1"}),
    ],
)
def test_reads(text, variables):
    assert parse_environment_file(text) == variables


@pytest.mark.parametrize(
    "text",
    [
        *("A='a\\'b'", "A", "=1", "1A=x", "A-B=1", 'A=x"y', 'A="unclosed', "a b=1", 'A="\\x41"', "A:B=1"),
        *("A='multi\nline'", "\u00c9=1", "export  A=2", 'A="a\\$b"'),
    ],
)
def test_refuses(text):
    with pytest.raises(EnvironmentFileError) as caught:
        parse_environment_file("OK=1\n" + text)
    assert caught.value.line == 2
