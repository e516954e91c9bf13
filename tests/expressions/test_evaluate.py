import pytest

from qemu_run.errors import Diagnostics
from qemu_run.expressions.equality import set_of
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.functions import FUNCTIONS
from qemu_run.expressions.functions.json_text import to_json
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.types import NUMBER, STRING, ListType
from qemu_run.expressions.values import ListValue, MapValue, Null, ObjectValue, Unknown
from qemu_run.source import Source
from qemu_run.syntax.native import parse_expression

VARIABLES = {
    "var": ObjectValue(
        {
            "image": "local/disk.img",
            "count": 3,
            "names": ListValue(STRING, ("b", "a")),
            "set": set_of(STRING, ("y", "x")),
            "labels": MapValue(STRING, {"tier": "db"}),
            "none": Null(STRING),
            "no_list": Null(ListType(STRING)),
        }
    ),
    "local": ObjectValue({"broken": Unknown()}),
}


def run(text, **settings):
    diagnostics = Diagnostics()
    scope = Scope(VARIABLES, settings.pop("functions", FUNCTIONS), **settings)
    expression = parse_expression(Source("x", text), diagnostics)
    value = evaluate(expression, scope, diagnostics) if expression else Unknown()
    return value, diagnostics


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ("var.image", '"local/disk.img"'),
        ('"${var.image}:${var.count}"', '"local/disk.img:3"'),
        ("var.names[1]", '"a"'),
        ("var.names.0", '"b"'),
        ("var.names[*]", '["b","a"]'),
        ("var.labels.tier", '"db"'),
        ('var.labels["tier"]', '"db"'),
        ("[for name in var.set : name]", '["x","y"]'),
        ("{ for name, value in var.labels : value => name }", '{"db":"tier"}'),
        ("var.none == null", "true"),
        ("true ? var.none : 5", "null"),
        ("false ? var.none : 5", '"5"'),
        ("true ? null : [1]", "null"),
        ("[for var in [1] : var]", "[1]"),
        ("[for x in [1, 2] : [for x in [x * 10] : x]]", "[[10],[20]]"),
        ("1 == 1 ? 2 : attr.x + 1", "2"),
        ("merge(var.labels, { tier = 1 })", '{"tier":1}'),
        ("-0", "-0"),
        ("0 * -1", "-0"),
        ("7 - 7", "0"),
        ("1 / 4 + 0.75", "1"),
        ('"${~ 1 ~}"', "1"),
        ('" ${~ 1 ~} "', '"1"'),
        ('"%{ for i, x in ["a"] ~} ${i}${x} %{~ endfor }"', '"0a"'),
        ('"%{ if var.count > 2 ~} many %{~ else }few%{ endif }"', '"many"'),
        ('"e\\u0301"', '"é"'),
    ],
)
def test_value(text, json):
    value, diagnostics = run(text)
    assert not diagnostics.items
    assert to_json(value) == json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"${attr.kernel.name}"', "${attr.kernel.name}"),
        ('"${ attr.x }"', "${ attr.x }"),
        ('"${~ attr.x ~}"', "${attr.x}"),
        ('"a ${~ attr.x ~} b"', "a${attr.x}b"),
        ("attr.x", "${attr.x}"),
        ('"${attr.x}}"', "${attr.x}}}"),
        ('"${attr.x }}"', "${attr.x  }}}"),
        ('env["A B"].c[0]', '${env["A B"].c[0]}'),
        ("attr.list.0", "${attr.list.0}"),
        ('"${upper( attr.x )}"', "${ATTR.X}"),
        ('"$${attr.x}"', "${attr.x}"),
    ],
)
def test_a_name_of_run_time_keeps_its_text(text, value):
    assert run(text) == (value, Diagnostics())


@pytest.mark.parametrize(
    ("text", "summary", "label", "caret"),
    [
        ("local/plain.img", "a path without quotes", 'write "local/plain.img"', "local/plain.img"),
        ("var.imag", 'no variable named "imag"', 'did you mean "image"?', ".imag"),
        ("local.x", 'no local value named "x"', "there is broken", ".x"),
        ("var.names.first", 'no attribute named "first"', "a list has none", ".first"),
        (
            "NOMAD_PORT_a - 5900",
            '"-" works on numbers',
            "NOMAD_PORT_a is known only when the task runs",
            "NOMAD_PORT_a",
        ),
        ('"x${var.names}"', "a list cannot be put into a string", "this is a list", "var.names"),
        ("tostring(1)", 'no function named "tostring"', "use convert(x, string)", "tostring"),
        ("uper(1)", 'no function named "uper"', 'did you mean "upper"?', "uper"),
        ('replace("a", "b")', '"replace" has too few arguments', '"replace" is missing', ")"),
        ("upper(1, 2)", '"upper" has too many arguments', "this is one too many", "2"),
        ("abs(null)", '"abs" cannot take this as "num"', "a number is wanted, this is null", "null"),
        ("upper(1...)", "1 cannot be spread over arguments", "a list must stand before ...", "1"),
        (
            "true ? 1 : [2]",
            "the two results of a condition do not fit together",
            "one is 1, the other a list",
            "1 : [2]",
        ),
        ("var.no_list[*]", "a splat of null", "a list is wanted, this is null", "[*]"),
        (
            "[for x in [] : x if 5]",
            'the "if" of a "for" is neither true nor false',
            "true or false is wanted, this is 5",
            "5",
        ),
        ("{ for x in [1, 1] : x => x }", '"for" makes the key "1" twice', "each key must be made once", "x"),
        ("{ (null) = 1 }", "a key is null", "a name is wanted here", "(null)"),
        ("try(1 + true, [][0])", '"try" found nothing that works', "even this fails", "[][0]"),
        (
            'convert("a", list(strin))',
            'there is no type "strin"',
            "one of string, number, bool, list, set, map, object, tuple",
            "strin",
        ),
        (
            'cidrhost("10.0.0.0", 1)',
            '"cidrhost" failed',
            '"10.0.0.0" is not a network such as 10.0.0.0/24',
            '"10.0.0.0"',
        ),
    ],
)
def test_mistake_is_said_where_it_is(text, summary, label, caret):
    value, diagnostics = run(text)
    assert isinstance(value, Unknown)
    (mistake,) = diagnostics.items
    assert (mistake.summary, mistake.label, mistake.span.text) == (summary, label, caret)


@pytest.mark.parametrize(
    "text",
    [
        "local.broken",
        "local.broken + 1",
        "upper(local.broken)",
        '"a${local.broken}"',
        "[for x in local.broken : x]",
    ],
)
def test_what_follows_a_reported_mistake_is_silent(text):
    diagnostics = run(text)[1]
    assert not diagnostics.items


def test_fixed_values_allow_neither_names_nor_functions():
    settings = {"unresolved": "error", "functions": {}}
    assert [d.summary for d in run("attr.x", **settings)[1]] == ['"attr.x" cannot be used here']
    assert [d.summary for d in run("upper(1)", **settings)[1]] == ["no function can be called here"]
    assert run("[1, { a = true }]", **settings)[1] == Diagnostics()


def test_elements_of_one_list_share_a_type():
    value, _ = run('distinct([1, "a", 1])')
    assert value == ListValue(STRING, ("1", "a"))
    assert run("range(2)")[0] == ListValue(NUMBER, (0, 1))
