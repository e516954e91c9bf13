"""Corners of functions, worked out from the rules of cty and of Go."""

import os
import sys

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.functions import FUNCTIONS, without_files
from qemu_run.expressions.functions.json_text import to_json
from qemu_run.expressions.scope import Scope
from qemu_run.source import Source
from qemu_run.syntax.native import parse_expression

NOMAD = """
abs base64decode base64encode bcrypt can ceil chomp chunklist cidrhost cidrnetmask cidrsubnet
cidrsubnets coalesce coalescelist compact concat contains convert csvdecode distinct element flatten
floor format formatdate formatlist indent index join jsondecode jsonencode keys length log lookup
lower max md5 merge min parseint pow range regex_replace replace reverse rsadecrypt setintersection
setproduct setunion sha1 sha256 sha512 signum slice sort split strlen strrev substr timeadd title
trim trimprefix trimspace trimsuffix try upper urlencode uuidv4 uuidv5 values yamldecode yamlencode
zipmap abspath basename dirname file filebase64 fileexists fileset pathexpand
"""


def run(text, folder=None):
    diagnostics = Diagnostics()
    scope = Scope({}, FUNCTIONS, **({"folder": folder} if folder else {}))
    value = evaluate(parse_expression(Source("x", text), diagnostics), scope, diagnostics)
    return value, [diagnostic.label for diagnostic in diagnostics]


def test_the_functions_are_nomads():
    assert set(FUNCTIONS) == set(NOMAD.split())
    assert FUNCTIONS.keys() - without_files().keys() == set(NOMAD.split()[-8:])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # format
        ('format("%v|%v|%v", 1000000, 123456, 1e21)', "1e+06|123456|1e+21"),
        ('format("%5d|%-5d|%05d|%+d|% d|", 42, 42, -42, 42, 42)', "   42|42   |-0042|+42| 42|"),
        ('format("%#x|%#o|%#08b|%.4d|%.0d|", 255, 8, 5, 42, 0)', "0xff|010|0b000101|0042||"),
        ('format("%08.3f|%+.2e|%-8.2f|%.0f", -3.14159, 12345, 2.5, 2.5)', "-003.142|+1.23e+04|2.50    |2"),
        ('format("%.3g %.10g %.1g", 1234.5678, 1234.5, 0.00012345)', "1.23e+03 1234.5 0.0001"),
        ('format("%8q|%-4s|%06s", "x", "é", "ab")', '     "x"|é   |0000ab'),
        ('format("%v %#v", convert(null, string), "x")', 'null "x"'),
        ('format("%[1]d %[1]d %%", 5)', "5 5 %"),
        # YAML
        ("yamlencode({ a = [1, { b = 2, c = [] }], d = {} })", '"a":\n- 1\n- "b": 2\n  "c": []\n"d": {}\n'),
        ("yamlencode([[1, 2], [3, [4]], { a = [1] }])", '- - 1\n  - 2\n- - 3\n  - - 4\n- "a":\n  - 1\n'),
        (
            'yamlencode(["x\\ny", " x\\n", "x\\n\\n", "x \\n"])',
            '- |-\n  x\n  y\n- |2\n   x\n- |+\n  x\n\n- "x \\n"\n',
        ),
        ('yamlencode("é\\t\\u0001\\u2028")', '"é\\t\\x01\\L"\n'),
        ('yamlencode(join(" ", [for i in range(20) : "word"]))', f'"{"word " * 16}word\n  word word word"\n'),
        ('yamldecode("a: 012\\nb: 0o17\\nc: 0xF\\nd: +5\\ne: .5\\n").b', 15),
        ('yamldecode("when: 2001-12-14t21:59:43.10-05:00").when', "2001-12-14T21:59:43-05:00"),
        ('yamldecode("? a\\n: [x, y, \'y\']")["a"][2]', "y"),
        # Others
        ("title(\"o'neil it's éa 1st x.y_z\")", "O'Neil It'S Éa 1st X.Y_z"),
        ('upper("ǆ ŉ ß ﬁ")', "Ǆ ŉ ß ﬁ"),
        ('lower("ÉΣ İ")', "é\u03c3 i"),
        ('strlen("e\\u0301\\r\\n")', 2),
        ('substr("hello", -10, 2)', "he"),
        ('regex_replace("baaac", "a*", "x")', "xbxcx"),
        ('regex_replace("ab", "(?P<x>a)", "<$${x}|$y|$1|$$$>")', "<a||a|$$>b"),
        ('csvdecode("a\\r\\n\\"x\\ny\\"\\r\\n\\r\\nz")[1].a', "z"),
        ('timeadd("2024-02-29T00:00:00.5Z", "500ms")', "2024-02-29T00:00:01Z"),
        ('formatdate("h HH aa ZZZZ EEE", "2024-02-29T13:00:00-07:30")', "13 01 pm -0730 Thu"),
        ('cidrsubnets("10.0.0.0/8", 8, 4)[1]', "10.16.0.0/12"),
        ('"inf" + 1 == 1 / 0', True),
        ('jsondecode("\\"\\\\ud83d\\\\udc27\\"")', "🐧"),
        ('base64decode("SGVs\\nbG8=")', "Hello"),
    ],
)
def test_value(text, wanted):
    assert run(text) == (wanted, [])


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ('true ? { a = 1, b = "x" } : { a = "y", b = 2 }', '{"a":"1","b":"x"}'),
        ("convert({ a = { b = 1 } }, map(map(string)))", '{"a":{"b":"1"}}'),
        ('convert([1, "a"], list(any))', '["1","a"]'),
        ('setintersection([1, 2], ["2", 3])', '["2"]'),
        ("convert([[2], [1], [1]], set(list(number)))", "[[1],[2]]"),
        ("merge(convert(null, map(string)), null)", "{}"),
        ("chunklist([1, 2, 3], 2)", "[[1,2],[3]]"),
        ("distinct([{ a = 1 }, { a = 1 }])", '[{"a":1}]'),
    ],
)
def test_collection(text, json):
    value, labels = run(text)
    assert (to_json(value), labels) == (json, [])


