"""Artifacts as a user meets them: real guests, real servers, and every failure in words."""

import gzip
import hashlib
import json
import lzma
import os
import shutil
import signal
import subprocess
import tarfile
import zipfile
from types import SimpleNamespace

import pytest

from qemu_run.artifacts.request import Fetched
from qemu_run.planning.plan import ArtifactPlan
from qemu_run.runtime.placing import put
from tests.artifacts.conftest import lying, request, serving, whole


@pytest.fixture(autouse=True)
def private_cache(qemu_run, tmp_path):
    qemu_run.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")


def artifact(source, more=""):
    return f'artifact {{\n source = "{source}"\n {more}\n }}'


@pytest.fixture
def images(guest, tmp_path):
    """The tiny guest, packed in every way."""
    image = guest("disk.img", end_at_once=True)
    data = image.read_bytes()
    (tmp_path / "disk.img.gz").write_bytes(gzip.compress(data))
    (tmp_path / "disk.img.xz").write_bytes(lzma.compress(data))
    (tmp_path / "odd.img").write_bytes(gzip.compress(data))
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        archive.add(image, "sub/disk.img")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(image, "sub/disk.img")
    image.rename(tmp_path / "plain.img")


@pytest.mark.parametrize(
    ("source", "more", "image"),
    [
        ("plain.img", "", "local/plain.img"),
        ("plain.img", "", "plain.img"),
        ("plain.img", 'options {\n filename = "x.img"\n }', "local/x.img"),
        ("plain.img", 'mode = "file"\n destination = "local/x.img"', "local/x.img"),
        ("disk.img.gz", "", "local/disk.img"),
        ("disk.img.gz", "", "local/disk.img.gz"),
        ("disk.img.xz", 'mode = "file"\n destination = "local/x.img"', "local/x.img"),
        ("odd.img", "", "local/odd.img"),
        ("odd.img", 'options {\n archive = "gz"\n }', "local/odd.img"),
        ("a.tgz", "", "sub/disk.img"),
        ("a.tgz", "", "local/sub/disk.img"),
        ("a.tgz", 'mode = "file"\n destination = "local/x.img"', "local/x.img"),
        ("a.tgz//sub", "", "local/disk.img"),
        ("a.zip", 'destination = "local/there"', "local/there/sub/disk.img"),
    ],
)
@pytest.mark.usefixtures("images")
def test_an_image_boots_however_it_is_packed(qemu_run, job, http_server, source, more, image):
    written = job(task=artifact(f"{http_server}/{source}", more), image=image)
    first = qemu_run.run(written)
    assert (first.code, "ended well" in first.err) == (0, True), first.err
    before = {path: path.stat() for path in (qemu_run.folder / "cache").rglob("content/**/*")}
    assert qemu_run.run(written).code == 0
    assert {path: path.stat().st_mtime_ns for path in before} == {p: s.st_mtime_ns for p, s in before.items()}


@pytest.mark.parametrize(
    ("source", "image"),
    [
        ("plain.img", "plain.img"),
        ("disk.img.gz", "local/disk.img"),
        ("a.tgz", "sub/disk.img"),
        (".", "plain.img"),
    ],
)
@pytest.mark.usefixtures("images")
def test_an_image_boots_from_beside_the_job(qemu_run, job, source, image):
    done = qemu_run.run(job(task=artifact(source), image=image))
    assert done.code == 0, done.err


