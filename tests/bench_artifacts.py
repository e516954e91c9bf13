"""How fast an artifact comes and is found again, against `curl -o FILE && sha256sum FILE` from one nginx.

    .venv/bin/python -m tests.bench_artifacts [--megabytes 2000] [--times 5]

Both write to the same folder, in turn; medians and their ratio are told. nginx, curl and sha256sum have to
be there.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qemu_run.artifacts.cache import Cache
from qemu_run.artifacts.checksum import Checksum
from qemu_run.artifacts.fetch import fetch
from qemu_run.artifacts.location import locate
from qemu_run.artifacts.request import Request
from qemu_run.artifacts.terms import Terms

PORT = 18765
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
    user = "root" if os.geteuid() == 0 else "nobody"
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder, port=PORT, user=user))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or sys.exit("nginx is not there")
    with subprocess.Popen([program, "-e", f"{folder}/errors", "-c", f"{folder}/conf"]) as server:
        while not (folder / "pid").exists() and server.poll() is None:
            os.sched_yield()
        try:
            yield f"http://127.0.0.1:{PORT}"
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


def timed(run: object) -> float:
    """The seconds that a call takes."""
    start = time.perf_counter()
    run()  # type: ignore[operator]  # a callable
    return time.perf_counter() - start


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
        digest = make(folder / "www/disk.img", options.megabytes)
        with nginx(folder) as address:
            measure(folder, f"{address}/disk.img", digest, options)


def measure(folder: Path, url: str, digest: str, options: argparse.Namespace) -> None:
    """The table."""
    wanted = Request(location=locate(url, folder), checksum=Checksum("sha256", digest))

    def ours() -> None:
        fetch(wanted, Cache(folder / "cache"), Terms()).release()

    def theirs() -> None:
        command = 'curl -sf -o "$1" "$0" && sha256sum "$1" >/dev/null'
        subprocess.run(["sh", "-c", command, url, f"{folder}/out"], check=True)

    fetched, curled, reused = [], [], []
    for _ in range(options.times):
        shutil.rmtree(folder / "cache", ignore_errors=True)
        os.sync()
        fetched.append(timed(ours))
        reused.append(timed(ours))
        (folder / "out").unlink(missing_ok=True)
        os.sync()  # what the last one wrote is not to slow the next one down
        curled.append(timed(theirs))
    size = options.megabytes
    fetch_s, curl_s, reuse_s = map(statistics.median, (fetched, curled, reused))
    rows = [
        ("curl && sha256sum", curl_s, ""),
        ("fetched and verified", fetch_s, f"{curl_s / fetch_s:.2f} times as fast"),
        ("found again", reuse_s, ""),
    ]
    for what, seconds, note in rows:
        rate = f"{size / seconds:8.0f} MB/s" if seconds > 0.1 else ""
        print(f"{what:<24}{seconds * 1000:10.1f} ms {rate:<14}{note}")  # noqa: T201  # its output


if __name__ == "__main__":
    main(sys.argv[1:])
