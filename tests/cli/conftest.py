"""Every test of the command line runs twice: with the quick parser where it will do, and with Typer alone."""

import pytest

PARSERS = {"quick": "", "typer": "1"}


@pytest.fixture(params=PARSERS, autouse=True)
def parser(request, monkeypatch):
    """The name of the parser that command lines are read by, here and in programs that are started."""
    monkeypatch.setenv("QEMU_RUN_NO_QUICK_START", PARSERS[request.param])
    return request.param


@pytest.fixture
def qemu_run(qemu_run, parser):
    """The program, with the parser of this test."""
    qemu_run.environment["QEMU_RUN_NO_QUICK_START"] = PARSERS[parser]
    return qemu_run
