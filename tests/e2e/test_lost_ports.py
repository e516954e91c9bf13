"""A port that another program takes after it was chosen and before QEMU has it."""

import json
import os
import re
import shutil
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from qemu_run.errors import ExitCode
from qemu_run.guests.tiny import End
from tests.conftest import PATIENCE_SECONDS

NETWORK = 'network {\n port "http" {\n to = 80\n }\n}\n'
TEMPLATE = 'template {\n destination = "local/port"\n data = "{{ env \\"NOMAD_HOST_PORT_http\\" }}"\n}\n'


@dataclass
class Thief:
    """A web server that takes the port which a request names, before it answers."""

    address: str = ""
    times: int = 1
    taken: list[socket.socket] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def take(self, port: int) -> None:
        self.asked.append(port)
        if len(self.taken) < self.times:
            holder = socket.socket()
            holder.bind(("127.0.0.1", port))
            holder.listen()
            self.taken.append(holder)


@pytest.fixture
def thief(guest):
    content = guest("other.img", end_at_once=True).read_bytes()
    thief = Thief()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            thief.take(int(re.search(r"/port-(\d+)/", self.path)[1]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    thief.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield thief
    for holder in thief.taken:
        holder.close()
    server.shutdown()
    server.server_close()
    thread.join(PATIENCE_SECONDS)


@pytest.fixture
def stealing_job(job, thief):
    source = thief.address + "/port-${NOMAD_HOST_PORT_http}/disk.img"
    artifact = f'artifact {{\n source = "{source}"\n}}\n{TEMPLATE}'
    return lambda group=NETWORK: job(image="local/disk.img", group=group, task=artifact)


def test_it_is_chosen_again_if_the_job_did_not_choose_it(qemu_run, stealing_job, thief):
    result = qemu_run.run("run", "--keep", "--events", "events", "--output", "evidence", stealing_job())
    assert result.code == 0, result.err
    (holder,) = thief.taken
    lost = holder.getsockname()[1]
    assert f"another program took port {lost} (http) meanwhile" in result.err
    (used,) = {int(each) for each in re.findall(r"127.0.0.1:(\d+) -> guest 80", result.err)}
    assert used != lost
    (kept,) = qemu_run.leftovers()
    assert (kept / "vm/local/port").read_text() == str(used)
    events = [json.loads(line) for line in (qemu_run.folder / "events").read_text().splitlines()]
    assert [each["host_port"] for each in events if each["type"] == "port_lost"] == [lost]
    outcome = json.loads((qemu_run.folder / "evidence/outcome.json").read_text())
    assert {each["host_port"] for each in outcome["ports"]} == {used}
    assert {each["allocation"] for each in events if "allocation" in each} == {kept.name}
    shutil.rmtree(kept)


def test_one_that_the_job_chose_is_lost(qemu_run, stealing_job, thief):
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    result = qemu_run.run("run", stealing_job(NETWORK.replace("to = 80", f"static = {port}\n to = 80")))
    assert result.code == ExitCode.PLACEMENT
    assert str(port) in result.err
    assert "starting again" not in result.err


def test_it_ends_when_all_are_lost(qemu_run, stealing_job, thief):
    (qemu_run.folder / "client.hcl").write_text(
        "client {\n min_dynamic_port = 26100\n max_dynamic_port = 26102\n}\n"
    )
    thief.times = 100
    result = qemu_run.run("run", "--config", "client.hcl", stealing_job())
    assert result.code == ExitCode.PLACEMENT
    assert len(thief.taken) == 2


def test_whoever_has_a_port_that_the_job_chose_is_named(qemu_run, stealing_job, thief):
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    result = qemu_run.run("run", stealing_job(NETWORK.replace("to = 80", f"static = {port}\n to = 80")))
    assert f"FAILED: port {port} (http) was free a moment ago and is taken by" in result.err
    assert f"(pid {os.getpid()})" in result.err
    assert "choose another port" in result.err


RESTART = """restart {
  attempts = 1
  interval = "5m"
  delay    = "4s"
  mode     = "fail"
}
"""
FAILING = {"end_at_once": True, "end": End.DEBUG_EXIT, "exit_value": 3}
DEBUG_EXIT = 'args = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]'
PORT_MAP = f"{DEBUG_EXIT}\n port_map {{\n http = 80\n }}"
SECOND = """task "other" {
  driver = "qemu"
  config {
    image_path  = "other.img"
    accelerator = "tcg"
  }
  resources {
    memory = 128
  }
}
"""


def lose_it_at_the_restart(qemu_run, name):
    """Take the port while nobody has it, between two attempts; the result, and which port it was."""
    with qemu_run.start("run", "--snapshot", name) as running, socket.socket() as holder:
        port = int(re.search(r"127\.0\.0\.1:(\d+) -> guest 80", running.wait_for("-> guest 80"))[1])
        running.wait_for("attempt 2 in")
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        holder.listen()
        return running.finish(), port


def test_one_that_is_lost_at_a_restart_is_chosen_again(qemu_run, guest, job):
    guest(**FAILING)
    result, lost = lose_it_at_the_restart(
        qemu_run, job(group=NETWORK, task=RESTART + TEMPLATE, config=DEBUG_EXIT)
    )
    assert result.code == 3, result.out
    assert f"another program took port {lost} (http) meanwhile" in result.out
    assert "attempt 2, x86_64" in result.out
    ports = [int(each) for each in re.findall(r"127\.0\.0\.1:(\d+) -> guest 80", result.out)]
    assert len(ports) == 2
    assert ports[0] == lost != ports[1]


def test_one_that_another_task_was_told_of_stays_lost(qemu_run, guest, job):
    guest(**FAILING)
    guest("other.img")
    result, lost = lose_it_at_the_restart(
        qemu_run, job(group=NETWORK.replace("to = 80", "") + SECOND, task=RESTART, config=PORT_MAP)
    )
    assert result.code == ExitCode.PLACEMENT, result.out
    assert f"port {lost} (http) was free a moment ago and is taken by" in result.out
    assert "another task was told of it" in result.out
