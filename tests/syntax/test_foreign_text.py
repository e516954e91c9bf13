"""Text of a shell or of curl in a job, and words without quotes: what was meant is told."""

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.source import Source
from qemu_run.syntax.parse import parse
from tests.jobspec.answers import job_of, load_text

SHELL = (
    *("${x:-y}", "${x:=y}", "${x:?y}", "${x:0:3}", "${1:-x}", "${x%.*}", "${x%%/*}", "${x#*.}", "${x##*/}"),
    *("${#x}", "${#}", "${#x[@]}", "${x//a/b}", "${x/#a/b}", "${x/%a/b}", "${x^^}", "${x,,}", "${x@Q}"),
    *("${x[@]}", "${!x[@]}", "${!x*}", "${@}", "${*}", "${?}", "${x?missing}", "${x-/tmp}", "${x-$y}"),
    *("${x:-${y}}", "${x:-${y:-z}}", "%{http_code}", "%{ time_total }", "%{}", "%{+%Y}", "%{iffy}"),
)
FORMS = (
    "a = <<EOF\nfirst %s last\nEOF\nb = 1\n",
    'a = "first %s last"\nb = 1\n',
    "a = <<-EOF\n  %s\n  EOF\nb = 1\n",
)


@pytest.mark.parametrize("form", FORMS, ids=["heredoc", "quoted", "indented"])
@pytest.mark.parametrize("text", SHELL)
def test_shell_text_is_answered_with_its_way_out(text, form):
    diagnostics = Diagnostics()
    body = parse(Source("x", form.replace("%s", text)), diagnostics)
    (mistake,) = diagnostics.items
    assert (mistake.span.text, mistake.label) == (text, f"write {text[0]}{text}")
    assert [attribute.name for attribute in body.attributes] == ["a", "b"]


HCL = (
    *("${x}", "${x.y[0]}", "${x - y}", "${x % 2}", "${x%2}", "${x/2}", "${a ? b : c}", "${a?b:c}", "${!x}"),
    *("${x == y}", "${f(x)}", "${x[*]}", "${-x}", "${x-y}", "${[for a in b : a]}", "${{ a : 1 }.a}", "${1}"),
    *("%{ if x }%{ endif }", "%{~ if x ~}%{ else }%{~ endif ~}", "%{for a in b}%{endfor}"),
    *("$(cmd)", "$x", "$$", "%d", "$${x:-y}", "%%{http_code}", "${x # comment\n}", "${x // comment\n}"),
    *("${ns::f(x)}", "${(x)}", '${"#"}'),
)


@pytest.mark.parametrize("text", HCL)
def test_templates_are_left_alone(text):
    diagnostics = Diagnostics()
    assert parse(Source("x", f"a = <<EOF\nfirst {text} last\nEOF\n"), diagnostics)
    assert diagnostics.items == []


EVALUATED = {
    "${!x}": "$${!x}",
    "${x%foo}": "$${x%foo}",
    "${x/a/b}": "$${x/a/b}",
    "${x+y}": "$${x+y}",
    "${x[*]}": "$${x[*]}",
}


@pytest.mark.parametrize(("text", "way_out"), EVALUATED.items())
def test_what_is_an_expression_too_but_a_wrong_one(text, way_out):
    errors = load_text(f'job "a" {{\n  region = "echo {text} it"\n}}\n', checked=False).errors
    assert errors
    assert all(error.hints[-1].endswith(f"write {way_out}") for error in errors)


def test_an_argument_of_a_script_is_a_number_here():
    loaded = load_text('job "a" {\n  meta {\n    a = "echo ${1}"\n    b = "${1}"\n  }\n}\n', checked=False)
    assert loaded.job.meta == {"a": "echo 1", "b": "1"}
    assert [item.label for item in loaded.diagnostics.items] == ["an argument of a script is written $${1}"]


WORDS = (
    *("/srv/disk.img", "./disk.img", "../x", "~/disk.img", "$HOME/x.img", "10.0.0.1", "1.2.3-rc1", "@all"),
    *("https://x.org/a.img?b=c", "${NOMAD_TASK_DIR}/x", "local/${x}.img", "x/${y}", "disk.img", "qemu"),
    *("ubuntu-24.04.img", "ubuntu-24.04-server.img", "local/disk.img", "disk-1.qcow2", "5m", "512MB"),
)
PLACES = (
    "image_path = %s",
    "args = [%s]",
    'args = ["-a", %s, "b"]',
    "x = { y = %s }",
    "x {\n y = %s # here\n}",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("word", WORDS)
def test_words_without_quotes_are_shown_with_them(word, place):
    loaded = load_text(job_of(config=place.replace("%s", word)))
    told = [(error.span.text, error.label) for error in loaded.errors if "without quotes" in error.summary]
    assert told == [(word, f'write "{word}"')]


def test_a_driver_without_quotes():
    errors = load_text('job "j" {\n group "g" {\n task "t" {\n driver = qemu\n}\n}\n}\n').errors
    assert ("qemu", 'write "qemu"') in [(error.span.text, error.label) for error in errors]


REFERENCES = ("NOMAD_TASK_DIR", "attr.cpu.arch", "node.datacenter", "meta.rack", "env.HOME", "MY_VARIABLE")


@pytest.mark.parametrize("reference", REFERENCES)
def test_references_may_stand_without_quotes(reference):
    loaded = load_text(job_of(config=f"args = [{reference}]"))
    assert not [error for error in loaded.errors if "quotes" in error.summary]
