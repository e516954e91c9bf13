import subprocess

import pytest

from qemu_run.qemu.arguments import read_args
from qemu_run.qemu.removed import REMOVED
from qemu_run.qemu.translations import read_version, translate


def told(args, version):
    return translate(read_args(args), version)


TRANSLATED = [
    ["-nodefconfig"],
    ["-no-hpet"],
    ["-no-acpi"],
    ["-no-kvm"],
    ["-tb-size", "32"],
    ["-singlestep"],
    ["-localtime"],
    ["-rtc-td-hack"],
    ["-balloon", "virtio"],
    ["-realtime", "mlock=on"],
    ["-watchdog", "i6300esb"],
    ["-no-frame"],
    ["-tdf"],
    ["-async-teardown"],
    ["-chardev", "socket,id=c,host=127.0.0.1,port=1,reconnect=5"],
    ["-chardev", "socket,id=c,path=s.sock,server,nowait"],
    ["-serial", "unix:s.sock,server,nowait"],
    ["-qmp", "unix:q.sock,server,nowait"],
    ["-chardev", "tty,id=c,path=/dev/null"],
    ["-m", "0x40"],
    ["-smp", "2,sockets=0"],
    ["-drive", "if=none,id=x,driver=null-co,readonly"],
]


@pytest.mark.parametrize("args", TRANSLATED, ids=[" ".join(args) for args in TRANSLATED])
def test_what_is_translated_starts_without_a_word(tmp_path, paused_qemu, emulator, args):
    program, version = emulator
    found = told(args, version)
    assert found.problems == ()
    accelerator = [] if "-accel" in found.arguments else ["-accel", "tcg"]
    command = [
        "timeout",
        "20",
        program,
        "-S",
        *accelerator,
        "-display",
        "none",
        "-nodefaults",
        "-monitor",
        "stdio",
    ]
    done = subprocess.run(
        [*command, *found.arguments],
        input="quit\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    # A character device may fail for want of a client or a terminal: that is no matter of spelling.
    harmless = ("Connection refused", "Inappropriate ioctl", "reconnect", "Unable to connect")
    words = [line for line in done.stderr.splitlines() if not any(each in line for each in harmless)]
    assert words == []


@pytest.mark.parametrize(
    ("args", "version", "arguments", "warned"),
    [
        (["-nodefconfig", "d.img"], (7, 2), ["-no-user-config", "d.img"], True),
        (["-no-hpet"], (7, 2), ["-machine", "hpet=off"], False),
        (["-no-hpet"], (9, 0), ["-machine", "hpet=off"], True),
        (["-singlestep"], (7, 2), ["-singlestep"], False),
        (["-singlestep"], (10, 0), ["-accel", "tcg,one-insn-per-tb=on"], True),
        (
            ["-chardev", "socket,id=c,port=1,reconnect=2"],
            (7, 2),
            ["-chardev", "socket,id=c,port=1,reconnect=2"],
            False,
        ),
        (
            ["-chardev", "socket,id=c,port=1,reconnect=2"],
            (11, 1),
            ["-chardev", "socket,id=c,port=1,reconnect-ms=2000"],
            True,
        ),
        (
            ["-chardev", "socket,path=a,,b,id=c,server"],
            (7, 2),
            ["-chardev", "socket,path=a,,b,id=c,server=on"],
            False,
        ),
        (
            ["-device", "virtio-blk-pci,scsi=off,drive=x"],
            (10, 0),
            ["-device", "virtio-blk-pci,drive=x"],
            True,
        ),
        (["-tb-size", "32", "-S"], (7, 2), ["-accel", "tcg,tb-size=32", "-S"], True),
        (["-m", "2G", "x"], (11, 1), ["-m", "2G", "x"], False),
        (["--smp", "4"], (7, 2), ["-smp", "4"], False),
        (["-of-tomorrow", "x"], (7, 2), ["-of-tomorrow", "x"], False),
        (["-device", '{"driver":"e1000"}'], (7, 2), ["-device", '{"driver":"e1000"}'], False),
    ],
)
def test_each_version_gets_its_spelling(args, version, arguments, warned):
    found = told(args, version)
    assert list(found.arguments) == arguments
    assert bool(found.warnings) is warned
    assert found.problems == ()


@pytest.mark.parametrize(
    ("args", "version", "says"),
    [
        (["-S", "-redir", "tcp:1::2"], (7, 2), "hostfwd"),
        (["-S", "-soundhw", "ac97"], (7, 2), "ac97"),
        (["-S", "-rotate", "90"], (10, 0), "guest"),
        (["-S", "-writeconfig", "x"], (7, 2), "job"),
        (["-S", "-run-with", "async-teardown=on"], (7, 2), "newer"),
    ],
)
def test_what_nothing_replaces_is_explained(args, version, says):
    ((fact, cure, index),) = told(args, version).problems
    assert args[1] in fact
    assert says in cure
    assert index == 1


def test_every_removed_option_has_a_way_out():
    for name, removed in REMOVED.items():
        assert removed.today or removed.advice, name


@pytest.mark.parametrize(
    ("text", "version"), [("7.2.22", (7, 2)), ("10.0", (10, 0)), ("", (7, 2)), ("x.y", (7, 2))]
)
def test_versions_are_read(text, version):
    assert read_version(text) == version
