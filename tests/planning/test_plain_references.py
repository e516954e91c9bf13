"""Texts with plain references only are what the language makes of them, without it."""

import random

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.planning.evaluation import _evaluate, with_plain_references

VARIABLES = {
    "NOMAD_PORT_http": "8080",
    "a": "${b}",
    "b": '"x\\n',
    "c": "é",
    "d": "",
    "env": "no text",
    "true": "no",
}
PIECES = (
    *("${NOMAD_PORT_http}", "${a}", "${b}", "${env}", "${true}", "${c}", "${d}", "${nobody}"),
    *("${ a }", "${a.b}", "${~a~}", "$${a}", '${"a"}', "%{if true}"),
    *("$", "$$", "%", "%%", "{", "}", "~", "\\", '"', "\n", "\r", "é", "e\u0301", " ", "file=", "-", ",,"),
)


@pytest.fixture
def known():
    return TaskEnvironment(variables=VARIABLES, inherited={}, node=lambda _: None)


def test_it_is_what_the_language_says(known, make_node):
    node, some = make_node(), random.Random(4)  # noqa: S311  # the same texts each time
    plain = 0
    for _ in range(20_000):
        text = "".join(some.choices(PIECES, k=some.randint(1, 5)))
        if (found := with_plain_references(text, VARIABLES)) is not None:
            plain += 1
            diagnostics = Diagnostics()
            assert _evaluate(text, known, node, diagnostics) == found, text
            assert not diagnostics.errors, text
    assert plain > 2_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("disk-${NOMAD_PORT_http}.img", "disk-8080.img"),
        ("${a}${b}", '${b}"x\\n'),
        ("${nobody}", None),
        ("${env}", None),
        ("${upper(a)}", None),
        ("$${a}", None),
        ("${c}", None),
    ],
)
def test_only_what_is_plain_is_replaced(text, value):
    assert with_plain_references(text, VARIABLES) == value
