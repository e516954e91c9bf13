"""`--json`: one document on standard output, however wrong the line is."""

import json
import subprocess
import sys

import pytest

from qemu_run.cli.commands import COMMANDS
from qemu_run.errors import ExitCode
from tests.conftest import PATIENCE_SECONDS

EACH = """
import json, os, sys, tempfile
import qemu_run.cli.typer_app, qemu_run.cli.run, qemu_run.reports.run_document
import qemu_run.terminal.diagnostics, qemu_run.terminal.plan_document, qemu_run.workflow.job_file, re2
from qemu_run.cli.main import main

said = []
for line in json.load(sys.stdin):
    with tempfile.TemporaryFile() as out:
        if (pid := os.fork()) == 0:
            os.dup2(out.fileno(), 1)
            main(line)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        out.seek(0)
        said.append((code, out.read().decode()))
json.dump(said, sys.stdout)
"""
"""Carries out many command lines in one process, each in a child of its own."""

NONSENSE = dict.fromkeys(
    (
        *("--bind", "--disk-size", "--meta", "--payload", "--restart", "--console", "--image-format"),
        *("--accelerator", "--max-download", "--var", "--task", "--var-file", "--config", "--overlay"),
        *("--timeout", "--boot-timeout", "--silence-timeout", "--max-reboots", "--expect-result"),
        *("--older", "--max-size", "--output"),
    ),
    "nonsense",
) | {"--expect": "a(", "--ready": "a(", "--forbid": "@nonsense", "--events": "-", "--junit": "-"}
"""A value for each option that takes one; wrong, where a value can be."""

DOCUMENTED = {
    name: command
    for name, command in COMMANDS.items()
    if "--json" in {option.name for option in command.options}
}
JOB = ["nowhere.hcl"]
"""Nothing is ever run here."""


def wrong_lines(name, command):
    """Every way to be wrong with its operands and with each of its options."""
    start = [name, "--json"]
    rest = JOB if command.operand is not None and command.operand.name == "JOB" else ["x", "y"]
    if rest == JOB:
        yield start
        yield [*start, ""]
        yield [*start, *JOB]
    yield [*start, *JOB, "y"]
    yield [name, "--json=yes", *rest]
    yield [*start, "--nonsense", *rest]
    for option in command.options:
        if option.value:
            yield [*start, *rest, option.name]
            yield [*start, *rest, option.name, ""]
            yield [name, option.name, "--json", *rest]
            yield [*start, *rest, option.name, NONSENSE[option.name]]
        elif option.name != "--json":
            yield [*start, *rest, f"{option.name}=what"]


def test_the_table_has_a_value_for_each_option():
    valued = {option.name for command in DOCUMENTED.values() for option in command.options if option.value}
    assert valued == NONSENSE.keys()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_line_that_is_wrong_prints_one_document(qemu_run, name):
    lines = list(wrong_lines(name, DOCUMENTED[name]))
    done = subprocess.run(
        [sys.executable, "-c", EACH],
        cwd=qemu_run.folder,
        env=dict(qemu_run.environment),
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_SECONDS,
        check=True,
    )
    assert "Traceback" not in done.stderr
    for line, (code, text) in zip(lines, json.loads(done.stdout), strict=True):
        document = json.loads(text)  # one, and nothing besides
        assert code in {ExitCode.USAGE, ExitCode.JOB}, line
        assert document["diagnostics"], line
        assert document.get("code", code) == code, line


@pytest.mark.parametrize("words", [[], ["nonsense"], ["init"], ["job", "y"]])
def test_a_line_without_a_command_that_has_documents(qemu_run, words):
    result = qemu_run.run(*words, "--json")
    assert (result.code, bool(json.loads(result.out)["diagnostics"])) == (ExitCode.USAGE, True)
