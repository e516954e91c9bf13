import base64
import fcntl
import os
import subprocess
import sys
import threading

import pytest

from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.git import option_problem
from qemu_run.artifacts.housekeeping import verify
from qemu_run.artifacts.stop import Stop
from tests.artifacts.conftest import ROOT, flip, lying, request, unnoticed, until


@pytest.fixture
def repository(tmp_path):
    """A repository with two commits, a tag on the first, a hook that tells, and a branch."""
    folder = tmp_path / "made/repo"
    folder.mkdir(parents=True)

    def git(*arguments):
        named = ("-c", "user.name=x", "-c", "user.email=x@y")
        done = subprocess.run(
            ["git", *named, *arguments], cwd=folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    for text in ("one", "two"):
        (folder / "disk.img").write_text(text)
        (folder / "sub").mkdir(exist_ok=True)
        (folder / "sub/x").write_text(text)
        git("add", ".")
        git("commit", "-qm", text)
        if text == "one":
            git("tag", "v1")
            git("branch", "old")
    return folder, git


def test_a_repository_is_cloned(get, repository):
    folder, _ = repository
    fetched = get(request(f"git::file://{folder}"))
    assert (fetched.path / "disk.img").read_text() == "two"
    assert fetched.is_folder


@pytest.mark.parametrize("ref", ["v1", "old", "commit"])
@pytest.mark.parametrize("depth", ["", "1"])
def test_a_ref_is_checked_out(get, repository, ref, depth):
    folder, git = repository
    ref = git("rev-parse", "v1") if ref == "commit" else ref
    if depth and len(ref) == 40:
        return  # a commit cannot be cloned by its name
    fetched = get(request(f"git::file://{folder}", options={"ref": ref, "depth": depth}))
    assert (fetched.path / "disk.img").read_text() == "one"


def test_a_commit_is_fetched_once_and_for_ever(get, repository):
    folder, git = repository
    wanted = request(f"git::file://{folder}", options={"ref": git("rev-parse", "v1")})
    first = get(wanted)
    assert not first.was_cached
    folder.rename(folder.with_name("gone"))
    second = get(wanted)
    assert (second.path, second.was_cached) == (first.path, True)
    assert get(wanted, offline=True).path == first.path
    assert get.files("parts") == []


@pytest.mark.parametrize("ref", ["", "main"])
def test_a_branch_is_asked_for_and_fetched_when_it_went_on(get, repository, ref):
    folder, git = repository
    wanted = request(f"git::file://{folder}", options={"ref": ref} if ref else {})
    first = get(wanted)
    second = get(wanted)
    assert (first.was_cached, second.was_cached, second.path) == (False, True, first.path)
    (folder / "disk.img").write_text("three")
    git("commit", "-qam", "three")
    assert (get(wanted, offline=True).path / "disk.img").read_text() == "two"
    third = get(wanted)
    assert (third.was_cached, (third.path / "disk.img").read_text()) == (False, "three")
    assert (get(wanted, offline=True).path / "disk.img").read_text() == "three"


def test_offline_has_only_what_was_fetched(get, repository):
    with pytest.raises(FetchError, match="not in the cache"):
        get(request(f"git::file://{repository[0]}"), offline=True)


def test_a_ref_that_only_git_understands_is_cloned(get, repository):
    fetched = get(request(f"git::file://{repository[0]}", options={"ref": "v1^0"}))
    assert (fetched.path / "disk.img").read_text() == "one"


def test_many_at_once_clone_once(get, repository):
    found, start = [], threading.Barrier(4)

    def cloning():
        start.wait()
        found.append(get(request(f"git::file://{repository[0]}")))

    threads = [threading.Thread(target=cloning) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.was_cached for each in found) == [False, True, True, True]
    assert len(get.files("content")) == 1
    assert get.files("parts") == []


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: (path / "disk.img").write_text("bad"),
        lambda path: (path / "sub/x").unlink(),
        lambda path: (path / "more").write_text("x"),
    ],
    ids=["written", "removed", "added"],
)
def test_harm_to_a_clone_is_noticed_and_mended(get, repository, harm):
    wanted = request(f"git::file://{repository[0]}")
    harm(get(wanted).path)
    again = get(wanted)
    assert (again.was_cached, (again.path / "disk.img").read_text()) == (False, "two")
    assert (again.path / "sub/x").read_text() == "two"
    assert not (again.path / "more").exists()


