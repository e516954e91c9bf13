"""A real Linux that UEFI starts: on x86, and on aarch64 where it hears its power button all the same."""

import re
import shutil
import signal
import urllib.request

import pytest

from qemu_run.errors import ExitCode

JOB = """job "web" {{
  type = "batch"
  group "g" {{
    network {{
      port "http" {{
        to = 80
      }}
    }}
    task "vm" {{
      driver       = "qemu"
      kill_timeout = "30s"
      meta {{
        {meta}
      }}
      config {{
        emulator    = "qemu-system-{emulator}"
        image_path  = "linux.img"
        accelerator = "tcg"
      }}
      resources {{
        memory = 256
      }}
    }}
  }}
}}
"""
UEFI = 'qemu_run_firmware = "uefi"'


@pytest.mark.parametrize(
    ("emulator", "architecture", "meta"),
    [("x86_64", "amd64", UEFI), ("aarch64", "arm64", ""), ("aarch64", "arm64", UEFI)],
    ids=["x86_64", "aarch64", "aarch64 that remembers"],
)
def test_it_serves_a_page_and_hears_its_power_button(qemu_run, efi_linux_guest, emulator, architecture, meta):
    shutil.copy(efi_linux_guest(architecture), qemu_run.folder / "linux.img")
    (qemu_run.folder / "web.hcl").write_text(JOB.format(emulator=emulator, meta=meta))
    with qemu_run.start("web.hcl") as running:
        address = re.search(r"127\.0\.0\.1:\d+", running.wait_for("-> guest 80"))[0]
        running.wait_for("guest: eth0 has")
        with urllib.request.urlopen(f"http://{address}/", timeout=30) as page:
            assert page.read() == b"hello from the guest\n"
        running.send(signal.SIGINT)
        running.wait_for("guest: power button")
        running.wait_for("guest powered off after")
        assert running.finish().code == ExitCode.INTERRUPTED
