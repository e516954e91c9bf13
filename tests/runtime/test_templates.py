"""Files of templates are written nowhere but below the allocation, whatever lies there."""

import os
import stat
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from qemu_run.errors import HostError
from qemu_run.jobspec.model import Template
from qemu_run.planning.environment import TaskEnvironment
from qemu_run.planning.templates import TemplatePlan
from qemu_run.runtime.templates import LARGEST_FILE_BYTES, read_inside, write_templates

TEMPLATE = Template(
    places=MappingProxyType({}),
    location=(),
    source="",
    data="x",
    destination="",
    perms="0644",
    left_delimiter="",
    right_delimiter="",
    env=False,
    change_mode="restart",
    error_on_missing_key=False,
    uid=None,
    gid=None,
)


@pytest.fixture
def allocation(tmp_path):
    (tmp_path / "id/vm/local").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    return tmp_path / "id"


def plan(allocation, destination, **fields):
    defaults = {
        "template": TEMPLATE,
        "text": "text",
        "environment": False,
        "mode": 0o640,
        "uid": None,
        "gid": None,
        "span": None,
        "known": TaskEnvironment(variables={}, inherited={}, node=lambda _: None),
        "now": datetime.now(UTC),
        "directory": allocation / "vm",
    }
    return TemplatePlan(destination=allocation / destination, **{**defaults, **fields})


def test_writes_with_folders_and_permissions_whatever_the_mask(allocation):
    before = os.umask(0o077)
    try:
        write_templates((plan(allocation, "vm/a/b/c.txt", text="h\udcffé"),), allocation)
    finally:
        os.umask(before)
    path = allocation / "vm/a/b/c.txt"
    assert path.read_bytes() == b"h\xff\xc3\xa9"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["c.txt"]


def test_replaces_a_link_and_leaves_what_it_led_to(allocation):
    target = allocation.parent / "outside/target"
    target.write_text("kept")
    (allocation / "vm/local/x").symlink_to(target)
    write_templates((plan(allocation, "vm/local/x"),), allocation)
    assert target.read_text() == "kept"
    assert (allocation / "vm/local/x").read_text() == "text"
    assert not (allocation / "vm/local/x").is_symlink()


def test_follows_no_link_on_the_way(allocation):
    (allocation / "vm/local/out").symlink_to(allocation.parent / "outside")
    with pytest.raises(HostError, match="cannot write the template's file"):
        write_templates((plan(allocation, "vm/local/out/x"),), allocation)
    assert list((allocation.parent / "outside").iterdir()) == []


def test_a_folder_in_its_place(allocation):
    (allocation / "vm/local/x").mkdir()
    with pytest.raises(HostError):
        write_templates((plan(allocation, "vm/local/x"),), allocation)
    assert [each.name for each in (allocation / "vm/local").iterdir()] == ["x"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner(allocation):
    write_templates((plan(allocation, "vm/x", uid=1234, gid=99),), allocation)
    status = (allocation / "vm/x").stat()
    assert (status.st_uid, status.st_gid) == (1234, 99)


def test_reads_plain_files_inside_only(allocation):
    (allocation / "vm/plain").write_bytes(b"h\xff")
    assert read_inside(allocation, allocation / "vm/plain") == "h\udcff"
    os.mkfifo(allocation / "vm/fifo")
    (allocation / "vm/link").symlink_to("/etc/hostname")
    (allocation / "vm/folder").symlink_to("/etc")
    with (allocation / "vm/large").open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)
    for name in ("fifo", "link", "folder/hostname", "large", "local", "none"):
        with pytest.raises(OSError):  # noqa: PT011 - which one is the system's business
            read_inside(allocation, allocation / "vm" / name)
