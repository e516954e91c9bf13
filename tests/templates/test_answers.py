"""What consul-template 0.41 gave, with Nomad's deny list, for templates of every construct and function."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qemu_run.templates.inputs import TemplateInputs
from qemu_run.templates.template import parse
from qemu_run.templates.work import TemplateError

ROWS = json.loads((Path(__file__).parent / "data/answers.json").read_text())
ENVIRONMENT = {"PLAIN": "p l a i n", "NOMAD_DC": "dc1", "EMPTY": "", "N": "12"}
NOW = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


def text_of(text):
    """The text, or None where there is none for a reason that is told at a place of the template."""
    template, mistakes = parse(text)
    places = [mistake.offset for mistake in mistakes]
    try:
        result = template and template.render(TemplateInputs(environment=ENVIRONMENT, now=NOW))
    except TemplateError as error:
        result, places = None, [error.offset]
    assert all(0 <= place <= len(text) for place in places)
    return result and result.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@pytest.mark.parametrize("row", ROWS, ids=[row["template"][:60] for row in ROWS])
def test_agrees(row):
    assert text_of(row["template"]) == row["text"]
