"""After a bad end the logs stay; after a good one, and after a stop that was asked for, nothing does."""

import signal
import stat
from pathlib import Path

import pytest

from qemu_run.guests.tiny import End
from qemu_run.runtime.kept_logs import file_name

RESET = {"end_at_once": True, "end": End.RESET}


def runs(qemu_run):
    return sorted((qemu_run.folder / "state/qemu-run/runs").glob("*"))


def test_a_bad_end_leaves_the_logs_and_says_where(qemu_run, guest, job):
    guest(**RESET, banner="last words\r\n")
    before = set(qemu_run.folder.iterdir()) | {qemu_run.folder / "state"}
    result = qemu_run.run(job(config='args = ["-nodefaults", "-no-reboot"]'))
    verdict, where = result.err.splitlines()[-2:]
    assert verdict.endswith("(exit 104)")
    assert where.startswith("  ")
    folder = Path(where.strip().removeprefix("logs: "))
    assert [folder] == runs(qemu_run)
    assert folder.name.startswith("web-")
    assert "last words" in (folder / "vm.stdout.0").read_text()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not list(folder.glob("**/*.qcow2"))
    assert set(qemu_run.folder.iterdir()) == before | {qemu_run.folder / "web.nomad.hcl"}


def test_of_several_copies_each_has_its_own(qemu_run, guest, job):
    guest(**RESET)
    name = job(
        image="local/disk.img",
        group="count = 2",
        task='artifact { source = "disk.img" }',
        config='args = ["-nodefaults", "-no-reboot"]',
    )
    assert qemu_run.run(name).code == 104
    (folder,) = runs(qemu_run)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.stdout.0")) == [
        "g[0]/vm.stdout.0",
        "g[1]/vm.stdout.0",
    ]


def test_a_good_end_leaves_nothing(qemu_run, guest, job):
    guest(end_at_once=True)
    assert qemu_run.run(job()).code == 0
    assert runs(qemu_run) == []


def test_a_stop_that_was_asked_for_leaves_nothing(qemu_run, guest, job):
    guest()
    with qemu_run.start(job()) as running:
        running.wait_for("ready")
        running.send(signal.SIGTERM)
        assert running.finish().code == 143
    assert runs(qemu_run) == []


def test_disabled_logs_leave_nothing_and_name_nothing(qemu_run, guest, job):
    guest(**RESET)
    result = qemu_run.run(job(task="logs {\n disabled = true\n }", config='args = ["-no-reboot"]'))
    assert result.err.splitlines()[-1].endswith("(exit 104)")
    assert runs(qemu_run) == []


def test_the_last_twenty_stay(qemu_run, guest, job):
    guest(**RESET)
    folder = qemu_run.folder / "state/qemu-run/runs"
    for number in range(25):
        (folder / f"old-{number:02}").mkdir(parents=True)
    assert qemu_run.run(job(config='args = ["-no-reboot"]')).code == 104
    names = [path.name for path in runs(qemu_run)]
    assert len(names) == 20
    assert names[-1].startswith("web-")
    assert names[-2] == "old-24"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("web", "web"),
        ("team/web", "team-web"),
        ("../../etc", "-..-etc"),
        ("..", "-"),
        ("a\nb\x1b[2J", "a-b-[2J"),
        ("vm[1]", "vm[1]"),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_name_stays_in_its_folder(name, kept):
    assert file_name(name) == kept
