import pytest

from qemu_run.errors import Diagnostics
from qemu_run.source import Source
from qemu_run.syntax.json_body import with_blocks
from qemu_run.syntax.native import parse_expression
from qemu_run.syntax.nodes import (
    BinaryOp,
    Conditional,
    Interpolation,
    LiteralValue,
    ObjectCons,
    RelativeTraversal,
    ScopeTraversal,
    SplatStep,
    Template,
    TemplateText,
    UnaryOp,
)
from qemu_run.syntax.parse import parse


def body(text):
    diagnostics = Diagnostics()
    parsed = parse(Source("job.hcl", text), diagnostics)
    assert not diagnostics.items
    return parsed


def expression(text):
    diagnostics = Diagnostics()
    parsed = parse_expression(Source("x", text), diagnostics)
    assert not diagnostics.items
    return parsed


def test_nodes_know_their_places():
    source = 'job "a" "b" {\n  name = upper("x")\n\n  meta {}\n}\n'
    (job,) = body(source).blocks
    (name,) = job.body.attributes
    (meta,) = job.body.blocks
    places = [
        job.type_span,
        job.header,
        job.labels[1].span,
        job.body.span,
        name.name_span,
        name.expression.span,
    ]
    assert [place.text for place in places[:3]] == ["job", 'job "a" "b"', '"b"']
    assert job.body.span.text == source[source.index("{") : -1]
    assert [str(place) for place in places[4:]] == ["job.hcl:2:3", "job.hcl:2:10"]
    assert name.expression.name_span.text == "upper"
    assert meta.body.span.text == "{}"


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffa = 1\n",
        "a = 1",
        "a = 1\r\n",
        "\r\n\r\na = 1\r\n# end",
        "/* one\n two */ a /* three */ = /* four */ 1 // five",
        "a = 1 # six\n",
        "a\t=\t1\n",
    ],
)
def test_layout_means_nothing(text):
    (attribute,) = body(text).attributes
    assert (attribute.name, attribute.expression.value) == ("a", 1)


@pytest.mark.parametrize(
    "name", ["for", "in", "if", "else", "endif", "null", "true", "größe", "a-b", "_x", "é\u0301x", "日本"]
)
def test_any_name_names_an_attribute_or_block(name):
    parsed = body(f"{name} = 1\n{name} {{}}\nx {name} {{}}\n")
    assert parsed.attributes[0].name == name
    assert parsed.blocks[0].type == name
    assert parsed.blocks[1].labels[0].text == name


@pytest.mark.parametrize("name", ["if", "in", "for", "else"])
def test_keywords_are_names_where_no_keyword_can_be(name):
    assert expression(f"x.{name}").steps[0].name == name
    assert expression(f"[{name} + 1]" if name != "for" else "[x]").items
    assert expression(f"{{ x = {name} }}").items[0].value.root == name


def test_lines_mean_nothing_in_brackets():
    parsed = body('a = [\n  1,\n  2 +\n  3,\n]\nb = f(\n 1,\n)\nc = (true\n ? 1\n : 2)\nd = "${\n x\n}"\n')
    assert [attribute.name for attribute in parsed.attributes] == ["a", "b", "c", "d"]


def test_elements_of_an_object_are_separated_by_lines_or_commas():
    assert len(expression("{\n a = 1\n b : 2, c = 3,\n\n d = 1 +  2 # x\n e = 4\n}").items) == 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("1 -2", "(1 - 2)"),
        ("1--2", "(1 - (-2))"),
        ("--4", "(-(-4))"),
        ("!!a", "(!(!a))"),
        ("-a.b", "(-a.b)"),
        ("a || b && c == d < e", "(a || (b && (c == (d < e))))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a-b", "a-b"),
        ("a - b", "(a - b)"),
    ],
)
def test_operators_bind_as_in_hcl(text, shown):
    assert show(expression(text)) == shown


