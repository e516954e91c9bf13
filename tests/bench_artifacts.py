"""How fast an artifact comes and is found again, against `curl -o FILE && sha256sum FILE` from one nginx.

    .venv/bin/python -m tests.bench_artifacts [--megabytes 2000] [--times 5]

Both write to the same folder, in turn; medians and their ratio are told. nginx, curl and sha256sum have to
be there.
"""

import argparse
import hashlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.checksum import Checksum
from qemu_run.artifacts.fetch import fetch
from qemu_run.artifacts.location import locate
from qemu_run.artifacts.request import Request
from qemu_run.artifacts.terms import Terms

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


@dataclass(frozen=True)
class Took:
    """What a call took, in seconds: by the clock, and of the processors."""

    seconds: float
    processors: float


def timed(run: Callable[[], object]) -> Took:
    """What a call takes, programs that it starts included."""
    start, before = time.perf_counter(), os.times()
    run()
    seconds, after = time.perf_counter() - start, os.times()
    return Took(seconds, sum(after[:4]) - sum(before[:4]))


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench_artifacts")
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "www").mkdir()
        sizes = sorted({1, 100, options.megabytes})
        digests = {size: make(folder / f"www/{size}.img", size) for size in sizes}
        with nginx(folder) as address:
            wanted = {
                size: Request(
                    location=locate(f"{address}/{size}.img", folder), checksum=Checksum("sha256", digest)
                )
                for size, digest in digests.items()
            }
            measure(folder, wanted, options)


def measure(folder: Path, wanted: Mapping[int, Request], options: argparse.Namespace) -> None:
    """The table."""
    largest = wanted[options.megabytes]

    def ours(request: Request) -> None:
        fetch(request, Cache(folder / "cache"), Terms()).release()

    def theirs() -> None:
        command = 'curl -sf -o "$1" "$0" && sha256sum "$1" >/dev/null'
        subprocess.run(["sh", "-c", command, largest.location.url, f"{folder}/out"], check=True)

    ours(wanted[min(wanted)])  # what is imported then is not measured
    fetched, curled = [], []
    reused: dict[int, list[Took]] = {size: [] for size in wanted}
    for _ in range(options.times):
        shutil.rmtree(folder / "cache", ignore_errors=True)
        os.sync()
        fetched.append(timed(lambda: ours(largest)))
        for size, request in wanted.items():
            ours(request)
            reused[size].append(timed(partial(ours, request)))
        (folder / "out").unlink(missing_ok=True)
        os.sync()  # what the last one wrote is not to slow the next one down
        curled.append(timed(theirs))
    clock, processors = (median(curled, each) / median(fetched, each) for each in ("seconds", "processors"))
    row("curl && sha256sum", curled, options.megabytes)
    row("fetched and verified", fetched, options.megabytes)
    print(f"{clock:.2f} times as fast, with {1 / processors:.2f} of the processors' time")  # noqa: T201
    for size, took in reused.items():
        row(f"found again, {size} MB", took, None)


def median(took: Sequence[Took], what: str) -> float:
    """The median of one of its numbers."""
    return statistics.median(getattr(each, what) for each in took)


def row(what: str, took: Sequence[Took], megabytes: int | None) -> None:
    """A line of the table."""
    seconds = median(took, "seconds")
    more = "" if megabytes is None else f"{megabytes / seconds:8.0f} MB/s, processors "
    more += f"{median(took, 'processors') * 1000:.1f} ms" if more else ""
    print(f"{what:<24}{seconds * 1000:10.1f} ms {more}")  # noqa: T201  # its output


if __name__ == "__main__":
    main(sys.argv[1:])
