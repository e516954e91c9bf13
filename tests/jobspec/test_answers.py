"""The job files of `data`, and what a real Nomad makes of each."""

import json

import pytest

from qemu_run.source import Source
from tests.jobspec.answers import DATA, answer, load_file, load_text, text_of, wanted_line

VALID = sorted((DATA / "jobs/valid").iterdir())
OURS = {
    "a number without a unit counts nanoseconds",
    "a task with it never starts",
    "not this machine's",
    "QEMU's options take no =",
    "using -no-user-config instead",
}
"""What we say where Nomad is silent."""
INVALID = sorted((DATA / "jobs/invalid").iterdir())
CANONICAL = sorted((DATA / "answers/canonical").iterdir())
OUTCOMES = answer("jobs.json")
CASES = json.loads((DATA / "vars/cases.json").read_text())
VALUES = answer("vars.json")


REFUSED = {
    "41-conversions-and-null.nomad.hcl": ['unknown key "unknown_key" in the qemu driver\'s config'],
}
"""Valid jobs that Nomad's driver refuses when their task starts."""


def name(path):
    return path.name


@pytest.mark.parametrize("path", VALID, ids=name)
def test_the_api_form_is_nomads(path):
    loaded = load_file(path)
    assert [error.summary for error in loaded.errors] == REFUSED.get(path.name, [])
    assert loaded.job.api == answer(f"jobs/{path.name}.json")["Job"]


@pytest.mark.parametrize("path", VALID, ids=name)
def test_fields_are_in_nomads_order(path):
    ours, theirs = load_file(path).job.api, answer(f"jobs/{path.name}.json")["Job"]
    assert structures(ours) == structures(theirs)


def structures(value, key=""):
    """The field names of Nomad's structures, in order; what users name themselves is left out."""
    if isinstance(value, dict) and not key:
        return [(name, structures(inner, USERS.get(name, ""))) for name, inner in value.items()]
    if isinstance(value, list):
        return [structures(inner, key) for inner in value]
    return None


USERS = dict.fromkeys(
    (
        "Config",
        "Env",
        "Meta",
        "CanaryMeta",
        "TaggedAddresses",
        "Policy",
        "Header",
        "GetterOptions",
        "GetterHeaders",
    ),
    "map",
)


@pytest.mark.parametrize("path", CANONICAL, ids=name)
def test_the_defaults_are_nomads(path):
    job = load_file(DATA / "jobs/valid" / path.name.removesuffix(".json")).job
    assert job.canonical == json.loads(path.read_text())["Job"]


@pytest.mark.parametrize("path", VALID, ids=name)
def test_warnings_come_where_nomad_warns(path):
    outcome = OUTCOMES[f"jobs/valid/{path.name}"]["validate"]
    ours = [item for item in load_file(path).mistakes if item.label not in OURS]
    assert bool(ours) == outcome["warns"]


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_a_mistake_is_told_on_its_line(path):
    outcome = OUTCOMES[f"jobs/invalid/{path.name}"]["parse"]
    loaded = load_file(path)
    assert loaded.errors
    lines = {wanted_line(path)} | {place["line"] for place in outcome.get("positions", [])}
    assert wanted_line(path) == 1 or lines & loaded.lines
    assert (not load_file(path, checked=False).errors) == outcome["ok"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['note']}")
def test_variables_get_nomads_values(case):
    options = iter(case["args"])
    inputs = {"environment": case["env"], "strict": True}
    files, assignments = [], []
    for option in options:
        key, equals, value = option.lstrip("-").partition("=")
        if key == "hcl2-strict":
            inputs["strict"] = value == "true"
            continue
        value = value if equals else next(options)
        (files if key == "var-file" else assignments).append(value)
    present = [DATA / file for file in files if (DATA / file).exists()]
    sources = tuple(Source(str(file), file.read_text()) for file in present)
    text = text_of(DATA / case["file"])
    loaded = load_text(text, files=sources, assignments=tuple(assignments), checked=False, **inputs)
    wanted = VALUES[case["id"]]
    missing = len(present) < len(files)
    assert (not loaded.errors and not missing) == wanted["ok"]
    if wanted["ok"]:
        assert loaded.job.api == wanted["job"]


def test_the_data_is_complete():
    assert (len(VALID), len(INVALID), len(CANONICAL), len(CASES)) == (47, 50, 45, 78)
    assert set(OUTCOMES) == {str(path.relative_to(DATA)) for path in (*VALID, *INVALID)}