def test_an_image_boots_from_a_repository_that_is_kept(qemu_run, guest, job):
    (qemu_run.folder / "made").mkdir()
    image, named = guest("made/disk.img", end_at_once=True), ("-c", "user.name=x", "-c", "user.email=x@y")
    (image.parent / "start.sh").write_text("#!/bin/sh\n")
    (image.parent / "start.sh").chmod(0o755)
    for order in (("init", "-q"), ("add", "."), (*named, "commit", "-qm", "x")):
        subprocess.run(["git", *order], cwd=image.parent, check=True)
    written = job(task=artifact(f"git::file://{image.parent}"), image="local/disk.img")
    assert qemu_run.run(written).code == 0
    image.parent.rename(image.parent.with_name("gone"))
    offline = qemu_run.run("run", "--offline", "--keep", written)
    assert (offline.code, "cache (offline, nobody was asked" in offline.err) == (0, True), offline.err
    (kept,) = qemu_run.leftovers()
    assert (kept / "vm/local/disk.img").is_symlink()
    assert (kept / "vm/local/start.sh").stat().st_mode & 0o777 == 0o755
    (entry,) = json.loads(qemu_run.run("cache", "list", "--json").out)["entries"]
    assert (entry["name"], entry["source"]) == ("made", f"file://{image.parent}")
    assert qemu_run.run("cache", "verify").out.startswith(f"right  {entry['key']}")
    assert "in use: made" in qemu_run.run("cache", "prune").out
    shutil.rmtree(kept)
    (content,) = (qemu_run.folder / "cache/qemu-run/artifacts/content").iterdir()
    (content / "start.sh").write_text("#!/bin/sh\nevil\n")
    verified = qemu_run.run("cache", "verify")
    assert (verified.code, "WRONG" in verified.out, content.exists()) == (112, True, False)


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("git::file://{}//sub/disk.img", 0, ""),
        ("GIT::FILE://{}//sub/disk.img", 0, ""),
        ("{}//sub", 0, ""),
        ("file://localhost{}/sub/disk.img", 0, ""),
        ("git::file://{}", 112, "it holds notes, sub/disk.img"),
        ("{}/more", 112, "it holds a, b"),
    ],
)
def test_one_file_of_a_repository_or_folder(qemu_run, guest, job, source, code, said):
    folder, named = qemu_run.folder / "made", ("-c", "user.name=x", "-c", "user.email=x@y")
    (folder / "sub").mkdir(parents=True)
    guest("made/sub/disk.img", end_at_once=True)
    (folder / "notes").touch()
    for order in (("init", "-q"), ("add", "."), (*named, "commit", "-qm", "x")):
        subprocess.run(["git", *order], cwd=folder, check=True)
    (folder / "more").mkdir()
    for name in ("a", "b"):
        (folder / "more" / name).touch()
    task = artifact(source.format(folder), 'mode = "file"\n destination = "local/x.img"')
    done = qemu_run.run(job(task=task, image="local/x.img"))
    assert (done.code, said in done.err) == (code, True), done.err


@pytest.mark.parametrize(
    ("image", "more", "code"),
    [
        ("local/DISK.img", "", 112),
        ("local/disk.img", 'destination = "local/images"', 112),
        ("local/images/disk.img", 'destination = "local/images"', 0),
        ("local/x", 'options {\n archive = "tar"\n }', 0),
    ],
)
def test_a_plan_says_that_no_artifact_can_bring_the_image(qemu_run, job, image, more, code):
    done = qemu_run.run("plan", job(task=artifact("http://127.0.0.1:1/disk.img", more), image=image))
    assert done.code == code, done.err
    assert ('the artifacts bring "local/' in done.err) == (code == 112)
    assert done.out.startswith("job web, cannot run" if code else "job web, runs here")


def test_an_image_that_is_not_here_is_told_with_what_artifacts_bring(qemu_run, job):
    task = artifact("http://127.0.0.1:1/disk.img", 'destination = "local/images"')
    done = qemu_run.run("plan", job(task=task, image="disk.img"))
    assert (done.code, "artifacts bring local/images/disk.img" in done.out + done.err) == (111, True)


LONG = "a" * 5000


@pytest.mark.parametrize(
    ("source", "image", "code"),
    [
        (f"{LONG}/disk.img", "local/disk.img", 112),
        ("b" * 300, "local/x", 110),
        (f"git::{LONG}", "local/disk.img", 112),
        ("plain.img", f"local/{LONG}", 112),
        ("plain.img", LONG, 111),
        (f"a.tgz//{LONG}", "disk.img", 112),
    ],
)
@pytest.mark.usefixtures("images")
def test_names_that_no_file_can_have_are_not_bugs(qemu_run, job, source, image, code):
    assert qemu_run.run(job(task=artifact(source), image=image)).code == code


def test_the_drivers_page_as_it_stands(qemu_run, images, job, http_server):
    digest = subprocess.run(["md5sum", qemu_run.folder / "a.tgz"], capture_output=True, text=True, check=True)
    options = f'options {{\n checksum = "md5:{digest.stdout[:32]}"\n }}'
    done = qemu_run.run(job(task=artifact(f"{http_server}/a.tgz", options), image="sub/disk.img"))
    assert done.code == 0
    assert "a.tgz verified (md5)" in done.err


