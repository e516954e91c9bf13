import contextlib
import hashlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from qemu_run.guests.tiny import TinyGuest
from qemu_run.node.client_config import ClientConfig
from qemu_run.node.node import Node

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that nobody tells of."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be so"
        threading.Event().wait(0.02)


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite golden files with what is printed now"
    )
    parser.addoption(
        "--twice",
        action="store_true",
        help="give `validate`, `plan` and `run` twice, and look at the second",
    )
    parser.addoption(
        "--presses", type=int, default=20, help="so many power buttons are pressed on a busy host"
    )
    parser.addoption(
        "--times", type=int, default=1, help="so often each verdict is earned; more than once on a busy host"
    )


def pytest_configure():
    """Let programs that tests start hear SIGHUP where we run under nohup, too: a handler is not inherited."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@dataclass(frozen=True)
class Result:
    """What a finished program left."""

    code: int
    out: str
    err: str


class Running:
    """A program that runs: its lines as they come, signals to it, its end."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.seen: list[str] = []
        self._open_streams = 2
        streams = (process.stdout, process.stderr)
        self._readers = [threading.Thread(target=self._read, args=(stream,)) for stream in streams]
        for reader in self._readers:
            reader.start()

    def _read(self, stream) -> None:
        with stream:
            for line in stream:
                self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)

    def wait_for(self, text: str) -> str:
        """The first line not yet looked at that has `text` in it."""
        while self._open_streams:
            line = self._lines.get(timeout=PATIENCE_SECONDS)
            if line is None:
                self._open_streams -= 1
                continue
            self.seen.append(line)
            if text in line:
                return line
        raise AssertionError(f"the program ended without {text!r}; it said:\n" + "\n".join(self.seen))

    def close(self) -> None:
        """End it, if it has not ended."""
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def finish(self) -> Result:
        """Wait for its end; all it said is `out`, both streams in the order they came."""
        with contextlib.suppress(AssertionError):
            self.wait_for("\0 never said")
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        return Result(code, "\n".join(self.seen), "")


@dataclass(frozen=True)
class Program:
    """qemu-run as a user has it: a program of its own, with private folders for all it keeps."""

    environment: Mapping[str, str]
    folder: Path
    twice: bool = False

    def _arguments(self, arguments: Sequence[object]) -> list[str]:
        return [sys.executable, "-m", "qemu_run", *map(str, arguments)]

    def run(self, *arguments: object, env: Mapping[str, str] | None = None, stdin: str = "") -> Result:
        if self.twice and arguments[:1] in {("validate",), ("plan",), ("run",)}:
            self._run(arguments, env, stdin)
        return self._run(arguments, env, stdin)

    def _run(self, arguments: Sequence[object], env: Mapping[str, str] | None, stdin: str) -> Result:
        done = subprocess.run(
            self._arguments(arguments),
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: object) -> contextlib.AbstractContextManager[Running]:
        return self.start_command(self._arguments(arguments))

    @contextlib.contextmanager
    def start_command(self, command: Sequence[str]) -> Iterator[Running]:
        """Start it by a command of one's own."""
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        running = Running(process)
        try:
            yield running
        finally:
            running.close()

    def machines(self) -> list[psutil.Process]:
        """QEMU processes that this program started and that still live."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                command = " ".join(
                    process.cmdline()
                )  # a QEMU started by its own loader has the loader's name
                is_qemu = "qemu-system" in command and sys.executable not in command
                is_ours = str(self.folder) in command or process.cwd().startswith(str(self.folder))
                if is_ours and is_qemu and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def leftovers(self) -> list[Path]:
        """Allocation directories that are still there."""
        return list((self.folder / "state/qemu-run/allocations").glob("*"))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory, worker_id) -> Path:
    """A folder that all workers of a test run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture
