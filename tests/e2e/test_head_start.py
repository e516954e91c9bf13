"""QEMU is started ahead, as the last run of the same command line started it, and planned meanwhile."""

import json
import os
import random
import re
import shutil
import signal
import socket
import stat
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from qemu_run import folders
from qemu_run.errors import ExitCode
from qemu_run.guests.tiny import End
from qemu_run.runtime.head_start import HeadStart, place, sealed
from tests.conftest import PATIENCE_SECONDS, wait_until

RECORDING = """#!/bin/bash
if [[ -e "{leftover}" ]]; then echo ahead; else echo planned; fi >>"{starts}"
exec "{qemu}" "$@"
"""
"""What a run that was killed has left is removed after planning, and before QEMU is started for a plan."""
LONG = f"locals {{\n long = [{'0, ' * 20_000}]\n}}\n"
NETWORK = 'network {\n port "http" {\n static = %d\n to = 80\n }\n}\n'
DYNAMIC = 'network {\n port "http" {\n to = 80\n }\n}\n'


@dataclass(frozen=True)
class Emulator:
    """A QEMU that records whether it was started ahead of planning."""

    leftover: Path
    log: Path
    cache: Path

    def starts(self) -> list[str]:
        """How each guest was started since this was last asked."""
        words = self.log.read_text().split() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        self.watch()
        return words

    def watch(self) -> None:
        """Before a run: let planning take long, so that a start ahead of it is seen to be that."""
        self.leftover.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.cache / "jobs", ignore_errors=True)


@pytest.fixture
def job(job, tmp_path):
    """Writes a job file that takes long to read."""

    def write(name="web.nomad.hcl", **parts):
        job(name, **parts)
        with (tmp_path / name).open("a") as file:
            file.write(LONG)
        return name

    return write


@pytest.fixture
def emulator(qemu_run, tmp_path):
    state, cache = tmp_path / "state/qemu-run", tmp_path / "cache/qemu-run"
    emulator = Emulator(state / "allocations/0-0-0-0-0", tmp_path / "starts", cache)
    program = tmp_path / "programs/qemu-system-x86_64"
    program.parent.mkdir()
    qemu = shutil.which("qemu-system-x86_64")
    program.write_text(RECORDING.format(leftover=emulator.leftover, starts=emulator.log, qemu=qemu))
    program.chmod(0o755)
    qemu_run.environment["PATH"] = f"{program.parent}:{qemu_run.environment['PATH']}"
    qemu_run.environment["XDG_CACHE_HOME"] = f"{cache.parent}"
    state.mkdir(parents=True, mode=0o700)
    emulator.watch()
    yield emulator
    shutil.rmtree(emulator.leftover, ignore_errors=True)


@pytest.fixture
def run_before(qemu_run, emulator, guest):
    """Runs a command line for the first time, with a guest that powers off."""

    def run(*words, **behaviour):
        guest(**{"end_at_once": True, **behaviour})
        result = qemu_run.run("run", *words)
        assert result.code == 0, result.err
        assert emulator.starts()[-1] == "planned"
        return result

    return run


@pytest.fixture
def kept(qemu_run):
    """What was kept of how runs in the test's folder started."""

    def files():
        folder = Path(qemu_run.environment["XDG_CACHE_HOME"], "qemu-run/starts")
        every = folder.iterdir() if folder.exists() else ()
        return [each for each in every if f'"{qemu_run.folder}/' in each.read_text()]

    return files


def plainly(text: str) -> list[str]:
    """What a run said, line by line, without what differs from run to run."""
    return sorted(re.sub(r"after [0-9.]+s|127\.0\.0\.1:\d+", "...", text).splitlines())


@pytest.mark.parametrize("group", ["", NETWORK % 18471, DYNAMIC, "count = 3"])
def test_a_second_run_starts_ahead_and_says_the_same(qemu_run, job, emulator, guest, run_before, group):
    web = job(group=group, image="disk-${NOMAD_ALLOC_INDEX}.img")
    for number in range(3):
        guest(f"disk-{number}.img", end_at_once=True)
    first = run_before(web)
    second = qemu_run.run("run", web)
    assert set(emulator.starts()) == {"ahead"}
    assert second.code == 0
    assert plainly(second.err) == plainly(first.err)
    assert second.out.count("tiny guest up") == first.out.count("tiny guest up")


def test_each_run_has_an_allocation_of_its_own(qemu_run, job, emulator, run_before):
    web = job()
    ids = set()
    run_before("--events", "events", web)
    for _ in range(2):
        assert qemu_run.run("run", "--events", "events", web).code == 0
        assert emulator.starts() == ["ahead"]
        events = [json.loads(line) for line in (qemu_run.folder / "events").read_text().splitlines()]
        ids |= {event["allocation"] for event in events if "allocation" in event}
    assert len(ids) == 2


def test_the_guest_can_be_stopped_by_its_power_button(qemu_run, job, emulator, guest, run_before):
    web = job()
    run_before(web)
    guest()
    with qemu_run.start("run", web) as running:
        running.wait_for("ready")
        running.process.send_signal(signal.SIGINT)
        assert running.finish().code == 130
    assert emulator.starts() == ["ahead"]