def test_other_artifacts_are_the_tasks_own(qemu_run, images, job, http_server):
    task = "\n".join(artifact(f"{http_server}/{name}") for name in ("plain.img", "disk.img.gz", "a.tgz"))
    config = 'args = ["-drive", "file=local/disk.img,format=raw,if=ide,index=2"]'
    done = qemu_run.run("run", "--keep", job(task=task, image="local/plain.img", config=config))
    assert done.code == 0
    (kept,) = qemu_run.leftovers()
    task_folder = kept / "vm/local"
    assert (task_folder / "plain.img").is_symlink()
    for name in ("disk.img", "sub/disk.img"):
        assert not (task_folder / name).is_symlink()
        assert (task_folder / name).read_bytes() == (task_folder / "plain.img").read_bytes()
        assert (task_folder / name).stat().st_mode & 0o777 == 0o644
    assert "in use: plain.img" in qemu_run.run("cache", "prune").out
    assert len(json.loads(qemu_run.run("cache", "list", "--json").out)["entries"]) == 1
    shutil.rmtree(kept)
    assert qemu_run.run("cache", "prune").out.startswith("removed 1 entry")


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "XDG_STATE_HOME", "HOME"])
@pytest.mark.parametrize("folder", ["/dev/null", "/proc/nothing"])
def test_a_folder_that_cannot_be_used_is_named_with_its_variable(
    qemu_run, images, job, http_server, variable, folder
):
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
        qemu_run.environment.pop(name, None)
    qemu_run.environment["HOME"] = str(qemu_run.folder)
    qemu_run.environment[variable] = folder
    done = qemu_run.run(job(task=artifact(f"{http_server}/plain.img"), image="local/plain.img"))
    assert (done.code, folder in done.err) == (113, True)
    assert variable in done.err.partition("help: let ")[2].partition("\n")[0], done.err


def test_an_empty_cache_is_verified(qemu_run):
    done = qemu_run.run("cache", "verify")
    assert (done.code, done.out.startswith("0 entries, 0 wrong, in ")) == (0, True)


def test_the_cache_by_hand(qemu_run, images, job, http_server):
    written = job(task=artifact(f"{http_server}/plain.img"), image="local/plain.img")
    qemu_run.run(written)
    folder = qemu_run.run("cache", "path").out.strip()
    assert "plain.img" in qemu_run.run("cache", "list").out
    assert qemu_run.run("cache", "verify").code == 0
    (content,) = (qemu_run.folder / "cache/qemu-run/artifacts/content").iterdir()
    assert str(content).startswith(folder)
    content.write_bytes(b"wrong")
    verified = qemu_run.run("cache", "verify")
    assert (verified.code, "WRONG" in verified.out) == (112, True)
    assert qemu_run.run("cache", "prune", "--older", "soon").code == 2
    assert qemu_run.run("cache", "prune", "--max-size", "much").code == 2
    assert qemu_run.run("run", "--offline", written).code == 112
    assert qemu_run.run(written).code == 0
    assert qemu_run.run("run", "--offline", written).code == 0
    assert qemu_run.run("cache", "prune", "--max-size", "0").code == 0


MISTAKES = {
    "malformed address": ("http://[::1/disk.img", "", "http://[::1/disk.img"),
    "long label": ("http://" + "a" * 64 + "/x", "", "63 letters"),
    "two dots": ("http://a..b/x", "", "between two dots"),
    "unknown scheme": ("ftp://h/x", "", "git::"),
    "unknown archive": ("http://h/x", 'options {\n archive = "rar"\n }', "tar.gz"),
    "a name that is a path": ("http://h/x", 'options {\n filename = "../x"\n }', "without slashes"),
    "a malformed checksum in the query": ("http://h/x?checksum=sha256:zz", "", "has 64 hexadecimal digits"),
    "a checksum file from nowhere": (
        "http://h/x",
        'options {\n checksum = "file:ftp://h/SUMS"\n }',
        'no "ftp" sources',
    ),
    "a checksum file in the query from a repository": (
        "http://h/x?checksum=file:git::https://h/r.git",
        "",
        "it comes by http",
    ),
    "no slashes behind the scheme": ("http:/h/x", "", "an address begins with http://"),
    "a blank before the address": (" http://h/x", "", "a blank before the address"),
    "a part of one file": ("http://h/folder//x", "", "there is no part of one file"),
    "a part of a file that is packed": ("http://h/x.gz//x", "", "write one slash"),
    "a ref that is an option": ("git::https://h/r.git", 'options {\n ref = "--upload-pack=x"\n }', "dash"),
    "a ref with a NUL": ("git::https://h/r.git?ref=a%00b", "", "no control characters"),
    "a destination with a NUL": ("http://h/x", 'destination = "local/a\\u0000b"', "it has a NUL in it"),
    "a header in two lines": ("http://h/x", 'headers {\n A = "b\\r\\nc: d"\n }', "line break"),
}


