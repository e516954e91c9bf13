import hashlib
import os
import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.checksum import Checksum
from qemu_run.artifacts.contents import looks
from qemu_run.artifacts.fetch import fetch
from qemu_run.artifacts.folders import read_record, write_record
from qemu_run.artifacts.location import locate
from qemu_run.artifacts.request import Request
from qemu_run.artifacts.terms import Patience, Terms

ROOT = Path(__file__).parents[2]
CONTENT = bytes(range(256)) * 8192
RIGHT = Checksum("sha256", hashlib.sha256(CONTENT).hexdigest())
WRONG = Checksum("sha256", "0" * 64)
QUICK = Patience(
    connect_seconds=5,
    answer_seconds=1,
    stall_seconds=0.5,
    floor_bytes=1 << 16,
    floor_seconds=0.5,
    first_wait_seconds=0.01,
)
"""Nobody waits in a test; what takes longer than this is a server that does not come back."""


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def request(source, checksum=None, folder=Path("/nowhere"), **more):
    return Request(location=locate(str(source), folder), checksum=checksum, **more)


def flip(path, at=100):
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def unnoticed(cache, key):
    """The record of a content as if nothing had touched it: what no clock and no size tells."""
    record = read_record(cache.index(key))
    write_record(cache.index(key), {**record, "looks": looks(cache.content(key))})


class Getting:
    """Fetches into a cache of its own, and tells how far it came."""

    def __init__(self, folder):
        self.steps = []
        self.folder = folder / "cache"

    @property
    def cache(self):
        return Cache(self.folder)

    def __call__(self, wanted, **terms):
        terms = Terms(progress=lambda *step: self.steps.append(step), **{"patience": QUICK, **terms})
        fetched = fetch(wanted, self.cache, terms)
        fetched.release()
        for thread in threading.enumerate():
            if thread.name == "artifact sync":  # it notes in the index that the disk has it all
                thread.join()
        return fetched

    def files(self, room):
        folder = self.folder / room
        return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def get(tmp_path):
    return Getting(tmp_path)


@contextmanager
def serving(answer):
    """A server that answers every GET with `answer(handler)`; yields its address and the requests it saw."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, dict(self.headers)))
            with suppress(OSError):
                answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def whole(handler, length=None, content=CONTENT, **headers):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def lying(*scripts):
    """A server of bare sockets: each connection is handed to the next script, the last one again and again.

    A script takes the connection and an event that is set when the test is over, for those that stall.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()
    heard = []

    def serve():
        number = 0
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            script = scripts[min(number, len(scripts) - 1)]
            number += 1
            threading.Thread(target=talk, args=(connection, script), daemon=True).start()

    def talk(connection, script):
        with connection, suppress(OSError):
            heard.append(connection.recv(65536).decode("latin-1"))
            script(connection, over)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
