"""Verdicts: what holds, what a cluster would say, and what a person is told."""

from types import SimpleNamespace

import pytest

from qemu_run.node.constraints import affinity_score, judge, judge_affinities, judge_job

MACHINE = {
    "cpu.arch": "amd64",
    "driver.qemu.version": "10.0.13",
    "kernel.version": "6.1.0-18-amd64",
    "os.version": "3.10",
    "os.signals": "SIGINT,SIGTERM",
}


def otherwise(compared, answer, instead):
    """The warning's words."""
    return (
        f"compared as versions; a cluster compares {compared}, and there it {answer}: "
        f'write operator = "version", value = "{instead}"'
    )


@pytest.mark.parametrize(
    ("name", "operand", "value", "met", "warning"),
    [
        (
            "driver.qemu.version",
            ">",
            "9.2.0",
            True,
            otherwise('"10.0.13" and "9.2.0" as texts', "does not hold", "> 9.2.0"),
        ),
        (
            "driver.qemu.version",
            "<",
            "9",
            False,
            otherwise('"10.0.13" and "9" as texts', "holds", "< 9"),
        ),
        (
            "os.version",
            ">=",
            "3.9",
            True,
            otherwise('"3.10" and "3.9" as numbers', "does not hold", ">= 3.9"),
        ),
        ("driver.qemu.version", ">", "10.0.12", True, None),
        ("driver.qemu.version", ">=", "10.0.13", True, None),
        ("driver.qemu.version", "<", "1.0", False, None),
        ("driver.qemu.version", ">", "9.2.0-rc1", False, None),
        ("kernel.version", ">=", "10.1", True, None),
        ("driver.qemu.version", "=", "10.0.13.0", False, None),
    ],
)
def test_attributes_named_version_compare_as_versions(
    make_node, make_constraint, name, operand, value, met, warning
):
    verdict = judge(make_constraint(f"${{attr.{name}}}", operand, value), make_node(MACHINE))
    assert (verdict.met, verdict.warning) == (met, warning)


def test_other_left_sides_compare_as_on_a_cluster(make_node, make_constraint):
    node = make_node(MACHINE, meta={"version": "10.0.13"})
    for left in ("10.0.13", "${meta.version}"):
        verdict = judge(make_constraint(left, ">", "9.2.0"), node)
        assert (verdict.met, verdict.warning) == (False, None)


@pytest.mark.parametrize(
    "spelling", ["${driver.qemu.version}", "$<driver.qemu.version>", "driver.qemu.version"]
)
def test_the_driver_s_own_spelling_is_taken_and_noted(make_node, make_constraint, spelling):
    verdict = judge(make_constraint(spelling, "version", ">= 8"), make_node(MACHINE))
    assert verdict.met
    assert verdict.attribute == "attr.driver.qemu.version"
    assert verdict.note == 'a cluster takes this only as "${attr.driver.qemu.version}"'


@pytest.mark.parametrize(
    ("left", "operand", "right", "hint"),
    [
        ("${attr.cpu.arch}", "=", "arm64", None),
        ("${attr.cpu.ach}", "=", "amd64", 'did you mean "attr.cpu.arch"?'),
        ("${attr.kernel.landlock}", "=", "v4", "this machine has no attr.kernel.landlock"),
        ("${attr.consul.version}", "is_set", "", "only a cluster's agent has attr.consul.version"),
        ("${meta.rak}", "=", "r1", 'did you mean "rack"?'),
        ("${meta.zone}", "=", "z", "the client configuration's meta has no zone"),
        ("${meta.rack}", "=", "${meta.zone}", "the client configuration's meta has no zone"),
        (
            "${attr.kernel.version}",
            "version",
            ">= 4.0",
            '"-18-amd64" makes it a prerelease, which "version" never orders; "semver" does',
        ),
        ("${attr.cpu.arch}", "version", ">= 4.0", '"amd64" is not a version'),
        ("${attr.os.version}", "version", "${attr.cpu.arch}", '"amd64" is not a version'),
        ("${attr.os.version}", "version", "> 4", None),
        ("${attr.os.version}", "versoin", "> 4", 'did you mean "version"?'),
        ("${attr.os.signals}", "set_contains", "SIGHUP", None),
    ],
)
def test_an_unmet_constraint_says_what_the_values_do_not_show(
    make_node, make_constraint, left, operand, right, hint
):
    verdict = judge(make_constraint(left, operand, right), make_node(MACHINE, meta={"rack": "r1"}))
    assert not verdict.met
    assert verdict.hint == hint