def test_what_has_changed_since_is_what_counts(qemu_run, job, emulator, run_before):
    run_before(job())
    job(memory=160)
    result = qemu_run.run("run", job(memory=160))
    assert "160 MB" in result.err
    assert emulator.starts() == ["planned"]


def test_a_start_that_the_plan_does_not_want_is_ended(qemu_run, job, emulator, run_before):
    config = qemu_run.folder / "client.hcl"
    config.write_text('client {\n meta {\n place = "here"\n }\n}\n')
    constraint = 'constraint {\n attribute = "${meta.place}"\n value = "here"\n}\n'
    web = job(group=constraint)
    run_before("--config", "client.hcl", web)
    config.write_text('client {\n meta {\n place = "there"\n }\n}\n')
    result = qemu_run.run("run", "--config", "client.hcl", web)
    assert result.code == ExitCode.PLACEMENT
    assert emulator.starts() == ["ahead"]
    assert qemu_run.machines() == []
    assert qemu_run.leftovers() == [emulator.leftover]


def test_a_start_that_differs_from_the_plan_gives_way_to_it(qemu_run, job, emulator, run_before, kept):
    web = job()
    run_before(web)
    (file,) = kept()
    text = file.read_text().partition("\n")[2]
    file.write_bytes(sealed(text.replace('"128M"', '"192M"')))
    result = qemu_run.run("run", web)
    assert "128 MB" in result.err
    assert result.code == 0
    assert emulator.starts() == ["ahead", "planned"]
    assert qemu_run.run("run", web).code == 0
    assert emulator.starts() == ["ahead"]


def test_an_image_that_was_replaced_is_not_opened_ahead(qemu_run, job, emulator, guest, run_before):
    web = job()
    run_before(web)
    guest("other.img", end_at_once=True, banner="another\r\n").rename(qemu_run.folder / "disk.img")
    result = qemu_run.run("run", web)
    assert "another" in result.out
    assert emulator.starts() == ["planned"]


def test_a_job_that_became_wrong_leaves_nothing(qemu_run, job, emulator, run_before):
    config = qemu_run.folder / "client.hcl"
    config.write_text("")
    web = job()
    run_before("--config", "client.hcl", web)
    config.write_text("client {")
    result = qemu_run.run("run", "--config", "client.hcl", web)
    assert result.code not in {0, ExitCode.BUG}
    assert emulator.starts() == ["ahead"]
    assert qemu_run.machines() == []


def test_an_image_in_use_is_told_as_ever(qemu_run, job, emulator, guest, run_before):
    web = job()
    run_before(web)
    guest()
    with qemu_run.start("run", web) as running:
        running.wait_for("ready")
        emulator.starts()
        result = qemu_run.run("run", web)
        assert "in use" in result.err
        assert emulator.starts() == []
        running.process.send_signal(signal.SIGINT)
        running.finish()


def test_a_port_in_use_is_told_as_ever(qemu_run, job, emulator, run_before):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    web = job(group=NETWORK % port)
    run_before(web)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        result = qemu_run.run("run", web)
    assert result.code == ExitCode.PLACEMENT
    assert f"{port}" in result.err
    assert emulator.starts() == []


def test_a_dynamic_port_that_is_in_use_is_another_one(qemu_run, job, emulator, run_before):
    web = job(group=DYNAMIC)
    first = run_before(web)
    port = int(re.search(r"127\.0\.0\.1:(\d+)", first.err)[1])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        result = qemu_run.run("run", web)
    assert result.code == 0
    assert f"127.0.0.1:{port}" not in result.err
    assert emulator.starts() == ["planned"]


def _damage(file: Path) -> None:
    file.write_text(file.read_text()[:-20])


def _change_a_word(file: Path) -> None:
    file.write_text(file.read_text().replace('"ports": []', '"ports": ["a"]'))


def _open_to_others(file: Path) -> None:
    file.chmod(0o666)


def _link(file: Path) -> None:
    file.rename(file.with_name("other"))
    file.symlink_to("other")


def _give_away(file: Path) -> None:
    os.chown(file, 65534, 65534)


@pytest.mark.parametrize("spoil", [_damage, _change_a_word, _open_to_others, _link, _give_away])
def test_what_is_damaged_or_of_others_is_not_started(qemu_run, job, emulator, run_before, kept, spoil):
    if spoil is _give_away and os.geteuid():
        pytest.skip("only root gives files away")
    web = job()
    run_before(web)
    (file,) = kept()
    spoil(file)
    assert qemu_run.run("run", web).code == 0
    assert emulator.starts() == ["planned"]
    assert qemu_run.run("run", web).code == 0
    assert emulator.starts() == ["ahead"]


def test_it_can_be_done_without(qemu_run, job, emulator, run_before):
    web = job()
    run_before(web)
    assert qemu_run.run("run", web, env={"QEMU_RUN_NO_QUICK_START": "1"}).code == 0
    assert emulator.starts() == ["planned"]


