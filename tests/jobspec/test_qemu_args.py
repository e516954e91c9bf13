"""What QEMU makes of `args`, and the slips it can only refuse."""

import re
import shutil
import subprocess

import pytest

from qemu_run.jobspec.qemu_args import OPTIONS, WITH_VALUE, brings_something_to_boot, options
from qemu_run.jobspec.qemu_slips import refused, slips, split_words

SLIPS = {
    "a value in the same element": (["-smp 2"], ["-smp", "2"]),
    "two dashes": (["--smp  4 "], ["--smp", "4"]),
    "several options": (["-device e1000 -m 512"], ["-device", "e1000", "-m", "512"]),
    "an option that stands alone, and another": (["-nographic -vnc :1"], ["-nographic", "-vnc", ":1"]),
    "a value with blanks": (
        ["-append root=/dev/sda console=ttyS0"],
        ["-append", "root=/dev/sda console=ttyS0"],
    ),
    "a quoted value": (["-append 'quiet splash' -m 1G"], ["-append", "quiet splash", "-m", "1G"]),
    "a value with a reference": (["-m ${NOMAD_MEMORY_LIMIT}M"], ["-m", "${NOMAD_MEMORY_LIMIT}M"]),
    "without its dash": (["net nic,model=e1000"], ["-net", "nic,model=e1000"]),
    "an equals sign": (["-smp=2"], ["-smp", "2"]),
    "a blank before it": ([" -nographic"], ["-nographic"]),
    "after an option that stands alone": (["-enable-kvm", "-cpu host"], ["-cpu", "host"]),
    "a value that goes on": (["-smp", "2 -m 512 -nographic"], ["-smp", "2", "-m", "512", "-nographic"]),
    "a line end": (["-smp\n2"], ["-smp", "2"]),
}
RIGHT = {
    "nothing": [],
    "one element a word": ["-smp", "2", "-nographic"],
    "a value that looks like an option": ["-append", "-x quiet"],
    "a value with blanks": ["-append", "root=/dev/sda console=ttyS0"],
    "words for a kernel that look like options": ["-append", "quiet -m 5 -s"],
    "a value with dashes": ["-drive", "file=a -b.img"],
    "an image with a blank": ["local/my disk.img"],
    "the value of an option we do not know": ["-brand-new", "-x y"],
    "behind what only the run knows": ["${meta.option}", "-x y"],
    "an equals sign in a value": ["-drive", "file=x=y.img"],
    "an image named as an option": ["net"],
}
BOOTS = {
    "a drive": ["-drive", "file=local/x.img"],
    "a drive with two dashes": ["--drive", "file=local/x.img"],
    "the first disk": ["-hda", "x"],
    "a CD": ["-smp", "2", "-cdrom", "local/x.iso"],
    "a block device": ["-blockdev", "driver=file,filename=x,node-name=a"],
    "a kernel": ["-append", "quiet", "-kernel", "vmlinuz"],
    "firmware": ["-bios", "local/tiny.rom"],
    "the network": ["-boot", "n"],
    "the network after the disk": ["-boot", "order=cn,menu=on"],
    "the network once": ["-boot", "once=n"],
    "a bare word": ["-nographic", "local/disk.img"],
    "a loader": ["-device", "loader,file=x,addr=0"],
    "a drive in one string, which is warned of": ["-drive file=x"],
}
BOOTS_NOT = {
    "nothing": [],
    "the value of an option": ["-smp", "2"],
    "the disk first": ["-boot", "c"],
    "a boot menu": ["-boot", "menu=on"],
    "a network card": ["-device", "virtio-net"],
    "only words for a kernel": ["-append", "quiet"],
}


@pytest.mark.parametrize(("args", "written"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_with_the_way_to_write_it(args, written):
    ((index, found),) = slips(args)
    assert index == len(args) - 1
    assert args[index] in found.summary
    assert ", ".join(f'"{element}"' for element in written) in found.hints[0]


@pytest.mark.parametrize("args", RIGHT.values(), ids=RIGHT)
def test_what_qemu_can_read_is_not_a_slip(args):
    assert list(slips(args)) == []


@pytest.mark.parametrize("args", BOOTS.values(), ids=BOOTS)
def test_something_to_boot(args):
    assert brings_something_to_boot(args)


@pytest.mark.parametrize("args", BOOTS_NOT.values(), ids=BOOTS_NOT)
def test_nothing_to_boot(args):
    assert not brings_something_to_boot(args)


def test_an_option_takes_the_next_word_whatever_it_begins_with():
    read = [(option.name, option.value) for option in options(["-append", "-S", "-S", "x", "-m"])]
    assert read == [("append", "-S"), ("S", None), ("", None), ("m", None)]


def test_a_quote_that_is_not_closed_is_split_at_blanks():
    assert split_words('-append "x y') == ["-append", '"x y']


@pytest.fixture(scope="module")
def qemu():
    path = shutil.which("qemu-system-x86_64")
    assert path, "this test wants QEMU"
    return path


def test_every_option_of_this_qemu_is_known(qemu):
    text = subprocess.run([qemu, "-help"], capture_output=True, text=True, check=True, timeout=60).stdout
    listed = {word for line in text.splitlines() for word in re.findall(r"^--?([\w-]+)", line)}
    assert len(listed) > 100
    assert listed - OPTIONS == set()


def test_qemu_wants_a_value_where_we_say_so(qemu):
    """QEMU looks up all options, and whether their values are there, before it acts on the first."""
    wrong = []
    for name in sorted(OPTIONS):
        asked = subprocess.run(
            [qemu, "-version", f"-{name}"], capture_output=True, text=True, check=False, timeout=60
        )
        wants = "requires an argument" in asked.stderr
        if "invalid option" not in asked.stderr and wants != (name in WITH_VALUE):
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize(
    ("args", "index", "why"),
    [
        (["-smp", "2", "-drive"], 2, "-drive has no value"),
        (["-S", "--device"], 1, "-device has no value"),
    ],
)
def test_what_would_take_our_next_option_is_refused(args, index, why):
    ((at, diagnostic),) = refused(args)
    assert (at, diagnostic.summary, diagnostic.severity) == (index, why, "error")


def test_an_empty_value_is_a_value():
    assert list(refused(["-append", "", "-S"])) == []