@pytest.mark.parametrize("command", ["validate", "plan"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_found_before_anything_is_fetched(qemu_run, job, mistake, command):
    source, more, said = MISTAKES[mistake]
    done = qemu_run.run(command, job(task=artifact(source, more), image="local/x"))
    assert done.code == 110
    assert said in done.err
    assert "web.nomad.hcl:" in done.err


@pytest.mark.parametrize(
    "task",
    [
        'artifact { source = "http://user:HUSH@127.0.0.1:1/disk.img?token=HUSH&x=HUSH" }',
        'artifact {\n source = "https://user:HUSH@[::1/disk.img?token=HUSH"\n }',
        'artifact {\n source = "ftp://user:HUSH@h/disk.img"\n headers { Authorization = "Bearer HUSH" }\n }',
        'artifact { source = 5 headers { X-Key = "HUSH" } }',
        'artifact {\n source = "http://127.0.0.1:1/x"\n headers { X-Key = "HUSH\\n" }\n }',
        'artifact {\n source = "s3::https://a..b/k"\n options { aws_access_key_secret = "HUSH" }\n }',
        'artifact {\n source = "git::https://user:HUSH@127.0.0.1:1/r.git?sshkey=HUSH"\n }',
    ],
)
@pytest.mark.parametrize("command", [["run"], ["plan", "--json"], ["validate"]])
def test_secrets_are_not_told(qemu_run, job, task, command):
    done = qemu_run.run(*command, job(task=task, image="local/disk.img"))
    assert "HUSH" not in done.out + done.err


def test_secrets_are_not_kept(qemu_run, images, job, http_server, tmp_path):
    source = http_server.replace("//", "//user:HUSH@") + "/plain.img?token=HUSH"
    task = artifact(source, 'headers {\n X-Token = "HUSH"\n }')
    assert qemu_run.run(job(task=task, image="local/plain.img")).code == 0
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if b"HUSH" in path.read_bytes()] == []


def test_ctrl_c_ends_a_download_at_once(qemu_run, job, tmp_path):
    def stall(connection, over):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n12345")
        over.wait(30)

    with lying(stall) as (address, heard):
        written = job(task=artifact(f"{address}/disk.img"), image="local/disk.img")
        with qemu_run.start(written) as running:
            while not heard:
                assert running.process.poll() is None
            running.send(signal.SIGINT)
            assert running.finish().code == 130
    assert list((tmp_path / "cache/qemu-run/artifacts/parts").iterdir()) == []


def test_the_time_of_the_run_includes_the_download(qemu_run, job):
    def stall(connection, over):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n12345")
        over.wait(30)

    with lying(stall) as (address, _):
        written = job(task=artifact(f"{address}/disk.img"), image="local/disk.img")
        done = qemu_run.run(written, "--timeout", "1s")
    assert done.code == 124
    assert "longer than 1s (--timeout): its guest was not started yet" in done.err
    assert qemu_run.leftovers() == []


def test_a_page_instead_of_an_image(qemu_run, job):
    page = b"<!DOCTYPE html>\n<html><title>Log in</title></html>"
    with serving(lambda handler: whole(handler, content=page)) as (address, _):
        done = qemu_run.run(job(task=artifact(f"{address}/disk.img"), image="local/disk.img"))
    assert done.code == 112
    assert "a web page came" in done.err


def test_the_same_artifact_of_two_tasks_is_fetched_once(qemu_run, images, tmp_path):
    with serving(lambda handler: whole(handler, content=(tmp_path / "plain.img").read_bytes())) as (
        address,
        seen,
    ):
        digest = subprocess.run(
            ["sha256sum", tmp_path / "plain.img"], capture_output=True, text=True, check=True
        )
        task = """task "{name}" {{
          driver = "qemu"
          artifact {{
            source = "{address}/plain.img"
            options {{ checksum = "sha256:{digest}" }}
          }}
          config {{ image_path = "local/plain.img" }}
        }}"""
        parts = [task.format(name=name, address=address, digest=digest.stdout[:64]) for name in ("a", "b")]
        text = 'job "j" {\n type = "batch"\n group "g" {\n' + "\n".join(parts) + "\n}\n}\n"
        (tmp_path / "j.hcl").write_text(text)
        assert qemu_run.run("j.hcl").code == 0
    assert len(seen) == 1


def test_a_bare_checksum_runs_with_a_warning(qemu_run, images, job, http_server, tmp_path):
    digest = subprocess.run(["sha256sum", tmp_path / "plain.img"], capture_output=True, text=True, check=True)
    options = f'options {{\n checksum = "{digest.stdout[:64]}"\n }}'
    written = job(task=artifact(f"{http_server}/plain.img", options), image="local/plain.img")
    done = qemu_run.run(written)
    assert done.code == 0
    assert "a cluster refuses this" in done.err
    assert "cannot be right" not in done.err
    assert f"sha256:{digest.stdout[:64]}" in done.err
    assert qemu_run.run("validate", written).code == 110


def test_no_certificate_is_asked_for_in_one_warning(qemu_run, job):
    task = artifact("https://127.0.0.1:1/disk.img", "insecure = true")
    done = qemu_run.run(job(task=task, image="local/disk.img"))
    assert done.code == 112
    assert done.err.count("certificate is not verified") == 1
    assert "Warning:" not in done.err


@pytest.mark.parametrize("end", ["", "a/..", "%1b%5b2J.img", "a%2f..", "x" * 300])
def test_a_source_without_a_name(qemu_run, job, end):
    done = qemu_run.run("plan", job(task=artifact(f"http://127.0.0.1:1/{end}"), image="local/x"))
    assert (done.code, "has no name" in done.err) == (110, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_chown_gives_the_tree_to_the_tasks_user_and_nothing_of_the_cache(qemu_run, images, job, http_server):
    parts = [artifact(f"{http_server}/{name}", "chown = true") for name in ("plain.img", "a.tgz")]
    task = "\n".join(['user = "nobody"', *parts])
    done = qemu_run.run("run", "--keep", job(task=task, image="local/plain.img"))
    assert done.code == 0, done.err
    (kept,) = qemu_run.leftovers()
    assert (kept / "vm/local/sub/disk.img").stat().st_uid != 0
    assert (kept / "vm/local/plain.img").stat().st_uid == 0
    shutil.rmtree(kept)


def test_a_later_artifact_does_not_follow_an_earlier_ones_links(tmp_path):
    task = tmp_path / "alloc/vm"
    (task / "local/real").mkdir(parents=True)
    (task / "local/sub").symlink_to("real")
    (tmp_path / "x.img").write_text("x")
    wanted = ArtifactPlan(
        request=request(tmp_path / "x.img"), destination=task / "local/sub/x.img", unpack=None, span=None
    )
    fetched = Fetched(path=tmp_path / "x.img", size_bytes=1, was_cached=False)
    put(
        SimpleNamespace(launch=SimpleNamespace(disk=None), layout=SimpleNamespace(directory=task)),
        wanted,
        fetched,
    )
    assert (task / "local/sub/x.img").read_text() == "x"
    assert not (task / "local/sub").is_symlink()
    assert list((task / "local/real").iterdir()) == []


@pytest.mark.parametrize("how", ["verified", "without a checksum", "by a checksum file", "from a repository"])
def test_a_plan_says_what_is_here(qemu_run, images, job, http_server, how):
    folder = qemu_run.folder
    digest = hashlib.sha256((folder / "plain.img").read_bytes()).hexdigest()
    (folder / "SUMS").write_text(f"{digest}  plain.img\n")
    checksum = {"verified": f"sha256:{digest}", "by a checksum file": f"file:{http_server}/SUMS"}.get(how)
    source, size = f"{http_server}/plain.img", (folder / "plain.img").stat().st_size
    if how == "from a repository":
        for order in (("init", "-q"), ("add", "plain.img"), ("commit", "-qm", "x")):
            subprocess.run(
                ["git", "-c", "user.name=x", "-c", "user.email=x@y", *order], cwd=folder, check=True
            )
        source = f"git::file://{folder}"
    more = f'options {{\n checksum = "{checksum}"\n }}' if checksum else ""
    written = job(task=artifact(source, more), image="local/plain.img")

    def planned():
        (found,) = json.loads(qemu_run.run("plan", "--json", written).out)["artifacts"]
        return qemu_run.run("plan", written).out, found["is_cached"], found["size_bytes"]

    text, *document = planned()
    assert ("not here yet" in text, document) == (True, [False, None])
    assert not (folder / "cache/qemu-run/artifacts").exists()
    assert qemu_run.run(written).code == 0
    text, *document = planned()
    assert (", in the cache, " in text, document[0]) == (True, True)
    assert document[1] > size if how == "from a repository" else document[1] == size
    (content,) = (folder / "cache/qemu-run/artifacts/content").iterdir()
    (content / "plain.img" if content.is_dir() else content).touch()
    text, *document = planned()
    assert ("to be verified again" in text, document[0]) == (True, False)


def test_a_plan_says_what_is_on_this_host(qemu_run, images, job):
    written = job(task=artifact("plain.img"), image="local/plain.img")
    assert (
        "plain.img -> vm/local/plain.img (no checksum), on this host, " in qemu_run.run("plan", written).out
    )
    (found,) = json.loads(qemu_run.run("plan", "--json", written).out)["artifacts"]
    assert found["size_bytes"] == (qemu_run.folder / "plain.img").stat().st_size


def test_two_artifacts_in_one_place_are_warned_of(qemu_run, job):
    for name in ("a", "b"):
        (qemu_run.folder / name).mkdir()
        (qemu_run.folder / name / "x.img").write_text(name)
    both = f"{artifact('a/x.img')}\n{artifact('b/x.img')}"
    planned = qemu_run.run("plan", job(task=both, image="local/x.img"))
    assert planned.err.count("warning: an artifact becomes vm/local/x.img\n") == 1
    twice = f"{artifact('a/x.img')}\n{artifact('a/x.img')}"
    assert "becomes" not in qemu_run.run("plan", job(task=twice, image="local/x.img")).err


def test_a_plan_says_that_a_file_of_this_host_is_missing(qemu_run, job):
    (qemu_run.folder / "disk-2.img").touch()
    written = job(task=artifact("disk-1.img"), image="local/disk-1.img")
    planned = qemu_run.run("plan", written)
    assert planned.code == 112
    assert planned.out.startswith("job web, cannot run\n")
    assert "(no checksum), not there\n" in planned.out
    assert 'disk-1.img" is not there' in planned.err
    assert 'help: did you mean "disk-2.img"?' in planned.err
    (said,) = json.loads(qemu_run.run("plan", "--json", written).out)["diagnostics"]
    assert said["snippet"]["code"].strip() == 'source = "disk-1.img"'
    done = qemu_run.run(written)
    assert (done.code, 'did you mean "disk-2.img"?' in done.err) == (112, True)


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("name.img", "", "; its format is seen then, raw is a guess"),
        ("name.qcow2", "", ""),
        ("name.img", 'meta {\n qemu_run_image_format = "vmdk"\n }', ""),
    ],
)
def test_a_plan_guesses_no_format_in_silence(qemu_run, job, name, more, said):
    written = job(task=f"{artifact(f'http://127.0.0.1:1/{name}')}\n{more}", image=f"local/{name}")
    planned = qemu_run.run("plan", written)
    assert f"needs local/{name} in this folder, which a run fetches{said}\n" in planned.out
    fitting = "vmdk" if more else "qcow2" if "qcow2" in name else "raw"
    assert f"-drive file=local/{name},format={fitting},snapshot=on" in planned.out


