"""Fifty jobs with one mistake each: what a person sees of every one, whole."""

import io
from pathlib import Path

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.load import Inputs, load
from qemu_run.jobspec.validate.rules import validate
from qemu_run.source import Source
from qemu_run.terminal.diagnostics import show
from qemu_run.terminal.screen import Screen

JOBS = sorted((Path(__file__).parents[1] / "jobspec/data/jobs/invalid").iterdir())


def test_there_are_fifty():
    assert len(JOBS) == 50


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.name.partition(".")[0])
def test_the_whole_block(golden, path):
    diagnostics = Diagnostics()
    job = load(Source(path.name, path.read_text()), Inputs(environment={}), diagnostics)
    if job is not None:
        validate(job, diagnostics)
    stream = io.StringIO()
    show(diagnostics, Screen(stream))
    assert diagnostics.errors
    golden(f"job-{path.name.partition('.')[0]}.txt", stream.getvalue())
