"""The proof of KVM: a real guest where it can run, pretended QEMUs for what no machine here does."""

import os
import shutil
from pathlib import Path

import psutil
import pytest

from qemu_run.node import kvm
from qemu_run.node.probe_cache import ProbeCache
from qemu_run.node.qemu import Qemu

WITH_TCG = """
for argument; do
  shift
  [ "$argument" = kvm ] && argument=tcg
  set -- "$@" "$argument"
done
exec qemu-system-x86_64 "$@"
"""
GREETING = """echo '{"QMP": {"version": {}, "capabilities": []}}'"""
RUNNING = GREETING + """; read line; echo '{"return": {}}'; read line; echo '{"return": {}}'"""


def try_out(program):
    with kvm.trial(program) as trial:
        return trial.result()


@pytest.mark.skipif(not shutil.which("qemu-system-x86_64"), reason="needs qemu-system-x86_64")
def test_the_guest_s_end_is_the_proof(make_program):
    assert try_out(make_program("qemu-system-x86_64", WITH_TCG)) == (kvm.USABLE, True)


@pytest.mark.parametrize(
    ("script", "result"),
    [
        (
            RUNNING
            + """; echo '{"event": "RESUME"}'; echo '{"event": "STOP"}'; read line
            echo '{"return": {"status": "internal-error", "running": false}}'; exec sleep 60""",
            ("a test guest stopped with internal-error", True),
        ),
        (
            RUNNING + """; echo '{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}'""",
            ("a test guest crashed (guest-reset)", True),
        ),
        (RUNNING + "; exit 43", (kvm.USABLE, True)),
        (
            "echo 'qemu: warning: old' >&2; echo 'qemu: no such accelerator' >&2; exit 1",
            ("no such accelerator", False),
        ),
        ("echo broken >&2; exit 1", ("broken", False)),
        ("exit 1", ("QEMU ended at once", False)),
        (GREETING + "; kill -9 $$", ("QEMU ended at once", False)),
    ],
)
def test_every_end_has_its_words(make_program, script, result):
    assert try_out(make_program("qemu-system-x86_64", script)) == result


@pytest.mark.parametrize(
    ("script", "words", "lasting"),
    [
        (RUNNING + "; exec sleep 60", "a test guest that needs a millisecond was not done", True),
        (RUNNING + "; exec sleep 60 <&- >&-", "a test guest that needs a millisecond was not done", True),
        ("exec sleep 60", "QEMU said nothing", False),
    ],
)
def test_a_guest_that_does_not_end_is_given_up_and_removed(
    make_program, tmp_path, monkeypatch, script, words, lasting
):
    monkeypatch.setattr(kvm, "_GUEST_SECONDS", 0.1)
    monkeypatch.setattr(kvm, "_START_SECONDS", 0.5)
    program = make_program("qemu-system-x86_64", f"echo $$ > {tmp_path}/pid; {script}")
    message, holds = try_out(program)
    assert message.startswith(words)
    assert holds is lasting
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_the_firmware_file_is_gone_afterwards(make_program, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    program = make_program(
        "qemu-system-x86_64",
        f'while [ "$1" != -bios ]; do shift; done; wc -c < "$2" > {tmp_path}/size; exit 43',
    )
    assert try_out(program) == (kvm.USABLE, True)
    assert (tmp_path / "size").read_text().strip() == "65536"
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.fixture
def kvm_device(tmp_path, monkeypatch):
    """A stand-in for /dev/kvm, on an x86 machine whose processor shows nothing to add."""
    device = tmp_path / "kvm"
    device.touch()
    monkeypatch.setattr(kvm, "_DEVICE", device)
    monkeypatch.setattr(kvm, "without_support", lambda: "")
    monkeypatch.setattr("qemu_run.node.emulators.host_architecture", lambda: "x86_64")
    return device


def test_a_proof_is_made_once(make_program, tmp_path, kvm_device):
    assert kvm_device.exists()
    program = make_program("qemu-system-x86_64", f"echo x >> {tmp_path}/runs; {RUNNING}; exit 43")
    cache = tmp_path / "probes.json"
    for _ in range(2):
        assert Qemu(str(program.parent), ProbeCache(cache)).kvm == "usable"
    assert (tmp_path / "runs").read_text() == "x\n"


def test_a_qemu_that_failed_is_tried_again(make_program, tmp_path, kvm_device):
    assert kvm_device.exists()
    program = make_program("qemu-system-x86_64", f"echo x >> {tmp_path}/runs; echo 'qemu: busy' >&2; exit 1")
    cache = tmp_path / "probes.json"
    for _ in range(2):
        assert Qemu(str(program.parent), ProbeCache(cache)).kvm == "unusable: busy"
    assert (tmp_path / "runs").read_text() == "x\nx\n"


def test_the_proof_can_run_beside_other_questions(make_program, tmp_path, kvm_device):
    assert kvm_device.exists()
    guest = f"echo x >> {tmp_path}/runs; {RUNNING}; exit 43"
    script = f'case "$1" in --version) echo version 9.2.0;; -nodefaults) {guest};; esac'
    program = make_program("qemu-system-x86_64", script)
    qemu = Qemu(str(program.parent), ProbeCache(None))
    with qemu.asking_everything():
        assert qemu.emulators == {"x86_64": program}
        assert qemu.version == "9.2.0"
        assert qemu.kvm == "usable"
    with qemu.asking_everything():
        assert qemu.kvm == "usable"
    assert (tmp_path / "runs").read_text() == "x\n"


def test_what_shows_at_a_glance_starts_nothing(make_program, tmp_path, kvm_device, monkeypatch):
    program = make_program("qemu-system-x86_64", f"echo x >> {tmp_path}/runs")
    kvm_device.unlink()
    assert Qemu(str(program.parent), ProbeCache(None)).kvm == f"unusable: there is no {kvm_device}"
    kvm_device.touch()
    monkeypatch.setattr("qemu_run.node.emulators.host_architecture", lambda: "aarch64")
    make_program("qemu-system-aarch64", f"echo x >> {tmp_path}/runs")
    assert Qemu(str(program.parent), ProbeCache(None)).kvm == "usable"
    assert not (tmp_path / "runs").exists()


def test_a_device_that_may_not_be_opened_says_so(kvm_device, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != kvm_device)
    assert kvm.at_a_glance("x86_64") == f"{kvm_device} may not be opened; is the user in the group kvm?"


def test_an_emulator_that_can_t_be_started_is_no_proof(make_program, kvm_device):
    assert kvm_device.exists()
    program = make_program("qemu-system-x86_64", "")
    program.write_text("#!/nowhere/sh\n")
    assert Qemu(str(program.parent), ProbeCache(None)).kvm.startswith("unusable: No such file")
