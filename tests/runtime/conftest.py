"""Guests for tests that drive the runtime itself, below the command line."""

import itertools
from dataclasses import replace

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.guests.tiny import TinyGuest
from qemu_run.jobspec.load import load
from qemu_run.jobspec.variables.inputs import Inputs
from qemu_run.node.client_config import ClientConfig
from qemu_run.planning.host import Options
from qemu_run.planning.place import place
from qemu_run.runtime.allocation import directories
from qemu_run.source import Source
from qemu_run.workflow import this_host
from qemu_run.workflow.job_file import JobFile

TASK = """
    task "{name}" {{
      driver = "qemu"
      kill_timeout = "2s"
      {more}
      config {{
        image_path  = "{name}.img"
        accelerator = "tcg"
        args        = ["-nodefaults", "-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
      }}
      resources {{
        memory = 128
      }}
    }}
"""


@pytest.fixture
def allocate(tmp_path, make_node, monkeypatch):
    """An allocation of tiny guests: `allocate({"a": {"end_at_once": True}}, more={"a": "leader = true"})`."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = []

    def make(guests, more=(), group="", kind="batch"):
        for name, behaviour in guests.items():
            TinyGuest(**behaviour).write(tmp_path / f"{name}.img")
        tasks = "".join(TASK.format(name=name, more=dict(more).get(name, "")) for name in guests)
        text = f'job "web" {{\n type = "{kind}"\n group "g" {{\n{group}\n{tasks}\n}}\n}}\n'
        diagnostics = Diagnostics()
        job = load(Source("job.hcl", text), Inputs(environment={}), diagnostics)
        assert job is not None, diagnostics.items
        ports = itertools.count(24000)
        host = replace(
            this_host.host(ClientConfig(), JobFile(name=str(tmp_path / "job.hcl"))),
            allocations=tmp_path / "allocations",
            choose_port=lambda _: next(ports),
            port_obstacle=lambda *_: None,
        )
        plan = place(job, make_node(), host, Options(), diagnostics)
        assert diagnostics.errors == []
        (allocation,) = plan.allocations
        kept = directories(allocation)
        kept.__enter__()
        made.append(kept)
        return allocation

    yield make
    for each in made:
        each.__exit__(None, None, None)
