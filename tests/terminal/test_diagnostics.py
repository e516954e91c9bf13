import io

import pytest

from qemu_run.errors import Diagnostic
from qemu_run.source import Source
from qemu_run.terminal.diagnostics import show, show_before_run
from qemu_run.terminal.screen import Screen

JOB = Source(
    "web.nomad.hcl",
    'job "web" {\n\timage_pat = "disk.img"\n  größe = "日本" + 1\n  x = "\x1b]0;evil\x07"\n}\n',
)


def drawn(*diagnostics):
    stream = io.StringIO()
    show(diagnostics, Screen(stream))
    return stream.getvalue()


def span_of(text):
    start = JOB.text.index(text)
    return JOB.span(start, start + len(text))


@pytest.mark.parametrize(
    ("name", "diagnostic"),
    [
        ("label", Diagnostic('unknown key "image_pat"', span_of("image_pat"), 'did you mean "image_path"?')),
        ("wide", Diagnostic("not a number", span_of("日本"), "a string")),
        ("after-wide", Diagnostic("not a number", span_of("+ 1"), "a sum")),
        ("hostile", Diagnostic("odd text", span_of('"\x1b]0;evil\x07"'))),
        ("lines", Diagnostic("never closed", span_of(JOB.text[4:]), "opened here")),
        ("end", Diagnostic("ends too early", JOB.span(len(JOB.text), len(JOB.text)), "something is missing")),
        ("no-place", Diagnostic("no file", hints=("qemu-run init writes one", "or name another"))),
        (
            "everything",
            Diagnostic(
                "wrong", span_of("job"), "here", "wanted  a\nfound   b", ("do this",), severity="warning"
            ),
        ),
    ],
)
def test_a_diagnostic_is_drawn(golden, name, diagnostic):
    golden(f"{name}.txt", drawn(diagnostic))


def test_long_lines_are_cut_around_the_caret():
    source = Source("long.hcl", "x" * 500 + "HERE" + "y" * 500)
    text = drawn(Diagnostic("found", source.span(500, 504)))
    *_, shown, caret = text.splitlines()
    assert len(shown) < 140
    assert shown[caret.index("^") : caret.index("^") + 4] == "HERE"


def test_several_have_an_empty_line_between_them():
    assert drawn(Diagnostic("one"), Diagnostic("two")) == "error: one\n\nerror: two\n"


def test_no_more_than_anybody_reads():
    text = drawn(*(Diagnostic(f"number {number}") for number in range(250)))
    assert text.count("error:") == 100
    assert text.endswith("\n... and 150 more\n")


def test_before_a_run_warnings_take_a_line_each_and_errors_what_they_need():
    stream = io.StringIO()
    found = [
        Diagnostic("an old word", JOB.span(0, 3), "write a new one", severity="warning"),
        Diagnostic("no place", detail="it is everywhere", hints=("look around",), severity="warning"),
        Diagnostic("a wrong word", JOB.span(4, 9), "write another"),
    ]
    show_before_run(found, Screen(stream))
    one, two, empty, *error = stream.getvalue().splitlines()
    assert one == "warning: an old word: write a new one (web.nomad.hcl:1)"
    assert two == "warning: no place: it is everywhere; look around"
    assert (empty, error[0], error[-1]) == ("", "error: a wrong word", "     |     ^^^^^ write another")


def test_before_a_run_no_more_warnings_than_anybody_reads():
    stream = io.StringIO()
    show_before_run([Diagnostic(f"number {n}", severity="warning") for n in range(250)], Screen(stream))
    assert stream.getvalue().count("warning:") == 100
    assert stream.getvalue().endswith("\n... and 150 more\n")