def qemu_run(tmp_path, shared_folder, request) -> Iterator[Program]:
    """The program, and at the end the certainty that it left nothing behind."""
    assert shutil.which("qemu-system-x86_64"), "these tests boot real guests: install qemu-system-x86"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(
            ("NOMAD_", "QEMU_RUN_", "XDG_", "PYTHONDONTWRITEBYTECODE", "NO_COLOR", "FORCE_COLOR")
        )
    }
    # The parsed grammar is kept between tests, as it is between a user's runs.
    environment |= {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(shared_folder / "cache"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TERM": "xterm",
        "COLUMNS": "100",
    }
    program = Program(environment, tmp_path, twice=request.config.getoption("--twice"))
    yield program
    assert program.machines() == []
    assert program.leftovers() == []


@pytest.fixture
def guest(tmp_path):
    """Makes disk images of the tiny guest: `guest("disk.img", end_at_once=True)`."""

    def make(name: str = "disk.img", **behaviour: object) -> Path:
        return TinyGuest(**behaviour).write(tmp_path / name)

    return make


JOB = """job "web" {{
  type = "batch"
  group "g" {{
    {group}
    task "vm" {{
      driver = "qemu"
      {task}
      config {{
        image_path  = "{image}"
        accelerator = "tcg"
        {config}
      }}
      resources {{
        memory = {memory}
      }}
    }}
  }}
}}
"""


@pytest.fixture
def job(tmp_path):
    """Writes a job file: `job(config='args = ["-nodefaults"]')`."""

    def write(name: str = "web.nomad.hcl", **parts: object) -> str:
        defaults = {"image": "disk.img", "memory": 128, "group": "", "task": "", "config": ""}
        (tmp_path / name).write_text(JOB.format(**{**defaults, **parts}))
        return name

    return write


@pytest.fixture
def http_server(tmp_path) -> Iterator[str]:
    """A web server for the test's folder; its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def golden(request):
    """Compares text with a file below `golden/` beside the test; `--update-golden` rewrites it."""

    def compare(name: str, text: str) -> None:
        path = Path(request.path).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        assert path.exists(), f"no {path}: run pytest --update-golden and read what it wrote"
        assert text == path.read_text()

    return compare


@pytest.fixture
def make_node():
    """A node with these attributes, and the client configuration's fields by keyword."""

    def make(attributes=(), **fields):
        return Node(ClientConfig(**{"name": "bench", **fields}), dict(attributes))

    return make


def _cache(*contents: Path | str) -> Path:
    """A folder of the user's cache for what is made of `contents`, and of nothing else."""
    parts = [each.read_bytes() if isinstance(each, Path) else each.encode() for each in contents]
    version = hashlib.sha256(b"".join(parts)).hexdigest()[:12]
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "qemu-run-tests" / version
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def debian_package():
    """Unpacks a package of this system's release, without installing it: `debian_package("ipxe")`."""

    def unpacked(name: str) -> Path:
        folder = _cache("package ", name)
        root = folder / "root"
        with FileLock(folder / "lock"):
            if not root.exists():
                subprocess.run(["apt-get", "-q", "download", name], cwd=folder, check=True)
                (package,) = folder.glob("*.deb")
                subprocess.run(["dpkg-deb", "-x", package, folder / "unpacking"], check=True)
                package.unlink()
                (folder / "unpacking").rename(root)
        return root

    return unpacked


@pytest.fixture(scope="session")
def efi_linux_guest(linux_guest):
    """A disk with the same Linux for UEFI: `efi_linux_guest("arm64")`, or amd64."""
    script = ROOT / "tests/guests/build-linux-efi"

    def built(architecture: str) -> Path:
        folder = _cache(script, linux_guest.parent.name)
        with FileLock(folder / "lock"):
            subprocess.run([script, linux_guest, architecture, folder], check=True)
        return folder / f"linux-{architecture}.img"

    return built


@pytest.fixture(scope="session")
def linux_guest() -> Path:
    """A disk image with a small Linux: DHCP, a web server, the power button, a guest agent."""
    script = ROOT / "tests/guests/build-linux"
    folder = _cache(script)
    with FileLock(folder / "lock"):
        subprocess.run([script, folder], check=True)
    return folder / "linux.img"
