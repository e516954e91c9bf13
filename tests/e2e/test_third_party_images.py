"""Images that others made, each booted to its own words and ended by the steps of a stop."""

import shutil
import signal

import pytest

from qemu_run.errors import ExitCode

JOB = """job "web" {{
  type = "batch"
  group "g" {{
    task "vm" {{
      driver       = "qemu"
      kill_timeout = "1s"
      config {{
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
INSTALLER = "usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64"
IMAGES = {
    "GRUB on a CD": (
        "grub-rescue-pc",
        ("usr/lib/grub-rescue/grub-rescue-cdrom.iso",),
        'image_path = "grub-rescue-cdrom.iso"',
        128,
        "GNU GRUB",
    ),
    "GRUB on a floppy": (
        "grub-rescue-pc",
        ("usr/lib/grub-rescue/grub-rescue-floppy.img",),
        'args = ["-drive", "if=floppy,format=raw,readonly=on,file=FOLDER/grub-rescue-floppy.img"]',
        128,
        "GNU GRUB",
    ),
    "iPXE on a CD": ("ipxe", ("usr/lib/ipxe/ipxe.iso",), 'image_path = "ipxe.iso"', 128, "ISOLINUX"),
    "iPXE as a kernel": (
        "ipxe",
        ("boot/ipxe.lkrn",),
        'args = ["-kernel", "FOLDER/ipxe.lkrn"]',
        128,
        "SRP AoE",  # the card's own ROM is built without SRP
    ),
    "Debian's installer": (
        "debian-installer-12-netboot-amd64",
        (f"{INSTALLER}/linux", f"{INSTALLER}/initrd.gz"),
        'args = ["-kernel", "FOLDER/linux", "-initrd", "FOLDER/initrd.gz", "-append", "console=ttyS0"]',
        640,
        "Starting system log daemon",
    ),
}


@pytest.mark.parametrize("name", IMAGES)
def test_a_strangers_image_runs_until_it_is_stopped(qemu_run, debian_package, name):
    package, files, config, memory, words = IMAGES[name]
    for file in files:
        shutil.copy(debian_package(package) / file, qemu_run.folder)
    config = config.replace("FOLDER", str(qemu_run.folder))
    (qemu_run.folder / "web.hcl").write_text(JOB.format(config=config, memory=memory))
    with qemu_run.start("web.hcl") as running:
        running.wait_for(words)
        running.send(signal.SIGINT)
        running.wait_for("power button pressed")
        running.wait_for("QEMU told to quit")
        assert running.finish().code == ExitCode.KILLED
