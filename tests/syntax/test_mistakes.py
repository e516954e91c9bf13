"""What is said of wrong text, and where the caret points."""

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.source import Source
from qemu_run.syntax.native import parse_expression
from qemu_run.syntax.parse import parse


def mistakes(text, parser=parse):
    diagnostics = Diagnostics()
    parser(Source("job.hcl", text), diagnostics)
    return [(d.summary, d.label, d.span.text, d.span.first.line) for d in diagnostics]


BODIES = [
    # Brackets
    (
        'job "a" {\n  config {\n    x = 1\n\n  meta {\n  }\n}\n',
        ('the "config" block is never closed', 'its "}" is missing', "{", 2),
    ),
    ("a {\n  b {\n", ('the "b" block is never closed', 'its "}" is missing', "{", 2)),
    ("a {\n}\n}\n", ('one "}" too many', "nothing is open here", "}", 3)),
    ('a = ["x"\nb = 1\n', ('this "[" is never closed', 'its "]" is missing', "[", 1)),
    ('a {\n  b = ["x"\n}\n', ('this "[" is never closed', 'its "]" is missing', "[", 2)),
    ("a = f(1\nb = 2\n", ('this "(" is never closed', 'its ")" is missing', "(", 1)),
    ("a = 1)\n", ('")" closes nothing', "nothing it could close is open", ")", 1)),
    # Strings
    ('a = "x\nb = 1\n', ("a string is never closed", "its closing quote is missing", '"x', 1)),
    ('a = "${x\n', ('this "${" is never closed', 'its "}" is missing', "${", 1)),
    ('a = "x/${y.z"\n', ('"${" is never closed', 'its "}" is missing', "${y.z", 1)),
    (
        'a = "\\v"\n',
        ('"\\v" is not an escape sequence', 'known are \\n \\r \\t \\" \\\\ \\uXXXX \\UXXXXXXXX', "\\v", 1),
    ),
    ('a = "\\u12"\n', ('"\\u" is not an escape sequence', "four hexadecimal digits must follow", "\\u", 1)),
    ("a = 'x'\n", ("single quotes do not make a string", 'write "x"', "'x'", 1)),
    ("a = \u201cx\u201d\n", ("these quotes do not make a string", 'write "x"', "\u201cx\u201d", 1)),
    ("a = ${var.x}\n", ('"${" outside of a string', "write var.x or put it in quotes", "${var.x}", 1)),
    # Heredocs
    ("a = <<EOF\nx\nE0F\n", ('the heredoc "EOF" never ends', 'no line holds "EOF" alone', "<<EOF", 1)),
    (
        "a = <<EOF # x\ny\nEOF\n",
        (
            "a heredoc begins with << and a word, nothing else",
            "write <<EOF and a new line",
            "<<EOF # x",
            1,
        ),
    ),
    (
        'a = << "EOF"\ny\nEOF\n',
        (
            "a heredoc begins with << and a word, nothing else",
            "write <<EOF and a new line",
            '<< "EOF"',
            1,
        ),
    ),
    ("a = <<\n", ("a heredoc begins with << and a word, nothing else", "a word must follow", "<<", 1)),
    ("a = 5m\n", ("a text without quotes", 'write "5m"', "5m", 1)),
    ("a = b c\n", ("the line goes on after a value", "a new line must come before this", "c", 1)),
    ("a = b.\n", ("a name is missing", "a name must follow the dot", ".", 1)),
    ("a := 1\n", ('"a" is set with ":"', 'write "=" instead', ":", 1)),
    ("a => 1\n", ('"a" is set with "=>"', 'write "=" instead', "=>", 1)),
    (
        'a "b"\n{\n}\n',
        ("an opening brace on a line of its own", 'it must follow "a" on its line', "{", 2),
    ),
    ("a = <<EOF\nx\nEOF", ("the file ends after a heredoc's marker", "a line end must follow", "EOF", 3)),
    # Statements
    (
        'type "batch"\n',
        (
            "an equals sign or an opening brace is missing",
            'write type = "batch" or type "batch" {',
            '"batch"',
            1,
        ),
    ),
    ("job\n", ('"job" is neither an argument nor a block', "write job = ... or job { ... }", "job", 1)),
    ("a 1\n", ("an equals sign is missing", "write a = ...", "1", 1)),
    ("a: 1\n", ('"a" is set with ":"', 'write "=" instead', ":", 1)),
    ('a "x" = 1\n', ('"a" has a label and an equals sign', 'a block is written a "..." {', "=", 1)),
    ('a = "x" {\n}\n', ("a block has no equals sign", "write a ... {", "=", 1)),
    (
        "a = 1,\nb = 2\n",
        ("a comma after an argument", "arguments are separated by lines: remove it", ",", 1),
    ),
    ("a = 1;\nb = 2\n", ('unexpected character ";"', "statements end with the line", ";", 1)),
    (
        "a = 1 b = 2\n",
        ("two statements on one line", '"a" must end with its line: start a new one here', "b", 1),
    ),
    (
        "a {} b {}\n",
        ("two statements on one line", 'the "a" block must end with its line: start a new one here', "b", 1),
    ),
    ("a = 1\nb = 2\na = 3\n", ('"a" is set twice', "already set on line 1", "a", 3)),
    ('"a" = 1\n', ("the name of an argument has no quotes", "remove the quotes", '"a"', 1)),
    ('a {\n  "b" = 1\n}\n', ("the name of an argument has no quotes", "remove the quotes", '"b"', 2)),
    (
        'a {\n  b = 1\n  "c.d" = 1\n}\n',
        ("the name of an argument has no quotes", "only the keys of a map may be quoted", '"c.d"', 3),
    ),
    ('a "${x}" {}\n', ("a block's label is fixed text", "no ${ } or %{ } in a label", '"${x}"', 1)),
    (
        "a { b {} }\n",
        ('the "b" block cannot stand inside a block on one line', "it must begin a line of its own", "b", 1),
    ),
    (
        "a { b = 1, c = 2 }\n",
        ("a comma after an argument", "a block on one line can hold one argument only", ",", 1),
    ),
    (
        "a { b = 1 c = 2 }\n",
        ("a block on one line can hold one argument only", "write one argument on each line", "c", 1),
    ),
    ("a {\n  b = 1 }\n", ("a closing brace after a statement", "it must begin a line of its own", "}", 2)),
    (
        "a { b = 1\n}\n",
        ("a statement after an opening brace", "start a new line here, or close it on this one", "{", 1),
    ),
    ("a = 1 +\n2\n", ("a value is missing", 'an expression must follow "+"', "+", 1)),
    (
        "a = 1\n+ 2\n",
        ("an expression cannot go on in the next line", "put it in parentheses, or in one line", "+", 2),
    ),
    ("a =\n", ("a value is missing", 'an expression must follow "="', "=", 1)),
    ("a = = 1\n", ("one equals sign too many", "equality is written == only between two values", "=", 1)),
    # Others
    ("a = 1 /* x\n", ("a comment is never closed", "no */ follows", "/*", 1)),
    ("a = \0\n", ('unexpected character "U+0000"', "a NUL character", "\0", 1)),
    ("a = \ud800\n", ("this is not UTF-8 text", "a broken character", "\ud800", 1)),
    ("a = 1e99999\n", ("this number has too many digits", "some 4,000 are possible", "1e99999", 1)),
]


