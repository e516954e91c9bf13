"""Servers that lie: whatever they do, no wrong byte is taken, the failure has words, and nothing hangs."""

import gzip
import os
import threading
from dataclasses import replace

import pytest

from qemu_run.artifacts.failures import FetchError, StoppedError
from qemu_run.artifacts.fetch import fetch
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.terms import Terms
from tests.artifacts.conftest import CONTENT, QUICK, RIGHT, WRONG, lying, request, serving, whole

HEAD = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(CONTENT)


def say(*parts):
    return lambda connection, _over: connection.sendall(b"".join(parts))


def say_and_stall(*parts):
    def script(connection, over):
        connection.sendall(b"".join(parts))
        over.wait(30)

    return script


def drip(head):
    def script(connection, over):
        connection.sendall(head)
        while not over.wait(0.02):
            connection.sendall(b"x")

    return script


LIES = {
    "closes at once": (say(), "broke off"),
    "is not http": (say(b"SSH-2.0-OpenSSH_9\r\n"), "does not speak HTTP"),
    "sends the file alone": (say(b"\x85\x1c\x0b" + CONTENT), "does not speak HTTP|too large"),
    "stalls before the head": (say_and_stall(), "stall|not answer"),
    "stalls in the head": (say_and_stall(HEAD), "stall|not answer"),
    "drips its head": (drip(HEAD + b"X-Slow: "), "not answer"),
    "stalls in the body": (say_and_stall(HEAD, LENGTH, b"\r\n", CONTENT[:100_000]), "stall"),
    "drips its body": (drip(HEAD + LENGTH + b"\r\n"), "too slow"),
    "cuts the body": (say(HEAD, LENGTH, b"\r\n", CONTENT[:100_000]), "broke off"),
    "says a wrong length": (say(HEAD, b"Content-Length: 4000000\r\n\r\n", CONTENT), "broke off"),
    "cuts a chunk": (
        say(HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"fff\r\n", b"x" * 100),
        "broke off",
    ),
    "leaves out the last chunk": (
        say(HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"64\r\n", b"x" * 100, b"\r\n"),
        "broke off",
    ),
    "has a bad chunk": (
        say(HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"4\r\nabcd\r\nzz\r\nabcd\r\n"),
        "broke off",
    ),
    "has a line of 10 MB in its head": (
        say(HEAD, b"X-Long: ", b"x" * 10_000_000, b"\r\n\r\n"),
        "too large|broke off",
    ),
    "has 10000 lines in its head": (say(HEAD, b"X-Many: x\r\n" * 10_000, b"\r\n"), "too large|broke off"),
    "sends a page with 200": (
        say(HEAD, b"Content-Type: text/html\r\nContent-Length: 22\r\n\r\n", b"<html>not found</html>"),
        "wrong sha256",
    ),
    "sends nothing": (say(HEAD, b"Content-Length: 0\r\n\r\n"), "wrong sha256"),
    "sends a range nobody asked for": (
        say(b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\nabcde"),
        "answered 206",
    ),
    "says no number for a length": (
        say(HEAD, b"Content-Length: many\r\n\r\n", CONTENT[:100_000]),
        "wrong sha256",
    ),
    "says a negative length": (say(HEAD, b"Content-Length: -5\r\n\r\n", CONTENT[:100_000]), "wrong sha256"),
    "says two lengths": (say(HEAD, b"Content-Length: 5\r\n", LENGTH, b"\r\n", CONTENT), "broke off"),
    "says no length and is cut": (say(HEAD, b"\r\n", CONTENT[:100_000]), "wrong sha256"),
    "is busy": (say(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), "answered 503"),
    "is busy for a day": (
        say(b"HTTP/1.1 429 No\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n"),
        "answered 429",
    ),
    "redirects to itself": (
        say(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"),
        "redirects more than 10 times",
    ),
    "redirects to a file": (
        say(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"),
        "redirects to file",
    ),
    "redirects to no address": (
        say(b"HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\nContent-Length: 0\r\n\r\n"),
        "malformed",
    ),
    "redirects to a name of 70 letters": (
        say(b"HTTP/1.1 302 Found\r\nLocation: http://%s.x/\r\nContent-Length: 0\r\n\r\n" % (b"a" * 70)),
        "malformed",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_an_error_with_words(get, lie):
    script, said = LIES[lie]
    with lying(script) as (address, _), pytest.raises(FetchError, match=said) as caught:
        get(request(f"{address}/disk.img", RIGHT))
    assert "127.0.0.1" in caught.value.detail
    assert len(caught.value.detail) < 1000
    assert get.files("content") == []


@pytest.mark.parametrize(
    "lie",
    [
        *("cuts the body", "cuts a chunk", "has a bad chunk", "leaves out the last chunk"),
        *("says a wrong length", "says two lengths"),
    ],
)
def test_without_a_checksum_a_cut_is_noticed_too(get, lie):
    with lying(LIES[lie][0]) as (address, _), pytest.raises(FetchError, match="broke off"):
        get(request(f"{address}/disk.img"))
    assert get.files("content") == []
    assert get.files("urls") == []


@pytest.mark.parametrize(
    "odd", [b"Content-Length: many", b"Content-Length: -5", b"Transfer-Encoding: gzip, chunked"]
)
def test_without_a_checksum_an_end_that_is_not_understood_is_refused(get, odd):
    script = say(HEAD, odd, b"\r\n\r\n", CONTENT)
    with lying(script) as (address, _), pytest.raises(FetchError, match="where the file ends") as caught:
        get(request(f"{address}/disk.img"))
    assert "checksum" in caught.value.hints[0]
    assert get.files("content") == []
    if odd.startswith(b"Content"):
        with lying(script) as (address, _):
            assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT


def test_without_a_checksum_an_end_that_nobody_tells_is_told(get):
    with lying(say(HEAD, b"\r\n", CONTENT)) as (address, _):
        assert get(request(f"{address}/disk.img")).may_be_cut
    with lying(say(HEAD, LENGTH, b"\r\n", CONTENT)) as (address, _):
        assert not get(request(f"{address}/other.img")).may_be_cut
    chunked = say(
        HEAD, b"Transfer-Encoding: chunked\r\n", LENGTH, b"\r\n64\r\n", b"x" * 100, b"\r\n0\r\n\r\n"
    )
    with lying(chunked) as (address, _):
        fetched = get(request(f"{address}/third.img"))
    assert (fetched.size_bytes, fetched.may_be_cut) == (100, False)


def test_a_part_that_nobody_asked_for_is_explained(get):
    script = LIES["sends a range nobody asked for"][0]
    with lying(script) as (address, _), pytest.raises(FetchError, match="answered 206") as caught:
        get(request(f"{address}/disk.img", RIGHT))
    assert "the whole was asked for" in caught.value.hints[0]
    with lying(script) as (address, _), pytest.raises(FetchError, match="answered 206") as caught:
        get(request(f"{address}/disk.img", RIGHT, headers={"Range": "bytes=5-9"}))
    assert "the job's own headers" in caught.value.hints[0]


@pytest.mark.parametrize("harm", ["", "cut", "no gzip at all"])
def test_a_gzip_that_nobody_asked_for_stays_as_it_is(get, harm):
    packed = gzip.compress(b"\0" * 10_000_000)
    packed = {"": packed, "cut": packed[:500], "no gzip at all": CONTENT}[harm]
    with serving(lambda handler: whole(handler, content=packed, Content_Encoding="gzip")) as (address, seen):
        fetched = get(request(f"{address}/disk.img"))
    assert fetched.path.read_bytes() == packed
    assert seen[0][1]["Accept-Encoding"] == "identity"


def resuming(connection, _over, tag=b'"one"', start=0, end=None, content=CONTENT):
    part = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\n" % (
        start,
        len(content) - 1,
        len(content),
    )
    body = content[start:]
    connection.sendall(
        (part if start else HEAD) + b"ETag: %s\r\nContent-Length: %d\r\n\r\n" % (tag, len(body)) + body[:end]
    )


def test_what_broke_off_is_resumed(get):
    def rest(connection, over):
        resuming(connection, over, start=100_000)

    with lying(lambda c, o: resuming(c, o, end=100_000), rest) as (address, heard):
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT
    assert "Range: bytes=100000-" in heard[1]
    assert 'If-Range: "one"' in heard[1]
    assert get.files("parts") == []


def test_the_next_run_resumes_what_the_last_one_left(get):
    once = replace(QUICK, tries=1)
    cut = lambda c, o: resuming(c, o, end=100_000)  # noqa: E731
    with lying(cut, lambda c, o: resuming(c, o, start=100_000)) as (address, heard):
        with pytest.raises(FetchError, match="broke off") as caught:
            get(request(f"{address}/disk.img", RIGHT), patience=once)
        assert "100.0 kB are kept" in caught.value.hints[0]
        assert len(get.files("parts")) == 2  # the part, and how to ask for the rest
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT
    assert "Range: bytes=100000-" in heard[1]
    assert get.files("parts") == []


def test_another_address_is_not_asked_for_the_rest(get):
    with lying(lambda c, o: resuming(c, o, end=100_000)) as (address, _), pytest.raises(FetchError):
        get(request(f"{address}/disk.img", RIGHT))
    with serving(whole) as (address, seen):
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT
    assert "Range" not in seen[0][1]


def test_a_file_that_changed_in_between_starts_over(get):
    new = CONTENT[::-1]

    def changed(connection, over):
        resuming(connection, over, tag=b'"two"', content=new)

    with lying(lambda c, o: resuming(c, o, end=100_000), changed) as (address, _):
        assert get(request(f"{address}/disk.img")).path.read_bytes() == new


def test_a_range_that_begins_elsewhere_is_not_taken(get):
    def elsewhere(connection, over):
        resuming(connection, over, start=200_000)

    with lying(lambda c, o: resuming(c, o, end=100_000), elsewhere, resuming) as (
        address,
        _,
    ):
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT


def test_mixed_ranges_are_caught_by_the_checksum_and_do_not_stay(get):
    def mixed(connection, over):
        resuming(connection, over, start=100_000, content=CONTENT[::-1])

    cut = lambda c, o: resuming(c, o, end=100_000)  # noqa: E731
    with lying(cut, mixed) as (address, _), pytest.raises(FetchError, match="wrong sha256"):
        get(request(f"{address}/disk.img", RIGHT))
    assert get.files("parts") == []


def test_a_part_that_cannot_be_resumed_does_not_stay(get):
    with lying(LIES["cuts the body"][0]) as (address, _), pytest.raises(FetchError):
        get(request(f"{address}/disk.img", RIGHT))
    assert get.files("parts") == []


def test_what_passes_is_tried_again(get):
    with lying(LIES["is busy"][0], LIES["closes at once"][0], resuming) as (
        address,
        heard,
    ):
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT
    assert len(heard) == 3


@pytest.mark.parametrize("lie", ["stalls before the head", "stalls in the body", "drips its body"])
def test_a_stop_ends_it_at_once(get, lie):
    from qemu_run.artifacts.terms import Patience

    stop, ended = Stop(), threading.Event()

    def fetching():
        with pytest.raises(StoppedError):
            get(request(f"{address}/disk.img", RIGHT), stop=stop, patience=Patience())
        ended.set()

    with lying(LIES[lie][0]) as (address, heard):
        thread = threading.Thread(target=fetching)
        thread.start()
        while not heard:
            assert thread.is_alive()
            thread.join(0.01)
        stop.request()
        assert ended.wait(5)
        thread.join()


@pytest.mark.parametrize(
    ("proxy", "cure"),
    [
        ("http://[::1", "http://proxy"),
        ("ftp://user:HUSH@127.0.0.1:1", "http://proxy"),
        ("user:HUSH@a..b:1", "http://proxy"),
        ("socks5://user:HUSH@127.0.0.1:1", "pysocks"),
    ],
)
def test_a_proxy_that_is_none_is_not_told_as_the_jobs_address(get, monkeypatch, proxy, cure):
    monkeypatch.setenv("http_proxy", proxy)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(FetchError, match="the proxy cannot be used") as caught:
        get(request("http://127.0.0.1:1/disk.img", RIGHT))
    assert cure in caught.value.hints[0]
    assert "HUSH" not in caught.value.detail


def test_a_blank_in_a_redirect_is_taken_as_browsers_do(get):
    def answer(handler):
        if handler.path == "/old":
            handler.send_response(302)
            handler.send_header("Location", "/the disk.img")
            handler.end_headers()
        else:
            whole(handler)

    with serving(answer) as (address, seen):
        assert get(request(f"{address}/old", RIGHT)).path.read_bytes() == CONTENT
    assert [path for path, _ in seen] == ["/old", "/the%20disk.img"]


def test_what_a_server_says_is_cleaned(get):
    evil = say(b"HTTP/1.1 404 \x1b]0;evil\x07\r\nContent-Length: 0\r\n\r\n")
    with lying(evil) as (address, _), pytest.raises(FetchError) as caught:
        get(request(f"{address}/disk.img", WRONG))
    assert "\x1b" not in caught.value.summary + caught.value.detail


def test_what_is_too_large_is_refused_before_it_comes(get):
    large = lying(say_and_stall(HEAD, b"Content-Length: 5000000000\r\n\r\n"))
    with large as (address, _), pytest.raises(FetchError, match=r"larger than 1\.0 kB: 5,000,000\.0 kB$"):
        get(request(f"{address}/disk.img", RIGHT), most_bytes=1000)
    endless = serving(lambda handler: whole(handler, content=CONTENT))
    with endless as (address, _), pytest.raises(FetchError, match=r"larger than 1\.0 kB"):
        get(request(f"{address}/disk.img"), most_bytes=1000)
    assert get.files("parts") == []


def test_a_part_that_somebody_empties_on_the_way_is_not_taken(get):
    def empty(connection, over):
        os.truncate(get.cache.part(RIGHT.key), 0)
        resuming(connection, over, start=100_000)

    refused = pytest.raises(FetchError, match=r"wrong sha256|cut by somebody")
    with lying(lambda c, o: resuming(c, o, end=100_000), empty) as (address, _), refused:
        get(request(f"{address}/disk.img", RIGHT))
    assert get.files("content") == get.files("parts") == []


def test_a_stop_while_the_last_bytes_are_hashed_ends_it(get):
    stop = Stop()

    def stopped(received, total):
        if received == total:
            stop.request()

    def fetching(**terms):
        return fetch(request(f"{address}/disk.img", RIGHT), get.cache, Terms(patience=QUICK, **terms))

    with lying(resuming) as (address, _):
        with pytest.raises(StoppedError):
            fetching(stop=stop, progress=stopped)
        assert get.files("content") == []
        fetching().release()
    assert get.cache.content(RIGHT.key).read_bytes() == CONTENT
