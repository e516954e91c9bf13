"""What was learnt stays learnt, and a bad file never matters."""

import json

import pytest

from qemu_run.node.probe_cache import ProbeCache, identity


def test_answers_are_there_in_the_next_run(tmp_path):
    path = tmp_path / "new" / "probes.json"
    ProbeCache(path).keep({"a": "1", "b": "2"})
    assert ProbeCache(path).get("a") == "1"
    assert ProbeCache(path).get("c") is None
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["probes.json"]


def test_runs_at_the_same_time_keep_each_other_s_answers(tmp_path):
    path = tmp_path / "probes.json"
    one, other = ProbeCache(path), ProbeCache(path)
    assert one.get("a") is None
    assert other.get("a") is None
    one.keep({"a": "1"})
    other.keep({"b": "2"})
    assert json.loads(path.read_text()) == {"a": "1", "b": "2"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_damaged_file_is_as_good_as_none(tmp_path, content):
    path = tmp_path / "probes.json"
    path.write_bytes(content)
    cache = ProbeCache(path)
    assert cache.get("a") is None
    cache.keep({"a": "1"})
    assert ProbeCache(path).get("a") == "1"


@pytest.mark.parametrize("way", ["writable by others", "a link"])
def test_what_others_could_have_written_is_as_good_as_none(tmp_path, way):
    path = tmp_path / "probes.json"
    ProbeCache(path).keep({"a": "forged"})
    if way == "a link":
        path.symlink_to(path.rename(tmp_path / "else"))
    else:
        path.chmod(0o622)
    cache = ProbeCache(path)
    assert cache.get("a") is None
    cache.keep({"b": "2"})
    assert (ProbeCache(path).get("a"), ProbeCache(path).get("b")) == (None, "2")


@pytest.mark.parametrize("obstacle", ["file", "folder"])
def test_what_can_t_be_written_is_remembered_for_this_run(tmp_path, obstacle):
    path = tmp_path / "x" / "probes.json"
    if obstacle == "file":
        path.parent.write_text("no folder")
    else:
        path.mkdir(parents=True)
    cache = ProbeCache(path)
    cache.keep({"a": "1"})
    assert cache.get("a") == "1"
    assert ProbeCache(path).get("a") is None
    assert obstacle == "file" or [file.name for file in path.parent.iterdir()] == ["probes.json"]


def test_old_answers_go_first(tmp_path):
    path = tmp_path / "probes.json"
    cache = ProbeCache(path)
    cache.keep({str(number): "x" for number in range(250)})
    kept = json.loads(path.read_text())
    assert len(kept) == 200
    assert "249" in kept
    assert "0" not in kept


def test_another_program_is_another_question(tmp_path):
    program = tmp_path / "p"
    program.write_text("one")
    before = identity(program)
    program.write_text("three")
    assert identity(program) != before
