"""Any text is a template or is not: no hang, no traceback, and the same text twice."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from qemu_run.templates.functions.table import functions
from qemu_run.templates.inputs import TemplateInputs
from qemu_run.templates.template import parse
from qemu_run.templates.work import Limits, TemplateError

LIMITS = Limits(steps=5000, text_bytes=1 << 16)
NOW = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
NAMES = sorted(functions())
LITERALS = [
    *(
        "1",
        "-3",
        "2.5",
        "0x10",
        "'a'",
        "1i",
        "true",
        "nil",
        ".",
        "$",
        ".a",
        "$.b.c",
        '"x"',
        '""',
        "`r`",
        '"a,b"',
    ),
    *(
        '"2006-01-02"',
        '"1h"',
        '"{"',
        '"[1, {\\"a\\": null}]"',
        '"%d %v %[2]*s"',
        '"a: [b, 1]"',
        '"(a+)"',
        '"é\\xff"',
    ),
    *(
        "(sprig_list 1 nil `a`)",
        "(sprig_dict `a` 1 `b` (sprig_list))",
        "(loop 3)",
        "scratch",
        '(split "," "a,b")',
    ),
    *('(parseJSON "{\\"a\\": [1, null]}")', '(parseYAML "1: x\\na: {b: 2}")', '(sprig_toDate "2006" "2031")'),
]


def outcome(text):
    template, mistakes = parse(text)
    if template is None:
        assert mistakes
        assert all(0 <= each.offset <= len(text) for each in mistakes)
        return [each.message for each in mistakes]
    try:
        return template.render(TemplateInputs(environment={"A": "1"}, now=NOW), LIMITS)
    except TemplateError as error:
        mistake = error
    assert 0 <= mistake.offset <= len(text)
    return mistake.message


operands = st.sampled_from(LITERALS)
FITTING = {
    "string": [each for each in LITERALS if each[0] in '"`'],
    "int": ["1", "2", "0", "3", "-1", "1000000000"],
    "bool": ["true", "false"],
    "float64": ["0.5", "1e300"],
    "map[string]interface {}": [each for each in LITERALS if "dict" in each],
    "[]interface {}": ["(sprig_list)", "(sprig_list 1 nil `a`)"],
    "[]string": ['(split "," "a,b")', '(split "" "")'],
    "time.Time": ['(sprig_toDate "2006" "2031")'],
}


@st.composite
def fitting_calls(draw):
    """A call whose arguments have the types it wants."""
    name = draw(st.sampled_from(NAMES))
    function = functions()[name]
    count = function.least + (draw(st.integers(0, 3)) if function.is_variadic else 0)
    pools = [FITTING.get(function.parameter(place), LITERALS) for place in range(count)]
    return " ".join([name, *(draw(st.sampled_from(pool)) for pool in pools)])


calls = st.builds(
    lambda name, arguments: f"{name} {' '.join(arguments)}",
    st.sampled_from(NAMES),
    st.lists(operands, max_size=4),
)
nested = st.builds(
    lambda name, inner, more: f"{name} {' '.join(more)} ({inner})",
    st.sampled_from(NAMES),
    calls,
    st.lists(operands, max_size=3),
)
pipelines = st.lists(calls | nested | fitting_calls() | fitting_calls(), min_size=1, max_size=3).map(
    " | ".join
)
actions = st.one_of(
    pipelines.map(lambda p: f"{{{{ {p} }}}}"),
    pipelines.map(lambda p: f"{{{{- with $x := {p} -}}}}{{{{ $x }}}}{{{{ .a }}}}{{{{ end }}}}"),
    pipelines.map(
        lambda p: f"{{{{ range $i, $e := {p} }}}}{{{{ $i }}}}{{{{ $e }}}}{{{{ else }}}}n{{{{ end }}}}"
    ),
    pipelines.map(lambda p: f"{{{{ if {p} }}}}y{{{{ else if {p} }}}}z{{{{ end }}}}"),
    pipelines.map(
        lambda p: f"{{{{ toJSON ({p}) }}}}{{{{ toYAML ({p}) }}}}{{{{ printf `%v %#v %q %d` ({p}) ({p}) }}}}"
    ),
)
pieces = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{{-",
            "-}}",
            " ",
            "\n",
            "(",
            ")",
            "|",
            ":=",
            "=",
            ",",
            "$x",
            "$",
            ".",
            ".a",
            "/*",
            "*/",
            '"',
            "`",
            "'",
        ),
        *(
            "if",
            "else",
            "end",
            "range",
            "with",
            "define",
            "template",
            "block",
            "break",
            "continue",
            "nil",
            "true",
            "1",
            "-",
        ),
        *(
            "print",
            "printf",
            "len",
            "index",
            "and",
            "or",
            "key",
            "loop 3",
            "\\",
            "é",
            "\udc80",
            "\0",
            "1e9",
            "0x",
            "+",
        ),
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(pieces, max_size=25).map("".join))
def test_any_pieces(text):
    assert outcome(text) == outcome(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80).map(lambda text: f"{{{{{text}}}}}"))
def test_any_characters(text):
    assert outcome(text) == outcome(text)


@settings(max_examples=1500, deadline=None)
@given(fitting_calls().map(lambda call: f"{{{{ {call} }}}}"))
def test_any_fitting_call(text):
    assert outcome(text) == outcome(text)


@settings(max_examples=1200, deadline=None)
@given(st.lists(actions, min_size=1, max_size=3).map("".join))
def test_any_calls(text):
    assert outcome(text) == outcome(text)
