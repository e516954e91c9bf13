import shutil
import subprocess

import pytest

from qemu_run.qemu.architectures import ARCHITECTURES, defaults, interface_mistake, machine_family


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_emulator_knows_its_machine_and_its_devices(name, paused_qemu):
    assert shutil.which(f"qemu-system-{name}"), "make test installs it"
    known = ARCHITECTURES[name]
    cpu = ["-cpu", known.cpu] if known.cpu else []
    arguments = ["-M", known.machine_type, *cpu, "-netdev", "user,id=n", "-device", f"{known.nic},netdev=n"]
    drive = f"file=null-co://,format=raw,if={known.drive_interface}"
    with paused_qemu(*arguments, "-drive", drive, emulator=f"qemu-system-{name}") as qemu:
        assert qemu.ask("query-status")["status"] == "prelaunch"


@pytest.mark.parametrize(
    ("name", "machine"),
    [
        ("x86_64", "pc"),
        ("qemu-system-aarch64", "virt"),
        ("arm64", "virt"),
        ("armhf", "virt"),
        ("ppc64le", "pseries"),
        ("i386", "pc"),
    ],
)
def test_emulators_by_qemus_name_and_debians(name, machine):
    assert machine_family(defaults(name).machine_type) == machine


def test_an_emulator_by_name_only_has_no_defaults():
    assert defaults("mips") is None


def test_what_a_guest_lacks_is_told():
    assert not defaults("riscv64").power_button
    assert defaults("riscv64").note
    assert defaults("aarch64").firmware
    assert "pauth-impdef=on" in defaults("aarch64").tcg_cpu_properties


@pytest.mark.parametrize("machine", ["pc", "q35", "pc-i440fx-7.2", "microvm"])
@pytest.mark.parametrize("interface", ["ide", "virtio", "scsi", "sd", "mtd", "floppy", "none"])
def test_interfaces_fit_machines_as_qemu_has_it(machine, interface):
    command = [
        "timeout",
        "10",
        "qemu-system-x86_64",
        "-S",
        "-display",
        "none",
        "-M",
        machine,
        "-monitor",
        "stdio",
    ]
    drive = ["-drive", f"file=null-co://,format=raw,if={interface}"]
    done = subprocess.run([*command, *drive], input="quit\n", capture_output=True, text=True, check=False)
    assert bool(interface_mistake(machine, interface)) is (done.returncode != 0), done.stderr


def test_a_machine_that_is_not_known_has_no_mistakes():
    assert interface_mistake("of-tomorrow", "ide") == ()
