"""How fast an artifact comes and is found again, against `curl -o FILE && sha256sum FILE` from one nginx.

nginx, curl and sha256sum have to be there.
"""

import hashlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.checksum import Checksum
from qemu_run.artifacts.fetch import fetch
from qemu_run.artifacts.location import locate
from qemu_run.artifacts.request import Request
from qemu_run.artifacts.terms import Terms
from tests.bench.table import Measured, Place, against, timed

SIZES_MB = (1, 100, 2000)
TIMES = 5
WARM_UPS = 1
"""Rounds that are not counted: a virtual machine gets its memory from its host in the first of them."""

CONFIGURATION = """daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1; user {user};
events {{}}
http {{
  access_log off; sendfile on;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """A web server over `folder/www`; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = "root" if os.geteuid() == 0 else "nobody"
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder, port=port, user=user))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or sys.exit("nginx is not there")
    with subprocess.Popen([program, "-e", f"{folder}/errors", "-c", f"{folder}/conf"]) as server:
        while not (folder / "pid").exists() and server.poll() is None:
            os.sched_yield()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def make(path: Path, megabytes: int) -> str:
    """A file of that size that cannot be compressed; its sha256."""
    hasher, block = hashlib.sha256(), os.urandom(1 << 20)
    with path.open("wb") as file:
        for number in range(megabytes * 1_000_000 // len(block)):
            piece = number.to_bytes(8, "big") + block[8:]
            hasher.update(piece)
            file.write(piece)
    return hasher.hexdigest()


def measure(place: Place) -> Iterator[Measured]:
    """The lines about one large artifact. Both ways write to the same folder, in turn."""
    folder = place.folder / "artifacts"
    folder.mkdir(mode=0o755)
    (folder / "www").mkdir()
    place.folder.chmod(0o755)
    digests = {size: make(folder / f"www/{size}.img", size) for size in SIZES_MB}
    with nginx(folder) as address:
        wanted = {
            size: Request(
                location=locate(f"{address}/{size}.img", folder), checksum=Checksum("sha256", digest)
            )
            for size, digest in digests.items()
        }
        yield from _measure(folder, wanted)


def _measure(folder: Path, wanted: Mapping[int, Request]) -> Iterator[Measured]:
    largest = wanted[max(wanted)]

    def ours(request: Request) -> None:
        fetch(request, Cache(folder / "cache"), Terms()).release()

    def theirs() -> None:
        command = 'curl -sf -o "$1" "$0" && sha256sum "$1" >/dev/null'
        subprocess.run(["sh", "-c", command, largest.location.url, f"{folder}/out"], check=True)

    ours(wanted[min(wanted)])  # what is imported then is not measured
    fetched, curled = [], []
    reused: dict[int, list[float]] = {size: [] for size in wanted}
    for _ in range(WARM_UPS + TIMES):
        shutil.rmtree(folder / "cache", ignore_errors=True)
        os.sync()
        fetched.append(timed(partial(ours, largest)))
        for size, request in wanted.items():
            ours(request)
            reused[size].append(timed(partial(ours, request)))
        (folder / "out").unlink(missing_ok=True)
        os.sync()  # what the last one wrote is not to slow the next one down
        curled.append(timed(theirs))
    del fetched[:WARM_UPS], curled[:WARM_UPS]
    curl = Measured(what="curl && sha256sum of 2 GB", value=statistics.median(curled) * 1000)
    yield curl
    yield against("the same fetched and verified", statistics.median(fetched), curl, wanted=1 / 3.5)
    for size, taken in reused.items():
        yield Measured(what=f"found again, {size} MB", value=statistics.median(taken) * 1000, wanted=2)
