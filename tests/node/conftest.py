"""Machines made up for tests: attributes by hand, emulators as shell scripts."""

import pytest

from qemu_run.jobspec.model import Constraint


@pytest.fixture
def make_constraint():
    """A constraint that was written nowhere."""

    def make(left, operand, right="", weight=0):
        return Constraint(ltarget=left, operand=operand, rtarget=right, weight=weight, places={}, location=())

    return make


@pytest.fixture
def make_program(tmp_path):
    """A shell script in a folder below the test's own, made executable."""

    def make(name, script, folder="bin"):
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return make