def test_verify_finds_a_bit_of_a_clone_that_nothing_tells_of(get, repository):
    fetched = get(request(f"git::file://{repository[0]}"))
    (pack, *_) = (each for each in (fetched.path / ".git/objects").rglob("*") if each.is_file())
    assert [right for _, right in verify(get.cache, Stop())] == [True]
    pack.chmod(0o600)
    flip(pack, at=5)
    unnoticed(get.cache, fetched.key)
    assert [right for _, right in verify(get.cache, Stop())] == [False]
    assert get(request(f"git::file://{repository[0]}")).was_cached is False


CLONER = """
import sys
from pathlib import Path
from tests.artifacts.conftest import Getting, request
Getting(Path(sys.argv[1]))(request(sys.argv[2], options={"ref": "a" * 40}))
"""


def test_a_git_that_outlives_us_keeps_others_from_its_folder(get, tmp_path):
    def stall(_connection, over):
        over.wait(60)

    def is_held():
        (part,) = (get.folder / "parts").iterdir()
        descriptor = os.open(part, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    with lying(stall) as (address, heard):
        source = f"git::{address.replace('http:', 'https:')}/r.git"
        with subprocess.Popen(
            [sys.executable, "-c", CLONER, tmp_path, source],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as ours:
            until(lambda: heard)
            ours.kill()
        assert is_held()
    until(lambda: not is_held())
    with pytest.raises(FetchError, match="git cannot fetch"):
        get(request(source, options={"ref": "a" * 40}))
    assert get.files("parts") == []


def test_what_runs_in_a_repository_is_told(get, repository):
    folder, git = repository
    (folder / "start").write_text("#!/bin/sh\n")
    (folder / "start").chmod(0o755)
    git("add", "start")
    git("commit", "-qm", "start")
    assert get(request(f"git::file://{folder}")).modes == {"start": 0o755}


def test_no_hook_runs(get, repository, tmp_path, monkeypatch):
    folder, _ = repository
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    hook = hooks / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.hooksPath")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(hooks))
    get(request(f"git::file://{folder}"))
    assert not (tmp_path / "hooked").exists()


def test_a_failure_has_gits_words_and_no_password(get, tmp_path):
    with pytest.raises(FetchError, match="git cannot fetch") as caught:
        get(request(f"git::file://{tmp_path}/nothing"))
    assert "not appear to be a git repository" in caught.value.detail
    with pytest.raises(FetchError) as caught:
        get(request("git::https://user:hush@127.0.0.1:1/r.git"))
    assert "hush" not in caught.value.detail


def test_a_missing_ref_is_named(get, repository):
    with pytest.raises(FetchError) as caught:
        get(request(f"git::file://{repository[0]}", options={"ref": "v9"}))
    assert "v9" in caught.value.detail


def test_a_submodule_by_a_command_is_refused(get, repository, tmp_path):
    folder, git = repository
    (folder / ".gitmodules").write_text(
        f'[submodule "m"]\n\tpath = m\n\turl = "ext::sh -c touch% {tmp_path}/ran"\n'
    )
    git("add", ".gitmodules")
    git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},m")
    git("commit", "-qm", "evil")
    with pytest.raises(FetchError):
        get(request(f"git::file://{folder}"))
    assert not (tmp_path / "ran").exists()


def test_a_link_out_of_the_repository_is_refused(get, repository):
    folder, git = repository
    (folder / "link").symlink_to("/etc/passwd")
    git("add", "link")
    git("commit", "-qm", "link")
    with pytest.raises(FetchError, match="leads out"):
        get(request(f"git::file://{folder}"))
    assert get.files("parts") == get.files("content") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"ref": "--upload-pack=x"}, "dash"),
        ({"depth": "many"}, "number"),
        ({"depth": "-1"}, "number"),
        ({"ref": "a" * 40, "depth": "1"}, "branch or a tag"),
        ({"sshkey": "not base64!"}, "base64"),
    ],
)
def test_options_that_mean_nothing(options, said):
    assert said in option_problem(options)
    assert option_problem({"ref": "v1", "depth": "1", "sshkey": base64.b64encode(b"key").decode()}) == ""
