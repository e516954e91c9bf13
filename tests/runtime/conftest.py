"""Guests for tests that drive the runtime itself, below the command line."""

import itertools
import shutil
from pathlib import Path

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.guests.tiny import TinyGuest
from qemu_run.images.chain import open_chain
from qemu_run.images.formats import Image
from qemu_run.jobspec.load import load
from qemu_run.jobspec.variables.inputs import Inputs
from qemu_run.planning.host import Host, ImageFinding, Options
from qemu_run.planning.place import place
from qemu_run.runtime.allocation import directories
from qemu_run.source import Source

TASK = """
    task "{name}" {{
      driver = "qemu"
      kill_timeout = "2s"
      {more}
      config {{
        image_path  = "{name}.img"
        accelerator = "tcg"
        args        = ["-nodefaults"]
      }}
      resources {{
        memory = 128
      }}
    }}
"""


def found(path):
    with open_chain(path) as chain:
        return ImageFinding(image=Image(chain.top.format, chain.top.virtual_bytes))


@pytest.fixture
def allocate(tmp_path, make_node):
    """An allocation of tiny guests: `allocate({"a": {"end_at_once": True}}, more={"a": "leader = true"})`."""
    made = []

    def make(guests, more=(), group="", kind="batch"):
        for name, behaviour in guests.items():
            TinyGuest(**behaviour).write(tmp_path / f"{name}.img")
        tasks = "".join(TASK.format(name=name, more=dict(more).get(name, "")) for name in guests)
        text = f'job "web" {{\n type = "{kind}"\n group "g" {{\n{group}\n{tasks}\n}}\n}}\n'
        diagnostics = Diagnostics()
        job = load(Source("job.hcl", text), Inputs(environment={}), diagnostics)
        assert job is not None, diagnostics.items
        emulator = shutil.which("qemu-system-x86_64")
        assert emulator, "these tests boot real guests: install qemu-system-x86"
        ports = itertools.count(24000)
        host = Host(
            allocations=tmp_path / "allocations",
            job_folder=tmp_path,
            choose_port=lambda _: next(ports),
            port_obstacle=lambda *_: None,
            find_emulator=lambda _: Path(emulator),
            inspect_image=lambda path, _: found(path),
            memory_bytes=lambda: 1 << 40,
            resolve=Path.resolve,
            machine_types=lambda _: (),
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
