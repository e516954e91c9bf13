import hashlib
import os
import time

import pytest

from qemu_run.artifacts.checksum import HEX_DIGITS, ChecksumFile, parse
from qemu_run.artifacts.failures import FetchError, StorageError
from qemu_run.artifacts.location import Base, locate
from qemu_run.artifacts.request import Request
from qemu_run.artifacts.terms import Patience
from tests.artifacts.conftest import CONTENT, RIGHT, WRONG, request, serving, whole


def test_a_download_is_verified_and_kept_by_its_digest(get):
    with serving(whole) as (address, seen):
        first = get(request(f"{address}/disk.img", RIGHT))
        second = get(request(f"{address}/other-name.img", RIGHT))
    assert first.path.read_bytes() == CONTENT
    assert (first.was_cached, second.was_cached) == (False, True)
    assert first.path == second.path
    assert [path for path, _ in seen] == ["/disk.img"]
    assert get.steps[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_what_is_kept_is_its_owners_alone(get, mask):
    before = os.umask(mask)
    try:
        with serving(whole) as (address, _):
            get(request(f"{address}/disk.img", RIGHT))
    finally:
        os.umask(before)
    for path in (get.folder, *get.folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a_wrong_checksum_tells_what_was_wanted_and_what_came(get):
    with (
        serving(lambda handler: whole(handler, Content_Type="text/html")) as (address, _),
        pytest.raises(FetchError, match="wrong sha256 checksum") as caught,
    ):
        get(request(f"{address}/disk.img?token=secret", WRONG))
    for said in (WRONG.digest, RIGHT.digest, str(len(CONTENT)), "text/html"):
        assert said in caught.value.detail
    assert "secret" not in caught.value.detail
    assert "web page" in caught.value.hints[0]
    assert get.files("content") == get.files("parts") == []


def test_what_came_by_a_redirect_is_named(get):
    def answer(handler):
        if handler.path == "/real?key=secret":
            whole(handler)
        else:
            handler.send_response(302)
            handler.send_header("Location", "/real?key=secret")
            handler.end_headers()

    with serving(answer) as (address, _), pytest.raises(FetchError) as caught:
        get(request(f"{address}/disk.img", WRONG))
    assert f"in the end from {address}/real?...=..." in caught.value.detail


def test_headers_and_credentials_do_not_leave_their_host(get):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", f"http://localhost:{other.rpartition(':')[2]}/disk.img")
        handler.end_headers()

    with serving(whole) as (other, there), serving(answer) as (address, here):
        source = address.replace("//", "//user:word@") + "/disk.img"
        get(request(source, RIGHT, headers={"X-Token": "abc"}))
    assert here[0][1]["X-Token"] == "abc"
    assert here[0][1]["Authorization"].startswith("Basic ")
    assert {"X-Token", "Authorization"} & set(there[0][1]) == set()


def test_a_query_is_sent_as_nomad_sends_it(get):
    with serving(whole) as (address, seen):
        get(request(f"{address}/disk.img?b=2&a=x y&checksum=sha256:00&archive=false".replace(" ", "%20")))
    assert seen[0][0] == "/disk.img?a=x+y&b=2"


def test_an_unreachable_server_is_named(get):
    with serving(whole) as (address, _):
        pass
    with pytest.raises(FetchError, match="cannot reach") as caught:
        get(request(f"{address}/disk.img"))
    assert address in caught.value.detail
    assert "refused" in caught.value.detail


@pytest.mark.parametrize("validator", [{"ETag": '"one"'}, {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}])
def test_without_a_checksum_the_server_is_asked_for_news(get, validator):
    body = [CONTENT]

    def answer(handler):
        asked = handler.headers.get("If-None-Match") or handler.headers.get("If-Modified-Since")
        if asked in validator.values():
            handler.send_response(304)
            handler.end_headers()
        else:
            whole(handler, content=body[0], **{k.replace("-", "_"): v for k, v in validator.items()})

    with serving(answer) as (address, seen):
        first = get(request(f"{address}/disk.img"))
        second = get(request(f"{address}/disk.img"))
        offline = get(request(f"{address}/disk.img"), offline=True)
        assert (first.was_cached, second.was_cached, offline.was_cached) == (False, True, True)
        assert first.path == second.path == offline.path
        assert len(seen) == 2
        body[0] = b"another"
        validator.clear()
        assert get(request(f"{address}/disk.img")).path.read_bytes() == b"another"


def test_offline_uses_what_is_verified_and_nothing_else(get):
    with serving(whole) as (address, _):
        get(request(f"{address}/disk.img", RIGHT))
        assert get(request(f"{address}/disk.img", RIGHT), offline=True).was_cached
        for wanted in (request(f"{address}/disk.img", WRONG), request(f"{address}/other.img")):
            with pytest.raises(FetchError, match="--offline"):
                get(wanted, offline=True)


@pytest.mark.parametrize("form", ["{path}", "file://{path}", "disk.img", "./disk.img"])
def test_a_local_file_stays_where_it_is(get, tmp_path, form):
    path = tmp_path / "disk.img"
    path.write_bytes(CONTENT)
    fetched = get(request(form.format(path=path), RIGHT, folder=tmp_path))
    assert fetched.path == path


def test_the_size_of_a_local_folder_is_that_of_its_files(get, tmp_path):
    (tmp_path / "folder/deep").mkdir(parents=True)
    (tmp_path / "folder/deep/disk.img").write_bytes(CONTENT)
    (tmp_path / "folder/link").symlink_to("deep/disk.img")
    assert get(request("folder", folder=tmp_path)).size_bytes == len(CONTENT)


def test_a_local_file_is_verified_and_not_read_again(get, tmp_path, monkeypatch):
    path = tmp_path / "disk.img"
    path.write_bytes(CONTENT)
    get(request(path, RIGHT))
    monkeypatch.setattr("qemu_run.artifacts.local.digest_of", None)  # would fail if it were read
    get(request(path, RIGHT))
    monkeypatch.undo()
    times = path.stat()
    with path.open("r+b") as file:
        file.write(b"X")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(FetchError, match="wrong sha256"):
        get(request(path, RIGHT))


@pytest.mark.parametrize(
    ("source", "checksum", "said"),
    [("gone.img", None, "is not there"), (".", RIGHT, "is a folder"), ("pipe", None, "neither a file nor")],
)
def test_a_local_file_that_is_not_one(get, tmp_path, source, checksum, said):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FetchError, match=said):
        get(request(source, checksum, folder=tmp_path))


@pytest.mark.parametrize("algorithm", HEX_DIGITS)
def test_every_algorithm(get, tmp_path, algorithm):
    path = tmp_path / "disk.img"
    path.write_bytes(CONTENT)
    digest = hashlib.new(algorithm, CONTENT).hexdigest().upper()
    assert get(request(path, parse(f"{algorithm}:{digest}"))).size_bytes == len(CONTENT)
    assert get(request(path, parse(digest))).size_bytes == len(CONTENT)


SUMS = {
    "GNU": f"{'0' * 64}  other.img\n{RIGHT.digest}  disk.img\n",
    "GNU, binary": f"{RIGHT.digest} *disk.img\n",
    "GNU, in a folder": f"{RIGHT.digest}  ./images/disk.img\n",
    "OpenSSL": f"SHA2-256(disk.img)= {RIGHT.digest}\n",
    "BSD": f"SHA256 (other.img) = {'0' * 64}\nSHA256 (disk.img) = {RIGHT.digest}\n",
    "GNU, with a mark of its encoding": f"\ufeff{RIGHT.digest}  disk.img\r\n",
    "GNU, in several folders": f"{'0' * 64}  a/disk.img\n{RIGHT.digest}  b/disk.img\n",
    "GNU, by several algorithms": f"{'0' * 32}  disk.img\n{RIGHT.digest}  disk.img\n",
    "alone": f"{RIGHT.digest}\n",
    "signed": f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{RIGHT.digest}  disk.img\n-----END\n",
}


@pytest.mark.parametrize("form", SUMS)
def test_a_checksum_file(get, form):
    def answer(handler):
        whole(handler, content=SUMS[form].encode() if handler.path == "/SUMS" else CONTENT)

    with serving(answer) as (address, seen):
        wanted = request(f"{address}/b/disk.img", ChecksumFile(f"{address}/SUMS"))
        assert get(wanted).checksum == RIGHT
        assert get(wanted, offline=True).was_cached
    assert [path for path, _ in seen] == ["/SUMS", "/b/disk.img"]


def test_a_checksum_file_beside_the_job(get, tmp_path):
    (tmp_path / "disk.img").write_bytes(CONTENT)
    (tmp_path / "SUMS").write_text(SUMS["GNU"])
    base = Base(folder=tmp_path)
    wanted = Request(location=locate("disk.img", base), checksum=ChecksumFile("SUMS"), base=base)
    assert get(wanted).checksum == RIGHT


def test_a_checksum_file_in_two_bytes_a_letter(get, tmp_path):
    (tmp_path / "disk.img").write_bytes(CONTENT)
    (tmp_path / "SUMS").write_text(SUMS["GNU"], encoding="utf-16")
    base = Base(folder=tmp_path)
    assert get(Request(location=locate("disk.img", base), checksum=ChecksumFile("SUMS"), base=base)).checksum


def test_offline_a_checksum_file_of_another_folder_is_not_meant(get, tmp_path):
    def wanted(name):
        base = Base(folder=tmp_path / name)
        location = locate(f"{address}/{name}/disk.img", base)
        return Request(location=location, checksum=ChecksumFile("SUMS"), base=base)

    other = hashlib.sha256(b"other").hexdigest()
    for name, digest in (("one", RIGHT.digest), ("two", other)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "SUMS").write_text(f"{digest}  disk.img\n")
    with serving(whole) as (address, _):
        get(wanted("one"))
        assert get(wanted("one"), offline=True).was_cached
        with pytest.raises(FetchError, match="not in the cache"):
            get(wanted("two"), offline=True)


def test_a_checksum_file_that_says_two_things(get, tmp_path):
    (tmp_path / "disk.img").write_bytes(CONTENT)
    (tmp_path / "SUMS").write_text(f"{RIGHT.digest}  x/disk.img\n{WRONG.digest}  y/disk.img\n")
    base = Base(folder=tmp_path)
    with pytest.raises(FetchError, match="2 different sums"):
        get(Request(location=locate("disk.img", base), checksum=ChecksumFile("SUMS"), base=base))


@pytest.mark.parametrize("text", ["", f"{RIGHT.digest}  other.img\n", "<html></html>"])
def test_a_checksum_file_that_does_not_help(get, text):
    def answer(handler):
        whole(handler, content=text.encode() if handler.path == "/SUMS" else CONTENT)

    with serving(answer) as (address, _), pytest.raises(FetchError, match=r"disk\.img"):
        get(request(f"{address}/disk.img", ChecksumFile(f"{address}/SUMS")))


def test_a_missing_checksum_file(get, http_server):
    with pytest.raises(FetchError, match="cannot fetch the checksum file") as caught:
        get(request(f"{http_server}/disk.img", ChecksumFile(f"{http_server}/SUMS")), patience=Patience())
    assert "404" in caught.value.detail


def test_a_folder_that_cannot_be_written_is_the_hosts_fault(get):
    get.folder.write_text("a file where the cache should be")
    with serving(whole) as (address, _), pytest.raises(StorageError):
        get(request(f"{address}/disk.img", RIGHT))


def test_a_folder_that_is_too_open_is_tightened(get):
    get.folder.mkdir(mode=0o777)
    get.folder.chmod(0o777)
    with serving(whole) as (address, _):
        get(request(f"{address}/disk.img", RIGHT))
    assert get.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(get):
    with serving(whole) as (address, _):
        get(request(f"{address}/disk.img", RIGHT))
        os.chown(get.folder, 65534, 65534)
        with pytest.raises(StorageError, match="another user"):  # whatever its records say
            get(request(f"{address}/disk.img", RIGHT))


def test_retry_after_may_be_a_date(get):
    def answer(handler):
        if len(seen) == 1:
            handler.send_response(503)
            handler.send_header("Retry-After", handler.date_time_string(time.time() - 60))
            handler.end_headers()
        else:
            whole(handler)

    with serving(answer) as (address, seen):
        assert get(request(f"{address}/disk.img", RIGHT)).size_bytes == len(CONTENT)
