"""KVM that cannot be used: broken, gone, closed to this user, or breaking while a guest runs."""

import json
import os
import shutil
import sys
from dataclasses import replace

import pytest

from qemu_run.errors import ExitCode
from qemu_run.node import kvm
from qemu_run.node.emulators import find_emulator
from tests.e2e.test_verdicts import Verdict, earn_it, linux, tiny

DEVICES = ("null", "zero", "full", "random", "urandom")


def kvm_job(program):
    verdict = Verdict(code=0, words="", disk=tiny(end_at_once=True), accelerator="kvm")
    verdict.disk(program.folder / "disk.img")
    (program.folder / "web.nomad.hcl").write_text(verdict.job)
    return "web.nomad.hcl"


@pytest.fixture
def with_devices(qemu_run):
    """Runs the program where `/dev` holds little, and `kvm` only as it is said."""

    def run(*arguments, kvm_mode=None):
        folder = qemu_run.folder / "dev"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "fd").symlink_to("/proc/self/fd")
        for name in DEVICES:
            (folder / name).touch()
        if kvm_mode is not None:
            (folder / "kvm").touch()
            (folder / "kvm").chmod(kvm_mode)
        script = " && ".join(
            [
                *(f'mount --bind /dev/{name} "$0/{name}"' for name in DEVICES),
                'mount --rbind "$0" /dev',
                'exec setpriv --bounding-set=-dac_override,-dac_read_search "$@"',
            ]
        )
        alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
        command = [*alone, "sh", "-c", script, str(folder), sys.executable, "-m", "qemu_run", *arguments]
        with qemu_run.start_command(command) as running:
            return running.finish()

    return run


@pytest.mark.parametrize(
    ("mode", "why"),
    [(None, "there is no /dev/kvm"), (0, "/dev/kvm may not be opened is the user in the group kvm?")],
    ids=["there is none", "it is closed"],
)
def test_a_machine_without_it(qemu_run, with_devices, mode, why):
    name = kvm_job(qemu_run)
    result = with_devices("run", name, kvm_mode=mode)
    assert result.code == ExitCode.PLACEMENT
    assert why in " ".join(result.out.split())
    assert 'use accelerator = "tcg", or --accelerator tcg for this run' in result.out
    assert result.out.splitlines()[-1] == "web  FAILED: this machine cannot run it  (exit 111)"
    result = with_devices("run", "--accelerator", "auto", name, kvm_mode=mode)
    assert result.code == 0
    assert "x86_64, tcg" in result.out


@pytest.fixture
def broken(qemu_run):
    """The program, on a machine whose KVM opens and does not work."""
    said = qemu_run.run("fingerprint", "driver.qemu.kvm").out
    if kvm.at_a_glance("x86_64") is not None or said.strip() == kvm.USABLE:
        pytest.skip("KVM works here, or there is none")
    return qemu_run


def test_it_is_proved_before_a_guest_is_started_with_it(broken):
    name = kvm_job(broken)
    result = broken.run("run", name)
    assert result.code == ExitCode.PLACEMENT
    assert "a test guest" in result.err
    assert 'use accelerator = "tcg", or --accelerator tcg for this run' in result.err
    assert broken.run("run", "--accelerator", "auto", name).code == 0


def test_it_breaks_while_a_guest_runs(broken, linux_guest, request):
    """The answer that it works is put where it is kept, as if it had worked until now."""
    cache = broken.folder / "cache"
    (cache / "qemu-run").mkdir(parents=True)
    emulator = find_emulator("x86_64", os.environ["PATH"])
    (cache / "qemu-run/probes.json").write_text(json.dumps({kvm.cache_key(emulator): kvm.USABLE}))
    program = replace(broken, environment={**broken.environment, "XDG_CACHE_HOME": str(cache)})
    shutil.copy(linux_guest, program.folder / "disk.img")
    verdict = Verdict(
        code=ExitCode.QEMU,
        words="FAILED: QEMU's accelerator broke after",
        below="KVM internal error",
        disk=linux,
        accelerator="kvm",
    )
    earn_it(program, verdict, request.config.getoption("--times"))
