"""A real Linux whose shell is typed to, and what is made of its end; test_verdicts.py has more ends."""

import shutil

import pytest

from qemu_run.errors import ExitCode
from tests.e2e.test_keyboard import Terminal

JOB = """job "web" {
  type = "batch"
  group "g" {
    network {
      port "http" {
        to = 80
      }
    }
    task "vm" {
      driver = "qemu"
      config {
        image_path      = "linux.img"
        accelerator     = "tcg"
        drive_interface = "virtio"
        ARGS
      }
      resources {
        memory = 192
      }
    }
  }
}
"""


@pytest.fixture
def linux(qemu_run, linux_guest):
    """A terminal with the guest's shell in it: `linux("--expect-result", "42")`."""
    opened = []
    shutil.copy(linux_guest, qemu_run.folder / "linux.img")

    def boot(*options, args=""):
        (qemu_run.folder / "web.nomad.hcl").write_text(JOB.replace("ARGS", args))
        screen = Terminal(qemu_run, "run", "--snapshot", *options, "web.nomad.hcl")
        opened.append(screen)
        screen.wait_for(b"guest: ready")
        screen.wait_for(b"guest# ")
        return screen

    yield boot
    for each in opened:
        each.close()


def test_power_off_is_a_good_end(linux):
    screen = linux()
    screen.type(b"poweroff -f\r")
    assert screen.end() == 0
    assert b"ended well: the guest powered off" in screen.said


def test_a_panic_is_seen_through_its_device(linux):
    screen = linux()
    screen.type(b"echo c >/proc/sysrq-trigger\r")
    assert screen.end() == ExitCode.PANIC
    assert b"the guest panicked" in screen.said


@pytest.mark.parametrize(("number", "code"), [(42, 0), (7, 7)])
def test_a_number_written_to_the_result_port_is_the_result(linux, number, code):
    screen = linux("--expect-result", "42")
    find = "for p in /sys/class/virtio-ports/*; do grep -q qemu-run $p/name && f=/dev/${p##*/}; done"
    screen.type(f"{find}; echo {number} >$f; poweroff -f\r".encode())
    assert screen.end() == code


def test_a_command_waits_until_the_guest_itself_answers(qemu_run, linux_guest):
    shutil.copy(linux_guest, qemu_run.folder / "linux.img")
    (qemu_run.folder / "web.nomad.hcl").write_text(JOB.replace("ARGS", ""))
    address = '"http://" + os.environ["NOMAD_ADDR_http"]'
    fetch = f"import os, urllib.request; print(urllib.request.urlopen({address}).read())"
    result = qemu_run.run("run", "--snapshot", "web.nomad.hcl", "--", "python3", "-c", fetch)
    assert result.code == 0
    assert "hello from the guest" in result.out
