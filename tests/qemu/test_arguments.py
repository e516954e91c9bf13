import re
import subprocess

import pytest

from qemu_run.qemu.arguments import Option, read_args, refusal
from qemu_run.qemu.options import OPTIONS
from qemu_run.qemu.properties import read_properties, read_size
from qemu_run.qemu.removed import ADDED, REMOVED

GONE = {"chroot": (9, 0), "runas": (10, 0)}
"""Options that we refuse whatever the version."""


def said(emulator, *arguments):
    command = ["timeout", "10", emulator, "-display", "none", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    ).stderr


def test_the_table_knows_every_option_of_the_help(emulator):
    listing = subprocess.run([emulator[0], "-help"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^--?([A-Za-z][\w-]*)", listing, re.MULTILINE)
    assert len(names) > 100
    assert sorted(set(names) - OPTIONS.keys() - {"h"}) == []


@pytest.mark.parametrize("name", sorted(OPTIONS.keys() | REMOVED.keys() | ADDED.keys()))
def test_qemu_takes_a_value_where_the_table_says_so(emulator, name):
    """What follows is an option of no QEMU; the second one is blamed only if the first was a value."""
    program, version = emulator
    words = said(program, f"-{name}", "--no-such-a", "--no-such-b")
    blamed = re.search(r"--(no-such-[ab]): invalid option", words)
    is_gone = f"-{name}: invalid option" in words
    gone_since = REMOVED[name].version if name in REMOVED else GONE.get(name, (99, 0))
    if version >= gone_since or (name in ADDED and version < ADDED[name][0]):
        assert is_gone
    else:
        assert blamed, words
        takes_value = OPTIONS[name].takes_value if name in OPTIONS else REMOVED[name].has_value
        assert blamed[1] == ("no-such-b" if takes_value else "no-such-a")


@pytest.mark.parametrize(
    ("args", "options"),
    [
        ([], []),
        (["-m", "2G", "--smp", "4"], [("m", "2G", 0), ("smp", "4", 2)]),
        (["disk.img"], [("", "disk.img", 0)]),
        ([""], [("", "", 0)]),
        (["-S", "disk.img", "-s"], [("S", None, 0), ("", "disk.img", 1), ("s", None, 2)]),
        (["-append", "-daemonize"], [("append", "-daemonize", 0)]),
        (["-append", "--", "-S"], [("append", "--", 0), ("S", None, 2)]),
        (["-m"], [("m", None, 0)]),
        (["-m=2G", "x.img"], [("m=2G", "x.img", 0)]),
        (["-m=2G", "-S"], [("m=2G", None, 0), ("S", None, 1)]),
        (["-nodefconfig", "x.img"], [("nodefconfig", None, 0), ("", "x.img", 1)]),
        (["-redir", "tcp:1::2", "-S"], [("redir", "tcp:1::2", 0), ("S", None, 2)]),
        (["-of-tomorrow", "5", "-S"], [("of-tomorrow", "5", 0), ("S", None, 2)]),
        (["-of-tomorrow", "-S"], [("of-tomorrow", None, 0), ("S", None, 1)]),
        (["---m", "1"], [("-m", "1", 0)]),
        (["-"], [("", None, 0)]),
        (["--"], [("", None, 0)]),
    ],
)
def test_args_are_read_as_qemu_reads_them(args, options):
    assert read_args(args) == tuple(Option(*option) for option in options)


@pytest.mark.parametrize(
    "args",
    [
        ["-daemonize"],
        ["--daemonize"],
        ["-runas", "nobody"],
        ["--runas", "1000:1000"],
        ["-run-with", "user=nobody"],
        ["-run-with", "async-teardown=on,user=nobody"],
        ["-run-with", "chroot=/var/empty"],
        ["-pidfile", "x"],
        ["-chroot", "/"],
        ["-incoming", "exec:sh"],
        ["-incoming", "defer"],
        ["--preconfig"],
        ["-help"],
        ["-h"],
        ["-version"],
        ["-dump-vmstate", "x"],
        ["-cpu", "help"],
        ["-machine", "help"],
        ["-device", "help"],
        ["-device", "e1000,help"],
        ["-d", "?"],
        ["-m"],
        ["-"],
        ["--"],
    ],
)
def test_what_takes_qemu_out_of_our_hands_is_refused(args):
    option, *_ = read_args(args)
    why = refusal(option)
    assert why is not None
    assert why[0]


@pytest.mark.parametrize(
    "args",
    [
        ["-append", "-daemonize"],
        ["-name", "help"],
        ["-S"],
        ["-no-shutdown"],
        ["-run-with", "async-teardown=on"],
        ["d.img"],
        ["-of-tomorrow"],
        ["-device", "e1000,id=helper"],
        ["-fw_cfg", "name=opt/help,string=help"],
    ],
)
def test_what_leaves_qemu_with_us_passes(args):
    assert [refusal(option) for option in read_args(args)] == [None] * len(read_args(args))


@pytest.mark.parametrize(
    ("text", "implied", "pairs"),
    [
        ("", "", []),
        ("2G", "size", [("size", "2G")]),
        ("a,b=c", "id", [("id", "a"), ("b", "c")]),
        ("a=1,,2,b=3", "", [("a", "1,2"), ("b", "3")]),
        ("a=x,,", "", [("a", "x,")]),
        ("a=,b", "", [("a", ""), ("b", "on")]),
        ("a,server,nowait", "id", [("id", "a"), ("server", "on"), ("wait", "off")]),
        ("a=b=c", "", [("a", "b=c")]),
        ("no", "", [("no", "on")]),
        (
            '{"a": {"b": [1, true, null, {"c": "d"}]}}',
            "",
            [("a.b.0", "1"), ("a.b.1", "on"), ("a.b.3.c", "d")],
        ),
        ("{broken", "", []),
        ("{" * 100000, "", []),
        ('{"a":' * 5000 + "1" + "}" * 5000, "", []),
    ],
)
def test_pairs_are_read_as_qemu_reads_them(text, implied, pairs):
    assert list(read_properties(text, implied).pairs) == pairs


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512", 512 << 20),
        ("2G", 2 << 30),
        ("1.5g", 3 << 29),
        ("0x40", 64 << 20),
        ("64M", 64 << 20),
        ("8k", 8192),
        ("1b", 1),
        ("", None),
        ("lots", None),
        ("2 GB", None),
        ("-1", None),
        ("1e3", None),
        ("\u0663", None),
    ],
)
def test_sizes_are_read_as_qemu_reads_them(text, size):
    assert read_size(text, "m") == size
