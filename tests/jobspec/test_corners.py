"""Corners of Nomad's language where an answer is not the one a reader would guess, a kind a row."""

import json

import pytest

from qemu_run.golang.json_text import json_document
from tests.jobspec.answers import load_text

NUMBER_SET = 'variable "v" {\n  type = set(object({ b = number }))\n  default = [%s]\n}\n'

VALUES = [
    # Unification goes into collections, and takes tuples and objects among them for lists and maps.
    ('true ? convert([1], list(number)) : ["x"]', '["1"]'),
    ("true ? convert([1], set(number)) : convert([true], set(bool))", None),
    ('true ? convert([1], set(number)) : convert(["a"], set(string))', '["1"]'),
    ('true ? convert({ a = 1 }, map(number)) : convert({ b = "x" }, map(string))', '{"a":"1"}'),
    ('true ? { a = 1, b = "x" } : convert({ a = 1 }, map(number))', '{"a":"1","b":"x"}'),
    ("true ? {} : convert({ a = 1 }, map(number))", "{}"),
    ('true ? [[1]] : [convert(["a"], list(string))]', '[["1"]]'),
    # The branch not taken has a type even where it has a mistake.
    ("true ? convert(null, number) : (convert(null, bool) ? true : false)", None),
    ("true ? convert(1, number) : !5", None),
    ('true ? [1] : "x${null}"', None),
    ("true ? [1] : 1 + null", None),
    ("true ? [1] : keys(5)", "[1]"),
    # Calls.
    ("can([1, 2]...)", None),
    ("can([1]...)", "true"),
    ("try([1, 2]...)", "1"),
    ('contains(["a"], convert(null, string))', "false"),
    ('contains([convert(null, string), "a"], convert(null, string))', "true"),
    ('contains(["a"], null)', None),
    ('coalescelist(convert(null, list(string)), ["x"])', '["x"]'),
    ("merge(null, null)", "{}"),
    ("merge(null, { a = 1 })", '{"a":1}'),
    ('merge(null, "x")', None),
    ("setunion([null], convert([[1]], set(list(number))))", None),
    ('setunion([null], ["a"])', '["a",null]'),
    ("convert(convert({}, map(string)), map(list(string)))", None),
    ("convert(convert([], list(string)), set(map(string)))", None),
    ("convert(convert([], list(string)), set(number))", "[]"),
    ('yamldecode("# nothing\\n")', None),
    ('yamldecode("")', None),
    ('yamldecode("---\\n")', "null"),
    ("try({ a.b = 1 }, 2)", "2"),
    ("{ a.b = 1 }", None),
    ('timeadd("9999-12-31T23:59:59Z", "5s")', '"10000-01-01T00:00:04Z"'),
    ('timeadd("0000-01-01T00:00:00+02:00", "-1s")', '"-0001-12-31T23:59:59+02:00"'),
    ('timeadd("0000-02-29T00:00:00Z", "24h")', '"0000-03-01T00:00:00Z"'),
    ('formatdate("YYYY EEE", "0000-01-01T00:00:00Z")', '"0000 Sat"'),
    ('fileset("%s", "x")' % ("a" * 300), "[]"),
    ('fileset(".", "%s/*")' % ("a" * 300), "[]"),
    ('indent(2147483648, "~/x")', '"~/x"'),
    ('indent(9000000000000000000, "a\\nb")', None),
    # Numbers.
    ("-0", "-0"),
    ('convert("-0", number)', "-0"),
    ('jsondecode("[-0, -0.0]")', "[-0,-0]"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ('jsondecode("123456789012345678901234567890.5")', "123456789012345678901234567890.5"),
    # Sets of objects are walked in the order of a text that spells numbers with ten digits.
    ("convert([{ b = 1 }, { b = 1.5 }], set(object({ b = number })))", '[{"b":1.5},{"b":1}]'),
    ("convert([[10], [9], [-1], [0.5]], set(list(number)))", "[[-1],[0.5],[10],[9]]"),
    ('convert([["é"], ["\\t"], ["z"]], set(list(string)))', '[["\\t"],["z"],["é"]]'),
    ("length(convert([[1.00000000001], [1.00000000002]], set(list(number))))", "2"),
]


@pytest.mark.parametrize(("expression", "answer"), VALUES)
def test_value(expression, answer):
    text = f'job "a" {{\n  meta {{\n    v = jsonencode({expression})\n  }}\n}}\n'
    loaded = load_text(text, checked=False)
    assert (loaded.job.meta["v"] if not loaded.errors else None) == answer


TASK = (
    'job "a" {\n  group "g" {\n    %s\n    task "t" {\n      config {\n        %s\n      }\n    }\n  }\n}\n'
)
VARIABLE = 'variable "v" {\n  %s\n}\njob "a" {\n  datacenters = ["x"]\n}\n'

REFUSED = [
    'job "a" {\n  meta {\n    x = "\\ud83d\\ude00"\n  }\n}\n',
    '{"job": {"a": {"group": {}}}}',
    '{"job": {"a": {"group": null}}}',
    '{"job": {"a": {"group": [[{"g": {}}]]}}}',
    '{"job": {"a": {"group": [null, {"g": {}}]}}}',
    '{"job": {"a": {"group": {"g": "x"}}}}',
    'variable "v" {\n  type = string\n  default = null\n}\njob "a" {\n  datacenters = var.v\n}\n',
    'job "a" {\n  all_at_once = convert(null, number)\n}\n',
    TASK % ("", "v = 1 / 0"),
    TASK % ("", "v = [{ a = -1 / 0 }]"),
    TASK % ("", "v = 1e400"),
    VARIABLE % 'type = object({ "a" = string })\n  default = { a = "x" }',
    VARIABLE % "default = 5\n  description = null",
    VARIABLE % 'default = 5\n  validation {\n    condition = var.v > 0\n    error_message = ""\n  }',
    TASK % ("scaling {\n      min = 1\n    }", ""),
    TASK % ('dynamic "service" {\n      for_each = ["a"]\n      content "x" {}\n    }', ""),
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text):
    assert load_text(text, checked=False).errors


ACCEPTED = [
    VARIABLE % "default = 5\n  description = 1.5",
    VARIABLE % "default = 5\n  description = true",
    VARIABLE % "default = 5\n  validation {\n    condition = var.v > 0\n    error_message = 1\n  }",
    TASK % ("scaling {\n      max = null\n    }", ""),
    '{"job": {"a": {"group": {"g": null}}}}',
    '{"job": {"a": {"group": {"g": [null]}}}}',
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text):
    loaded = load_text(text, checked=False)
    assert loaded.errors == []
    assert loaded.job.id == "a"


def test_a_map_of_objects_is_a_block_written_several_times():
    objects = 'variable "v" {\n  default = 1\n  type = number\n}\nlocals {\n  m = convert(%s, %s)\n}\n'
    for value, kind, wanted in [
        ('{ a = { x = "1" }, b = { x = "2" } }', "map(object({ x = string }))", [{"x": "1"}, {"x": "2"}]),
        ("{ b = { x = 1 }, a = { y = 2 } }", "map(map(number))", [{"y": 2}, {"x": 1}]),
        ("{ a = [1] }", "map(list(number))", {"a": [1]}),
        ("[{ x = 1 }]", "set(map(number))", [{"x": 1}]),
    ]:
        loaded = load_text(objects % (value, kind) + TASK % ("", "v = local.m"), checked=False)
        assert loaded.job.groups[0].tasks[0].config == {"v": wanted}


def test_null_in_a_map_of_lists_stays():
    check = "service {\n      check {\n        header {\n          a = null\n        }\n      }\n    }"
    loaded = load_text(TASK % (check, ""), checked=False)
    assert loaded.job.api["TaskGroups"][0]["Services"][0]["Checks"][0]["Header"] == {"a": None}


def test_negative_zero_in_a_file_in_json():
    assert load_text('{"job": {"a": {"meta": {"x": -0, "y": -0.0}}}}').job.meta == {"x": "-0", "y": "-0"}


def of_api(job):
    loaded = load_text(json.dumps({"Job": {"ID": "a", **job}}), api_json=True, checked=False)
    assert loaded.errors == []
    return loaded.job.api


def test_the_api_form_as_go_reads_it():
    assert of_api({"TaskGroups": [{"Count": 1}]})["TaskGroups"][0]["Name"] is None
    assert of_api({"TaskGroups": [None]})["TaskGroups"] == [None]
    assert of_api({"Datacenters": ["x", None]})["Datacenters"] == ["x", ""]
    assert of_api({"Meta": {"b": None, "a": "1"}})["Meta"] == {"a": "1", "b": ""}
    network = {"DynamicPorts": [None, {"Label": "x"}]}
    ports = of_api({"TaskGroups": [{"Networks": [network, None]}]})["TaskGroups"][0]["Networks"]
    assert [port["Label"] for port in ports[0]["DynamicPorts"]] == ["", "x"]
    assert ports[1] is None
    assert of_api({"VersionTag": {"Name": "x"}})["VersionTag"] == {
        "Name": "x",
        "Description": "",
        "TaggedTime": 0,
    }
    group = {"Name": "g", "Tasks": [{"Name": "t", "Identity": {"File": True}}]}
    identity = of_api({"TaskGroups": [group]})["TaskGroups"][0]["Tasks"][0]["Identity"]
    assert (identity["File"], identity["Env"], identity["Audience"], identity["TTL"]) == (
        True,
        False,
        None,
        0,
    )


def test_fields_of_the_server_have_types():
    loaded = load_text('{"Job": {"ID": "a", "Stop": "yes", "VersionTag": []}}', api_json=True)
    assert [error.summary for error in loaded.errors] == [
        '"Stop" must be true or false',
        '"VersionTag" must be an object',
    ]


def test_the_text_is_gos():
    config = {"z": 1e21, "a": [123456789012345678901234567890, -0.0, 1e-7, 0.5], "s": "<&>\u2028é"}
    api = of_api({"TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Config": config}]}]})
    text = json_document(api["TaskGroups"][0]["Tasks"][0]["Config"], indent=1)
    assert text == (
        '{\n "a": [\n  1.2345678901234568e+29,\n  -0,\n  1e-7,\n  0.5\n ],\n'
        ' "s": "\\u003c\\u0026\\u003e\\u2028é",\n "z": 1e+21\n}'
    )


def test_what_a_constraint_compares_stays_as_it_is_written():
    text = 'job "a" {\n  constraint {\n    attribute = "\u00e9"\n    value = "e\u0301"\n  }\n}\n'
    (constraint,) = load_text(text, checked=False).job.constraints
    assert (constraint.ltarget, constraint.rtarget) == ("\u00e9", "e\u0301")