PARTS_THAT_DIFFER = {
    "a template": {"task": 'template {\n destination = "local/a"\n data = "x"\n}\n'},
    "an artifact": {"task": 'artifact {\n source = "disk.img"\n}\n'},
    "a file that QEMU writes": {"config": 'args = ["-D", "qemu.log"]'},
    "memory taken at once": {
        "config": 'args = ["-object", "memory-backend-ram,id=m,size=1M,prealloc=on"]',
    },
    "a file that it empties": {
        "config": 'args = ["-netdev", "user,id=n", "-object", "filter-dump,id=f,netdev=n,file=dump"]',
    },
    "a folder of the host": {"config": 'args = ["-drive", "file=fat:rw:local,format=raw"]'},
    "a device that is not alone": {"config": 'args = ["-device", "virtio-serial"]'},
    "a port of its own": {"config": 'args = ["-vnc", "127.0.0.1:31"]'},
    "a secret": {"task": 'env {\n API_TOKEN = "nobody knows"\n}\n'},
}


@pytest.mark.parametrize("what", PARTS_THAT_DIFFER)
def test_nothing_is_kept_of_a_run_that_does_more_than_to_start(qemu_run, job, run_before, kept, what):
    run_before(job(**PARTS_THAT_DIFFER[what]))
    assert kept() == []


def test_nothing_is_kept_of_secret_values(qemu_run, job, run_before, kept):
    web = job()
    text = (qemu_run.folder / web).read_text()
    (qemu_run.folder / web).write_text(text + 'variable "password" {\n default = ""\n}\n')
    run_before("--var", "password=tell-nobody", web)
    assert kept() == []


SECRETS = {
    "smbios": 'args = ["-smbios", "type=11,value=io.systemd.credential:root.pw=hidden"]',
    "an option": 'args = ["-spice", "port=0,addr=127.0.0.1,password=hidden"]',
}


@pytest.mark.parametrize("what", SECRETS)
def test_no_secret_of_args_is_kept_anywhere(qemu_run, job, emulator, guest, what):
    guest(end_at_once=True)
    qemu_run.run("run", job(config=SECRETS[what]))
    files = [each for each in emulator.cache.rglob("*") if each.is_file()]
    assert not [each for each in files if b"hidden" in each.read_bytes()]


def test_no_value_of_the_environment_is_kept_anywhere(qemu_run, job, emulator, guest):
    guest(end_at_once=True)
    web = job(task="env {\n XYZ = var.tok\n}\n")
    (qemu_run.folder / web).write_text((qemu_run.folder / web).read_text() + 'variable "tok" {}\n')
    for _ in range(2):
        assert qemu_run.run("run", web, env={"NOMAD_VAR_tok": "hidden"}).code == 0
    files = [each for each in emulator.cache.rglob("*") if each.is_file()]
    assert files
    assert not [each for each in files if b"hidden" in each.read_bytes()]


def test_nothing_is_kept_of_a_guest_that_failed(qemu_run, job, guest, kept):
    guest(end_at_once=True, end=End.RESET)
    assert qemu_run.run("run", job(config='args = ["-no-reboot"]')).code == ExitCode.REBOOT_LOOP
    assert kept() == []


def test_what_is_kept_is_private_and_goes_with_the_cache(qemu_run, job, run_before, kept):
    run_before(job())
    (file,) = kept()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert qemu_run.run("cache", "prune").code == 0
    assert kept() == []


def test_a_killed_run_takes_its_head_start_with_it(qemu_run, job, guest, emulator):
    guest(auto_ticks=40)
    web = job()
    assert qemu_run.run("run", web).code == 0
    emulator.starts()
    with qemu_run.start("run", web) as running:
        wait_until(emulator.log.exists)
        assert emulator.starts() == ["ahead"]
        running.process.kill()
        running.process.wait()
        wait_until(lambda: qemu_run.machines() == [])
    shutil.rmtree(emulator.leftover)
    assert qemu_run.run("run", web).code == 0
    assert qemu_run.leftovers() == []


@pytest.mark.parametrize("cache", ["/somewhere/else", "relative", "", None])
def test_it_is_looked_for_where_it_is_kept(monkeypatch, cache):
    if cache is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", cache)
    assert Path(place(HeadStart(["job.hcl"]).key)).parent == folders.starts()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_at_any_moment_leaves_nothing(qemu_run, job, guest, kept, number):
    guest(end_at_once=True)
    web = job()
    assert qemu_run.run("run", web).code == 0
    assert kept()
    some = random.Random(number)  # noqa: S311  # the same moments each time
    codes = set()
    for _ in range(12):
        with qemu_run.start("run", web) as running:
            threading.Event().wait(some.uniform(0.01, 0.3))
            running.process.send_signal(number)
            codes.add(running.process.wait(PATIENCE_SECONDS))
        wait_until(lambda: qemu_run.machines() == [])
    assert codes <= {0, 128 + number, -number, 1}  # 1: before our first line, Python tells of an interruption
    assert qemu_run.run("run", web).code == 0
    assert qemu_run.leftovers() == []
