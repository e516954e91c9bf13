"""What run refuses before a guest, plan refuses too: the same code, the same words."""

import json

import pytest

from qemu_run.errors import ExitCode
from tests.cli.test_mistakes import JOBS
from tests.cli.test_placement import UNMET

ONLY_AT_START = {"refused-option", "wrong-checksum", "unreachable", "backing-file"}
"""QEMU, a server or an artifact's content has to be asked."""


def summaries(text):
    return sorted(line.removeprefix("error: ") for line in text.splitlines() if line.startswith("error: "))


@pytest.mark.parametrize("name", sorted(JOBS.keys() - ONLY_AT_START))
def test_a_mistake_is_said_by_plan_as_by_run(qemu_run, guest, job, name):
    guest(end_at_once=True)
    (qemu_run.folder / "disk.img.gz").write_bytes(b"\x1f\x8b" + bytes(600))
    parts, code = JOBS[name]
    ran, planned = qemu_run.run(job(**parts)), qemu_run.run("plan", job(**parts))
    assert ran.code == planned.code == code
    said_by_plan = summaries(planned.err)
    for summary in summaries(ran.err):
        assert summary in said_by_plan or "cannot run" in summary  # plan has the table instead
    document = json.loads(qemu_run.run("plan", "--json", job(**parts)).out)
    assert not document["fits"] or document["diagnostics"]


@pytest.mark.parametrize("name", UNMET)
def test_an_unmet_constraint_is_unmet_for_plan_too(qemu_run, guest, job, name):
    guest()
    result = qemu_run.run("plan", "--json", job(group=UNMET[name]))
    assert result.code == ExitCode.PLACEMENT
    document = json.loads(result.out)
    unmet = [row for row in document["constraints"] if not row["met"]]
    assert unmet or any(not row["met"] for row in document["requirements"])