def test_files_are_found_from_the_folder(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "b.md", "sub/c.txt", "[x].txt"):
        (tmp_path / name).write_text("é")
    (tmp_path / "link").symlink_to(tmp_path)
    found = {
        pattern: to_json(run(f'fileset(".", "{pattern}")', tmp_path)[0])
        for pattern in ("*.txt", "**", "{a,b}.*", "?.[a-m]d", "\\\\[x].txt", "sub/*", "nothing/*")
    }
    assert found == {
        "*.txt": '["[x].txt","a.txt"]',
        "**": '["[x].txt","a.txt","b.md","sub/c.txt"]',
        "{a,b}.*": '["a.txt","b.md"]',
        "?.[a-m]d": '["b.md"]',
        "\\\\[x].txt": '["[x].txt"]',
        "sub/*": '["sub/c.txt"]',
        "nothing/*": "[]",
    }
    assert run('file("sub/../a.txt")', tmp_path) == ("é", [])
    assert run('abspath("x/../y")', tmp_path) == (f"{tmp_path}/y", [])


def test_files_that_cannot_be_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert run('file("pipe")', tmp_path)[1] == [f"{tmp_path}/pipe is not a regular file"]
    assert run('file("none")', tmp_path)[1] == [f"no such file: {tmp_path}/none"]
    assert run('file("a\\u0000b")', tmp_path)[1] == ["a path cannot hold a NUL character"]
    assert run('fileset(".", "[a")', tmp_path)[1] == ["a [ in the pattern is never closed"]
    assert run('pathexpand("~other/x")', tmp_path)[1] == ["only one's own home folder can be written ~"]


def test_what_an_extra_is_needed_for_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    assert run('bcrypt("x", 4)')[1] == ["this function needs more: pip install qemu-run[crypto]"]
