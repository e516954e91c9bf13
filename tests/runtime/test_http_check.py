"""What an http check takes for health, asked of a real server."""

import asyncio
import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from qemu_run.planning.checks import CheckPlan, HttpRequest
from qemu_run.runtime.checks import probe

ELSEWHERE = []


class Pages(BaseHTTPRequestHandler):
    """Answers as its path says."""

    def do_GET(self):
        if self.path == "/elsewhere":
            ELSEWHERE.append(self.headers["Host"])
        if self.path == "/nothing":
            return
        if self.path == "/slow":
            self.server.done.wait(5)
            return
        code = {"/gone": 410, "/home": 302, "/away": 302, "/round": 302, "/say": 200}.get(self.path, 200)
        if self.path == "/say" and (self.headers["X-Who"], self.headers["Host"]) != ("me", "web.example"):
            code = 400
        self.send_response(code)
        target = {"/home": "/good", "/away": f"http://{self.server.other}/elsewhere", "/round": "/round"}
        if self.path in target:
            self.send_header("Location", target[self.path])
        self.end_headers()
        with contextlib.suppress(OSError):  # nobody reads it all
            self.wfile.write(b"x" * 10_000_000 if self.path == "/large" else b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if body == b"ping" else 500)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def servers():
    made = [ThreadingHTTPServer(("127.0.0.1", 0), Pages) for _ in range(2)]
    addresses = [f"127.0.0.1:{server.server_address[1]}" for server in made]
    for server, other in zip(made, reversed(addresses), strict=True):
        server.other, server.done = other, threading.Event()
    threads = [threading.Thread(target=server.serve_forever) for server in made]
    for thread in threads:
        thread.start()
    ELSEWHERE.clear()
    yield addresses
    for server, thread in zip(made, threads, strict=True):
        server.done.set()
        server.shutdown()
        server.server_close()
        thread.join()


def why(url, *, method="GET", headers=(), body="", timeout=2.0):
    """Why a check of this address fails; nothing when it passes."""
    request = HttpRequest(url=url, method=method, headers=headers, body=body, verify=True, server_name="")
    check = CheckPlan(
        name="web",
        kind="http",
        ip="127.0.0.1",
        port=1,
        guest_port=1,
        http=request,
        interval_seconds=1,
        timeout_seconds=timeout,
        passes_after=1,
        fails_after=1,
        restart=None,
        counts_for_readiness=True,
        span=None,
    )
    return asyncio.run(probe(check, None))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/good", ""),
        ("/large", ""),
        ("/gone", "410"),
        ("/home", ""),
        ("/round", "more than 10 redirections"),
        ("/nothing", "the connection was closed without an answer"),
    ],
)
def test_an_answer(servers, path, words):
    assert why(f"http://{servers[0]}{path}") == words


def test_a_redirection_to_elsewhere_is_an_answer_and_not_followed(servers):
    assert why(f"http://{servers[0]}/away") == ""
    assert ELSEWHERE == []


def test_headers_method_and_body(servers):
    headers = (("X-Who", "me"), ("Host", "web.example"))
    assert why(f"http://{servers[0]}/say", headers=headers) == ""
    assert why(f"http://{servers[0]}/", method="POST", body="ping") == ""
    assert why(f"http://{servers[0]}/", method="POST", body="pong") == "500"


def test_no_answer_in_time(servers):
    assert why(f"http://{servers[0]}/slow", timeout=0.2) == "no answer in time"


def test_nobody_there(servers):
    assert why("http://127.0.0.1:9/") == "no connection"


def test_an_address_that_is_none():
    assert why("gopher://127.0.0.1/") != ""