@pytest.mark.parametrize(("text", "mistake"), BODIES, ids=lambda value: repr(value)[:30])
def test_mistake_in_a_body(text, mistake):
    assert mistakes(text) == [mistake]


EXPRESSIONS = [
    ('["a" "b"]', ("a comma is missing", "a comma must follow", '"')),
    ("f(1 2)", ("a comma is missing", "a comma must follow", "1")),
    (
        "{ a = 1 b = 2 }",
        (
            "a comma is missing between two elements of an object",
            "a comma or a new line must come first",
            "b = 2",
        ),
    ),
    (
        "{ a = 1\n, b = 2 }",
        ("a comma at the start of a line", "the line before has ended its element already", ","),
    ),
    ('"\\ud83d\\ude00"', ('"\\ud83d" is half a character', "U+D800 to U+DFFF are not characters", "\\ud83d")),
    ('"\\U00110000"', ('"\\U00110000" is beyond Unicode', "the last is \\U0010FFFF", "\\U00110000")),
    ("{ for = 1 }", ('"for" begins a loop here', 'as a key, write "for" in quotes', "for")),
    ("[for in x : 1]", ('"for" has no name before "in"', "write for x in ...", "in")),
    ("a.1.2", ("two indexes in a row cannot be written with dots", "write [1][2]", "1.2")),
    ('"%{ if x }y"', ("%{ if } without %{ endif }", "its endif is missing", "%{ if x }")),
    ('"%{ endif }"', ("%{ endif } without %{ if }", "no if is open here", "%{ endif }")),
    ('"%{ if x }%{ else }%{ else }%{ endif }"', ("a second %{ else }", "one if has one else", "%{ else }")),
    ('"%{ while x }"', ('"%{ while x }" is not a directive', "write %%{ while x }", "%{ while x }")),
    ('"${}"', ("a value is missing", 'an expression must follow "${"', "}")),
    ("1 +", ("a value is missing", 'an expression must follow "+"', "+")),
    ("2 ** 3", ('"*" cannot begin a value', "a value is wanted here", "*")),
    ("a & b", ('unexpected character "&"', '"and" is written &&', "&")),
]


