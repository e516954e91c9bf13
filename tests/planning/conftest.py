"""Plans made without a host: its answers are the test's own."""

import itertools
from pathlib import Path

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.images.block_options import NamedLayer
from qemu_run.jobspec.load import load
from qemu_run.jobspec.validate.rules import validate
from qemu_run.jobspec.variables.inputs import Inputs
from qemu_run.planning.host import Host, ImageFinding, Options
from qemu_run.planning.place import place
from qemu_run.source import Source

ATTRIBUTES = {
    "kernel.name": "linux",
    "kernel.arch": "x86_64",
    "cpu.arch": "amd64",
    "cpu.numcores": "2",
    "driver.qemu": "1",
    "driver.qemu.version": "7.2.22",
    "os.name": "debian",
    "unique.hostname": "bench",
}


def image(wanted):
    layers = (NamedLayer(filename=str(wanted.path), format=wanted.format or "raw"),)
    return ImageFinding(layers=layers, virtual_bytes=1 << 20)


@pytest.fixture
def planned(make_node):
    """What planning makes of a job's text: `planned(text)` gives the plan and its diagnostics."""

    def make(text, options=None, node=None, **answers):
        diagnostics = Diagnostics()
        job = load(Source("job.hcl", text), Inputs(environment={}), diagnostics)
        if job is None:
            return None, diagnostics
        validate(job, diagnostics)
        ports = itertools.count(24000)
        ids = (f"{number:08d}-0000-4000-8000-000000000000" for number in itertools.count(1))
        defaults = {
            "allocations": Path("/state/allocations"),
            "job_folder": Path("/jobs"),
            "choose_port": lambda _: next(ports),
            "port_obstacle": lambda *_: None,
            "find_emulator": lambda name: Path(f"/usr/bin/qemu-system-{name.removeprefix('qemu-system-')}"),
            "inspect_image": image,
            "memory_bytes": lambda: 1 << 40,
            "swap_bytes": lambda: 0,
            "available_bytes": lambda: 1 << 40,
            "accelerators": lambda _: ("tcg", "kvm"),
            "version": lambda _: "7.2.22",
            "has_sandbox": lambda _: True,
            "firmware": lambda: (),
            "is_file": lambda _: False,
            "firmware_variables": Path("/state/firmware"),
            "resolve": lambda path: path,
            "machine_types": lambda _: (),
            "new_id": lambda: next(ids),
        }
        host = Host(**{**defaults, **answers})
        node = node or make_node(ATTRIBUTES)
        return place(job, node, host, options or Options(), diagnostics), diagnostics

    return make
