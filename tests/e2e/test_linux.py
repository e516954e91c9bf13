"""A real Linux, reached through its forwarded port and stopped by its power button."""

import re
import shutil
import signal
import urllib.request

import pytest

from qemu_run.errors import ExitCode

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
