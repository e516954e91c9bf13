"""The directories of a run: whose they are, when they go, and what a killed run leaves."""

import fcntl
import os
import stat

import pytest

from qemu_run.errors import HostError
from qemu_run.runtime.allocation import directories, remove_leftovers

ID = "00000000-0000-4000-8000-00000000000{}"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_every_folder_is_its_owners_alone_whatever_the_umask(allocate, umask):
    allocation = allocate({"vm": {}})
    before = os.umask(umask)
    try:
        other = allocation.layout.directory.with_name(ID.format(1))
        layout = type(allocation.layout)(other)
        made = type(allocation)(
            id=ID.format(1),
            index=0,
            job=allocation.job,
            group=allocation.group,
            ports=(),
            layout=layout,
        )
        with directories(made):
            folders = [path for path in other.rglob("*") if path.is_dir()]
            assert {path.name for path in folders} == {"alloc", "data", "logs", "tmp"}
            assert {stat.S_IMODE(path.stat().st_mode) for path in (other, *folders)} == {0o700}
    finally:
        os.umask(before)
    assert not other.exists()


def test_what_is_to_be_kept_stays_and_is_not_swept(allocate):
    allocation = allocate({"vm": {}})
    folder = allocation.layout.directory
    folder.with_name(ID.format(2)).mkdir()
    (folder.with_name(ID.format(2)) / ".kept").touch()
    remove_leftovers(folder.parent)
    assert folder.with_name(ID.format(2)).exists()


def test_a_leftover_is_swept_and_a_running_ones_is_not(allocate):
    folder = allocate({"vm": {}}).layout.directory
    left, locked = folder.with_name(ID.format(3)), folder.with_name(ID.format(4))
    (left / "vm/local").mkdir(parents=True)
    locked.mkdir()
    lock = os.open(locked, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    remove_leftovers(folder.parent)
    assert not left.exists()
    assert locked.exists()
    assert folder.exists()  # our own run's
    os.close(lock)


def test_a_directory_that_cannot_be_made_is_the_hosts_trouble(allocate, tmp_path):
    allocation = allocate({"vm": {}})
    (tmp_path / "file").touch()
    layout = type(allocation.layout)(tmp_path / "file" / ID.format(5))
    broken = type(allocation)(
        id=ID.format(5), index=0, job=allocation.job, group=allocation.group, ports=(), layout=layout
    )
    with pytest.raises(HostError), directories(broken):
        pass
