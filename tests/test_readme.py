"""The README tells the truth."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from qemu_run.cli.commands import COMMANDS
from qemu_run.errors import Diagnostics, ExitCode
from qemu_run.jobspec.load import Inputs, load
from qemu_run.jobspec.validate.rules import validate
from qemu_run.node import client_config
from qemu_run.runtime.keeper import CANNOT_START, NOT_FOUND
from qemu_run.source import Source

README = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"```hcl\n(.*?)```", README, re.DOTALL)
TASK = 'job "j" {{\n group "g" {{\n {group}\n task "t" {{\n driver = "qemu"\n {task}\n }}\n }}\n}}\n'
CONFIG = 'config {\n image_path = "x"\n }'


def in_a_job(block):
    """A piece of a job as a whole one."""
    if block.startswith("job"):
        return block
    if block.startswith("network"):
        return TASK.format(group=block, task=CONFIG)
    if block.startswith("service"):
        network = 'network {\n port "http" {\n to = 80\n }\n }\n'
        return TASK.format(group=network + block, task=CONFIG)
    return TASK.format(group="", task=block)


@pytest.mark.parametrize("block", [block for block in BLOCKS if "plugin" not in block])
def test_its_jobs_are_valid(block):
    diagnostics = Diagnostics()
    job = load(Source("README.md", in_a_job(block)), Inputs(environment={}), diagnostics)
    assert diagnostics.items == []
    validate(job, diagnostics)
    assert diagnostics.errors == []


def test_its_client_configuration_is_valid():
    (block,) = [block for block in BLOCKS if "plugin" in block]
    diagnostics = Diagnostics()
    client_config.load(Source("client.hcl", block), diagnostics)
    assert diagnostics.items == []


def test_it_names_every_command():
    assert [name for name in COMMANDS if f"qemu-run {name}" not in README] == []


LINE = re.compile(r"^    (?:\$ )?((?:eval .*)?qemu-run .*?)(?:   *\S.*)?$", re.MULTILINE)


def test_its_commands_run(qemu_run, guest, tmp_path):
    guest(end_at_once=True)
    (tmp_path / "hello.nomad.hcl").write_text(BLOCKS[0])
    (tmp_path / ".config/fish/completions").mkdir(parents=True)
    program = tmp_path / "qemu-run"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m qemu_run "$@"\n')
    program.chmod(0o755)
    # What stands behind `--` asks a guest that serves: tests/guides has one.
    commands = [command for command in LINE.findall(README) if " -- " not in command]
    assert len(commands) >= 12
    for command in commands:
        shell = "zsh" if "completion zsh" in command else "bash"
        before = "autoload -Uz compinit; compinit -D -u; " if shell == "zsh" else ""
        done = subprocess.run(
            [shell, "-c", before + command],
            cwd=tmp_path,
            env={
                **qemu_run.environment,
                "HOME": str(tmp_path),
                "PATH": f"{tmp_path}:{qemu_run.environment['PATH']}",
            },
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"


def test_its_exit_codes_are_ours():
    rows = re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE)
    told = {int(number) for row in rows for number in row.split(",")}
    assert told <= {int(code) for code in ExitCode} | {CANNOT_START, NOT_FOUND}
    assert {0, 2, 110, 111, 112, 113, 114, 120, 130, 143} <= told


def test_its_picture_is_there():
    assert "examples/images/run.svg" in README
    assert (Path(__file__).parents[1] / "examples/images/run.svg").read_text().startswith("<svg")
