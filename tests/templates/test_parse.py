"""Mistakes in a template are told with their place and a way out."""

import pytest

from qemu_run.templates.template import parse


def mistakes(text, left="", right=""):
    return [
        (m.offset, text[m.offset : m.offset + m.length], m.message, m.hint)
        for m in parse(text, left, right)[1]
    ]


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ('x {{ key "a" }}', "key", "it asks Consul"),
        ('{{ with secret "a" }}{{ end }}', "secret", "it asks Vault"),
        ("{{ range nomadServices }}{{ end }}", "nomadServices", "it asks Nomad's servers"),
        ('{{ plugin "x" }}', "plugin", "Nomad's clients refuse it too"),
        ("{{ sprig_genPrivateKey }}", "sprig_genPrivateKey", "makes keys"),
        ("{{ sprig_shuffle }}", "sprig_shuffle", "another text each time"),
        ("{{ nope }}", "nope", 'there is no function "nope"'),
        ("a {{ if true }}b", "if", '"if" is never closed'),
        ("a {{ range . }}b{{ else }}c", "else", '"else" is never closed'),
        ("{{ end }}", "end", '"end" without a block'),
        ('{{ "a', '"', "the string is never closed"),
        ("{{ 'ab' }}", "'ab'", "one character is wanted"),
        ("{{ 1", "{{", "never closed"),
        ("{{ .a-b }}", "-", "cannot stand here"),
        ("{{ ( 1 }}", "(", "a parenthesis is never closed"),
        ("{{ 1 ) }}", ")", "a parenthesis that nothing opens"),
        ("{{ $x }}", "$x", 'the variable "$x" is not declared'),
        ("{{ break }}", "break", '"break" outside a range'),
        ("{{ 1 | 2 }}", "2", "nothing can be piped into this"),
        ('{{ "\\q" }}', '"\\q"', "is not an escape of Go"),
        ("{{ 99999999999999999999 }}", "99999999999999999999", "too large"),
        ("{{/* a }}", "{{/*", "the comment is never closed"),
        ("{{ if true }}{{ else }}{{ else }}{{ end }}", "else", 'a second "else"'),
        ('{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}', "", "defined twice"),
    ],
)
def test_tells_a_mistake_with_its_place(text, where, said):
    (mistake, *more) = mistakes(text)
    assert mistake[1] == where
    assert said in mistake[2]
    assert not more


def test_tells_all_functions_that_are_not_to_be_had_and_the_syntax_last():
    text = '{{ key "a" }}\n{{ upper "x" }}\n{{ toUper "x" }}\n{{ if }}'
    found = mistakes(text)
    assert [(where, hint) for _, where, _, hint in found] == [
        ("key", '{{ env "NAME" }} reads the env block of the task, which may use a variable of the job'),
        ("upper", 'did you mean "sprig_upper"?'),
        ("toUper", 'did you mean "toUpper"?'),
        ("}}", ""),
    ]


def test_delimiters_of_the_template():
    template, found = parse("{{ x }} <% print 1 -%> y", "<%", "%>")
    assert not found
    from qemu_run.templates.inputs import TemplateInputs

    assert template.render(TemplateInputs()) == "{{ x }} 1y"