def show(node):
    match node:
        case BinaryOp():
            return f"({show(node.left)} {node.operator} {show(node.right)})"
        case UnaryOp():
            return f"({node.operator}{show(node.operand)})"
        case Conditional():
            return f"({show(node.condition)} ? {show(node.then)} : {show(node.otherwise)})"
        case _:
            return node.span.text


def test_constant_steps_make_one_reference():
    reference = expression('a.b["c"][0].5.d')
    assert isinstance(reference, ScopeTraversal)
    assert [step.span.text for step in reference.steps] == [".b", '["c"]', "[0]", ".5", ".d"]
    assert isinstance(expression("a[b].c"), RelativeTraversal)
    assert isinstance(expression('a["${b}"]'), RelativeTraversal)


def test_steps_behind_a_splat_belong_to_each_element():
    (splat,) = expression("a[*].b[*].c[0]").steps
    assert [step.span.text for step in splat.each] == [".b", "[*].c[0]"]
    assert isinstance(splat.each[1], SplatStep)
    splat, index = expression("a.*.b.0[1]").steps
    assert [step.span.text for step in splat.each] == [".b", ".0"]
    assert index.span.text == "[1]"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{ a = 1, true = 2, null = 3, x-y = 4 }", ["a", "true", "null", "x-y"]),
        ('{ "a b" = 1 }', ["a b"]),
    ],
)
def test_bare_keys_mean_themselves(text, keys):
    items = expression(text).items
    assert [item.key.parts[0].text for item in items] == keys


def test_a_number_or_a_reference_in_parentheses_is_a_computed_key():
    number, reference = (item.key for item in expression("{ 5 = 1, (a) = 2 }").items)
    assert isinstance(number, LiteralValue)
    assert reference.expression.root == "a"


def test_for_in_all_its_forms():
    loop = expression("{ for k, v in m : k => v... if v > 1 }")
    assert (loop.key_name, loop.value_name, loop.group) == ("k", "v", True)
    assert [loop.collection.root, loop.key.root, loop.value.root] == ["m", "k", "v"]
    assert loop.condition.operator == ">"
    loop = expression("[\nfor for in in : if if if]")
    assert (loop.key_name, loop.value_name, loop.collection.root) == (None, "for", "in")
    assert (loop.value.root, loop.condition.root) == ("if", "if")


def parts(text):
    return ["".join(show_part(part) for part in expression(text).parts)]


def show_part(part):
    if isinstance(part, TemplateText):
        return part.text
    return part.span.text if isinstance(part, Interpolation) else f"<{part.span.text}>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('"a\\n\\t\\"\\\\\\u00e9\\U0001F427"', 'a\n\t"\\é🐧'),
        ('"$${a} %%{b} $$ %% $ %"', "${a} %{b} $$ %% $ %"),
        ('"$$${a}"', "$${a}"),
        ('"a ${ b } c"', "a ${ b } c"),
        ('"a  ${~ b ~}  c"', "a${~ b ~}c"),
        ('"${"${"x"}"}"', '${"${"x"}"}'),
    ],
)
def test_quoted_string(text, shown):
    assert parts(text) == [shown]


HEREDOCS = [
    ("<<EOF\n  a\n b\\n\nEOF\n", "  a\n b\\n\n"),
    ("<<EOF\nEOF\n", ""),
    ("<<-EOF\n    a\n      b\n\n    c\n    EOF\n", "a\n  b\n\nc\n"),
    ("<<-EOF\n\ta\n\t\tb\nEOF  \n", "a\n\tb\n"),
    ("<<-EOF\n    a\n  ${x}\n  EOF\n", "  a\n${x}\n"),
    ("<<-EOF\n  ${x}\n    y\n  EOF\n", "${x}\n  y\n"),
    ("<<EOF\na EOF\nEOFX\n EOF \n", "a EOF\nEOFX\n"),
    ('<<EOF\n$${a} %%{b} "q"\nEOF\n', '${a} %{b} "q"\n'),
    ("<<E\r\na\r\nE\r\n", "a\r\n"),
    ("<<EOF\n${x}EOF\nEOF\n", "${x}EOF\n"),
    ("<<EOF\na ${~ x ~}\n  b\nEOF\n", "a${~ x ~}  b\n"),
]


