"""Every emulator that Debian has, as a user has it: a guest prints, and its end is the run's."""

import shutil

import pytest

from tests.guests.native import GREETING, GUESTS

JOB = """job "web" {{
  type = "batch"
  group "g" {{
    task "vm" {{
      driver = "qemu"
      artifact {{
        source = "guest.bin"
      }}
      config {{
        emulator    = "{emulator}"
        accelerator = "tcg"
        args        = ["{option}", "local/guest.bin"]
      }}
      resources {{
        memory = 256
      }}
    }}
  }}
}}
"""


@pytest.mark.parametrize("name", GUESTS)
def test_a_guest_prints_and_powers_off(qemu_run, name):
    emulator = f"qemu-system-{name}"
    assert shutil.which(emulator), f"install {emulator}: .ci/setup test"
    guest = GUESTS[name]
    (qemu_run.folder / "guest.bin").write_bytes(guest.image)
    (qemu_run.folder / "web.hcl").write_text(JOB.format(emulator=emulator, option=guest.option))
    result = qemu_run.run("run", "--timeout", "50s", "web.hcl")
    assert result.code == 0, result.err
    assert GREETING.decode().strip() in result.out
    assert f"{name}, tcg, 256 MB" in result.err
    assert "the guest powered off" in result.err
    assert "warning" not in result.err
    assert ("no power button" in result.err) == (name == "riscv64")