@pytest.mark.parametrize(("text", "mistake"), EXPRESSIONS, ids=lambda value: repr(value)[:30])
def test_mistake_in_an_expression(text, mistake):
    assert mistakes(text, parse_expression)[0][:3] == mistake


def test_several_mistakes_are_found_at_once():
    text = """job "a" {
  type "batch"
  group "g" {
    count: 3
    task "t" {
      driver = 'qemu'
      a = 1 b = 2
    }
  }
}
"""
    assert [(line, summary) for summary, _, _, line in mistakes(text)] == [
        (2, "an equals sign or an opening brace is missing"),
        (4, '"count" is set with ":"'),
        (6, "single quotes do not make a string"),
        (7, "two statements on one line"),
    ]


JSON = [
    ('{"a": 1,}', ("a comma after the last element", "JSON wants none here", ",")),
    ('{"a": [1,]}', ("a comma after the last element", "JSON wants none here", ",")),
    ('{"a" 1}', ('"1" does not fit here', '":" is wanted', "1")),
    ("{a: 1}", ("a name without quotes", 'write "a"', "a")),
    ("{\"a\": 'x'}", ("single quotes do not make a string", 'strings stand in "', "'")),
    ('{"a": 1 "b": 2}', ("a comma is missing", "a comma must follow", "1")),
    ('{"a": "x\n"}', ("a string is never closed", "its closing quote is missing", '"x')),
    (
        '{"a": "\\x"}',
        ('"\\x" is not an escape sequence', 'known are \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX', "\\x"),
    ),
    ('{"a": yes}', ('"yes" is not a JSON value', "text stands in double quotes", "yes")),
    ('{"a": {"b": 1}', ('this "{" is never closed', 'its "}" is missing', "{")),
    ('{"a": 1} x', ("more text after the JSON value", "nothing can follow it", "x")),
    ('{"a": 1 // x\n}', ("JSON has no comments", 'a member named "//" can hold one', "//")),
    ('{"a": ' * 200, ("this is nested too deeply", "more than 100 levels", "{")),
    ("{", ("the JSON text ends too early", "a name in quotes must follow", "{")),
]


@pytest.mark.parametrize(("text", "mistake"), JSON, ids=lambda value: repr(value)[:30])
def test_mistake_in_json(text, mistake):
    assert [found[:3] for found in mistakes(text)] == [mistake]
