"""The cache notices what happens to it, is shared by many, and survives whatever ends its users."""

import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
from contextlib import contextmanager

import pytest

from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.failures import FetchError, StorageError
from qemu_run.artifacts.folders import read_record, write_record
from qemu_run.artifacts.housekeeping import entries, prune, sweep, verify
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.terms import Terms
from qemu_run.artifacts.unpacked import unpacked
from tests.artifacts.conftest import (
    CONTENT,
    QUICK,
    RIGHT,
    ROOT,
    flip,
    lying,
    request,
    serving,
    unnoticed,
    until,
    whole,
)

KEY = f"sha256-{RIGHT.digest}"


@pytest.fixture
def kept(get):
    """A fetched artifact; gives a function that fetches it again and says whether the server was asked."""
    with serving(whole) as (address, seen):
        get(request(f"{address}/disk.img", RIGHT))
        seen.clear()

        def again():
            fetched = get(request(f"{address}/disk.img", RIGHT))
            assert fetched.path.read_bytes() == CONTENT
            asked = bool(seen)
            seen.clear()
            return "fetched" if asked else "cached"

        yield again


def hashed(monkeypatch):
    """Counts how often a content is read to be verified."""
    import qemu_run.artifacts.contents as module

    count, real = [], module.digest_of
    monkeypatch.setattr(module, "digest_of", lambda *given: count.append(1) or real(*given))
    return count


def test_reuse_reads_nothing(kept, monkeypatch):
    count = hashed(monkeypatch)
    assert kept() == "cached"
    assert count == []


@pytest.mark.parametrize(
    "harm",
    [
        flip,
        lambda path: path.write_bytes(b"damaged"),
        lambda path: path.unlink(),
        lambda path: os.truncate(path, 1000),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: (path.unlink(), path.symlink_to("/etc/passwd")),
    ],
    ids=["one bit, times put back", "rewritten", "removed", "cut", "a folder", "a link"],
)
def test_harm_is_noticed_and_mended(get, kept, harm):
    harm(get.cache.content(KEY))
    assert kept() == "fetched"
    assert kept() == "cached"


def test_a_touch_is_verified_again_and_kept(get, kept, monkeypatch):
    count = hashed(monkeypatch)
    get.cache.content(KEY).touch()
    assert kept() == "cached"
    assert kept() == "cached"
    assert count == [1]


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"looks": 5}', None])
def test_a_damaged_record_is_no_harm(get, kept, record):
    index = get.cache.index(KEY)
    index.unlink() if record is None else index.write_bytes(record)
    assert kept() == "cached"


def test_it_is_known_to_be_on_the_disk_soon(get, kept):
    until(lambda: read_record(get.cache.index(KEY)).get("synced") is True)


def test_what_was_not_synced_is_hashed_in_a_later_boot(get, kept, monkeypatch):
    until(lambda: read_record(get.cache.index(KEY)).get("synced") is True)
    count = hashed(monkeypatch)
    record = read_record(get.cache.index(KEY))
    write_record(get.cache.index(KEY), {**record, "boot": "an earlier one"})
    assert kept() == "cached"
    assert count == []
    write_record(get.cache.index(KEY), {**record, "boot": "an earlier one", "synced": False})
    assert kept() == "cached"
    assert count == [1]


