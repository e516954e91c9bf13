import socket
import subprocess

import pytest

from qemu_run.qemu.words import explain, explain_console

FAILURES = [
    (["-cdrom", "gone.iso"], "file in args is missing", "gone.iso", "cdrom"),
    (["-blockdev", "driver=file,filename=gone,node-name=x"], "file in args is missing", "gone", "blockdev"),
    (["-fw_cfg", "name=opt/x,file=gone"], "file in args is missing", "gone", "fw_cfg"),
    (["-object", "rng-random,id=r,filename=gone"], "file in args is missing", "gone", ""),
    (["-kernel", "gone"], "kernel or initrd is missing", "gone", ""),
    (["-bios", "gone.fd"], "firmware", "gone.fd", ""),
    (["-bios", "odd.fd"], "firmware", "odd.fd", ""),
    (["-drive", "if=pflash,format=raw,file=odd.fd"], "does not have the size", "pflash0", ""),
    (["-netdev", "bridge,id=n,br=nobr"], "bridge helper", "", ""),
    (["-machine", "foo"], "does not have the machine type", None, ""),
    (["-drive", "if=scsi,file=d.img,format=raw"], "does not have this drive interface", "scsi", "drive"),
    (["-m", "90000G"], "memory free", "", ""),
    (["-device", "nope"], "does not have the device", "nope", "device"),
    (["-cpu", "nope"], "does not have the processor", "nope", ""),
    (["-accel", "tcg", "-cpu", "host"], "needs KVM", "host", ""),
    (["-accel", "nope"], "does not have the accelerator", "nope", "accel"),
    (["-accel", "tcg", "-enable-kvm"], "named twice", "", ""),
    (["-nope"], "does not have the option", "nope", "nope"),
    (["-m"], "has no value", "m", "m"),
    (["-drive", "file=d.img,format=qcow2,if=virtio"], "does not have the format", "qcow2", "drive"),
    (["-chardev", "null,id=a", "-chardev", "null,id=a"], "have one id", "a", "chardev"),
    (["-display", "gtk"], "cannot show the screen", "gtk", None),
    (["-drive", "file=d.img,format=raw,if=ide,readonly=on"], "cannot be read-only", "", ""),
    (["-netdev", "user,id=n,hostfwd=tcp::x-:22"], "not written as one", "tcp::x-:22", "netdev"),
    (["-device", "virtio-net,netdev=none"], "do not have", "none", "device"),
    (["-smp", "300"], "so many processors", "300", ""),
]


def said(emulator, folder, *arguments):
    (folder / "d.img").write_bytes(bytes(1 << 20))
    (folder / "odd.fd").write_bytes(bytes(1000))
    display = [] if "-display" in arguments else ["-display", "none"]
    command = ["timeout", "10", emulator, "-S", *display, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("args", "cause", "subject", "option"), FAILURES, ids=[" ".join(each[0]) for each in FAILURES]
)
def test_what_qemu_says_is_understood(tmp_path, emulator, args, cause, subject, option):
    found = explain(said(emulator[0], tmp_path, *args))
    assert cause in found[-1].cause
    assert found[-1].cure
    if subject is not None:
        assert found[-1].subject == subject
    if option is not None:
        assert found[-1].option == option


@pytest.mark.parametrize(
    ("args", "cause"),
    [
        (["-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:{port}-:22"], "host's port of a forward is taken"),
        (
            ["-chardev", "socket,id=c,host=127.0.0.1,port={port},server=on,wait=off"],
            "an address that QEMU listens on is taken",
        ),
        (["-gdb", "tcp:127.0.0.1:{port}"], "an address that QEMU listens on is taken"),
    ],
)
def test_a_port_that_is_taken_is_understood(tmp_path, emulator, args, cause):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        words = said(emulator[0], tmp_path, *(each.format(port=port) for each in args))
    assert cause in explain(words)[0].cause
    assert explain(words)[0].option == args[0].removeprefix("-")


def test_a_lock_is_understood(tmp_path, paused_qemu, emulator):
    (tmp_path / "d.img").write_bytes(bytes(1 << 20))
    with paused_qemu("-drive", f"file={tmp_path}/d.img,format=raw,if=virtio", emulator=emulator[0]):
        words = said(emulator[0], tmp_path, "-drive", "file=d.img,format=raw,if=virtio")
    (found,) = explain(words)
    assert found.subject == "d.img"
    assert "--snapshot" in found.cure


@pytest.mark.parametrize(
    "words", ["", "\n\n", "qemu-system-x86_64: warning: netdev n has no peer", "x" * 100000]
)
def test_what_is_not_known_is_left_alone(words):
    assert explain(words) == ()


def test_a_time_and_a_name_in_front_do_not_matter():
    line = "2026-01-01T00:00:00Z guest qemu-system-x86_64: -cdrom a b: Could not open 'a b': No such file or"
    (found,) = explain(line)
    assert (found.subject, found.option) == ("a b", "cdrom")


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("Fatal glibc error: CPU does not support x86-64-v2", '"-cpu", "max"'),
        (
            'BdsDxe: failed to load Boot0002 "UEFI Misc Device" from PciRoot(0x0): Access Denied',
            "secure boot",
        ),
        ("No bootable device.", "image_path"),
        ("Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", "root="),
        ("login: ", None),
    ],
)
def test_what_a_guest_says_is_understood(line, cure):
    found = explain_console(line)
    assert (found is None) if cure is None else (cure in found.cure)


@pytest.mark.parametrize(("name", "cause"), [("gone.fd", "is missing"), ("odd.fd", "no firmware for -bios")])
def test_firmware_that_is_missing_is_told_from_what_is_none(tmp_path, emulator, name, cause):
    words = said(emulator[0], tmp_path, "-bios", name)
    (found,) = explain(words, lambda name: (tmp_path / name).exists())
    assert cause in found.cause
    assert ("pflash" in found.cure) == (name == "odd.fd")
