import base64
import subprocess

import pytest

from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.git import option_problem
from tests.artifacts.conftest import request


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


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"ref": "--upload-pack=x"}, "dash"),
        ({"depth": "many"}, "number"),
        ({"depth": "-1"}, "number"),
        ({"sshkey": "not base64!"}, "base64"),
    ],
)
def test_options_that_mean_nothing(options, said):
    assert said in option_problem(options)
    assert option_problem({"ref": "v1", "depth": "1", "sshkey": base64.b64encode(b"key").decode()}) == ""
