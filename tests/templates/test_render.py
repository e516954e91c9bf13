"""What a template may look at, and the limits of what it may do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from qemu_run.templates.inputs import TemplateInputs
from qemu_run.templates.template import parse
from qemu_run.templates.work import Limits, TemplateError

LATE = datetime(2031, 2, 3, 14, 5, 6, 789_000, tzinfo=timezone(timedelta(hours=2)))


def render(text, limits=None, **inputs):
    template, mistakes = parse(text)
    assert not mistakes, mistakes[0].message
    return template.render(TemplateInputs(**{"now": LATE, **inputs}), limits)


def error_of(text, **inputs):
    with pytest.raises(TemplateError) as caught:
        render(text, **inputs)
    error = caught.value
    return text[error.offset : error.offset + error.length], error.message


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ('a {{ mustEnv "X" }}', 'mustEnv "X"', 'no variable "X"'),
        ('{{ "a" | add 1 }}', "add 1", "a number is wanted, not a string"),
        ('{{ add 1 "a" }}', 'add 1 "a"', "parseInt or parseFloat"),
        ('{{ print 1 (parseInt "x") }}', 'parseInt "x"', '"x" is not an integer'),
        ("{{ len 3 }}", "len 3", "a whole number has no length"),
        ('{{ join "," (parseJSON "[]") }}', '(parseJSON "[]")', "a list of strings is wanted, not a list"),
        ("{{ toUpper }}", "toUpper", '"toUpper" wants 1 argument, not 0'),
        ('{{ template "x" }}', "template", 'no template is named "x"'),
        ("{{ 1 2 }}", "1", "is not a function"),
        ("{{ nil }}", "nil", "nil alone"),
        ("{{ loop 2 }}", "loop 2", "gone through, not printed"),
        ('{{ $x := "s" }}{{ $x.y }}', "$x.y", 'a string has no "y"'),
        ('{{ eq 1 "a" }}', 'eq 1 "a"', "a whole number and a string cannot be compared"),
        ('{{ file "x" }}', 'file "x"', "only when the task starts"),
    ],
)
def test_tells_what_fails_and_where(text, where, said):
    place, message = error_of(text)
    assert place == where
    assert said in message


def test_a_missing_key_is_a_zero_value_or_an_error():
    text = '{{ $m := parseJSON "{}" }}[{{ $m.a }}]'
    assert render(text) == "[<no value>]"
    assert error_of(text, missing_key_is_error=True) == ("$m.a", 'the map has no "a"')
    assert error_of("{{ .x }}", missing_key_is_error=True) == (".x", 'there is no value to take "x" from')


def test_the_time_is_what_it_is_told():
    layouts = '{{ timestamp }} {{ timestamp "unix" }} {{ timestamp "Mon Jan _2 3:04PM -0700 .000" }}'
    assert render(layouts) == "2031-02-03T14:05:06Z 1927886706 Mon Feb  3 2:05PM +0200 .789"
    assert render(layouts, now=datetime(1970, 1, 2, tzinfo=UTC)).startswith(
        "1970-01-02T00:00:00Z 86400 Fri Jan  2 12:00AM"
    )


def test_files_are_read_by_whoever_gives_the_inputs():
    def read(path):
        if path != "local/a":
            raise FileNotFoundError(2, "No such file or directory")
        return "content"

    assert render('{{ file "local/a" | toUpper }}', read_file=read) == "CONTENT"
    assert "No such file" in error_of('{{ file "b" }}', read_file=read)[1]


ALIASES = "a: &a [x]\\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{inner}'] * 9)}]\\n"
    for name, inner in zip("bcdefgh", "abcdefg", strict=True)
)
BOMBS = [
    "{{ range loop 100000000 }}x{{ end }}",
    "{{ range loop 100000000 }}{{ end }}",
    '{{ $x := "ab" }}{{ range loop 100 }}{{ $x = print $x $x }}{{ end }}',
    '{{ sprig_repeat 1000000000 "x" }}',
    "{{ sprig_until 1000000000 | len }}",
    "{{ sprig_seq 1 1000000000 }}",
    '{{ replaceAll "" (sprig_repeat 1000000 "x") (sprig_repeat 1000000 "y") }}',
    '{{ indent 100000000 "a" }}',
    '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}',
    '{{ $d := sprig_dict }}{{ $_ := sprig_set $d "a" $d }}{{ $d }}',
    '{{ $d := sprig_dict }}{{ $_ := sprig_set $d "a" $d }}{{ toJSON $d }}',
    '{{ $d := sprig_dict }}{{ $_ := sprig_set $d "a" $d }}{{ toYAML $d }}',
    '{{ $d := sprig_dict }}{{ $_ := sprig_set $d "a" $d }}{{ toTOML $d }}',
    '{{ $d := sprig_dict }}{{ $_ := sprig_set $d "a" $d }}{{ sprig_deepCopy $d }}',
    '{{ $d := sprig_dict }}{{ $_ := sprig_set $d "a" $d }}{{ mergeMap $d $d }}',
    '{{ parseJSON (sprig_repeat 100000 "[") }}',
    '{{ parseYAML (sprig_repeat 3000 "[") }}',
    f'{{{{ parseYAML "{ALIASES}" }}}}',
    "{{ sprig_uniq (sprig_until 100000) }}",
]


@pytest.mark.parametrize("text", BOMBS)
def test_a_template_that_does_too_much_is_stopped(text):
    template, mistakes = parse(text)
    assert not mistakes
    with pytest.raises(TemplateError, match=r"more than|too deep"):
        template.render(TemplateInputs(), Limits(steps=200_000))


@pytest.mark.parametrize(
    "text", ["{{ " + "(" * 5000, "{{ if true }}" * 5000, "{{ if true }}" + "{{ else if true }}" * 5000]
)
def test_a_template_that_is_nested_too_deeply_is_refused(text):
    assert "levels deep" in parse(text)[1][0].message


def test_what_stays_below_the_limits_works():
    text = "{{ $l := sprig_list }}{{ range loop 2000 }}{{ $l = sprig_append $l . }}{{ end }}{{ len $l }}"
    assert render(text) == "2000"
    assert len(render("{{ range loop 50000 }}line\n{{ end }}")) == 250_000
    deep = (
        '{{ define "d" }}{{ if . }}{{ template "d" (subtract 1 .) }}.{{ end }}{{ end }}{{ template "d" 30 }}'
    )
    assert render(deep) == "." * 30
