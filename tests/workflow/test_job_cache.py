import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qemu_run.digests import name_of
from qemu_run.errors import Diagnostics
from qemu_run.expressions.functions import FUNCTIONS, files
from qemu_run.golang.json_text import json_document
from qemu_run.jobspec.load import Inputs, load
from qemu_run.jobspec.validate.rules import validate
from qemu_run.source import Source
from qemu_run.workflow import job_cache
from qemu_run.workflow.job_cache import UNSETTLED, JobCache, digest, is_settled

ROOT = Path(__file__).parents[2]
JOBS = sorted(
    [
        *(ROOT / "examples").glob("*.hcl"),
        *(path for path in (ROOT / "tests/jobspec/data").rglob("*") if path.suffix in {".hcl", ".nomad"}),
    ]
)


def read(path):
    """What reading a file gives: its texts, the job, and what was found; no job, if there are mistakes."""
    texts = (Source(path.name, path.read_bytes().decode("utf-8", "replace")),)
    found = Diagnostics()
    job = load(texts[0], Inputs(environment={}), found)
    if job is not None and not job.gaps:
        validate(job, found)
    return texts, None if job is None or job.gaps or found.errors else job, found.items


SMALL = """variable "release" {
  default = "bookworm"
}
job "web" {
  type = "batch"
  group "g" {
    task "vm" {
      driver       = "qemu"
      kill_timeout = 10
      config {
        image_path = "${var.release}.img"
      }
    }
  }
}
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.hcl"
    path.write_text(SMALL)
    return path


def test_a_kept_job_is_the_job_that_was_read(tmp_path):
    cache, compared = JobCache(tmp_path / "jobs"), 0
    for path in JOBS:
        texts, job, warnings = read(path)
        if job is None or not is_settled(texts[0].text):
            continue
        cache.keep(path.name, job, texts, warnings)
        if not (cache.folder / path.name).exists():  # it holds a secret
            continue
        found = Diagnostics()
        again = cache.get(path.name, texts, found)
        assert again == job, path
        assert found.items == warnings, path
        assert again.places == job.places, path
        assert json_document(again.api) == json_document(job.api), path
        assert json_document(again.canonical) == json_document(job.canonical), path
        compared += 1
    assert compared > 20


def test_places_in_a_kept_job_are_places_in_the_text_of_today(small, tmp_path):
    texts, job, warnings = read(small)
    cache = JobCache(tmp_path / "jobs")
    cache.keep("x", job, texts, warnings)
    found = Diagnostics()
    again = cache.get("x", texts, found)
    assert again.groups[0].tasks[0].at("Driver").first.line == 8
    assert [item.span.source for item in found.items] == [texts[0]] * len(warnings) != []


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: kept[: len(kept) // 2],
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b'{"api": {}}',
        lambda kept: json.dumps({**json.loads(kept), "places": [[["ID"], 7, 0, 1]]}).encode(),
        lambda kept: json.dumps(
            {**json.loads(kept), "warnings": [["x", [0, 1, 2, 3], "", "", [], 1]]}
        ).encode(),
        lambda _: b"[" * 100_000,
        lambda _: b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("is_sealed", [False, True])
def test_what_is_damaged_is_as_if_it_were_not_there(damage, is_sealed, small, tmp_path):
    texts, job, warnings = read(small)
    cache = JobCache(tmp_path / "jobs")
    cache.keep("x", job, texts, warnings)
    kept = tmp_path / "jobs/x"
    content = damage(kept.read_bytes().partition(b"\n")[2])
    seal = name_of(content).encode() + b"\n" if is_sealed else b""
    kept.write_bytes(seal + content)
    found = Diagnostics()
    assert cache.get("x", texts, found) is None
    assert found.items == []


def test_what_was_changed_is_not_believed(small, tmp_path):
    texts, job, warnings = read(small)
    cache = JobCache(tmp_path / "jobs")
    cache.keep("x", job, texts, warnings)
    kept = tmp_path / "jobs/x"
    kept.write_bytes(kept.read_bytes().replace(b"bookworm.img", b"bullseye.img"))
    assert cache.get("x", texts, Diagnostics()) is None


def test_what_others_can_write_is_not_read(small, tmp_path):
    texts, job, warnings = read(small)
    cache = JobCache(tmp_path / "jobs")
    cache.keep("x", job, texts, warnings)
    (tmp_path / "jobs/x").chmod(0o666)
    assert cache.get("x", texts, Diagnostics()) is None


def test_a_fifo_holds_nothing_up(small, tmp_path):
    texts, _, _ = read(small)
    (tmp_path / "jobs").mkdir()
    os.mkfifo(tmp_path / "jobs/x")
    assert JobCache(tmp_path / "jobs").get("x", texts, Diagnostics()) is None


def test_what_another_user_put_there_is_not_read(small, tmp_path, monkeypatch):
    texts, job, warnings = read(small)
    cache = JobCache(tmp_path / "jobs")
    cache.keep("x", job, texts, warnings)
    owner = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    assert cache.get("x", texts, Diagnostics()) is None


def test_kept_jobs_are_for_their_owner_only_and_the_oldest_go(small, tmp_path, monkeypatch):
    monkeypatch.setattr(job_cache, "MOST_KEPT", 3)
    texts, job, warnings = read(small)
    cache = JobCache(tmp_path / "jobs")
    for number in range(5):
        cache.keep(f"{number}", job, texts, warnings)
        os.utime(tmp_path / f"jobs/{number}", (number, number))
    cache.keep("last", job, texts, warnings)
    assert sorted(path.name for path in (tmp_path / "jobs").iterdir()) == ["3", "4", "last"]
    assert (tmp_path / "jobs").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "jobs/last").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "secret",
    [
        'env { API_TOKEN = "${var.release}" }',
        'artifact { source = "https://user:word@example.com/x" }',
        'artifact { source = "https://example.com/x?sig=${var.release}" }',
        'artifact {\n source = "https://example.com/x"\n headers { Accept = "a" }\n }',
        'meta { password = "x" }',
        'template {\n data = "x: ${var.release}"\n destination = "local/x"\n }',
    ],
)
def test_secrets_are_not_kept(secret, small, tmp_path):
    small.write_text(SMALL.replace("      config {", f"      {secret}\n      config {{"))
    texts, job, warnings = read(small)
    assert job is not None
    JobCache(tmp_path / "jobs").keep("x", job, texts, warnings)
    assert not (tmp_path / "jobs/x").exists()


def test_a_digest_names_all_that_reading_depends_on():
    text = Source("a.hcl", SMALL)
    names = {
        digest([text], [], ()),
        digest([Source("b.hcl", SMALL)], [], ()),
        digest([Source("a.hcl", SMALL + " ")], [], ()),
        digest([text, text], [], ()),
        digest([text], ("release=x",), ()),
        digest([text], [], ("release=x",)),
    }
    assert len(names) == 6


def test_functions_that_ask_the_host_or_chance_are_known():
    asking = {name for name, function in FUNCTIONS.items() if function.takes == "scope and values"}
    of_files = files.FUNCTIONS.keys() - {"basename", "dirname"}
    assert {"uuidv4", "bcrypt", *of_files} == set(UNSETTLED)
    assert asking <= set(UNSETTLED)


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        (SMALL, True),
        ('mode = "file"', True),
        ('x = file("a")', False),
        ('x = "${file ("a")}"', False),
        ('x = "${ uuidv4()}"', False),
        ("x = file /* a */ (\n", False),
        ('x = file # a\n ("b")', False),
        ('x = profile("a")', True),
        ('{"job": {}}', False),
        ('\ufeff {"job": {}}', False),
    ],
)
def test_what_a_text_may_ask_for(text, settled):
    assert is_settled(text) is settled


def test_a_second_run_says_what_the_first_said(qemu_run, guest, job):
    guest(end_at_once=True)
    path = job(task="kill_timeout = 10")
    first = qemu_run.run("validate", path)
    assert "1 warning" in first.out
    assert qemu_run.run("validate", path) == first
    plans = [json.loads(qemu_run.run("plan", "--json", path).out) for _ in range(2)]
    assert plans[0]["diagnostics"] == plans[1]["diagnostics"] != []


def test_a_file_that_a_job_reads_is_read_each_time(qemu_run, guest, job, tmp_path):
    guest(end_at_once=True)
    path = job(task='env { NOTE = file("note") }')
    for note in ("first", "second"):
        (tmp_path / "note").write_text(note)
        assert f'"{note}"' in qemu_run.run("plan", "--json", path).out


def test_without_a_folder_for_it_everything_is_read_anew(qemu_run, guest, job):
    guest(end_at_once=True)
    for _ in range(2):
        done = qemu_run.run("validate", job(), env={"XDG_CACHE_HOME": "/dev/null"})
        assert (done.code, done.err) == (0, "")


def test_what_was_read_before_is_not_read_again(qemu_run, guest, job):
    guest(end_at_once=True)
    path = job(memory=131)  # no other test has read this one
    command = [sys.executable, "-X", "importtime", "-m", "qemu_run", "validate", path]
    how = {"cwd": qemu_run.folder, "env": dict(qemu_run.environment), "capture_output": True, "text": True}
    read = [subprocess.run(command, check=True, **how).stderr for _ in range(2)]
    assert ["qemu_run.syntax.native" in imported for imported in read] == [True, False]


def test_what_comes_by_a_pipe_is_not_kept_and_prune_leaves_no_job(qemu_run, guest, job, tmp_path):
    guest(end_at_once=True)
    path, own = job(), {"XDG_CACHE_HOME": str(tmp_path / "own")}
    kept = tmp_path / "own/qemu-run/jobs"
    assert qemu_run.run("validate", "-", env=own, stdin=(tmp_path / path).read_text()).code == 0
    assert not kept.exists()
    assert qemu_run.run("validate", path, env=own).code == 0
    assert len(list(kept.iterdir())) == 1
    assert qemu_run.run("cache", "prune", env=own).code == 0
    assert list(kept.iterdir()) == []


READ_ALL = """
import sys
from qemu_run.errors import Diagnostics
from qemu_run.workflow import check
from qemu_run.workflow.job_file import JobFile
for name in sys.argv[1:]:
    file = JobFile(name=name)
    check._read(file, file.texts(), Diagnostics())
print(*(module for module in sys.modules if module.startswith("qemu_run.")))
"""


def test_all_that_reading_a_job_imports_is_in_its_digest():
    command = [sys.executable, "-c", READ_ALL, *map(str, JOBS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    imported = {module.split(".")[1] for module in done.stdout.split()}
    assert "jobspec" in imported, done.stderr
    of_the_host = {"folders", "files", "endings"}
    assert imported - of_the_host <= {each.removesuffix(".py") for each in job_cache.READERS}


def test_another_version_of_the_program_reads_anew(tmp_path, monkeypatch):
    copy = tmp_path / "qemu_run"
    shutil.copytree(ROOT / "qemu_run", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(job_cache, "__file__", str(copy / "workflow/job_cache.py"))
    names = [digest([], [])]
    for changed in ("jobspec/schema/task.py", "artifacts/location.py", "errors.py"):
        (copy / changed).write_text("# another\n")
        names.append(digest([], []))
    (copy / "terminal/screen.py").write_text("# another\n")
    names.append(digest([], []))
    assert len(set(names)) == 4
    assert names[-1] == names[-2]