@pytest.mark.parametrize(
    ("left", "operand", "right", "row"),
    [
        ("${attr.cpu.arch}", "=", "amd64", ("attr.cpu.arch", "amd64", "amd64")),
        ("${meta.rack}", "is_set", "", ("meta.rack", "any value", "not set")),
        ("${meta.rack}", "is_not_set", "", ("meta.rack", "no value", "not set")),
        ("amd64", "=", "${attr.cpu.arch}", ('"amd64"', "amd64", "amd64")),
        ("${node.class}", "=", "${meta.class}", ("node.class", "meta.class", "not set")),
        ("", "distinct_hosts", "true", ("", "true", "")),
    ],
)
def test_what_a_table_shows(make_node, make_constraint, left, operand, right, row):
    verdict = judge(make_constraint(left, operand, right), make_node(MACHINE))
    assert (verdict.attribute, verdict.wanted, verdict.found) == row


def job(constraints=(), groups=(), affinities=()):
    return SimpleNamespace(id="j", constraints=constraints, groups=groups, affinities=affinities)


def group(name, count=1, constraints=(), tasks=(), affinities=()):
    return SimpleNamespace(
        name=name, count=count, constraints=constraints, tasks=tasks, affinities=affinities
    )


def task(name, constraints=(), affinities=()):
    return SimpleNamespace(name=name, constraints=constraints, affinities=affinities)


def test_a_job_is_judged_at_every_level(make_node, make_constraint):
    arch = make_constraint("${attr.cpu.arch}", "=", "amd64")
    groups = [group("g", constraints=[arch], tasks=[task("t", [arch]), task("u")])]
    verdicts = judge_job(job([arch], groups), make_node(MACHINE))
    assert [(verdict.level, verdict.owner, verdict.met) for verdict in verdicts] == [
        ("job", "j", True),
        ("group", "g", True),
        ("task", "t", True),
    ]


@pytest.mark.parametrize(
    ("operand", "value", "counts", "met"),
    [
        ("distinct_hosts", "true", (1,), True),
        ("distinct_hosts", "true", (2,), False),
        ("distinct_hosts", "", (1, 1), False),
        ("distinct_hosts", "false", (2,), True),
        ("distinct_hosts", "maybe", (2,), False),
        ("distinct_property", "", (2,), False),
        ("distinct_property", "2", (2,), True),
        ("distinct_property", "2", (2, 1), False),
    ],
)
def test_one_machine_can_be_too_few(make_node, make_constraint, operand, value, counts, met):
    groups = [group(f"g{index}", count) for index, count in enumerate(counts)]
    (verdict,) = judge_job(job([make_constraint("${meta.x}", operand, value)], groups), make_node())
    assert verdict.met is met
    assert bool(verdict.hint) is not met


def test_affinities_have_a_score(make_node, make_constraint):
    node = make_node(MACHINE)
    affinities = [
        make_constraint("${attr.cpu.arch}", "=", "amd64", weight=50),
        make_constraint("${attr.cpu.arch}", "=", "arm64", weight=25),
        make_constraint("${attr.os.version}", "version", "> 3", weight=-25),
    ]
    place = group("g", affinities=affinities[1:2], tasks=[task("t", affinities=affinities[2:])])
    verdicts = judge_affinities(job(affinities=affinities[:1]), place, node)
    assert [verdict.level for verdict in verdicts] == ["job", "group", "task"]
    assert affinity_score(verdicts) == 0.25
    assert affinity_score([]) == 0.0