OTHER_SUM = f"sha256:{'0' * 64}"
ONE_MISTAKE = {
    "a malformed checksum": ("x.img", 'options {\n checksum = "sha256:zz"\n }', "cannot be right"),
    "a place outside": ("x.img", 'destination = "../../etc"', "leaves the allocation"),
    "two checksums": (
        f"x.img?checksum=sha256:{'1' * 64}",
        f'options {{\n checksum = "{OTHER_SUM}"\n }}',
        "has two checksums",
    ),
    "a folder as a file": ("x.img", 'mode = "file"\n destination = "local/"', "it is a folder of"),
    "all as a file": ("x.img", 'mode = "file"\n destination = ".."', "it is a folder of"),
}


@pytest.mark.parametrize(
    "more",
    [
        'destination = "."\n options {\n filename = "local"\n }',
        'mode = "file"\n destination = "${NOMAD_ALLOC_DIR}/data"',
    ],
)
def test_no_file_takes_the_place_of_a_folder_of_the_allocation(qemu_run, job, more):
    planned = qemu_run.run("plan", job(task=artifact("http://127.0.0.1:1/x.img", more), image="local/x.img"))
    assert (planned.code, "it is a folder of the allocation" in planned.err) == (110, True), planned.err


@pytest.mark.parametrize("mistake", ONE_MISTAKE)
@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_one_mistake_is_one_error(qemu_run, job, mistake, command):
    source, more, said = ONE_MISTAKE[mistake]
    written = job(task=artifact(f"http://127.0.0.1:1/{source}", more), image="local/x.img")
    done = qemu_run.run(command, written)
    assert (done.code, done.err.count("error:"), said in done.err) == (110, 1, True), done.err


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("sub/disc.img", 'the artifacts brought "local/sub/disk.img"'),
        ("disk.img", 'the artifacts brought "local/sub/disk.img"'),
    ],
)
@pytest.mark.usefixtures("images")
def test_an_image_that_is_not_in_the_archive_leads_to_those_that_are(qemu_run, job, image, said):
    done = qemu_run.run(job(task=artifact("a.tgz"), image=image))
    assert (done.code, f"help: {said}\n" in done.err) == (112, True), done.err
    assert "no file local/" in done.err
    assert qemu_run.leftovers() == []


