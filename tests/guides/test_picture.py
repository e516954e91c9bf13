"""The picture of a run in the README is what the program says."""

import re
from hashlib import sha256

from qemu_run.errors import ExitCode
from tests.conftest import ROOT
from tests.e2e.test_keyboard import Terminal
from tests.guides.picture import picture, words

PICTURE = ROOT / "examples/images/run.svg"
COLUMNS = 80
NETWORK = """network {
      port "http" {
        to = 80
      }
      port "ssh" {
        to = 22
      }
    }"""
TASK = """artifact {{
        source      = "debian.img"
        mode        = "file"
        destination = "local/disk.img"
        options {{
          checksum = "sha256:{}"
        }}
      }}"""
NO_FIRMWARE_TEXT = 'args = ["-machine", "graphics=on"]'


def test_it_shows_a_run_with_ports_and_a_ctrl_c(request, qemu_run, guest, job):
    image = guest("debian.img", banner="Welcome!\r\n", says_facts=False, power_off_delay_ticks=20)
    task = TASK.format(sha256(image.read_bytes()).hexdigest())
    name = job(image="local/disk.img", group=NETWORK, task=task, config=NO_FIRMWARE_TEXT)
    terminal = Terminal(qemu_run, name, columns=COLUMNS)
    try:
        terminal.wait_for(b"ready")
        terminal.type(b"\x03")
        assert terminal.end() == ExitCode.INTERRUPTED
    finally:
        terminal.close()
    said = "\n".join(line.rstrip("\r") for line in terminal.said.decode().split("\n"))
    drawn = picture(f"$ qemu-run {name}\n{said}", COLUMNS, "A run: its ports, a Ctrl-C, and how it ended")
    if request.config.getoption("--update-golden"):
        PICTURE.write_text(drawn)
    assert list(map(same_each_time, words(drawn))) == list(map(same_each_time, words(PICTURE.read_text())))


def same_each_time(text):
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    return re.sub(r"\d+\.\ds", "TIME", text)
