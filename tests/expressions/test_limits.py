"""Nothing a file can say takes all time or memory: it works, or is refused at once."""

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.functions import FUNCTIONS
from qemu_run.expressions.scope import Budget, Scope
from qemu_run.expressions.values import ObjectValue, Unknown
from qemu_run.source import Source
from qemu_run.syntax.native import parse_expression
from qemu_run.syntax.parse import parse

LONG = 'join("", [for i in range(1000) : "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])'
BOMB = "".join(
    f"{name}: &{name} [{','.join(f'*{inner}' for _ in range(9))}]\\n"
    for name, inner in ("ba", "cb", "dc", "ed", "fe", "gf", "hg")
)


def run(text, locals_=None, budget=None):
    diagnostics = Diagnostics()
    expression = parse_expression(Source("x", text), diagnostics)
    if expression is None or diagnostics.errors:
        return Unknown(), diagnostics
    scope = Scope({"local": ObjectValue(locals_ or {})}, FUNCTIONS, budget=budget or Budget())
    return evaluate(expression, scope, diagnostics), diagnostics


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 10_000 + "]" * 10_000, "nested too deeply"),
        ("(" * 10_000 + "1" + ")" * 10_000, "nested too deeply"),
        ("!" * 10_000 + "true", "nested too deeply"),
        ("true ? 1 : " * 5_000 + "2", "nested too deeply"),
        ('"${' * 5_000 + "1" + '}"' * 5_000, "nested too deeply"),
        ('"' + "%{ if true }" * 5_000 + '"', "nested too deeply"),
        ("upper(" * 5_000, "nested too deeply"),
        ("[1]" + "[*]" * 5_000, "nested too deeply"),
        ("1e999999999", "too many digits"),
        ("1e-999999999", "too many digits"),
        ("9" * 100_000, "too many digits"),
        ("*".join(["1e300"] * 100), "too large"),
        ("range(1e9)", "more than 1024"),
        ('format("%999999999d", 1)', "too wide"),
        ('indent(1e9, "a\\nb")', "too long"),
        (f'replace({LONG}, "a", {LONG})', "too long"),
        (f"setproduct({', '.join(['range(1000)'] * 6)})", "too many"),
        ("[for a in range(999): [for b in range(999): [for c in range(999): 1]]]", "more than 500,000 steps"),
        (f'jsondecode("{"[" * 100_000}")', "nested too deeply"),
        (f'jsondecode("{"[" * 500}{"]" * 500}")', "nested too deeply"),
        (f'yamldecode("{"[" * 500}{"]" * 500}")', "nested too deeply"),
        (f'yamldecode("a: &a [1,1,1]\\n{BOMB}")', "too large"),
        ('parseint(join("", [for i in range(1000) : "zzzzzz"]), 62)', "too large"),
        ('bcrypt("x", 31)', "above 14"),
        ('regex_replace("x", "a{1000}{1000}", "")', "not a regular expression"),
    ],
    ids=lambda value: value[:20],
)
def test_too_much_is_refused(text, said):
    value, diagnostics = run(text)
    assert isinstance(value, Unknown)
    (mistake,) = diagnostics.items
    assert said in f"{mistake.summary} {mistake.label}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+".join(["1"] * 5_000), 5_000),
        ("-".join(["0"] * 5_000), 0),
        (" + ".join(["-1"] * 500), -500),
        ("a" + ".b" * 500, "${a" + ".b" * 500 + "}"),
        ("[" + ", ".join(["true ? 1 : 2"] * 500) + "][0]", 1),
    ],
    ids=["sum", "difference", "signs", "steps", "conditionals"],
)
def test_much_is_done(text, value):
    assert run(text) == (value, Diagnostics())


@pytest.mark.parametrize(
    "text", ['"${local.a}${local.a}"', "[local.a, local.a]", "{ x = local.a, y = local.a }"]
)
def test_values_made_of_themselves_come_to_an_end(text):
    value, budget = "xx", Budget()
    for _ in range(60):
        value, diagnostics = run(text, {"a": value}, budget)
        if diagnostics.items:
            break
    (mistake,) = diagnostics.items
    assert "too large" in mistake.summary or "more than 500,000 steps" in mistake.summary


def test_that_the_budget_is_spent_is_said_once():
    budget = Budget(left=5)
    first = run("[for x in range(9) : x]", budget=budget)[1]
    second = run("[for x in range(9) : x]", budget=budget)[1]
    assert [len(first.items), len(second.items)] == [1, 0]


MANY = (
    *("a\u201c", "'", ";", '"\n', "<<A\n", "${", "\\", "\\x", "}", "a = [\n", "a\n", "a = 1 b = 2\n", "a.b "),
    *("[", "((", "{ a = ", "/*", "%{", '"${', "!"),
)


@pytest.mark.parametrize("text", MANY, ids=repr)
def test_many_mistakes_are_not_all_told(text):
    diagnostics = Diagnostics()
    parse(Source("x", text * 20_000), diagnostics)
    assert diagnostics.errors