@pytest.mark.parametrize(
    ("source", "image", "what", "cure"),
    [
        ("odd", "local/odd", "it is a tar archive", 'archive = "tar"'),
        (
            "odd",
            "local/sub/disk.img",
            "image not found",
            '"local/odd"; a download is unpacked',
        ),
        ("odd-zip", "local/odd-zip", "it is a zip archive", 'archive = "zip"'),
        ("nested.tar", "in/disk.img.gz", "it is packed with gzip", "what lies packed in an archive stays so"),
        ("nothing", "local/nothing", "it is an empty file", "no bytes at all"),
        ("sub.tar", "sub", "the image is a folder", "a regular file"),
    ],
)
@pytest.mark.usefixtures("images")
def test_an_artifact_that_is_no_disk_is_told_with_what_it_is(qemu_run, job, source, image, what, cure):
    folder = qemu_run.folder
    shutil.copy(folder / "a.tgz", folder / "odd")
    shutil.copy(folder / "a.zip", folder / "odd-zip")
    (folder / "nothing").touch()
    for name, entry in (("nested.tar", "in/disk.img.gz"), ("sub.tar", "sub/disk.img.gz")):
        with tarfile.open(folder / name, "w") as archive:
            archive.add(folder / "disk.img.gz", entry)
    done = qemu_run.run(job(task=artifact(source), image=image))
    assert (done.code, what in done.err, cure in done.err) == (112, True, True), done.err
    assert "allocations" not in done.err


