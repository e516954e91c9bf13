import json

import pytest

from qemu_run.jobspec.api.read import is_api_json
from qemu_run.source import Source
from tests.jobspec.answers import DATA, answer, load_text

SMALL = {"ID": "a", "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Driver": "docker"}]}]}

FORMS = {
    '{"Job": {"ID": "a"}}': True,
    ' \n {"ID": "a"}': True,
    '\ufeff{"Job": {}}': True,
    '{"TaskGroups": []}': True,
    '{"job": {"a": {}}}': False,
    '{"variable": {}}': False,
    'job "a" {}': False,
    "{": False,
    "[1]": False,
    "": False,
}


@pytest.mark.parametrize(("text", "is_api"), FORMS.items())
def test_the_api_form_is_recognised_by_its_keys(text, is_api):
    assert is_api_json(Source("x", text)) is is_api


@pytest.mark.parametrize("path", sorted((DATA / "answers/jobs").iterdir()), ids=lambda path: path.name)
def test_what_nomad_prints_is_read_back_as_it_is(path):
    assert load_text(path.read_text(), checked=False).job.api == answer(f"jobs/{path.name}")["Job"]


def test_the_job_may_stand_alone_and_in_any_case():
    bare = load_text(json.dumps(SMALL)).job
    lower = load_text(
        json.dumps({"Job": {"id": "a", "taskgroups": [{"NAME": "g", "tasks": [{"name": "t"}]}]}})
    ).job
    assert bare.api == load_text(json.dumps({"Job": SMALL})).job.api
    assert (lower.id, lower.groups[0].tasks[0].name) == ("a", "t")


MISTAKES = {
    '{"Job": {"ID": 5}}': ('"ID" must be a string', "5"),
    '{"Job": {"ID": "a", "Priority": "9"}}': ('"Priority" must be a whole number', '"9"'),
    '{"Job": {"ID": "a", "TaskGroups": {}}}': ('"TaskGroups" must be a list of objects', "{}"),
    '{"Job": {"ID": "a", "Update": []}}': ('"Update" must be an object', "[]"),
    '{"Job": {"ID": "a", "Meta": {"k": 1}}}': ('"k" must be a string', "1"),
    '{"Job": {"ID": "a", "Meta": []}}': ('"Meta" must be an object', "[]"),
    '{"Job": {"ID": "a", "Update": {"Stagger": "5s"}}}': (
        '"Stagger" must be a whole number of nanoseconds',
        '"5s"',
    ),
    '{"Job": }': ('"}" does not fit here', "}"),
    '{"Job": []}': ("this is not a job", '{"Job": []}'),
}


@pytest.mark.parametrize(("text", "told"), MISTAKES.items())
def test_mistakes_are_told_where_they_are(text, told):
    loaded = load_text(text, api_json=True, checked=False)
    assert [(item.summary, item.span.text) for item in loaded.errors] == [told]


def test_values_know_their_places():
    text = json.dumps({"Job": SMALL}, indent=2)
    task = load_text(text).job.groups[0].tasks[0]
    assert task.at("Driver").text == '"docker"'
    assert task.at().first.line == text[: text.index('"Name": "t"')].count("\n")