def test_many_at_once_fetch_once(get):
    start = threading.Barrier(8)
    with serving(whole) as (address, seen):

        def fetching():
            start.wait()
            assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT

        threads = [threading.Thread(target=fetching) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == 1
    assert get.files("parts") == []


FETCHER = """
import sys
from pathlib import Path
from tests.artifacts.conftest import Getting, RIGHT, request
fetched = Getting(Path(sys.argv[1]))(request(sys.argv[2], RIGHT))
print(fetched.path)
"""


@contextmanager
def process(folder, address):
    running = subprocess.Popen(
        [sys.executable, "-c", FETCHER, folder, f"{address}/disk.img"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def test_two_processes_fetch_once(tmp_path):
    with (
        serving(whole) as (address, seen),
        process(tmp_path, address) as one,
        process(tmp_path, address) as two,
    ):
        paths = {one.communicate(timeout=60)[0], two.communicate(timeout=60)[0]}
    assert len(paths) == len(seen) == 1


def slowly(handler):
    begin = int(handler.headers.get("Range", "bytes=0-")[6:-1])
    handler.send_response(206 if begin else 200)
    handler.send_header("Content-Length", str(len(CONTENT) - begin))
    handler.send_header("Content-Range", f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}")
    handler.send_header("ETag", '"one"')
    handler.end_headers()
    for start in range(begin, len(CONTENT), 1 << 16):
        handler.wfile.write(CONTENT[start : start + (1 << 16)])
        threading.Event().wait(0.01)


NURSERY = """
import os, sys
from pathlib import Path
from tests.artifacts.conftest import Getting, RIGHT, request
import requests  # all that takes time is done before, so that the child is killed where it fetches
get = Getting(Path(sys.argv[1]))
while sys.stdin.readline():
    if not (pid := os.fork()):
        get(request(sys.argv[2], RIGHT))
        os._exit(0)
    print(pid, flush=True)
    sys.stdin.readline()
    print(os.waitpid(pid, 0)[1], flush=True)
"""


@contextmanager
def nursery(folder, address):
    """Children that fetch, one after the other: a function that starts one and gives its pid, and the next
    time waits for it and gives its status."""
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY, folder, f"{address}/disk.img"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as parent:

        def told():
            parent.stdin.write("\n")
            parent.stdin.flush()
            return int(parent.stdout.readline())

        yield told
        parent.stdin.close()


def test_a_kill_at_any_moment_leaves_only_what_can_be_resumed(get, tmp_path):
    chance, killed = random.Random(5), 0  # noqa: S311  # any moment will do
    with serving(slowly) as (address, seen), nursery(tmp_path, address) as told:
        while killed < 50:
            pid = told()
            threading.Event().wait(chance.uniform(0, 0.5))
            os.kill(pid, signal.SIGKILL)  # nobody has waited for it: the number is still its own
            killed += os.WIFSIGNALED(told())
            for content in get.files("content"):
                assert get.cache.content(content).read_bytes() == CONTENT
            assert {name.removesuffix(".note") for name in get.files("parts") if name[0] != "."} <= {KEY}
            if get.files("content"):  # it came in time: the next one has to fetch again
                get.cache.remove(KEY)
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT
    assert any("Range" in headers for _, headers in seen)
    assert KEY not in get.files("parts")
    for path in get.folder.glob("*/*"):
        os.utime(path, (1, 1))
    sweep(get.cache)
    assert get.files("parts") == []
    assert get.files("content") == get.files("index") == [KEY]


OWN_MOUNTS = (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"])
"""What lets a process mount something that only it sees: as root, and as a user where those may."""
SMALL_DISK = 'mount -t tmpfs -o size=1m small "$0" && exec "$@"'
FILLING = """
import os, sys
from pathlib import Path
from qemu_run.artifacts.failures import StorageError
from tests.artifacts.conftest import Getting, RIGHT, request
get = Getting(Path(sys.argv[1]))
try:
    get(request(sys.argv[2], RIGHT))
except StorageError as error:
    print(error, *error.hints, get.files("parts"), get.files("content"))
print("free:", os.statvfs(sys.argv[1]).f_bavail * os.statvfs(sys.argv[1]).f_frsize)
"""


@pytest.fixture
def small_disk(tmp_path):
    """A folder, and what a command begins with that finds one megabyte there: half of what is fetched."""
    folder = tmp_path / "small"
    folder.mkdir()
    for own in OWN_MOUNTS:
        command = [*own, "sh", "-c", SMALL_DISK, folder]
        if not subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
            return folder, command
    if os.geteuid() == 0:
        pytest.fail("root cannot mount here: give the container CAP_SYS_ADMIN, or let users have namespaces")
    pytest.skip("users have no namespaces here, and only root can mount a small disk")


def unsized(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(CONTENT)


@pytest.mark.parametrize("answer", [whole, unsized], ids=["said before", "noticed on the way"])
def test_a_full_disk_is_the_hosts_fault_and_does_not_stay_full(small_disk, answer):
    folder, command = small_disk
    with serving(answer) as (address, _):
        done = subprocess.run(
            [*command, sys.executable, "-c", FILLING, folder, f"{address}/disk.img"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    said, _, free = done.stdout.partition("free: ")
    assert ("needs 2.1 MB, and 1.0 MB are free" if answer is whole else "No space left") in said, done.stderr
    assert "make room" in said
    assert said.strip().endswith("[] []")
    assert int(free) > 900_000


def test_a_full_state_folder_is_told_with_what_to_do(small_disk, guest, job, tmp_path):
    folder, command = small_disk
    guest("disk.img", end_at_once=True)
    (tmp_path / "large.bin").write_bytes(CONTENT)
    task = "\n".join(f'artifact {{\n source = "{name}"\n }}' for name in ("disk.img", "large.bin"))
    done = subprocess.run(
        [*command, sys.executable, "-m", "qemu_run", job(task=task, image="local/disk.img")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder)},
    )
    assert done.returncode == 113, done.stderr
    assert 'cannot place artifact "large.bin": No space left' in done.stderr
    assert "let XDG_STATE_HOME name a folder with more" in done.stderr


WRITING = """
import sys
from pathlib import Path
from qemu_run.artifacts.folders import write_record
folder = Path(sys.argv[1])
try:
    write_record(folder / "record", {"x": "y" * (2 << 20)})
except OSError as error:
    print(error.strerror, sorted(folder.iterdir()))
"""


def test_a_note_that_a_full_disk_has_no_room_for_leaves_nothing(small_disk):
    folder, command = small_disk
    done = subprocess.run(
        [*command, sys.executable, "-c", WRITING, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "No space left on device []\n", done.stderr


@pytest.mark.parametrize("room", ["", "parts", "content"])
def test_a_cache_that_is_removed_meanwhile_is_told_so_and_made_anew(get, room):
    def remove(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:100])
        until(lambda: get.steps)
        shutil.rmtree(get.folder / room)
        handler.wfile.write(CONTENT[100:])

    with serving(remove) as (address, _), pytest.raises(StorageError, match="somebody removed") as caught:
        get(request(f"{address}/disk.img", RIGHT))
    assert caught.value.hints == ("run it again: the folder is made anew",)
    with serving(whole) as (address, _):
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT


LIMITED = """
import resource, sys
from pathlib import Path
from qemu_run.artifacts.failures import StorageError
from qemu_run.artifacts.unpacked import unpacked
from qemu_run.artifacts.terms import Terms
from tests.artifacts.conftest import Getting, request
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
get = Getting(Path(sys.argv[1]))
try:
    fetched = get(request(sys.argv[2]))
    unpacked(fetched, "gz", get.cache, Terms())
except StorageError as error:
    print(error, error.hints)
"""


@pytest.mark.parametrize("file", ["large", "small, large when it is unpacked"])
def test_a_file_that_may_not_be_so_large_is_the_hosts_fault_and_does_not_stay(get, tmp_path, file):
    content = CONTENT if file == "large" else gzip.compress(CONTENT)
    with serving(lambda handler: whole(handler, content=content)) as (address, _):
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, tmp_path, f"{address}/disk.img"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert "File too large" in done.stdout, done.stderr
    assert "ulimit -f" in done.stdout
    assert get.files("parts") == []
    assert len(get.files("content")) == (file != "large")


def packed(folder):
    (folder / "disk.img").write_bytes(CONTENT)
    with tarfile.open(folder / "a.tar", "w") as archive:
        archive.add(folder / "disk.img", "sub/disk.img")
    return folder / "a.tar"


def test_what_was_unpacked_is_kept_and_noticed_to_change(get, tmp_path):
    fetched = get(request(packed(tmp_path)))
    terms = Terms(patience=QUICK)
    first = unpacked(fetched, "tar", get.cache, terms)
    image = first.path / "sub/disk.img"
    inode = image.stat().st_ino
    first.release()
    again = unpacked(fetched, "tar", get.cache, terms)
    again.release()
    assert (again.path / "sub/disk.img").stat().st_ino == inode
    flip(image)
    mended = unpacked(fetched, "tar", get.cache, terms)
    mended.release()
    assert (mended.path / "sub/disk.img").read_bytes() == CONTENT


def test_verify_hashes_all_and_removes_what_is_wrong(get, kept, monkeypatch):
    count = hashed(monkeypatch)
    assert [right for _, right in verify(get.cache, Stop())] == [True]
    flip(get.cache.content(KEY))
    assert [right for _, right in verify(get.cache, Stop())] == [False]
    assert len(count) == 2
    assert kept() == "fetched"


def test_a_note_that_is_there_already_is_not_written_again(get):
    pointer, cache = get.cache.pointer("x"), get.cache
    cache.ready()
    cache.point(pointer, {"key": "a"})
    before = pointer.stat()
    cache.point(pointer, {"key": "a"})
    assert pointer.stat().st_ino == before.st_ino
    cache.point(pointer, {"key": "b"})
    assert read_record(pointer) == {"key": "b"}


def test_a_local_file_needs_no_cache_that_can_be_written(get, tmp_path):
    (tmp_path / "cache").touch()
    (tmp_path / "disk.img").write_bytes(CONTENT)
    assert get(request(tmp_path / "disk.img", RIGHT)).path == tmp_path / "disk.img"


def test_what_does_not_belong_there_holds_nobody_up(get, kept):
    os.mkfifo(get.cache.content("fifo"))
    os.mkfifo(get.cache.part("fifo"))
    get.cache.content("folder").mkdir()
    get.cache.content("link").symlink_to("/etc/passwd")
    assert {entry.key: is_right for entry, is_right in verify(get.cache, Stop())} == {
        RIGHT.key: True,
        "fifo": False,
        "folder": False,
        "link": False,
    }
    sweep(get.cache, 0)
    assert (get.files("content"), get.files("parts")) == ([RIGHT.key], [])


def test_verify_finds_a_bit_that_nothing_tells_of(get, kept):
    flip(get.cache.content(KEY))
    unnoticed(get.cache, KEY)
    assert [right for _, right in verify(get.cache, Stop())] == [False]


def kept_folder(get, tmp_path):
    """What was in an archive, kept; its key."""
    found = unpacked(get(request(packed(tmp_path))), "tar", get.cache, Terms(patience=QUICK))
    found.release()
    until(lambda: "tree" in read_record(get.cache.index(found.key)))
    return found.key


@pytest.mark.parametrize(
    "harm",
    [
        flip,
        lambda image: image.rename(image.with_name("other.img")),
        lambda image: (image.rename(image.with_name("x")), image.symlink_to("x")),
        lambda image: image.with_name("more").mkdir(),
    ],
    ids=["one bit", "another name", "a link to the same", "one more folder"],
)
def test_verify_finds_harm_in_a_folder_that_nothing_tells_of(get, tmp_path, harm):
    key = kept_folder(get, tmp_path)
    assert [right for _, right in verify(get.cache, Stop())] == [True]
    harm(get.cache.content(key) / "sub/disk.img")
    unnoticed(get.cache, key)
    assert [right for _, right in verify(get.cache, Stop())] == [False]
    assert get.files("content") == []


def test_verify_notes_what_a_folder_hashes_to_where_no_run_had_the_time(get, tmp_path):
    key = kept_folder(get, tmp_path)
    record = read_record(get.cache.index(key))
    write_record(get.cache.index(key), {name: record[name] for name in record if name != "tree"})
    assert [right for _, right in verify(get.cache, Stop())] == [True]
    assert read_record(get.cache.index(key))["tree"] == record["tree"]


def test_a_folder_that_was_only_touched_is_verified_and_kept(get, tmp_path):
    key = kept_folder(get, tmp_path)
    image = get.cache.content(key) / "sub/disk.img"
    inode = image.stat().st_ino
    image.touch()
    unpacked(get(request(tmp_path / "a.tar")), "tar", get.cache, Terms(patience=QUICK)).release()
    assert image.stat().st_ino == inode


def test_prune_spares_what_is_in_use(get, kept):
    held = get.cache.find(KEY, Stop())
    assert prune(get.cache, [], older_seconds=None, most_bytes=None)[0] == []
    held.release()
    link = get.folder.parent / "link"
    link.symlink_to(get.cache.content(KEY))
    assert prune(get.cache, [link], older_seconds=None, most_bytes=None)[0] == []
    assert prune(get.cache, [], older_seconds=3600, most_bytes=None)[0] == []
    assert prune(get.cache, [], older_seconds=None, most_bytes=1 << 30)[0] == []
    removed, _ = prune(get.cache, [], older_seconds=None, most_bytes=None)
    assert [entry.key for entry in removed] == [KEY]
    assert [each for each in get.folder.rglob("*") if each.is_file()] == []
    assert kept() == "fetched"


def test_prune_begins_with_what_was_used_longest_ago(get, tmp_path):
    for number in range(3):
        with serving(lambda handler, n=number: whole(handler, content=bytes([n]) * 1000)) as (address, _):
            key = get(request(f"{address}/{number}")).key
        until(lambda key=key: read_record(get.cache.index(key)).get("synced") is True)
        os.utime(get.cache.index(key), (number + 1, number + 1))
    removed, _ = prune(get.cache, [], older_seconds=None, most_bytes=1500)
    assert [entry.name for entry in removed] == ["0", "1"]
    assert [entry.name for entry in entries(get.cache)] == ["2"]


def test_parts_that_nobody_resumes_are_swept(get):
    cut = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 999999\r\n\r\n' + CONTENT[:5000]
    broken = pytest.raises(FetchError, match="broke off")
    with lying(lambda connection, _: connection.sendall(cut)) as (address, _), broken:
        get(request(f"{address}/disk.img", RIGHT))
    assert KEY in get.files("parts")
    sweep(get.cache)
    assert KEY in get.files("parts")
    for path in (get.folder / "parts").iterdir():
        os.utime(path, (1, 1))
    with get.cache.alone(KEY, Stop()):
        sweep(get.cache)
        assert KEY in get.files("parts")
    sweep(get.cache)
    assert get.files("parts") == []


def test_two_caches_of_one_folder_do_not_disturb_each_other(get, kept):
    other = Cache(get.folder)
    held = other.find(KEY, Stop())
    assert kept() == "cached"
    held.release()
