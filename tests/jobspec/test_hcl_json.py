"""Job files in JSON: what is a block and what an attribute, and that nothing is wrapped."""

import json

import pytest

from qemu_run.source import Source
from tests.jobspec.answers import load_text

IMAGE = {"image_path": "x"}


def load_json(job=None, group=None, task=None, config=IMAGE, *, checked=True, inputs=None, **top):
    task = {"driver": "qemu", "config": config, **(task or {})}
    group = {"task": {"t": task}, **(group or {})}
    return load_text(
        json.dumps({"job": {"j": {"group": {"g": group}, **(job or {})}}, **top}),
        checked=checked,
        **(inputs or {}),
    )


def the_task(loaded):
    assert loaded.errors == []
    return loaded.job.groups[0].tasks[0]


CONFIGS = [
    {"image_path": "x", "port_map": {"ssh": 22}},
    {"image_path": "x", "port_map": [{"ssh": 22}]},
    {"image_path": "x", "args": ["-a", 2, True, None, 1.5]},
]


@pytest.mark.parametrize("config", CONFIGS)
def test_config_is_taken_as_it_is(config):
    assert the_task(load_json(config=config, checked=False)).config == config


METAS = [{"a": "1", "b": 2}, [{"a": "1", "b": 2}]]


@pytest.mark.parametrize("meta", METAS, ids=["object", "list"])
def test_meta_is_a_map_in_either_form(meta):
    loaded = load_json(job={"meta": meta}, task={"env": meta})
    assert loaded.job.meta == the_task(loaded).env == {"a": "1", "b": "2"}


def test_meta_may_be_an_expression():
    loaded = load_json(job={"meta": "${local.m}"}, locals={"m": {"a": "b"}})
    assert loaded.job.meta == {"a": "b"}


def test_blocks_may_be_lists_of_objects():
    task = [{"t": [{"driver": "qemu", "config": [IMAGE]}]}]
    network = [{"port": [{"ssh": {"to": 22}}, {"http": {}}]}]
    text = json.dumps({"job": [{"j": [{"group": [{"g": {"network": network, "task": task}}]}]}]})
    loaded = load_text(text)
    assert the_task(loaded).config == IMAGE
    assert [port.label for port in loaded.job.groups[0].networks[0].ports] == ["ssh", "http"]


def test_dynamic_blocks_work():
    dynamic = {
        "port": {
            "for_each": ["a", "b"],
            "iterator": "it",
            "labels": ["${it.value}"],
            "content": {"to": "${it.key}"},
        }
    }
    ports = load_json(group={"network": {"dynamic": dynamic}}).job.groups[0].networks[0].ports
    assert [(port.label, port.to) for port in ports] == [("a", 0), ("b", 1)]


def test_a_comment_is_no_member():
    assert load_json(job={"//": "a comment"}).errors == []


def test_defaults_and_given_values_are_no_templates():
    variable = {"a": {"type": "string", "default": "${attr.x}"}}
    file = Source("vars.json", json.dumps({"b": "%{x}${y}"}))
    loaded = load_json(
        job={"meta": {"a": "${var.a}", "b": "${var.b}"}},
        variable={**variable, "b": {"type": "string"}},
        inputs={"files": (file,)},
    )
    assert loaded.job.meta == {"a": "${attr.x}", "b": "%{x}${y}"}


def test_rules_of_variables_are_templates():
    rule = {"condition": "${var.a > 1}", "error_message": "More than one."}
    variable = {"a": {"type": "number", "default": 1, "validation": rule}}
    (error,) = load_json(variable=variable).errors
    assert error.label == "More than one."


MISTAKES = {
    "attribute": ({"job": {"regin": "x"}}, 'a job block has no attribute "regin"', '"regin"'),
    "block that is none": ({"group": {"network": 5}}, '"network" is a block', "5"),
    "type of a value": ({"group": {"count": "many"}}, '"count" must be a whole number', '"many"'),
    "member of config": (
        {"config": {**IMAGE, "foo": 1}},
        'unknown key "foo" in the qemu driver\'s config',
        '"foo"',
    ),
}


@pytest.mark.parametrize(("parts", "summary", "text"), MISTAKES.values(), ids=list(MISTAKES))
def test_mistakes_are_told_where_they_are(parts, summary, text):
    (told,) = load_json(**parts).diagnostics.in_order()
    assert (told.summary, told.span.text) == (summary, text)
