"""No text makes the parser or the evaluation do anything but report mistakes."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.functions import without_files
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import ObjectValue, Unknown
from qemu_run.source import Source
from qemu_run.syntax.json_body import with_blocks
from qemu_run.syntax.native import parse_expression
from qemu_run.syntax.parse import parse

EXPRESSIONS = [
    row["expr"] for row in json.loads((Path(__file__).with_name("data") / "expressions.json").read_text())
]
HARMLESS = {name: function for name, function in without_files().items() if name != "bcrypt"}
JOB = """job "a" {
  type = "batch" # comment
  group "g" {
    task "t" {
      config { args = ["x", "${NOMAD_PORT_a}", 1 + 2] }
      template {
        data = <<-EOF
          %{ for x in ["a"] ~}
          ${x}
          %{ endfor ~}
        EOF
      }
    }
  }
}
"""
SYMBOLS = """{ } [ ] ( ) " ${ %{ ~} = == , : :: ? . .* [*] ... => && || ! - + * / % < > # // /* */ ' \\ \\u
    \\n $ % ; & | ~ 1e9 a for in if else endif endfor true null x.y f("""
BITS = st.sampled_from(
    [*SYMBOLS.split(), "\n", "\r\n", " ", "\t", "\0", "\ufeff", "<<EOF\n", "<<-EOF\n", "EOF\n", "é", "\ud800"]
)
SOUP = st.lists(BITS, max_size=40).map("".join)


@st.composite
def spoilt(draw, texts):
    """A sound text with some stretches replaced."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(BITS) + text[end:]
    return text


def evaluate_all(body, diagnostics, scope):
    body = with_blocks(body, {"job": 1, "group": 1, "task": 1, "config": 0}, diagnostics)
    for attribute in body.attributes:
        evaluate(attribute.expression, scope, diagnostics)
    for block in body.blocks:
        evaluate_all(block.body, diagnostics, scope)


def check(diagnostics):
    for diagnostic in diagnostics:
        assert diagnostic.summary
        assert 0 <= diagnostic.span.start <= diagnostic.span.end
        assert diagnostic.span.first.line >= 1


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), SOUP, spoilt(st.just(JOB))))
def test_any_file(text):
    diagnostics = Diagnostics()
    body = parse(Source("any", text), diagnostics)
    if body is None:
        assert diagnostics.errors
    else:
        evaluate_all(body, diagnostics, Scope({"local": ObjectValue({})}, HARMLESS))
    check(diagnostics)


@settings(max_examples=300, deadline=None)
@given(st.one_of(SOUP, spoilt(st.sampled_from(EXPRESSIONS))))
def test_any_expression(text):
    diagnostics = Diagnostics()
    expression = parse_expression(Source("any", text), diagnostics)
    if expression is None:
        assert diagnostics.errors
    else:
        value = evaluate(expression, Scope({"local": ObjectValue({})}, HARMLESS), diagnostics)
        assert diagnostics.errors or not isinstance(value, Unknown)
    check(diagnostics)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), SOUP),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(JSON.map(json.dumps), spoilt(st.dictionaries(st.text(), JSON).map(json.dumps))))
def test_any_json(text):
    diagnostics = Diagnostics()
    body = parse(Source("any", text), diagnostics)
    if body is None:
        assert diagnostics.errors
    else:
        evaluate_all(body, diagnostics, Scope({"local": ObjectValue({})}, HARMLESS))
    check(diagnostics)