def test_an_image_that_an_archive_has_under_another_packing_is_found_by_its_kind(qemu_run, images, job):
    shutil.copy(qemu_run.folder / "a.tgz", qemu_run.folder / "odd")
    written = job(task=artifact("odd", 'options {\n archive = "tar"\n }'), image="sub/disk.img")
    assert qemu_run.run(written).code == 0


def test_nothing_may_be_downloaded_where_the_limit_is_nothing(qemu_run, images, job, http_server):
    written = job(task=artifact(f"{http_server}/plain.img"), image="local/plain.img")
    done = qemu_run.run("run", "--max-download", "0", written)
    assert (done.code, "larger than 0 bytes" in done.err) == (112, True), done.err


@pytest.mark.parametrize("how", ["in options", "in the query"])
def test_a_repository_has_no_checksum(qemu_run, job, how):
    source = "git::https://127.0.0.1:1/r.git" + (f"?checksum={OTHER_SUM}" if how == "in the query" else "")
    more = f'options {{\n checksum = "{OTHER_SUM}"\n }}' if how == "in options" else ""
    for command in ("validate", "run"):
        done = qemu_run.run(command, job(task=artifact(source, more), image="local/x.img"))
        assert (done.code, "a repository has no checksum" in done.err) == (110, True), done.err
        assert "commit hash" in done.err


def test_of_many_images_in_an_archive_a_few_are_named(qemu_run, job):
    with tarfile.open(qemu_run.folder / "many.tar", "w") as archive:
        for number in range(20):
            archive.addfile(tarfile.TarInfo(f"disk-{number}.img"))
        archive.addfile(tarfile.TarInfo("notes.txt"))
    done = qemu_run.run(job(task=artifact("many.tar"), image="disk-21.img"))
    assert '"local/disk-1.img"' in done.err
    assert " and 15 more" in done.err


