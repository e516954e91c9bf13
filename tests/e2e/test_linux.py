"""A real Linux, reached through its forwarded port and stopped by its power button."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import urllib.request

import pytest

from qemu_run.errors import ExitCode
from tests.conftest import ROOT

NETWORKS = {
    "group, to": ('network { port "http" { to = 80 } }', "", ""),
    "group, port_map": ('network {\n port "http" {}\n }', "", "port_map { http = 80 }"),
    "task, port_map": (
        "",
        'resources {\n network {\n port "http" {}\n }\n memory = 192\n }',
        "port_map { http = 80 }",
    ),
}

JOB = """job "web" {
  type = "batch"
  group "g" {
    GROUP
    task "vm" {
      driver       = "qemu"
      kill_timeout = "30s"
      artifact {
        source = "linux.img"
      }
      config {
        image_path      = "local/linux.img"
        accelerator     = "tcg"
        drive_interface = "virtio"
        CONFIG
      }
      RESOURCES
    }
  }
}
"""


@pytest.mark.parametrize("form", NETWORKS)
def test_a_page_comes_through_the_forwarded_port(qemu_run, linux_guest, form):
    shutil.copy(linux_guest, qemu_run.folder / "linux.img")
    group, resources, config = NETWORKS[form]
    text = JOB.replace("GROUP", group.replace("{ port", "{\n port").replace("} }", "}\n }"))
    text = text.replace("CONFIG", config).replace("RESOURCES", resources or "resources { memory = 192 }")
    (qemu_run.folder / "web.nomad.hcl").write_text(text)
    with qemu_run.start("web.nomad.hcl") as running:
        address = re.search(r"127\.0\.0\.1:\d+", running.wait_for("-> guest 80"))[0]
        running.wait_for("guest: eth0 has")
        with urllib.request.urlopen(f"http://{address}/", timeout=30) as page:
            assert page.read() == b"hello from the guest\n"
        running.send(signal.SIGINT)
        running.wait_for("guest: power button")
        running.wait_for("guest powered off after")
        assert running.finish().code == ExitCode.INTERRUPTED


def ask_agent(folder, request):
    """Send a request to the guest agent until it answers: what comes before it has opened its port is lost.

    The path of its socket may be longer than a socket's address can be.
    """
    (directory,) = folder.glob("state/qemu-run/allocations/*/vm")
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        for _ in range(30):
            with socket.socket(socket.AF_UNIX) as agent, contextlib.suppress(TimeoutError):
                agent.settimeout(1)
                agent.connect(f"/proc/self/fd/{descriptor}/qa.sock")
                agent.sendall(json.dumps(request).encode() + b"\n")
                with agent.makefile() as answers:
                    return json.loads(answers.readline())
    finally:
        os.close(descriptor)
    raise AssertionError("the guest agent never answered")


def test_the_guest_agent_answers(qemu_run, linux_guest):
    shutil.copy(linux_guest, qemu_run.folder / "linux.img")
    text = JOB.replace("GROUP", "").replace("CONFIG", "guest_agent = true")
    (qemu_run.folder / "web.nomad.hcl").write_text(text.replace("RESOURCES", "resources { memory = 192 }"))
    with qemu_run.start("web.nomad.hcl") as running:
        running.wait_for("guest: ready")
        assert ask_agent(qemu_run.folder, {"execute": "guest-ping"}) == {"return": {}}
        running.send(signal.SIGTERM)
        running.wait_for("guest powered off after")
        assert running.finish().code == ExitCode.TERMINATED


def test_a_cloud_init_job_brings_its_seed_by_templates(qemu_run, linux_guest):
    shutil.copy(linux_guest, qemu_run.folder / "linux.img")
    shutil.copy(ROOT / "examples/cloud-image/debian.nomad.hcl", qemu_run.folder)
    with qemu_run.start("debian.nomad.hcl", "--var", "image=linux.img") as running:
        assert re.search(r"says instance-id: [0-9a-f-]{36}", running.wait_for("meta-data on CIDATA"))
        assert running.wait_for("user-data on CIDATA").endswith("says #cloud-config")
        running.send(signal.SIGINT)
        assert running.finish().code == ExitCode.INTERRUPTED


PAIR = """job "pair" {
  type = "batch"
  group "g" {
    GROUP
    task "page" {
      driver       = "qemu"
      kill_timeout = "30s"
      artifact {
        source = "linux.img"
      }
      config {
        image_path      = "local/linux.img"
        accelerator     = "tcg"
        drive_interface = "virtio"
        port_map {
          http = 80
        }
      }
      resources {
        memory = 160
        PAGE
      }
    }
    task "reader" {
      driver       = "qemu"
      leader       = true
      kill_timeout = "30s"
      artifact {
        source = "linux.img"
      }
      env {
        PAGE    = "http://${HOST}/"
        HOST    = "${GATEWAY}:${VARIABLE}"
        GATEWAY = "10.0.2.2"
      }
      config {
        image_path      = "local/linux.img"
        accelerator     = "tcg"
        drive_interface = "virtio"
        args = ["-smbios", "type=1,serial=fetch=${PAGE}", "-nic", "user,model=virtio-net-pci"]
      }
      resources {
        memory = 160
        READER
      }
    }
  }
}
"""
NET = 'network {\n port "http" {}\n }'
EMPTY = 'network {\n port "none" {}\n }'


@pytest.mark.parametrize(
    ("group", "page", "reader", "variable"),
    [(NET, "", "", "NOMAD_HOST_PORT_http"), ("", NET, EMPTY, "NOMAD_PORT_page_http")],
    ids=["the group's port", "another task's port"],
)
def test_two_guests_talk_through_their_environment(qemu_run, linux_guest, group, page, reader, variable):
    """10.0.2.2 is the host as a guest on QEMU's own network sees it."""
    shutil.copy(linux_guest, qemu_run.folder / "linux.img")
    text = PAIR.replace("GROUP", group).replace("PAGE\n", f"{page}\n").replace("READER", reader)
    (qemu_run.folder / "pair.hcl").write_text(text.replace("VARIABLE", variable))
    fetched = "guest: fetched hello from the guest"
    result = qemu_run.run("run", "pair.hcl", "--expect", fetched, "--timeout", "45s")
    assert result.code == ExitCode.OK
    assert fetched in result.out
