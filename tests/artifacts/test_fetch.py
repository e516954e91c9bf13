import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from qemu_run.artifacts.checksum import HEX_DIGITS, Checksum, parse
from qemu_run.artifacts.fetch import FetchError, Request, fetch
from qemu_run.artifacts.location import locate

CONTENT = bytes(range(256)) * 8192
RIGHT = Checksum("sha256", hashlib.sha256(CONTENT).hexdigest())
WRONG = Checksum("sha256", "0" * 64)


def request(source, checksum=None, folder=Path("/nowhere"), **more):
    return Request(location=locate(str(source), folder), checksum=checksum, **more)


@pytest.fixture
def get(tmp_path):
    """Fetches, and tells how far it came."""
    steps: list[tuple[int, int | None]] = []

    def fetch_here(wanted):
        return fetch(wanted, tmp_path / "cache", tmp_path / "scratch", lambda *step: steps.append(step))

    fetch_here.steps = steps
    return fetch_here


@contextmanager
def serving(answer):
    """A server that answers every GET with `answer(handler)`; yields its address and the requests it saw."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, dict(self.headers)))
            answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def whole(handler, length=None):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT) if length is None else length))
    handler.end_headers()
    handler.wfile.write(CONTENT)


def test_a_download_is_verified_and_kept_by_its_digest(get, tmp_path):
    with serving(whole) as (address, seen):
        first = get(request(f"{address}/disk.img", RIGHT))
        second = get(request(f"{address}/other-name.img", RIGHT))
    assert first.path.read_bytes() == CONTENT
    assert (first.was_cached, second.was_cached) == (False, True)
    assert first.path == second.path
    assert [path for path, _ in seen] == ["/disk.img"]
    assert get.steps[-1] == (len(CONTENT), len(CONTENT))
    assert first.path.is_relative_to(tmp_path / "cache")


def test_a_damaged_cache_entry_is_fetched_again(get):
    with serving(whole) as (address, seen):
        path = get(request(f"{address}/disk.img", RIGHT)).path
        path.write_bytes(b"damaged")
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT
    assert len(seen) == 2


def test_without_a_checksum_nothing_is_kept(get, tmp_path):
    with serving(whole) as (address, _):
        assert get(request(f"{address}/disk.img")).path.parent == tmp_path / "scratch"
    assert not (tmp_path / "cache").exists()


def test_a_wrong_checksum_tells_what_was_wanted_and_what_came(get, tmp_path):
    with serving(whole) as (address, _), pytest.raises(FetchError, match="wrong sha256 checksum") as caught:
        get(request(f"{address}/disk.img?token=secret", WRONG))
    assert WRONG.digest in caught.value.detail
    assert RIGHT.digest in caught.value.detail
    assert str(len(CONTENT)) in caught.value.detail
    assert "secret" not in caught.value.detail
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [f"sha256-{WRONG.digest}.lock"]


def test_a_download_that_breaks_off_leaves_nothing(get, tmp_path):
    with (
        serving(lambda handler: whole(handler, len(CONTENT) + 1000)) as (address, _),
        pytest.raises(FetchError),
    ):
        get(request(f"{address}/disk.img"))
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_the_server_says_is_passed_on(get):
    refused = pytest.raises(FetchError, match="the server answered 404 Not Found")
    with serving(lambda handler: handler.send_error(404)) as (address, _), refused:
        get(request(f"{address}/disk.img"))


def test_headers_are_sent(get):
    with serving(whole) as (address, seen):
        get(request(f"{address}/disk.img", headers={"X-Token": "abc"}))
    assert seen[0][1]["X-Token"] == "abc"


def test_an_unreachable_server_is_named(get):
    with serving(whole) as (address, _):
        pass
    with pytest.raises(FetchError, match="cannot reach") as caught:
        get(request(f"{address}/disk.img"))
    assert address in caught.value.detail
    assert "refused" in caught.value.detail


@pytest.mark.parametrize("form", ["{path}", "file://{path}", "disk.img"])
def test_a_local_file_stays_where_it_is(get, tmp_path, form):
    path = tmp_path / "disk.img"
    path.write_bytes(CONTENT)
    fetched = get(request(form.format(path=path), RIGHT, folder=tmp_path))
    assert fetched.path == path


def test_a_local_file_is_verified_too(get, tmp_path):
    (tmp_path / "disk.img").write_bytes(b"something else")
    with pytest.raises(FetchError, match="wrong sha256 checksum"):
        get(request("disk.img", RIGHT, folder=tmp_path))


@pytest.mark.parametrize(("source", "said"), [("gone.img", "is not there"), (".", "is a directory")])
def test_a_local_file_that_is_none(get, tmp_path, source, said):
    with pytest.raises(FetchError, match=said):
        get(request(source, folder=tmp_path))


@pytest.mark.parametrize("algorithm", HEX_DIGITS)
def test_every_algorithm(get, tmp_path, algorithm):
    path = tmp_path / "disk.img"
    path.write_bytes(CONTENT)
    checksum = parse(f"{algorithm}:{hashlib.new(algorithm, CONTENT).hexdigest().upper()}")
    assert get(request(path, checksum)).size_bytes == len(CONTENT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("d41d8cd9", "algorithm:digest"),
        ("crc32:00000000", '"crc32" is none of md5'),
        ("md5:abc", "has 32 hexadecimal digits, this one 3"),
        ("md5:" + "g" * 32, "0-9 and a-f"),
    ],
)
def test_malformed_checksums_say_what_is_right(text, said):
    with pytest.raises(ValueError, match=said):
        parse(text)


@pytest.mark.parametrize("source", ["s3://bucket/x", "git::https://h/r.git", "ftp://h/x"])
def test_unknown_schemes_name_those_there_are(source):
    with pytest.raises(ValueError, match="there are http, https, file and paths"):
        locate(source, Path())


@pytest.mark.parametrize(
    ("source", "name", "suffix"),
    [
        ("https://h/a/debian%2012.qcow2?x=1", "debian 12.qcow2", None),
        ("https://h/a.tar.gz", "a.tar.gz", "tar.gz"),
        ("images/a.QCOW2.XZ", "a.QCOW2.XZ", "xz"),
    ],
)
def test_names_and_suffixes(source, name, suffix):
    location = locate(source, Path("/base"))
    assert (location.file_name, location.archive_suffix) == (name, suffix)


def test_secrets_in_an_address_are_not_shown():
    shown = locate("https://user:word@host:8443/disk.img?key=abc", Path()).printable
    assert shown == "https://host:8443/disk.img?...=..."