@pytest.mark.parametrize("is_verified", [True, False])
def test_an_archive_that_may_not_be_unpacked_is_told_with_what_came(qemu_run, job, http_server, is_verified):
    with tarfile.open(qemu_run.folder / "evil.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("../evil"))
    content = (qemu_run.folder / "evil.tar").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    more = f'options {{\n checksum = "sha256:{digest}"\n }}' if is_verified else ""
    done = qemu_run.run(job(task=artifact(f"{http_server}/evil.tar?key=HUSH", more), image="disk.img"))
    assert done.code == 112
    for said in (
        f"size    {len(content)} bytes",
        f"sha256  {digest}",
        f"from    {http_server}/evil.tar?...=***",
    ):
        assert said in done.err
    assert ("made anew at its source" if is_verified else "a checksum in the artifact tells") in done.err
    assert "HUSH" not in done.err


def test_an_archive_without_an_image_tells_what_it_has(qemu_run, job):
    with tarfile.open(qemu_run.folder / "notes.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("notes"))
    done = qemu_run.run(job(task=artifact("notes.tar"), image="disk.img"))
    assert 'no artifact brought an image: "local/notes"' in done.err


def test_a_plan_says_what_becomes_of_an_archive(qemu_run, job):
    written = job(task=artifact("http://127.0.0.1:1/a.tgz"), image="sub/disk.img")
    assert (
        "http://127.0.0.1:1/a.tgz -> vm/local/, unpacked (no checksum), not here yet"
        in qemu_run.run("plan", written).out
    )
    (planned,) = json.loads(qemu_run.run("plan", "--json", written).out)["artifacts"]
    assert planned["unpack"] == "tgz"


# --- jobs from the web


def test_a_job_from_the_web_brings_its_neighbours(qemu_run, images, job, http_server):
    job(task=artifact("plain.img"), image="local/plain.img")
    assert qemu_run.run(f"{http_server}/web.nomad.hcl").code == 0


@pytest.mark.parametrize(
    "parts",
    [
        {"image": "plain.img"},
        {"image": "/etc/passwd"},
        {"task": artifact("/etc/passwd"), "image": "local/passwd"},
        {"task": artifact("file:///etc/passwd"), "image": "local/passwd"},
        {
            "task": artifact("plain.img"),
            "image": "local/plain.img",
            "config": 'args = ["-drive", "file=/etc/passwd,format=raw"]',
        },
        {
            "task": artifact("plain.img", 'options {\n checksum = "file:/etc/passwd"\n }'),
            "image": "local/plain.img",
        },
        {
            "task": artifact("plain.img") + '\nenv { X = file("/etc/passwd") }',
            "image": "local/plain.img",
        },
    ],
)
def test_a_job_from_the_web_names_no_files(qemu_run, images, job, http_server, parts):
    job(**parts)
    for command in ("plan", "run"):
        done = qemu_run.run(command, f"{http_server}/web.nomad.hcl")
        assert done.code == 110, done.err
        assert "--allow-local" in done.err
    assert "--allow-local" not in qemu_run.run("plan", "--allow-local", f"{http_server}/web.nomad.hcl").err


HEAD = b"HTTP/1.1 200 OK\r\n"
BAD_JOBS = {
    "cut": HEAD + b"Content-Length: 1000\r\n\r\njob",
    "reset": b"",
    "badly chunked": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\njob",
    "endless": HEAD + b"\r\n" + b"#" * (6 << 20),
    "not there": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "a page": HEAD + b"Content-Length: 22\r\n\r\n<html>log in</html>   ",
    "binary": HEAD + b"Content-Length: 4\r\n\r\n\0\1\2\3",
    "for others": b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
    "of no length": HEAD + b"Content-Length: many\r\n\r\njob",
    "a loop": b"HTTP/1.1 302 Found\r\nLocation: /x?token=HUSH\r\nContent-Length: 0\r\n\r\n",
    "a file": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("bad", BAD_JOBS)
def test_a_job_from_the_web_that_does_not_come(qemu_run, bad):
    with lying(lambda connection, _: connection.sendall(BAD_JOBS[bad])) as (address, _):
        done = qemu_run.run("validate", address.replace("//", "//user:HUSH@") + "/job.hcl?token=HUSH")
    assert done.code == 110
    assert "error:" in done.err
    assert "HUSH" not in done.out + done.err
    assert "artifact" not in done.err  # the job speaks of none


@pytest.mark.parametrize("url", ["http://[::1/job.hcl", "http://a..b/job.hcl", "http://127.0.0.1:1/job.hcl"])
def test_a_job_at_no_address(qemu_run, url):
    done = qemu_run.run("validate", url)
    assert (done.code, "error:" in done.err) == (110, True)
    assert "artifact" not in done.err