@pytest.mark.parametrize(("text", "shown"), HEREDOCS, ids=lambda text: repr(text)[:30])
def test_heredoc(text, shown):
    (attribute,) = body(f"a = {text}").attributes
    assert isinstance(attribute.expression, Template)
    assert "".join(show_part(part) for part in attribute.expression.parts) == shown


def test_heredocs_stand_in_calls_and_in_one_another():
    parsed = body("a = f(<<A\nx ${g(<<B\ny\nB\n)} z\nA\n, 1)\nb = 2\n")
    assert [attribute.name for attribute in parsed.attributes] == ["a", "b"]
    assert [part.text for part in parsed.attributes[0].expression.arguments[0].parts[::2]] == ["x ", " z\n"]


def test_directives_enclose_what_is_between_them():
    (outer,) = expression('"%{ if a }1%{ for k, v in b }${v}%{ endfor }%{ else }2%{ endif }"').parts
    text, loop = outer.then
    assert (text.text, outer.otherwise[0].text) == ("1", "2")
    assert (loop.key, loop.value, loop.collection.root) == ("k", "v", "b")
    assert [part.span.text for part in loop.body] == ["${v}"]


@pytest.mark.parametrize(
    ("text", "native"),
    [('  {"a": 1}', False), ('\n{"a": 1}', True), ('{"a": 1}', False), ("a = 1", True), ("", True)],
)
def test_json_begins_with_a_brace_behind_blanks_only(text, native):
    diagnostics = Diagnostics()
    parsed = parse(Source("x", text), diagnostics)
    assert native == (parsed is None or parsed.json is None)


def test_json_members_are_attributes_or_blocks_by_a_schema():
    text = """{
  "//": "a comment",
  "name": "n-${x}",
  "group": {"a": {"count": 1}, "b": [{"count": 2}, {"count": 3}]},
  "config": [{"deep": {"k${1}": [true, null, 1.5]}}],
  "none": null,
  "escaped": "q\\"\\n${y}"
}"""
    diagnostics = Diagnostics()
    parsed = with_blocks(
        parse(Source("j", text), diagnostics), {"group": 1, "config": 0, "none": 0}, diagnostics
    )
    assert not diagnostics.items
    assert [attribute.name for attribute in parsed.attributes] == ["name", "escaped"]
    labels = [(block.type, [label.text for label in block.labels]) for block in parsed.blocks]
    assert labels == [("group", ["a"]), ("group", ["b"]), ("group", ["b"]), ("config", [])]
    text_part, reference = parsed.attributes[0].expression.parts
    assert (text_part.text, reference.expression.root, str(reference.span)) == ("n-", "x", "j:3:14")
    escaped = parsed.attributes[1].expression.parts
    assert (escaped[0].text, escaped[1].expression.root) == ('q"\n', "y")
    (deep,) = with_blocks(parsed.blocks[-1].body, {}, diagnostics).attributes
    assert isinstance(deep.expression, ObjectCons)


def test_json_block_that_is_no_object():
    diagnostics = Diagnostics()
    with_blocks(
        parse(Source("j", '{"group": {"a": 1}, "x": 1, "x": 2}'), diagnostics), {"group": 1}, diagnostics
    )
    assert [(d.summary, d.span.text) for d in diagnostics] == [
        ('"group" is a block', "1"),
        ('"x" is set twice', '"x"'),
    ]


def test_native_bodies_need_no_schema():
    parsed = body("a = 1\nb {}\n")
    assert with_blocks(parsed, {}, Diagnostics()) is parsed


@pytest.mark.parametrize(
    "text", ["a = 1\n" * 100_000, "a = [" + "1," * 200_000 + "]\n", "{" + '"a": [' + "1," * 200_000]
)
def test_a_file_larger_than_any_job_is_not_read_to_its_end(text):
    diagnostics = Diagnostics()
    assert parse(Source("large.hcl", text), diagnostics) is None
    assert "the file is too large to be a job" in [each.summary for each in diagnostics]
