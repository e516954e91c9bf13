"""What has no effect here is named, once each, at its place and with the reason."""

import pytest

from qemu_run.jobspec.schema.job import JOB
from qemu_run.jobspec.schema.words import Honoured, Nested
from tests.jobspec.answers import job_of, load_text

CHECK = 'check {\n type = "tcp"\n interval = "5s"\n timeout = "5s"\n}'

NAMES = {
    "nothing": (job_of(), []),
    "a default is not written": (job_of(job='type = "system"'), []),
    "what every job has": (
        job_of(
            job='datacenters = ["dc1"]\n region = "global"\n priority = 50',
            task="resources {\n cpu = 500\n memory = 256\n}",
        ),
        [],
    ),
    "update": (job_of(job="update {}", group="update {}"), ["update"]),
    "spread": (job_of(job='spread { attribute = "${node.datacenter}" }'), ["spread"]),
    "device": (job_of(task='resources {\n device "gpu" {}\n}'), ["device"]),
    "memory_max": (job_of(task="resources {\n memory = 256\n memory_max = 512\n}"), ["memory_max"]),
    "chown": (job_of(task='artifact {\n source = "https://h/x"\n chown = true\n}'), ["chown"]),
    "chown that is not asked for": (
        job_of(task='artifact {\n source = "https://h/x"\n chown = false\n}'),
        [],
    ),
    "a bridge": (job_of(group='network {\n mode = "bridge"\n}'), ['mode = "bridge"']),
    "a plugin's network": (job_of(group='network {\n mode = "cni/lan"\n}'), ['mode = "cni/lan"']),
    "a task's own bridge": (
        job_of(task='resources {\n network {\n mode = "bridge"\n }\n}'),
        ['mode = "bridge"'],
    ),
    "the host's network": (job_of(group='network {\n mode = "host"\n hostname = "vm"\n}'), ["hostname"]),
    "two name servers": (
        job_of(group='network {\n dns {\n servers = ["192.0.2.1", "192.0.2.2"]\n options = ["x"]\n}\n}'),
        ['more than one of "servers"', "options"],
    ),
    "one name server": (job_of(group='network {\n dns {\n servers = ["192.0.2.1"]\n}\n}'), []),
    "a disk that stays": (
        job_of(group="ephemeral_disk {\n sticky = true\n migrate = false\n size = 500\n}"),
        ["sticky"],
    ),
    "services of a group": (
        job_of(
            group=f'shutdown_delay = "1s"\nnetwork {{\n port "a" {{}}\n}}\n'
            f'service {{\n provider = "nomad"\n port = "a"\n{CHECK}\n}}\n'
            'service {\n provider = "nomad"\n name = "b"\n}'
        ),
        ["service", "shutdown_delay"],
    ),
    "each once": (
        job_of(
            job='all_at_once = false\n update {}\n spread {\n attribute = "a"\n }',
            group="update {}",
            task='identity {}\n identity {\n name = "x"\n }',
        ),
        ["update", "spread", "identity"],
    ),
    "of every level": (
        job_of(job="all_at_once = true", group='consul { cluster = "x" }', task='vault { policies = ["x"] }'),
        ["all_at_once", "consul", "vault"],
    ),
    "vault for all tasks": (job_of(job='vault { policies = ["x"] }'), ["vault"]),
    "a task that does not run at all": (
        job_of(task='user = "x"').replace('driver = "qemu"', 'driver = "docker"'),
        [],
    ),
}


def told(text):
    found = load_text(text).diagnostics.in_order()
    return [item for item in found if item.summary.endswith("has no effect here")]


@pytest.mark.parametrize(("text", "names"), NAMES.values(), ids=NAMES)
def test_what_has_no_effect(text, names):
    found = told(text)
    summaries = [item.summary.removesuffix(" has no effect here") for item in found]
    assert sorted(summaries) == sorted(name if '"' in name else f'"{name}"' for name in names)
    assert all(item.severity == "warning" and item.span and item.label for item in found)


def test_the_place_and_the_other_places():
    (found,) = told(job_of(job="update {}", group="update {}"))
    assert found.span.text == "update"
    assert (found.span.first.line, found.hints) == (2, ("nor on line 4",))


def test_a_value_is_pointed_at():
    found = told(job_of(group='network {\n dns {\n servers = ["192.0.2.1", "192.0.2.2"]\n}\n}'))
    assert [item.span.text for item in found] == ['"192.0.2.2"']


def fields(schema, seen):
    seen.add(schema)
    for field in schema.fields:
        yield schema, field
        if isinstance(field, Nested) and field.schema not in seen:
            yield from fields(field.schema, seen)


def test_every_reason_of_the_schema_is_one_that_can_be_shown():
    reasons = {field.honoured for _, field in fields(JOB, set())}
    assert reasons - {Honoured.YES} == set(Honoured) - {Honoured.YES}
