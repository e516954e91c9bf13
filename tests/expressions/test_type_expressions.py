import pytest

from qemu_run.errors import Diagnostics
from qemu_run.expressions.type_expressions import read_type
from qemu_run.expressions.types import constraint_text
from qemu_run.source import Source
from qemu_run.syntax.native import parse_expression

GOOD = [
    "string",
    "number",
    "bool",
    "list(string)",
    "set(number)",
    "map(bool)",
    "list(list(string))",
    "tuple([])",
    "tuple([string, list(number)])",
    "object({})",
    "object({a = string, b = map(object({c = bool}))})",
]
BAD = {
    "any": 'a variable cannot have the type "any"',
    "list": '"list" of what',
    "map": '"map" of what',
    "object": '"object" of what',
    "tuple": '"tuple" of what',
    "list(any)": 'a variable cannot have the type "any"',
    "list(string, number)": "list() takes one type",
    "list()": "list() takes one type",
    "string(1)": '"string" takes nothing in parentheses',
    "object([])": "object() takes names with their types",
    "object({a = optional(string)})": "attributes of an object cannot be optional here",
    "object({(a) = string})": "an attribute's name must be a bare word",
    "object({a = string, a = number})": 'a second attribute "a"',
    "tuple(string)": "tuple() takes a list of types",
    "function(string)": 'there is no type "function"',
    "boolean": 'there is no type "boolean"',
    '"string"': "a type stands without quotes",
    "1": "this is not a type",
    "a.b": "this is not a type",
    "list(" * 60 + "string" + ")" * 60: "the type is nested too deeply",
}


def read(text):
    diagnostics = Diagnostics()
    expression = parse_expression(Source("type", text), diagnostics)
    return read_type(expression, diagnostics), diagnostics


@pytest.mark.parametrize("text", GOOD)
def test_types_are_read(text):
    found, diagnostics = read(text)
    assert (constraint_text(found), diagnostics.items) == (text, [])


@pytest.mark.parametrize(("text", "summary"), BAD.items(), ids=lambda text: text[:40])
def test_what_is_no_type_is_told(text, summary):
    found, diagnostics = read(text)
    assert (found, [item.summary for item in diagnostics.items]) == (None, [summary])
