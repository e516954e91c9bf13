"""What a guest gets where its job says nothing, on each emulator; its firmware."""

from pathlib import Path

import pytest

from qemu_run.planning.host import Options
from qemu_run.qemu.firmware import Firmware

JOB = """job "j" {{
  group "g" {{
    task "vm" {{
      driver = "qemu"
      {task}
      config {{
        image_path = "disk.img"
        {config}
      }}
    }}
  }}
}}
"""
UEFI = Firmware(
    descriptor=Path("/d/60-edk2.json"),
    description="",
    targets=(("x86_64", ("pc-i440fx-*", "pc-q35-*")),),
    features=frozenset(),
    code=Path("/fw/CODE.fd"),
    variables=Path("/fw/VARS.fd"),
    in_flash=True,
)
DEFAULTS = {
    "x86_64": ("type=pc,accel=tcg,graphics=off", "if=ide"),
    "i386": ("type=pc,accel=tcg,graphics=off", "if=ide"),
    "aarch64": (
        "type=virt,accel=tcg",
        "if=virtio",
        "max,pauth-impdef=on",
        "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
    ),
    "arm": ("type=virt,accel=tcg", "if=virtio", "/usr/lib/u-boot/qemu_arm/u-boot.bin"),
    "riscv64": ("type=virt,accel=tcg", "if=virtio", "-kernel"),
    "ppc64": ("cap-cfpc=broken", "if=virtio", "-vga none"),
    "s390x": ("type=s390-ccw-virtio,accel=tcg", "if=virtio"),
    "sparc64": ("type=sun4u,accel=tcg",),
}


def launch_of(planned, task="", config="", options=None, **answers):
    plan, diagnostics = planned(JOB.format(task=task, config=config), options, **answers)
    assert diagnostics.errors == []
    return plan, next(iter(plan.tasks)).launch


@pytest.mark.parametrize(("emulator", "wanted"), DEFAULTS.items(), ids=DEFAULTS)
def test_a_machine_that_works_when_the_job_says_nothing(planned, emulator, wanted):
    plan, launch = launch_of(planned, config=f'emulator = "{emulator}"', is_file=lambda _: True)
    command = " ".join(launch.command)
    assert all(each in command for each in wanted), command
    assert plan.requirements == ()
    assert launch.power_button is (emulator != "riscv64")


def test_firmware_that_an_emulator_needs_and_is_not_installed(planned):
    plan, _ = launch_of(planned, config='emulator = "aarch64"')
    (row,) = plan.requirements
    assert "qemu-efi-aarch64" in row.detail


def test_a_kernel_of_the_job_needs_no_firmware(planned):
    config = 'emulator = "aarch64"\n args = ["-kernel", "local/Image"]'
    plan, launch = launch_of(planned, config=config)
    assert plan.requirements == ()
    assert "-bios" not in launch.command


@pytest.mark.parametrize("snapshot", [True, False])
def test_uefi_by_meta_and_where_its_variables_live(planned, snapshot):
    task = 'meta { qemu_run_firmware = "uefi" }'
    answers = {"firmware": lambda: (UEFI,), "is_file": lambda _: True}
    plan, launch = launch_of(planned, task, options=Options(snapshot=snapshot), **answers)
    command = " ".join(launch.command)
    assert plan.requirements == ()
    assert "if=pflash,unit=0,format=raw,readonly=on,file=/fw/CODE.fd" in command
    assert launch.variables_template == Path("/fw/VARS.fd")
    assert launch.variables_copy is not None
    assert f"if=pflash,unit=1,format=raw,file={launch.variables_copy}" in command
    assert launch.variables_copy.is_relative_to("/state/allocations" if snapshot else "/state/firmware")


def test_uefi_that_is_not_installed(planned):
    plan, _ = launch_of(planned, 'meta { qemu_run_firmware = "uefi" }')
    (row,) = plan.requirements
    assert "ovmf" in row.detail


def test_firmware_of_the_job_wins(planned):
    config = 'args = ["-bios", "local/OVMF.fd"]'
    plan, launch = launch_of(planned, 'meta { qemu_run_firmware = "uefi" }', config)
    assert plan.requirements == ()
    assert "pflash" not in " ".join(launch.command)


def test_a_disk_for_uefi_alone_is_said(planned):
    from tests.planning.conftest import image

    def needs_uefi(wanted):
        from dataclasses import replace

        return replace(image(wanted), needs_uefi=True)

    text = JOB.format(task="", config="")
    _, diagnostics = planned(text, inspect_image=needs_uefi)
    (warning,) = (each for each in diagnostics.warnings if "UEFI" in each.summary)
    assert "qemu_run_firmware" in warning.hints[0]


GONE = {
    "7.2.22": ("-no-hpet", ["-machine", "hpet=off"], None),
    "10.0.13": ("-no-acpi", ["-machine", "acpi=off"], "removed in QEMU 9.0"),
}


@pytest.mark.parametrize(("version", "case"), GONE.items(), ids=GONE)
def test_options_are_written_for_the_version_that_runs(planned, version, case):
    written, given, said = case
    text = JOB.format(task="", config=f'args = ["{written}"]')
    plan, diagnostics = planned(text, version=lambda _: version)
    command = list(next(iter(plan.tasks)).launch.command)
    assert any(command[at : at + 2] == given for at in range(len(command)))
    assert any(said in each.summary for each in diagnostics.warnings) if said else not diagnostics.warnings


def test_an_option_that_nothing_replaces_is_a_mistake(planned):
    text = JOB.format(task="", config='args = ["-portrait"]')
    _, diagnostics = planned(text, version=lambda _: "10.0.13")
    (error,) = diagnostics.errors
    assert "9.2" in error.summary
    assert error.span.first.line == 8
