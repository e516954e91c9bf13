"""What this machine says of itself: Nomad's names and kinds of values, and no more looking than needed."""

import json
import os
import re
import socket
import sys
from pathlib import Path

import pytest

from qemu_run.node import system
from qemu_run.node.client_config import ClientConfig
from qemu_run.node.fingerprint import NAMES, Fingerprint
from qemu_run.node.probe_cache import ProbeCache

SCRIPT = """
case "$1" in
  --version) echo "QEMU emulator version 9.2.0 (Debian)" ;;
  -machine) printf 'Supported machines are:\\npc  a\\nq35  b\\n' ;;
  -accel) printf 'Accelerators supported in QEMU binary:\\ntcg\\nkvm\\n' ;;
  *) echo "$0: no KVM in this test" >&2; exit 1 ;;
esac
"""
KINDS = {
    "cpu.arch": r"[a-z0-9]+",
    "cpu.numcores": r"[1-9][0-9]*",
    "cpu.reservablecores": r"[1-9][0-9]*",
    "driver.qemu": "1",
    "driver.qemu.accelerators": "tcg,kvm",
    "driver.qemu.emulators": "i386,x86_64",
    "driver.qemu.kvm": r"usable|unusable: .+",
    "driver.qemu.machine_types": "pc,q35",
    "driver.qemu.version": r"9\.2\.0",
    "kernel.arch": r"\w+",
    "kernel.name": "linux|darwin",
    "kernel.version": r"[0-9]+\.[0-9]+.*",
    "memory.totalbytes": r"[0-9]{8,}",
    "numa.node.count": r"[1-9][0-9]*",
    "numa.node0.cores": r"[0-9]+([-,][0-9]+)*",
    "os.name": r"[a-z]+",
    "os.signals": r"SIG[A-Z0-9]+(,SIG[A-Z0-9]+)+",
    "unique.host_id": r"\S{8,}",
    "unique.hostname": r"\S+",
    "unique.storage.bytestotal": r"[0-9]{6,}",
}
"""What every machine has. Versions of rolling systems, speeds, and ways out of the machine may be unknown."""
MAYBE = {
    "cpu.frequency": r"[1-9][0-9]*",
    "cpu.modelname": r"\S.*",
    "cpu.totalcompute": r"[1-9][0-9]*",
    "cpu.usablecompute": r"[1-9][0-9]*",
    "kernel.landlock": r"v[1-9][0-9]*",
    "os.cgroups.version": "1|2",
    "os.version": r"\S+",
    "unique.network.ip-address": r"[0-9.]+|[0-9a-f:]+",
    "unique.storage.volume": r"\S+",
}


@pytest.fixture
def machine(make_program, tmp_path):
    """This machine, with two emulators of the test's own."""
    folder = make_program("qemu-system-x86_64", SCRIPT).parent
    make_program("qemu-system-i386", SCRIPT)
    environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    return Fingerprint(ClientConfig(), environment, ProbeCache(tmp_path / "probes.json"))


def test_every_name_has_its_kind_of_value(machine):
    attributes = dict(machine)
    for name, kind in KINDS.items():
        assert re.fullmatch(kind, attributes[name]), name
    for name, kind in MAYBE.items():
        assert re.fullmatch(kind, attributes.get(name, "")) or name not in attributes, name
    assert list(attributes) == sorted(attributes)
    assert len(machine) == len(attributes)


def test_the_names_are_nomad_s_and_ours(machine):
    known = {name for name in machine if not re.match(r"numa\.node[1-9]|cpu\..*\.(perf|eff)", name)}
    assert known <= set(NAMES)
    assert set(KINDS) | set(MAYBE) <= set(NAMES)


def test_looking_at_one_family_leaves_the_others_alone(machine):
    assert machine["cpu.arch"]
    assert "kernel.nonsense" not in machine
    assert "nomad.version" not in machine
    assert "cpu" not in machine
    assert set(machine._families) == {"cpu", "kernel"}
    assert "qemu" not in vars(machine)


def test_a_question_about_qemu_starts_no_guest(machine):
    assert machine["driver.qemu"] == "1"
    assert machine["driver.qemu.emulators"] == "i386,x86_64"
    assert "kvm" not in vars(machine.qemu)


def test_without_an_emulator_there_is_no_driver(tmp_path, monkeypatch):
    monkeypatch.setattr("qemu_run.node.emulators.OTHER_PLACES", ())
    monkeypatch.setattr("qemu_run.node.emulators.HOST_ONLY", str(tmp_path / "none"))
    machine = Fingerprint(ClientConfig(), {"PATH": str(tmp_path)}, ProbeCache(None))
    assert [name for name in machine if name.startswith("driver.")] == []


def test_the_configuration_overrides_what_the_machine_says():
    config = ClientConfig(cpu_total_compute=5000, memory_total_mb=2048, network_interface="lo")
    machine = Fingerprint(config, {}, ProbeCache(None))
    assert machine["cpu.totalcompute"] == "5000"
    assert machine["memory.totalbytes"] == str(2048 << 20)
    assert machine["unique.network.ip-address"] in {"127.0.0.1", "::1"}


def test_signals_are_those_that_nomad_names(machine):
    signals = set(machine["os.signals"].split(","))
    assert len(signals) == 28
    assert {"SIGTERM", "SIGNULL"} <= signals
    assert "SIGCHLD" not in signals


@pytest.mark.skipif(sys.platform != "linux", reason="compares with what Linux shows")
def test_values_are_those_of_the_system(machine):
    assert machine["kernel.version"] == os.uname().release
    assert machine["unique.hostname"] == socket.gethostname()
    assert machine["cpu.reservablecores"] == str(len(os.sched_getaffinity(0)))
    kibibytes = Path("/proc/meminfo").read_text().split()[1]
    assert int(machine["memory.totalbytes"]) == int(kibibytes) * 1024


@pytest.mark.parametrize(
    ("ranges", "ids"), [("", []), ("0", [0]), ("0-3,8", [0, 1, 2, 3, 8]), ("1,3-4", [1, 3, 4])]
)
def test_ranges_of_cores(ranges, ids):
    assert system._ids(ranges) == ids


def test_a_hybrid_processor_has_two_kinds_of_cores(tmp_path, monkeypatch):
    for grade, cores in (("performance", "0-1"), ("efficiency", "2-3")):
        (tmp_path / grade).write_text(cores + "\n")
    for core, kilohertz in enumerate((3200000, 3200000, 2400000, 2400000)):
        folder = tmp_path / f"cpu{core}" / "cpufreq"
        folder.mkdir(parents=True)
        (folder / "cpuinfo_max_freq").write_text(f"{kilohertz}\n")
    (tmp_path / "online").write_text("0-3\n")
    monkeypatch.setattr(system, "_SYSTEM_CPU", tmp_path)
    monkeypatch.setattr(
        system, "_HYBRID_CORES", {f".{grade}": tmp_path / grade for grade in ("performance", "efficiency")}
    )
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    found = system.cpu()
    assert found["cpu.frequency.performance"] == "3200"
    assert found["cpu.frequency.efficiency"] == "2400"
    assert found["cpu.numcores.efficiency"] == "2"
    assert found["cpu.numcores"] == "4"
    assert (found["cpu.totalcompute"], found["cpu.usablecompute"]) == ("11200", "5600")
    assert "cpu.frequency" not in found


def test_a_document_is_json(machine):
    assert json.loads(json.dumps(dict(machine))) == dict(machine)
