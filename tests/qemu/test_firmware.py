import json
from pathlib import Path
from uuid import UUID

import pytest

from qemu_run.qemu.firmware import (
    are_variables,
    choose_firmware,
    firmware_arguments,
    machine_properties,
    read_firmware,
)


def descriptor(folder, name, code, variables, machines, features=(), architecture="x86_64", **more):
    content = {
        "description": name,
        "interface-types": ["uefi"],
        "mapping": {
            "device": "flash",
            "executable": {"filename": str(code), "format": "raw"},
            "nvram-template": {"filename": str(variables), "format": "raw"},
        },
        "targets": [{"architecture": architecture, "machines": list(machines)}],
        "features": list(features),
        "tags": [],
        **more,
    }
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))


@pytest.fixture
def debian(tmp_path):
    """The descriptors of Debian's ovmf packages."""
    folder = tmp_path / "firmware"
    secure = ["acpi-s3", "amd-sev", "requires-smm", "secure-boot"]
    for name in ("MS", "CODE", "VARS", "SECBOOT", "CODE32", "VARS32", "AAVMF", "AAVMF_VARS"):
        (tmp_path / name).write_bytes(b"x")
    descriptor(
        folder,
        "40-enrolled.json",
        tmp_path / "MS",
        tmp_path / "VARS",
        ["pc-q35-*"],
        [*secure, "enrolled-keys"],
    )
    descriptor(folder, "50-secure.json", tmp_path / "SECBOOT", tmp_path / "VARS", ["pc-q35-*"], secure)
    descriptor(
        folder,
        "60-plain.json",
        tmp_path / "CODE",
        tmp_path / "VARS",
        ["pc-i440fx-*", "pc-q35-*"],
        ["acpi-s3"],
    )
    descriptor(folder, "50-i386.json", tmp_path / "CODE32", tmp_path / "VARS32", ["pc-q35-*"], secure, "i386")
    descriptor(
        folder,
        "50-aarch64-secure.json",
        tmp_path / "GONE",
        tmp_path / "VARS",
        ["virt-*"],
        ["secure-boot"],
        "aarch64",
    )
    descriptor(
        folder, "60-aarch64.json", tmp_path / "AAVMF", tmp_path / "AAVMF_VARS", ["virt-*"], [], "aarch64"
    )
    return folder


@pytest.mark.parametrize(
    ("architecture", "machine", "secure_boot", "code"),
    [
        ("x86_64", "q35", False, "CODE"),
        ("x86_64", "pc", False, "CODE"),
        ("x86_64", "pc-q35-7.2", False, "CODE"),
        ("x86_64", "pc-i440fx-10.0", False, "CODE"),
        ("x86_64", "q35", True, "MS"),
        ("x86_64", "pc", True, None),
        ("x86_64", "microvm", False, None),
        ("i386", "q35", False, "CODE32"),
        ("aarch64", "virt", False, "AAVMF"),
        ("aarch64", "virt-7.2", False, "AAVMF"),
        ("riscv64", "virt", False, None),
    ],
)
def test_the_right_firmware_is_chosen(debian, architecture, machine, secure_boot, code):
    chosen = choose_firmware(read_firmware([debian]), architecture, machine, secure_boot=secure_boot)
    assert (chosen and chosen.code.name) == code


def test_files_must_exist(debian):
    known = read_firmware([debian])
    assert (
        choose_firmware(known, "x86_64", "q35", exists=lambda path: path.name != "CODE").code.name
        == "SECBOOT"
    )
    assert choose_firmware(known, "x86_64", "pc", exists=lambda path: path.name != "CODE") is None
    assert choose_firmware(known, "x86_64", "q35", exists=lambda _: False) is None


def test_an_earlier_folder_hides_what_it_names(debian, tmp_path):
    local = tmp_path / "local"
    local.mkdir()
    (local / "60-plain.json").write_text("")
    assert choose_firmware(read_firmware([local, debian]), "x86_64", "pc") is None
    descriptor(local, "60-plain.json", tmp_path / "MS", tmp_path / "VARS", ["pc-i440fx-*"])
    assert choose_firmware(read_firmware([local, debian]), "x86_64", "pc").code.name == "MS"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '{"mapping": 7}',
        '{"interface-types": ["uefi"], "mapping": {"device": "flash"}}',
        "[" * 99999,
        '{"interface-types": ["bios"], "mapping": {"device": "memory", "filename": "x"}, "targets": []}',
    ],
)
def test_what_is_not_a_descriptor_is_left_out(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    (tmp_path / "folder.json").mkdir()
    assert read_firmware([tmp_path, tmp_path / "gone"]) == ()


def test_arguments_are_qemus(debian, tmp_path):
    known = read_firmware([debian])
    plain, secure = (
        choose_firmware(known, "x86_64", "q35"),
        choose_firmware(known, "x86_64", "q35", secure_boot=True),
    )
    assert firmware_arguments(plain, tmp_path / "my,vars") == (
        "-drive",
        f"if=pflash,unit=0,format=raw,readonly=on,file={tmp_path}/CODE",
        "-drive",
        f"if=pflash,unit=1,format=raw,file={tmp_path}/my,,vars",
    )
    assert machine_properties(plain) == ()
    assert machine_properties(secure) == ("smm=on",)
    assert "driver=cfi.pflash01,property=secure,value=on" in firmware_arguments(secure, None)


def test_firmware_in_memory_is_a_bios(tmp_path):
    mapping = {"device": "memory", "filename": "/usr/share/x.fd"}
    descriptor(tmp_path, "1.json", "", "", ["virt-*"], [], "aarch64", mapping=mapping)
    (found,) = read_firmware([tmp_path])
    assert firmware_arguments(found, None) == ("-bios", "/usr/share/x.fd")


def volume(kind="fff12b8d-7696-4c8b-a985-2747075b4f50", size=0x84000):
    """The beginning of a firmware volume, as edk2 writes it."""
    return (bytes(16) + UUID(kind).bytes_le + size.to_bytes(8, "little") + b"_FVH").ljust(64, b"\0")


def test_variables_are_told_from_other_files():
    assert are_variables(volume(), 0x84000)
    assert are_variables(bytes(64), 0x4000000)
    assert not are_variables(volume(), 0x83FFF)
    assert not are_variables(volume(kind="8c8ce578-8a3d-4f1c-9935-896185c32dd3"), 0x84000)
    assert not are_variables(volume().replace(b"_FVH", b"FVH_"), 0x84000)
    assert not are_variables(b"MZ".ljust(64, b"x"), 0x84000)
    assert not are_variables(b"", 0)


def test_firmware_for_closed_guests_alone_is_not_chosen(tmp_path):
    (tmp_path / "sev").write_bytes(b"x")
    mapping = {"device": "memory", "filename": str(tmp_path / "sev")}
    descriptor(tmp_path / "f", "1.json", "", "", ["pc-q35-*"], ["amd-sev"], mapping=mapping)
    assert choose_firmware(read_firmware([tmp_path / "f"]), "x86_64", "q35") is None


def test_what_this_host_has_is_read():
    folder = Path("/usr/share/qemu/firmware")
    assert folder.is_dir(), "make test installs ovmf"
    assert len(read_firmware([folder])) == len(list(folder.glob("*.json")))
