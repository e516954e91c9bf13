import pytest

from qemu_run.qemu.blame import blamed

ARGS = [
    "-m",
    "1G",
    "-smp",
    "2",
    "-drive",
    "file=gone.img,if=virtio",
    "w2.img",
    "--device",
    "nonsense",
    "-bios",
    "local/x",
]
SAID = {
    "a drive's file": (
        "-drive file=gone.img,if=virtio: Could not open 'gone.img': No such file",
        5,
    ),
    "a bare word": ("w2.img: Could not open 'w2.img': No such file or directory", 6),
    "a device, with two dashes": ("--device nonsense: 'nonsense' is not a valid device model name", 8),
    "a device, as QEMU gets it": ("-device nonsense: 'nonsense' is not a valid device model name", 8),
    "something of ours": ('-drive file=/dev/fd/9,format=raw: Failed to get "write" lock', None),
    "a number that stands in args, too": ("unable to map 2 pages of 1G", None),
    "nothing": ("something went wrong", None),
}


@pytest.mark.parametrize(("line", "index"), SAID.values(), ids=SAID)
def test_the_place_that_qemu_names(line, index):
    assert blamed([f"qemu-system-x86_64: {line}"], ARGS) == index
    assert blamed(["another line", f"2026-01-01T00:00:00Z web qemu-system-x86_64: {line}"], ARGS) == index


def test_the_file_that_it_is_about():
    assert blamed(["qemu: could not load PC BIOS 'local/x'"], ARGS) == 10
    assert blamed(["qemu: could not load PC BIOS '/usr/share/x'"], ARGS) is None
