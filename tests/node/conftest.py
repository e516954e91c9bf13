"""Machines made up for tests: attributes by hand, emulators as shell scripts."""

import pytest

from qemu_run.jobspec.model import Constraint
from qemu_run.node.client_config import ClientConfig
from qemu_run.node.node import Node


@pytest.fixture
def make_node():
    """A node with these attributes, and the client configuration's fields by keyword."""

    def make(attributes=(), **fields):
        return Node(ClientConfig(**{"name": "bench", **fields}), dict(attributes))

    return make


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
